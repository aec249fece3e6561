package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

--compare before sets beside each rate what it WAS in as many months or days right before --from, year_before in the same days a year
before, and --compare-from and --compare-till in any other period, with the CHANGE in percentage points. The n-th day, month, quarter or
year stands beside the n-th of the other period.

  sohoa rates --from 2026-01-01 --till 2026-03-31 --by agency --compare year_before
  sohoa rates --from 2026-01-01 --till 2026-03-31 --compare-from 2024-10-01 --compare-till 2024-12-31

--recount looks at all dossiers again before, which is needed only where somebody changed the catalogue's tables by hand.

Exit status: 0 the rates are printed; 1 they could not be counted (an agency that is not there, a catalogue that does not answer);
2 the command line cannot be.`

func ratesCommand() *cobra.Command {
	var f adminFlags
	var q catalogue.RateQuery
	var format, by, compare string
	var recount bool
	cmd := &cobra.Command{
		Use:   "rates [--from DAY] [--till DAY] [--by WHAT] [--agency CODE] [--procedure CODE] [--field CODE] [--compare WITH] [--format table|csv|json]",
		Short: "Print the digitization rates", Long: ratesHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show := printers()[format]
			if show == nil {
				return &usageError{errors.New("--format must be table, csv or json")}
			}
			q.By, q.Compare = catalogue.RateBy(by), catalogue.RateCompare(compare)
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
	cmd.Flags().StringVar(&compare, "compare", "", "with before, year_before, or the period from --compare-from till --compare-till")
	cmd.Flags().StringVar(&q.CompareFrom, "compare-from", "", "the first day of another period")
	cmd.Flags().StringVar(&q.CompareTill, "compare-till", "", "its last day")
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
	if r.Compared != nil {
		t.Head = append(t.Head, "RATE WAS", "RATE CHANGE", "HONEST WAS", "HONEST CHANGE")
	}
	total := catalogue.RateGroup{Key: "total", Figures: r.Total}
	if r.Compared != nil {
		total.Compared = &catalogue.RateGroup{Figures: r.Compared.Total}
	}
	for _, g := range append(slices.Clone(r.Groups), total) {
		others := g.ComparedFigures()
		for _, s := range g.Figures {
			target, some := r.Settings.Targets[s.Figure]
			row := []any{
				g.Key, g.Name, string(s.Figure), s.Of, s.Filed, percent(s.Portal()), s.Read, s.Checked, percent(s.Honest()), percent(target, some),
			}
			switch {
			case others != nil:
				was := others.Of(s.Figure)
				row = append(row, percent(was.Portal()), percent(catalogue.Points(s.Portal, was.Portal)), percent(was.Honest()), percent(catalogue.Points(s.Honest, was.Honest)))
			case r.Compared != nil:
				row = append(row, nil, nil, nil, nil)
			}
			t.Rows = append(t.Rows, row)
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
				cells[i] = v.String() + "%"
				if strings.HasSuffix(table.Head[i], "CHANGE") { // points, of no whole
					cells[i] = v.String()
				}
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		line(cells)
	}
	return t.Flush()
}
