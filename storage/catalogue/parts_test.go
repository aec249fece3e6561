package catalogue

import (
	"fmt"
	"testing"
	"time"
)

// A part of a scan counts its own pages: words, sureness, those that failed and those that are blank; joined, those of all scans.
func TestAPartCountsItsOwnPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		readAs := func(r Receipt, pages ...PageRecord) {
			t.Helper()
			must[Reading](t)(c.Split(ctx, r.Work, "tiff", len(pages), time.Minute))
			sum, words, texts := Summary{}, 0.0, []PageText{}
			for i, g := range pages {
				g.Number, g.Width, g.Height = i+1, 1000, 1000
				if _, _, err := c.EndPage(ctx, r.Work, g, time.Minute); err != nil {
					t.Fatal(err)
				}
				sum.Words += g.Words
				words += float64(g.Words) * g.Confidence
				sum.Failed += flag(g.State == "failed")
				sum.Blank += flag(g.Source == "blank")
				texts = append(texts, twoLines(i+1, "", ""))
			}
			sum.Confidence = words / float64(sum.Words)
			if err := c.Bound(ctx, r.Work, sum, texts); err != nil {
				t.Fatal(err)
			}
		}
		counts := func(id PaperID) string {
			t.Helper()
			p := must[Paper](t)(c.Paper(ctx, Everywhere, id))
			return fmt.Sprintf("%d pages, %d failed, %d blank, %d words, %.0f sure", p.Pages, p.Failed, p.Blank, p.Words, p.Confidence)
		}
		r := handIn(t, c, "H50.13", 1, nil)
		readAs(
			r,
			PageRecord{State: "read", Source: "recognized", Words: 30, Confidence: 90}, PageRecord{State: "read", Source: "blank"},
			PageRecord{State: "failed", Source: "failed", Reason: "x"}, PageRecord{State: "read", Source: "recognized", Words: 10, Confidence: 50},
		)
		if got := counts(r.Paper.ID); got != "4 pages, 1 failed, 1 blank, 40 words, 80 sure" {
			t.Errorf("the whole: %s", got)
		}
		part := must[Paper](t)(c.SplitOff(ctx, Everywhere, r.Paper.ID, 0, Part{Positions: []int{1, 2}}))
		if got := counts(part.ID); got != "2 pages, 0 failed, 1 blank, 30 words, 90 sure" {
			t.Errorf("the part: %s", got)
		}
		if got := counts(r.Paper.ID); got != "2 pages, 1 failed, 0 blank, 10 words, 50 sure" {
			t.Errorf("what is left: %s", got)
		}
		other := handIn(t, c, "H50.13", 1, func(h *HandIn) { h.Scan.SHA256, h.Component = sum(2), "TP02" })
		readAs(other, PageRecord{State: "read", Source: "recognized", Words: 10, Confidence: 70})
		must[Paper](t)(c.Merge(ctx, Everywhere, part.ID, 1, []PaperID{other.Paper.ID}))
		if got := counts(part.ID); got != "3 pages, 0 failed, 1 blank, 40 words, 85 sure" {
			t.Errorf("joined: %s", got)
		}
	})
}
