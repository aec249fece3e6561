package catalogue

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNumbersAreCompared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		one, other []string
		same       bool
	}{
		{[]string{"123", "QĐ-SGTVT"}, []string{"0123/QĐ-SGTVT"}, true},
		{[]string{"123/QĐ-SGTVT", "QĐ-SGTVT"}, []string{"123", "QĐ – SGTVT"}, true},
		{[]string{"123", "QĐ-SGTVT"}, []string{"123", "qd-sgtvt"}, true},
		{[]string{"123", "QĐ-SGTVT"}, []string{"124", "QĐ-SGTVT"}, false},
		{[]string{"123", "QĐ-SGTVT"}, []string{"123", "GP-SGTVT"}, false},
		{[]string{"12", "3/GP"}, []string{"123/GP"}, false},
		{[]string{"000"}, []string{"0"}, true},
		{[]string{"12", "12"}, []string{"12", "12"}, true},
	} {
		if got := comparableText(c.one...) == comparableText(c.other...); got != c.same {
			t.Errorf("%q and %q: %v (%q, %q)", c.one, c.other, got, comparableText(c.one...), comparableText(c.other...))
		}
	}
}

// A paper of the same owner, type and number in a dossier that the officer may see is offered, before and after it is scanned, and is
// reused in one act, with its corrected words and fields; the rates count it.
func TestWhatIsHeldIsReused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		ctx, reach := t.Context(), all["H50.13"].Path
		procedures := []Procedure{
			{Code: "1.001", Name: "Một", Components: []Component{{Code: "TP01", Name: "Giấy khám sức khỏe"}, {Code: "TP02", Name: "Đơn"}}},
			{Code: "1.002", Name: "Hai", Components: []Component{{Code: "A", Name: "Giấy khám sức khoẻ"}, {Code: "TP01", Name: "Bản cam kết"}}},
		}
		if err := c.PutProcedures(ctx, procedures); err != nil {
			t.Fatal(err)
		}
		dossier := func(n int, agency, procedure, owner string) DossierID {
			t.Helper()
			d, _, err := c.PutDossier(ctx, Everywhere, Dossier{
				Code: fmt.Sprintf("H50.13-260331-%04d", n), Agency: agency, Procedure: procedure, Owner: Owner{Name: "X", Number: owner},
			})
			if err != nil {
				t.Fatal(err)
			}
			return d.ID
		}
		paper := func(d DossierID, scan int, component, number, notation string) Paper {
			t.Helper()
			r := must[Receipt](t)(c.HandIn(t.Context(), Everywhere, HandIn{Dossier: d, Scan: Scan{SHA256: sum(scan), Size: 9}, Component: component, Revision: "1"}))
			readPages(t, c, r.Work, twoLines(1, "trang một", ""), twoLines(2, "trang hai", ""))
			if err := c.PutFields(t.Context(), Everywhere, r.Paper.ID, map[FieldName]string{FieldNumber: number, FieldNotation: notation, FieldIssuer: "Bệnh viện"}); err != nil {
				t.Fatal(err)
			}
			return r.Paper
		}
		told := func(held []Held, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, h := range held {
				said = append(said, fmt.Sprintf("%d as %s %s", h.ID, h.As, h.Number))
			}
			return strings.Join(said, ", ")
		}
		first := dossier(1, "H50.13", "1.001", "045")
		old := paper(first, 1, "TP01", "7", "GKSK")
		paper(first, 2, "TP02", "8", "")                                    // a paper that the other procedure does not demand
		paper(first, 3, "TP01", "", "")                                     // nobody knows its number
		paper(dossier(2, "H50.14", "1.001", "045"), 4, "TP01", "7", "GKSK") // out of reach
		paper(dossier(3, "H50.13", "1.001", "046"), 5, "TP01", "7", "GKSK") // somebody else's
		second := dossier(4, "H50.13", "1.002", "045")
		if got, want := told(c.HeldForDossier(ctx, reach, second)), fmt.Sprintf("%d as A 7/GKSK", old.ID); got != want {
			t.Errorf("before it is scanned %q is offered, want %q", got, want)
		}
		if got := told(c.HeldForDossier(ctx, reach, dossier(5, "H50.13", "1.002", ""))); got != "" {
			t.Errorf("to nobody %q is offered", got)
		}
		again := paper(second, 6, "A", "007", "")
		if got := told(c.HeldLike(ctx, reach, again.ID)); got != "" {
			t.Errorf("of another number, %q is like it", got)
		}
		if err := c.PutFields(ctx, Everywhere, again.ID, map[FieldName]string{FieldNumber: "007/gksk"}); err != nil {
			t.Fatal(err)
		}
		if got, want := told(c.HeldLike(ctx, reach, again.ID)), fmt.Sprintf("%d as A 7/GKSK", old.ID); got != want {
			t.Errorf("%q is like it, want %q", got, want)
		}
		if got := told(c.HeldForDossier(ctx, reach, second)); got != "" {
			t.Errorf("the dossier has it, and %q is offered", got)
		}
		must[Paper](t)(c.Arrange(ctx, Everywhere, old.ID, 0, []PaperPage{{sum(1), 2, 90}}))
		reused, was, err := c.Reuse(ctx, reach, Reuse{Held: old.ID, Instead: again.ID})
		if err != nil || was || !reused.Reused || reused.Dossier != second || reused.Component != "A" || reused.SHA256 != sum(1) || reused.Pages != 1 || reused.State == PaperApproved {
			t.Fatalf("%+v, %v, %v", reused, was, err)
		}
		if at := must[[]Field](t)(c.Fields(ctx, reach, reused.ID)); len(at) != 3 || at[0].Value != "7" {
			t.Errorf("its fields: %+v", at)
		}
		if _, err := c.Paper(ctx, reach, again.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("what it took the place of: %v", err)
		}
		if rates := must[Rates](t)(c.Rates(ctx, Everywhere, RateQuery{})); rates.Total[3].Figure != FigureReuse || rates.Total[3].Filed != 1 {
			t.Errorf("the rates count %+v", rates.Total)
		}
		if _, was, err := c.Reuse(ctx, reach, Reuse{Held: old.ID, Dossier: second, Component: "A"}); err != nil || !was {
			t.Errorf("once more: %v, %v", was, err)
		}
		if orphans := must[[]string](t)(c.Orphans(ctx)); len(orphans) > 0 {
			t.Errorf("orphans: %q", orphans)
		}
	})
}

