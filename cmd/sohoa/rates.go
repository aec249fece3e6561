package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/cmd/sohoa/internal/web"
	"sohoa/storage/catalogue"
)

const ratesHelp = `Print the digitization rates (tỷ lệ số hóa hồ sơ), as the page Thống kê and the API tell them.

Of each figure: OF how many dossiers (the denominator) how many have their FILEs (RATE is the portal's formula), of how many the
files were READ, and of how many an officer has CHECKED them, too (HONEST is the rate of these).

  components  received dossiers with a component's file
  dossiers    dossiers with a component's file and, where the procedure gives one, the result's
  results     completed dossiers of procedures that give a written result, with its file
  reuse       received dossiers with a component that was held already

A rate of nothing is no figure: "-" in a table, empty in CSV, null in JSON. Without --from and --till dossiers whose day is not
known count, too.

  sohoa rates --from 2026-01-01 --till 2026-03-31 --by month
  sohoa rates --agency H50.13 --by agency --format csv

--recount looks at all dossiers again before, which is needed only where somebody changed the catalogue's tables by hand.

Exit status: 0 the rates are printed; 1 they could not be counted (an agency that is not there, a catalogue that does not answer);
2 the command line cannot be.`

func ratesCommand() *cobra.Command {
	var f adminFlags
	var q catalogue.RateQuery
	var format, by string
	var recount bool
	cmd := &cobra.Command{
		Use:   "rates [--from DAY] [--till DAY] [--by WHAT] [--agency CODE] [--procedure CODE] [--field CODE] [--format table|csv|json]",
		Short: "Print the digitization rates", Long: ratesHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show := printers()[format]
			if show == nil {
				return &usageError{errors.New("--format must be table, csv or json")}
			}
			q.By = catalogue.RateBy(by)
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				if recount {
					if _, err := cat.RecountRates(cmd.Context()); err != nil {
						return err
					}
				}
				r, err := cat.Rates(cmd.Context(), catalogue.Everywhere, q)
				var invalid *catalogue.InvalidError
				switch {
				case errors.As(err, &invalid):
					return &usageError{err}
				case errors.Is(err, catalogue.ErrNotFound):
					return fmt.Errorf("there is no agency %s", q.Agency)
				case err != nil:
					return err
				}
				return show(output{}, &r)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&q.From, "from", "", "the first day, like 2026-01-01")
	cmd.Flags().StringVar(&q.Till, "till", "", "the last day")
	cmd.Flags().StringVar(&by, "by", "", "a line for each day, month, quarter, year, agency, procedure or field")
	cmd.Flags().StringVar(&q.Agency, "agency", "", "the code of an agency, which counts with all below it")
	cmd.Flags().StringVar(&q.Procedure, "procedure", "", "the code of a procedure")
	cmd.Flags().StringVar(&q.Field, "field", "", "the code of a field (lĩnh vực)")
	cmd.Flags().StringVar(&format, "format", "table", "table, csv or json")
	cmd.Flags().BoolVar(&recount, "recount", false, "look at all dossiers again before")
	return cmd
}

// printers write rates, each in its format.
func printers() map[string]func(io.Writer, *catalogue.Rates) error {
	return map[string]func(io.Writer, *catalogue.Rates) error{
		"table": printRates,
		"csv":   func(w io.Writer, r *catalogue.Rates) error { return sheet.WriteCSV(w, ratesTable(r)) },
		"json":  func(w io.Writer, r *catalogue.Rates) error { return json.NewEncoder(w).Encode(web.RatesOut(r)) },
	}
}

// ratesTable has a line for each figure of each group, and of the total behind them.
func ratesTable(r *catalogue.Rates) sheet.Table {
	t := sheet.Table{Head: []string{"GROUP", "NAME", "FIGURE", "OF", "FILED", "RATE", "READ", "CHECKED", "HONEST", "TARGET"}}
	for _, g := range append(slices.Clone(r.Groups), catalogue.RateGroup{Key: "total", Figures: r.Total}) {
		for _, s := range g.Figures {
			target, some := r.Settings.Targets[s.Figure]
			t.Rows = append(t.Rows, []any{
				g.Key, g.Name, string(s.Figure), s.Of, s.Filed, percent(s.Portal()), s.Read, s.Checked, percent(s.Honest()), percent(target, some),
			})
		}
	}
	return t
}

// percent is a cell; none where there is no figure.
func percent(p catalogue.Percent, some bool) any {
	if !some {
		return nil
	}
	return sheet.Percent(p)
}

func printRates(w io.Writer, r *catalogue.Rates) error {
	table := ratesTable(r)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, cell)
		}
		fmt.Fprintln(t)
	}
	line(table.Head)
	for _, row := range table.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case nil:
				cells[i] = "-"
			case sheet.Percent:
				cells[i] = fmt.Sprintf("%d.%02d%%", v/100, v%100)
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		line(cells)
	}
	return t.Flush()
}
