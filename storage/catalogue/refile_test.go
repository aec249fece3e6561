package catalogue

import (
	"errors"
	"fmt"
	"testing"
)

// Pages that were split off, joined again and split off once more are the paper that they were.
func TestSplitJoinedAndSplitAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một", ""), twoLines(2, "hai", ""))
		id := r.Paper.ID
		part := must[Paper](t)(c.SplitOff(ctx, Everywhere, id, 0, Part{Positions: []int{2}}))
		must[Paper](t)(c.Approve(ctx, Everywhere, part.ID, AnyEdition))
		for n := range int64(2) {
			must[Paper](t)(c.Merge(ctx, Everywhere, id, 1+2*n, []PaperID{part.ID}))
			again := must[Paper](t)(c.SplitOff(ctx, Everywhere, id, 2+2*n, Part{Positions: []int{2}}))
			if got := order(t, c, id) + ", " + order(t, c, again.ID); again.ID != part.ID || again.State != PaperReview || again.History || got != "1/1, 1/2" {
				t.Errorf("%s, %+v", got, again)
			}
		}
		if got := foundAs(t, c, Everywhere, Query{Text: "hai"}); got != "1/1!" {
			t.Errorf("%q is found", got)
		}
	})
}

// A scan whose paper was joined to another one, handed in as a batch, makes no batch of the other.
func TestAJoinedPaperIsNoBatch(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một", ""))
		h := HandIn{Dossier: r.Paper.Dossier, Scan: Scan{sum(2), 5, "image/png"}, Revision: "1"}
		other := must[Receipt](t)(c.HandIn(ctx, Everywhere, h))
		readPages(t, c, other.Work, twoLines(1, "hai", ""))
		must[Paper](t)(c.Merge(ctx, Everywhere, r.Paper.ID, 0, []PaperID{other.Paper.ID}))
		h.Batch = true
		again := must[Receipt](t)(c.HandIn(ctx, Everywhere, h))
		if again.Paper.ID != r.Paper.ID || !again.Again || again.Paper.Batch {
			t.Errorf("%+v", again)
		}
		if _, err := c.Batch(ctx, Everywhere, r.Paper.ID); !isNotFound(err) {
			t.Errorf("a batch: %v", err)
		}
	})
}

// A part of a batch whose cover named nobody goes to where it belongs, with its own pages; both dossiers and the rates follow.
func TestAPaperIsRefiled(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all, _, first, second := twoAgencies(t, c)
		ctx := t.Context()
		must[Paper](t)(c.Approve(ctx, Everywhere, first.ID, AnyEdition))
		if checked(t, c) != 1 {
			t.Fatal("it does not count")
		}
		var invalid *InvalidError
		if _, err := c.Refile(ctx, all["H50.13"].Path, first.ID, Filing{Dossier: second.DossierCode}); !errors.As(err, &invalid) {
			t.Errorf("to a dossier out of reach: %v", err)
		}
		if _, err := c.Refile(ctx, all["H50.14"].Path, first.ID, Filing{Kind: ResultPaper}); !isNotFound(err) {
			t.Errorf("a paper out of reach: %v", err)
		}
		none := ""
		p := must[Paper](t)(c.Refile(ctx, Everywhere, first.ID, Filing{Dossier: second.DossierCode, Kind: ResultPaper, Component: &none}))
		if p.Dossier != second.Dossier || p.Kind != ResultPaper || p.Component != "" || p.State == PaperApproved || order(t, c, p.ID) != "1/2 1/3" {
			t.Errorf("%+v", p)
		}
		rates := must[Rates](t)(c.Rates(ctx, Everywhere, RateQuery{}))
		if rates.Total[0].Filed != 1 || checked(t, c) != 0 {
			t.Errorf("%+v", rates.Total)
		}
		if found := must[Hits](t)(c.Search(ctx, all["H50.13"].Path, Query{Text: "giấy tờ"})); len(found.Hits) != 0 {
			t.Errorf("found where it was: %+v", found.Hits)
		}
		left := must[[]Act](t)(c.History(ctx, Everywhere, first.Dossier, 100))
		came := must[[]Act](t)(c.History(ctx, Everywhere, second.Dossier, 100))
		if left[0].Action != "dossier.paper_left" || came[0].Action != "paper.refile" {
			t.Errorf("%+v, %+v", left[0], came[0])
		}

		// What is there stands in the way; what was taken back does not.
		back := func(code string) (Paper, error) {
			return c.Refile(ctx, Everywhere, first.ID, Filing{Dossier: code, Kind: ComponentPaper})
		}
		p = must[Paper](t)(back(first.DossierCode))
		whole := handIn(t, c, "H50.13", 5, nil)
		same := handIn(t, c, "H50.13", 6, func(h *HandIn) { h.Scan.SHA256 = sum(5) })
		var conflict *ConflictError
		if _, err := c.Refile(ctx, Everywhere, same.Paper.ID, Filing{Dossier: whole.Paper.DossierCode}); !errors.As(err, &conflict) || conflict.Stale {
			t.Errorf("where the same is: %v", err)
		}
		if err := c.TakeBack(ctx, Everywhere, whole.Paper.ID, TakeBackDuplicate); err != nil {
			t.Fatal(err)
		}
		if p := must[Paper](t)(c.Refile(ctx, Everywhere, same.Paper.ID, Filing{Dossier: whole.Paper.DossierCode})); p.Dossier != whole.Paper.Dossier {
			t.Errorf("%+v", p)
		}
	})
}

