package catalogue

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// listOf numbers dossiers as rows from 2, below a head.
func listOf(all ...Dossier) iter.Seq[Listed] {
	return func(yield func(Listed) bool) {
		for i := range all {
			if !yield(Listed{Dossier: all[i], Row: i + 2}) {
				return
			}
		}
	}
}

// putList puts a list, after it has tried it and found that the trial says the same, and gives the outcomes.
func putList(t *testing.T, c *Catalogue, reach Reach, all ...Dossier) (outcomes string, errs map[int]error) {
	t.Helper()
	var tried, put []string
	errs = make(map[int]error)
	counts, err := c.TryDossiers(t.Context(), reach, listOf(all...), func(_ *Listed, p *Put) { tried = append(tried, string(p.Outcome)) })
	if err != nil {
		t.Fatal(err)
	}
	n, err := c.PutDossiers(t.Context(), reach, "test", listOf(all...), func(one *Listed, p *Put) {
		put = append(put, string(p.Outcome))
		if p.Err != nil {
			errs[one.Row] = p.Err
		}
		if (p.ID == 0) != (p.Outcome == OutcomeWrong) {
			t.Errorf("row %d is %s with the id %d", one.Row, p.Outcome, p.ID)
		}
	})
	if err != nil || n != counts || n.All() != len(all) || !slices.Equal(tried, put) {
		t.Fatalf("%+v, %v; tried %+v %q, put %q", n, err, counts, tried, put)
	}
	return strings.Join(put, " "), errs
}

func TestAListOfDossiers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		reach := agencies(t, c)["H50.13"].Path
		ctx := t.Context()
		handIn(t, c, "H50.13", 1, nil)
		if _, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: "H50.14-260331-0009", Agency: "H50.14"}); err != nil {
			t.Fatal(err)
		}
		query := RateQuery{From: "2026-03-01", Till: "2026-03-31"}
		must[Rates](t)(c.Rates(ctx, reach, query)) // the book is filled before the list comes
		clock.pass(time.Hour)
		list := []Dossier{
			{Code: "H50.13-260331-0001", Owner: Owner{Name: "Trần Thị Bưởi"}, State: StateReturned, Resolved: "2026-03-31"},
			{Code: "H50.13-260331-0002", Agency: "H50.13", Procedure: "1.002809", Received: "2026-03-30"},
			{Code: "H50.13-260331-0003"},                   // the code tells the agency
			{Code: "H50.13-260331-0002", Agency: "H50.13"}, // again
			{Code: "H50.14-260331-0009", State: StateReturned},
			{Code: "H50.14-260331-0010", Agency: "H50.14"},
			{Code: "H50.13-260331-0004", Agency: "H50.99"},
			{Code: "H50.13-1", Agency: "H50.13"},
			{Code: "H50.13-260331-0005", Agency: "H50.13.1", State: 11},
			{Code: "H50.13-260331-0006", Agency: "H50.13.1", Received: "2026-02-30"},
			{Code: "H50.13-260331-0007", Agency: "H50.13.1", State: StateStopped},
		}
		got, errs := putList(t, c, reach, list...)
		if got != "changed added added wrong wrong wrong wrong wrong wrong wrong added" {
			t.Errorf("%s", got)
		}
		repeated, conflict := (*RepeatedError)(nil), (*ConflictError)(nil)
		if !errors.As(errs[5], &repeated) || repeated.Row != 3 || !errors.As(errs[6], &conflict) || strings.Contains(errs[6].Error(), "H50.14:") {
			t.Errorf("%v", errs)
		}
		for row, field := range map[int]string{7: "agency", 8: "agency", 9: "code", 10: "state", 11: "received"} {
			if invalid := (*InvalidError)(nil); !errors.As(errs[row], &invalid) || invalid.Field != field {
				t.Errorf("row %d: %v", row, errs[row])
			}
		}
		d := must[Dossier](t)(c.DossierByCode(ctx, reach, "H50.13-260331-0003"))
		if d.Agency != "H50.13" || d.State != StateAccepted {
			t.Errorf("%+v", d)
		}
		if d := must[Dossier](t)(c.DossierByCode(ctx, Everywhere, "H50.14-260331-0009")); d.State != StateAccepted {
			t.Errorf("another agency's dossier was changed: %+v", d)
		}
		total := must[Rates](t)(c.Rates(ctx, reach, query)).Total
		if share := total.Of(FigureComponents); share.Of != 4 || share.Filed != 1 {
			t.Errorf("%+v", share)
		}
		if share := total.Of(FigureResults); share.Of != 1 {
			t.Errorf("%+v", share)
		}
		if wrong := must[int64](t)(c.RecountRates(ctx)); wrong != 0 {
			t.Errorf("the facts of %d dossiers were wrong", wrong)
		}
		acts := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "dossier.import"}))
		if len(acts) != 1 || fmt.Sprint(acts[0].Detail) != "map[added:3 changed:1 same:0 source:test wrong:7]" {
			t.Errorf("%+v", acts)
		}
	})
}

