package catalogue

import (
	"slices"
	"testing"
	"time"
)

// A paper that is read again keeps its words, and is found under the state that it has now.
func TestSearchByStateFollowsTheReading(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		d, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: "H50.13-260331-0001", Agency: "H50.13"})
		if err != nil {
			t.Fatal(err)
		}
		r := must[Receipt](t)(c.HandIn(ctx, Everywhere, HandIn{
			Dossier: d.ID, Scan: Scan{SHA256: sum(1), Size: 1, MediaType: "image/tiff"}, Revision: "1",
		}))
		check := func(want PaperState) {
			t.Helper()
			for _, state := range []PaperState{PaperReceived, PaperReading, PaperRead, PaperReview, PaperApproved, PaperFailed} {
				expected := ""
				if state == want {
					expected = "1/1!"
				}
				for _, text := range []string{"", "quyết định"} {
					if got := foundAs(t, c, Everywhere, Query{Text: text, State: state}); got != expected {
						t.Errorf("the paper is %s; looking for %q among those that are %s found %q", want, text, state, got)
					}
				}
			}
		}
		if _, err := c.Split(ctx, r.Work, "tiff", 2, time.Minute); err != nil {
			t.Fatal(err)
		}
		for n, state := range []string{"read", "failed"} {
			if _, _, err := c.EndPage(ctx, r.Work, PageRecord{Number: n + 1, State: state}, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Bound(ctx, r.Work, Summary{Failed: 1, Confidence: 90, Review: true}, []PageText{boxed(1, "QUYẾT ĐỊNH")}); err != nil {
			t.Fatal(err)
		}
		check(PaperReview)
		again := must[Reading](t)(c.Retry(ctx, Everywhere, r.Paper.ID, "1"))
		check(PaperReading)
		if err := c.Fail(ctx, again, "missing: it is gone"); err != nil {
			t.Fatal(err)
		}
		check(PaperReview)
		if _, err := c.Retry(ctx, Everywhere, r.Paper.ID, "1"); err != nil {
			t.Fatal(err)
		}
		last := PageRecord{Number: 2, State: "read"}
		if _, _, err := c.EndPage(ctx, r.Work, last, time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := c.Bound(ctx, r.Work, Summary{Confidence: 90}, []PageText{boxed(1, "QUYẾT ĐỊNH")}); err != nil {
			t.Fatal(err)
		}
		check(PaperRead)
	})
}

// Pages can be chosen by how sure recognition was of each.
func TestSearchByConfidence(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		must[Reading](t)(c.Begin(ctx, r.Work.ID, "1", StepSplit, time.Minute))
		must[Reading](t)(c.Split(ctx, r.Work, "tiff", 3, time.Minute))
		var texts []PageText
		for i, confidence := range []float64{60, 80, 95} {
			record := PageRecord{Number: i + 1, State: "read", Source: "recognized", Confidence: confidence, Turned: 90 * i, Words: 3}
			must[Reading](t)(c.BeginPage(ctx, r.Work.ID, "1", i+1, time.Minute))
			if _, _, err := c.EndPage(ctx, r.Work, record, time.Minute); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, PageText{Number: i + 1, Text: "giấy phép lái xe", Width: 100, Height: 100})
		}
		must[Reading](t)(c.Begin(ctx, r.Work.ID, "1", StepBind, time.Minute))
		if err := c.Bound(ctx, r.Work, Summary{Words: 9, Confidence: 78}, texts); err != nil {
			t.Fatal(err)
		}
		for _, q := range []struct {
			from, till float64
			pages      []int
		}{{0, 0, []int{3, 2, 1}}, {90, 0, []int{3}}, {75, 90, []int{2}}, {0, 75, []int{1}}, {61, 79, nil}} {
			found := must[Hits](t)(c.Search(ctx, Everywhere, Query{Text: "giay phep", ConfidenceFrom: q.from, ConfidenceTill: q.till}))
			var pages []int
			for _, h := range found.Hits {
				pages = append(pages, h.Page)
				if h.Turned != 90*(h.Page-1) || h.Dossier != r.Paper.Dossier {
					t.Errorf("page %d: %+v", h.Page, h)
				}
			}
			slices.Sort(pages)
			slices.Sort(q.pages)
			if !slices.Equal(pages, q.pages) {
				t.Errorf("%v to %v: pages %v, want %v", q.from, q.till, pages, q.pages)
			}
		}
	})
}