// What was taken back is in the dossier's history alone, until it is handed in again.
func TestAPaperIsTakenBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một", ""))
		must[Paper](t)(c.Approve(ctx, Everywhere, r.Paper.ID, AnyEdition))
		var invalid *InvalidError
		if err := c.TakeBack(ctx, Everywhere, r.Paper.ID, "of Mr Nam"); !errors.As(err, &invalid) {
			t.Errorf("for no reason: %v", err)
		}
		if err := c.TakeBack(ctx, all["H50.14"].Path, r.Paper.ID, TakeBackDuplicate); !isNotFound(err) {
			t.Errorf("out of reach: %v", err)
		}
		if err := c.TakeBack(ctx, Everywhere, r.Paper.ID, TakeBackWrongDossier); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Paper(ctx, Everywhere, r.Paper.ID); !isNotFound(err) {
			t.Errorf("it is still there: %v", err)
		}
		rates := must[Rates](t)(c.Rates(ctx, Everywhere, RateQuery{}))
		shown := len(must[[]Paper](t)(c.Papers(ctx, Everywhere, r.Paper.Dossier))) + len(must[[]Paper](t)(c.PapersOfScan(ctx, Everywhere, sum(1))))
		if got := foundAs(t, c, Everywhere, Query{Text: "một"}); got != "" || rates.Total[0].Filed != 0 || shown != 0 || must[bool](t)(c.HasWholeScan(ctx, Everywhere, sum(1))) {
			t.Errorf("%q is found, %v, %d are shown", got, rates.Total, shown)
		}
		acts := must[[]Act](t)(c.History(ctx, Everywhere, r.Paper.Dossier, 10))
		if acts[0].Action != "paper.take_back" || fmt.Sprint(acts[0].Detail["reason"]) != "wrong_dossier" {
			t.Errorf("%+v", acts[0])
		}
		if orphans := must[[]string](t)(c.Orphans(ctx)); len(orphans) > 0 {
			t.Errorf("orphans: %q", orphans)
		}
		again := handIn(t, c, "H50.13", 1, nil)
		if again.Again || again.Paper.ID != r.Paper.ID || again.Paper.State != PaperReview {
			t.Errorf("handed in again: %+v", again)
		}
		if got := foundAs(t, c, Everywhere, Query{Text: "một"}); got != "1/1!" {
			t.Errorf("%q is found", got)
		}
	})
}
