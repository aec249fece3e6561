package catalogue

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestTheSameScanIsReadOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		first := handIn(t, c, "H50.13", 1, func(h *HandIn) { h.Queue = Batch })
		same := handIn(t, c, "H50.13", 1, nil)
		if !same.Again || !same.Held || same.Paper.ID != first.Paper.ID {
			t.Errorf("the same paper: %+v", same)
		}
		if !same.Due || same.Work.Queue != Desk || same.Work.ID != first.Work.ID {
			t.Errorf("an officer waits for an archive's scan: %+v", same)
		}
		other := handIn(t, c, "H50.13", 2, func(h *HandIn) { h.Scan.SHA256 = sum(1) })
		if other.Again || !other.Held || other.Due || !other.Paper.Reused || other.Work.ID != first.Work.ID {
			t.Errorf("the same scan in another dossier: %+v", other)
		}
		read(t, c, first.Work, 1, "số hóa hồ sơ")
		for _, id := range []PaperID{first.Paper.ID, other.Paper.ID} {
			if p := must[Paper](t)(c.Paper(t.Context(), Everywhere, id)); p.State != PaperRead {
				t.Errorf("paper %d is %s", id, p.State)
			}
		}
		if all := must[[]Paper](t)(c.PapersOfScan(t.Context(), Everywhere, sum(1))); len(all) != 2 {
			t.Errorf("%d papers of the scan", len(all))
		}
	})
}

// The same bytes handed in at once by many desks: one scan, one reading, a paper each.
func TestManyDesksHandInTheSameScan(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		var group sync.WaitGroup
		receipts := make(chan Receipt, 16)
		for n := range 16 {
			group.Go(func() { receipts <- handIn(t, c, "H50.13", n, func(h *HandIn) { h.Scan.SHA256 = sum(99) }) })
		}
		group.Wait()
		close(receipts)
		fresh, readings, papers := 0, make(map[ReadingID]bool), make(map[PaperID]bool)
		for r := range receipts {
			if !r.Held {
				fresh++
			}
			readings[r.Work.ID], papers[r.Paper.ID] = true, true
		}
		if fresh != 1 || len(readings) != 1 || len(papers) != 16 {
			t.Errorf("%d fresh, %d readings, %d papers", fresh, len(readings), len(papers))
		}
	})
}

// While an original that nobody names is taken away the same bytes cannot be acknowledged, and after that they can.
func TestCollectingAndHandingInExcludeEachOther(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		ctx := t.Context()
		d, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: "H50.13-260331-0001", Agency: "H50.13"})
		if err != nil {
			t.Fatal(err)
		}
		hand := func() (Receipt, error) {
			return c.HandIn(ctx, Everywhere, HandIn{Dossier: d.ID, Scan: Scan{SHA256: sum(1), Size: 100, MediaType: "image/tiff"}, Revision: "1"})
		}
		collected, err := c.CollectScan(ctx, sum(1), func(context.Context) error {
			if _, err := hand(); !errors.Is(err, ErrUnavailable) {
				t.Errorf("handed in while it was collected: %v", err)
			}
			if held := must[bool](t)(c.ScanHeld(ctx, sum(1))); held {
				t.Error("what is being collected is held")
			}
			if orphans := must[[]string](t)(c.Orphans(ctx)); len(orphans) > 0 {
				t.Errorf("orphans: %q", orphans)
			}
			return nil
		})
		if err != nil || !collected {
			t.Fatalf("collected %v, %v", collected, err)
		}
		broken := errors.New("the store is away")
		if collected, err := c.CollectScan(ctx, sum(1), func(context.Context) error { return broken }); collected || !errors.Is(err, broken) {
			t.Errorf("collected %v, %v", collected, err)
		}
		// A collector that was killed in the middle does not keep the scan out for good.
		if _, err := c.engine.writer().ExecContext(ctx, c.engine.sql("INSERT INTO scans (sha256, size, media_type, created_at, collected_at) VALUES (?, 0, '', 0, ?)"),
			sum(1), millis(clock.now())); err != nil {
			t.Fatal(err)
		}
		if _, err := hand(); !errors.Is(err, ErrUnavailable) {
			t.Errorf("handed in after a collector was killed: %v", err)
		}
		clock.pass(2 * collectWithin)
		r := must[Receipt](t)(hand())
		if r.Held || !r.Due || r.Paper.Size != 100 || r.Paper.MediaType != "image/tiff" {
			t.Errorf("%+v", r)
		}
		if collected, err := c.CollectScan(ctx, sum(1), func(context.Context) error { t.Error("taken away"); return nil }); collected || err != nil {
			t.Errorf("collected what a paper names: %v, %v", collected, err)
		}
	})
}