func TestWhatMayNotBeReused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		ctx, reach := t.Context(), all["H50.13"].Path
		of := func(n int, owner, agency string) Receipt {
			t.Helper()
			r := handIn(t, c, agency, n, nil)
			readPages(t, c, r.Work, twoLines(1, "một", ""))
			_, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: r.Paper.DossierCode, Owner: Owner{Number: owner}})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		mine, same, foreign, beyond := of(1, "045", "H50.13"), of(2, "045", "H50.13"), of(3, "046", "H50.13"), of(4, "045", "H50.14")
		waits := handIn(t, c, "H50.13", 5, nil)
		if _, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: waits.Paper.DossierCode, Owner: Owner{Number: "045"}}); err != nil {
			t.Fatal(err)
		}
		refused := func(what string, r Reuse, is func(error) bool) {
			t.Helper()
			if _, _, err := c.Reuse(ctx, reach, r); err == nil || !is(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		invalid := func(err error) bool {
			var wrong *InvalidError
			return errors.As(err, &wrong)
		}
		gone := func(err error) bool { return errors.Is(err, ErrNotFound) }
		refused("of its own dossier", Reuse{Held: mine.Paper.ID, Dossier: mine.Paper.Dossier}, invalid)
		refused("of another owner", Reuse{Held: foreign.Paper.ID, Dossier: mine.Paper.Dossier}, invalid)
		refused("out of reach", Reuse{Held: beyond.Paper.ID, Dossier: mine.Paper.Dossier}, gone)
		refused("into a dossier out of reach", Reuse{Held: mine.Paper.ID, Dossier: beyond.Paper.Dossier}, gone)
		refused("not read yet", Reuse{Held: waits.Paper.ID, Dossier: mine.Paper.Dossier}, func(err error) bool { return errors.Is(err, ErrNotRead) })
		refused("instead of another dossier's", Reuse{Held: same.Paper.ID, Dossier: mine.Paper.Dossier, Instead: foreign.Paper.ID}, invalid)
		if p := must[Paper](t)(c.Paper(ctx, reach, foreign.Paper.ID)); p.History {
			t.Errorf("it was taken back: %+v", p)
		}
	})
}
