package catalogue

import (
	"errors"
	"fmt"
	"testing"
)

// twoAgencies hands a feeder's scan with papers of two departments in for an officer of the province, and has it split: pages 2 and 3 are
// the first one's, page 5 the second one's.
func twoAgencies(t *testing.T, c *Catalogue) (all map[string]Agency, batch, first, second Paper) {
	t.Helper()
	ctx := t.Context()
	all = agencies(t, c)
	procedure(t, c)
	own, sheet := sheetOf(t, c, "H50.13-260331-0100", "H50.13", "TP01")
	_, foreign := sheetOf(t, c, "H50.14-260331-0102", "H50.14", "TP01")
	r := must[Receipt](t)(c.HandIn(ctx, Everywhere, HandIn{
		Dossier: own, Scan: Scan{SHA256: sum(1), Size: 100, MediaType: "image/tiff"}, Name: "lô.tif", Revision: "1", Batch: true,
	}))
	readCodes(t, c, r.Work, []string{sheet, "", "", foreign, ""})
	b := must[BatchState](t)(c.Batch(ctx, Everywhere, r.Paper.ID))
	if len(b.Parts) != 2 {
		t.Fatalf("%+v", b)
	}
	return all, r.Paper, must[Paper](t)(c.Paper(ctx, Everywhere, b.Parts[0].Paper)), must[Paper](t)(c.Paper(ctx, Everywhere, b.Parts[1].Paper))
}

// A part of a batch has the pages alone that it was made of, whoever arranges it, and goes back to these.
func TestAPartHasItsOwnPagesAlone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all, batch, first, second := twoAgencies(t, c)
		ctx, theirs := t.Context(), all["H50.14"].Path
		if own := must[[]PaperPage](t)(c.OwnPages(ctx, theirs, second.ID)); fmt.Sprint(own) != fmt.Sprint([]PaperPage{{sum(1), 5, 0}}) {
			t.Errorf("its own: %+v", own)
		}
		var invalid *InvalidError
		for n := 1; n <= 4; n++ {
			for _, reach := range []Reach{theirs, Everywhere} {
				if _, err := c.Arrange(ctx, reach, second.ID, second.Arranged, []PaperPage{{sum(1), n, 0}}); !errors.As(err, &invalid) {
					t.Errorf("page %d: %v", n, err)
				}
			}
		}
		p := must[Paper](t)(c.Arrange(ctx, Everywhere, first.ID, first.Arranged, []PaperPage{{sum(1), 3, 0}}))
		p = must[Paper](t)(c.Arrange(ctx, Everywhere, p.ID, p.Arranged, must[[]PaperPage](t)(c.OwnPages(ctx, Everywhere, p.ID))))
		if got := order(t, c, p.ID); got != "1/2 1/3" {
			t.Errorf("back to %s", got)
		}
		for what, c := range map[string]struct{ got, want bool }{
			"the whole is theirs":   {must[bool](t)(c.HasWholeScan(ctx, theirs, sum(1))), false},
			"a part is theirs":      {must[bool](t)(c.HasPartOfScan(ctx, theirs, sum(1))), true},
			"the whole is the desk": {must[bool](t)(c.HasWholeScan(ctx, all["H50.13"].Path, sum(1))), true},
			"a part is nobody's":    {must[bool](t)(c.HasPartOfScan(ctx, theirs, sum(2))), false},
		} {
			if c.got != c.want {
				t.Errorf("%s: %v", what, c.got)
			}
		}
		if same := must[[]Paper](t)(c.PapersOfScan(ctx, theirs, sum(1))); len(same) > 0 {
			t.Errorf("a part is taken for the scan: %+v", same)
		}
		// What the batch became is told as far as it is within reach.
		b := must[BatchState](t)(c.Batch(ctx, all["H50.13"].Path, batch.ID))
		if len(b.Parts) != 1 || b.Parts[0].Paper != first.ID {
			t.Errorf("%+v", b.Parts)
		}
	})
}

// What is joined to a paper brings its own pages with it, and no others.
func TestJoinedPapersBringTheirOwnPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		_, _, first, _ := twoAgencies(t, c)
		ctx := t.Context()
		other := must[Receipt](t)(c.HandIn(ctx, Everywhere, HandIn{Dossier: first.Dossier, Scan: Scan{sum(2), 5, "image/png"}, Revision: "1"}))
		readPages(t, c, other.Work, twoLines(1, "một", ""), twoLines(2, "hai", ""))
		whole := must[Paper](t)(c.Merge(ctx, Everywhere, other.Paper.ID, 0, []PaperID{first.ID}))
		whole = must[Paper](t)(c.Arrange(ctx, Everywhere, whole.ID, whole.Arranged, []PaperPage{{sum(2), 2, 0}}))
		own := must[[]PaperPage](t)(c.OwnPages(ctx, Everywhere, whole.ID))
		must[Paper](t)(c.Arrange(ctx, Everywhere, whole.ID, whole.Arranged, own))
		if got := order(t, c, whole.ID); got != "2/1 2/2 1/2 1/3" {
			t.Errorf("back to %s", got)
		}
	})
}