// A second import changes nothing, and what a row leaves empty erases nothing.
func TestAListPutAgainChangesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		whole := Dossier{
			Code: "H50.13-260331-0001", Agency: "H50.13", Procedure: "1.002809", Owner: Owner{"Trần Thị Bưởi", "012345678901", 1}, Subject: "đổi giấy phép",
			State: StateInWork, Received: "2026-03-30", Due: "2026-04-05", Resolved: "2026-04-01",
		}
		putList(t, c, Everywhere, whole)
		before := must[Dossier](t)(c.DossierByCode(t.Context(), Everywhere, whole.Code))
		clock.pass(time.Hour)
		for range 2 {
			if got, _ := putList(t, c, Everywhere, whole, Dossier{Code: "H50.13-260331-0002"}); !strings.HasPrefix(got, "same") {
				t.Errorf("%s", got)
			}
			if got, _ := putList(t, c, Everywhere, Dossier{Code: whole.Code}); got != "same" {
				t.Errorf("%s", got)
			}
		}
		if after := must[Dossier](t)(c.DossierByCode(t.Context(), Everywhere, whole.Code)); after != before {
			t.Errorf("%+v became %+v", before, after)
		}
		if acts := must[[]Act](t)(c.Acts(t.Context(), ActFilter{Action: "dossier.import"})); len(acts) != 2 {
			t.Errorf("%d acts of two lists that changed something", len(acts))
		}
	})
}

// Papers are found by what a list says of their dossier.
func TestAListMakesPapersFindable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		read(t, c, handIn(t, c, "H50.13", 1, nil).Work, 1, "giấy khám sức khỏe")
		putList(t, c, Everywhere, Dossier{Code: "H50.13-260331-0001", Owner: Owner{Name: "Trần Thị Bưởi"}})
		found, err := c.Search(t.Context(), Everywhere, Query{Text: "bưởi"})
		if err != nil || len(found.Hits) != 1 {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

// A list that takes several transactions tells the audit that it began, and when it ends or breaks; what was put by then stays.
func TestALongList(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		many := func(yield func(Listed) bool) {
			for n := range 2*putAtOnce + 1 {
				if !yield(Listed{Dossier: Dossier{Code: fmt.Sprintf("H50.13-260331-%05d", n)}, Row: n}) {
					return
				}
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		n, err := c.PutDossiers(ctx, Everywhere, "test", many, func(*Listed, *Put) { cancel() })
		if !errors.Is(err, context.Canceled) || n.Added != putAtOnce {
			t.Errorf("%+v, %v", n, err)
		}
		n, err = c.PutDossiers(t.Context(), Everywhere, "test", many, nil)
		if err != nil || n.Same != putAtOnce || n.Added != putAtOnce+1 {
			t.Errorf("%+v, %v", n, err)
		}
		var acts []string
		for _, a := range must[[]Act](t)(c.Acts(t.Context(), ActFilter{Subject: "dossiers"})) {
			acts = append(acts, fmt.Sprint(a.Action, " ", a.Detail["added"]))
		}
		if got := strings.Join(acts, ", "); got != "dossier.import 501, dossier.import_begun 500, dossier.import_broken 500, dossier.import_begun 500" {
			t.Errorf("%s", got)
		}
	})
}

// Two lists with the same dossiers at once, in another order: each dossier is made once and knows what both say.
func TestListsAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		var first, second []Dossier
		for n := range 300 {
			code := fmt.Sprintf("H50.13-260331-%04d", n)
			first = append(first, Dossier{Code: code, Subject: "đổi giấy phép"})
			second = append(second, Dossier{Code: code, Owner: Owner{Name: "Trần Thị Bưởi"}})
		}
		slices.Reverse(second)
		var group sync.WaitGroup
		added := make([]int, 2)
		for i, list := range [][]Dossier{first, second} {
			group.Go(func() {
				n, err := c.PutDossiers(t.Context(), Everywhere, "test", listOf(list...), nil)
				if err != nil || n.All() != 300 {
					t.Errorf("%+v, %v", n, err)
				}
				added[i] = n.Added
			})
		}
		group.Wait()
		all := must[[]Dossier](t)(c.Dossiers(t.Context(), Everywhere, DossierFilter{Limit: 500}))
		whole := 0
		for _, d := range all {
			if d.Subject != "" && d.Owner.Name != "" {
				whole++
			}
		}
		if added[0]+added[1] != 300 || len(all) != 300 || whole != 300 {
			t.Errorf("added %v, there are %d, %d of them whole", added, len(all), whole)
		}
	})
}

// BenchmarkPutDossiers puts new dossiers; b.N is how many.
func BenchmarkPutDossiers(b *testing.B) {
	c, err := Open(Config{URL: "sqlite:" + b.TempDir() + "/catalogue.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	if _, err := c.PutAgency(b.Context(), "H50", "Tỉnh", ""); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	n, err := c.PutDossiers(b.Context(), Everywhere, "test", func(yield func(Listed) bool) {
		for n := range b.N {
			d := Dossier{
				Code: fmt.Sprintf("H50-260331-%06d", n), Procedure: "1.002809", Owner: Owner{"Trần Thị Bưởi", "012345678901", 1},
				Subject: "Đổi giấy phép lái xe", State: StateInWork, Received: "2026-03-31", Due: "2026-04-05",
			}
			if !yield(Listed{Dossier: d, Row: n}) {
				return
			}
		}
	}, nil)
	if err != nil || n.Added != b.N {
		b.Fatalf("%+v, %v", n, err)
	}
}
