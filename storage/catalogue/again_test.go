package catalogue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// bound has a paper of some pages done, of which one failed.
func bound(t *testing.T, c *Catalogue, r Receipt, pages, failed int) {
	t.Helper()
	ctx := t.Context()
	must[Reading](t)(c.Split(ctx, r.Work, "pdf", pages, time.Minute))
	var texts []PageText
	for n := 1; n <= pages; n++ {
		record := PageRecord{Number: n, State: "read", Source: "recognized"}
		if n == failed {
			record = PageRecord{Number: n, State: "failed", Source: "failed", Reason: "crash: it died"}
		}
		if _, _, err := c.EndPage(ctx, r.Work, record, time.Minute); err != nil {
			t.Fatal(err)
		}
		if n != failed {
			texts = append(texts, boxed(n, fmt.Sprintf("trang số %d", n)))
		}
	}
	sum := Summary{Words: 9, Confidence: 90}
	if failed > 0 {
		sum.Failed, sum.Review = 1, true
	}
	if err := c.Bound(ctx, r.Work, sum, texts); err != nil {
		t.Fatal(err)
	}
}

// Trying a failed page again takes nothing away from those that were read, whatever comes of it.
func TestRetryKeepsWhatWasRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		bound(t, c, r, 3, 2)
		waiting := func() string {
			var all []string
			for _, p := range must[[]PageRecord](t)(c.Pages(ctx, r.Work.ID)) {
				if p.State == "waiting" {
					all = append(all, fmt.Sprint(p.Number))
				}
			}
			return strings.Join(all, " ")
		}
		again := must[Reading](t)(c.Retry(ctx, Everywhere, r.Paper.ID, "another"))
		if again.Step != StepPages || again.Revision != "1" || waiting() != "2" {
			t.Errorf("tried again: %+v, pages %q wait", again, waiting())
		}
		p := must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID))
		if p.State != PaperReading || !p.Whole || p.Pages != 3 || p.Words != 9 {
			t.Errorf("while it is tried again: %+v", p)
		}
		if found := foundAs(t, c, Everywhere, Query{Text: "trang"}); found != "1/3! 1/1!" {
			t.Errorf("while it is tried again %q is found", found)
		}
		if err := c.Fail(ctx, again, "missing: the scan is gone"); err != nil {
			t.Fatal(err)
		}
		p = must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID))
		if p.State != PaperReview || !p.Whole || p.Failed != 1 || p.PagesRead != 3 || p.Reason != "missing: the scan is gone" {
			t.Errorf("after a vain try: %+v", p)
		}
		if orphans := must[[]string](t)(c.Orphans(ctx)); len(orphans) > 0 {
			t.Errorf("orphans: %q", orphans)
		}
		// The parts of the other pages may be gone by then: whoever binds has them read again, too.
		again = must[Reading](t)(c.Retry(ctx, Everywhere, r.Paper.ID, "another"))
		if _, last, err := c.EndPage(ctx, again, PageRecord{Number: 2, State: "read"}, time.Minute); err != nil || !last {
			t.Fatalf("last %v, %v", last, err)
		}
		if err := c.Reopen(ctx, again, []int{1, 3}); err != nil {
			t.Fatal(err)
		}
		if waiting() != "1 3" {
			t.Errorf("reopened, pages %q wait", waiting())
		}
		for _, n := range []int{1, 3} {
			if _, _, err := c.EndPage(ctx, again, PageRecord{Number: n, State: "read"}, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Reopen(ctx, Reading{ID: again.ID, Revision: "another"}, []int{1}); !errors.Is(err, ErrNotDue) {
			t.Errorf("reopened by another revision: %v", err)
		}
		if err := c.Bound(ctx, again, Summary{Words: 12, Confidence: 95}, []PageText{boxed(1, "trang một")}); err != nil {
			t.Fatal(err)
		}
		if p = must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID)); p.State != PaperRead || p.Failed != 0 || p.Words != 12 {
			t.Errorf("in the end: %+v", p)
		}
	})
}

// Handing in once more what could not be read is a way to have it tried once more: the scan may have been lost from the store.
func TestWhatFailedIsTriedAgainWhenHandedInAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, func(h *HandIn) { h.Queue = Batch })
		if err := c.Fail(ctx, r.Work, "missing: it is gone"); err != nil {
			t.Fatal(err)
		}
		again := handIn(t, c, "H50.13", 1, nil)
		if !again.Again || !again.Due || again.Work.ID != r.Work.ID || again.Work.Step != StepSplit || again.Work.Queue != Desk {
			t.Errorf("%+v", again)
		}
		if p := must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID)); p.State != PaperReceived || p.Reason != "" {
			t.Errorf("%+v", p)
		}
		read(t, c, again.Work, 1, "đọc được")
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

// Officers who type at once, into fields and the record, while the paper is bound: all of it is found in the end.
func TestWhatIsTypedWhilePapersAreBoundIsFound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		for round := range 6 {
			r := handIn(t, c, "H50.13", round, nil)
			must[Reading](t)(c.Split(ctx, r.Work, "tiff", 1, time.Minute))
			if _, _, err := c.EndPage(ctx, r.Work, PageRecord{Number: 1, State: "read"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			do := func(what string, act func() error) {
				group.Go(func() {
					if err := act(); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				})
			}
			do("bound", func() error { return c.Bound(ctx, r.Work, Summary{Confidence: 90}, []PageText{boxed(1, "nội dung")}) })
			for n, name := range []FieldName{FieldNumber, FieldIssuer, FieldSubject, FieldTitle} {
				do("fields", func() error {
					return c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{name: fmt.Sprintf("gõ%dvòng%d", n, round)})
				})
			}
			do("dossier", func() error {
				_, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: r.Paper.DossierCode, Owner: Owner{Name: fmt.Sprintf("chủvòng%d", round)}})
				return err
			})
			do("handed in again", func() error {
				_, err := c.HandIn(ctx, Everywhere, HandIn{Dossier: r.Paper.Dossier, Scan: Scan{SHA256: r.Paper.SHA256, Size: 100}, Component: "DON", Revision: "1"})
				return err
			})
			group.Wait()
			want := fmt.Sprintf("%d/1!", round)
			if round == 0 {
				want = "/1!"
			}
			for n := range 4 {
				if got := foundAs(t, c, Everywhere, Query{Text: fmt.Sprintf("gõ%dvòng%d", n, round)}); got != want {
					t.Errorf("round %d: field %d finds %q, want %q", round, n, got, want)
				}
			}
			if got := foundAs(t, c, Everywhere, Query{Text: fmt.Sprintf("chủvòng%d nội dung", round)}); got != want+" "+want {
				t.Errorf("round %d: the owner finds %q", round, got)
			}
		}
	})
}

// A desk that finds a dossier by its code writes nothing; one that changes it does, and says so.
func TestFindingADossierWritesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		put := func(d Dossier) bool {
			d.Code = "H50.13-260331-0001"
			_, created, err := c.PutDossier(ctx, Everywhere, d)
			if err != nil {
				t.Fatal(err)
			}
			return created
		}
		acts := func() int { return len(must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "dossier.put"}))) }
		if !put(Dossier{Agency: "H50.13", Owner: Owner{Name: "Trần Thị Bưởi"}}) || acts() != 1 {
			t.Fatal("not created")
		}
		if put(Dossier{}) || put(Dossier{Agency: "H50.13", Owner: Owner{Name: "Trần Thị Bưởi"}, State: StateAccepted}) || acts() != 1 {
			t.Errorf("%d acts after it was found twice", acts())
		}
		if put(Dossier{State: StateResolved}) || acts() != 2 {
			t.Errorf("%d acts after it was changed", acts())
		}
	})
}

// Desks that type the same new code at once, each with what it knows: one dossier that knows all of it, made by one.
func TestManyDesksMakeTheSameDossier(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		given := []Dossier{{Owner: Owner{Name: "Trần Thị Bưởi"}}, {Owner: Owner{Number: "012345678901"}}, {Subject: "đổi giấy phép"}, {Received: "2026-03-31"}}
		var group sync.WaitGroup
		made := make(chan bool, len(given))
		for _, d := range given {
			group.Go(func() {
				d.Code, d.Agency = "H50.13-260331-0001", "H50.13"
				_, created, err := c.PutDossier(t.Context(), Everywhere, d)
				if err != nil {
					t.Error(err)
				}
				made <- created
			})
		}
		group.Wait()
		close(made)
		created := 0
		for one := range made {
			if one {
				created++
			}
		}
		d := must[Dossier](t)(c.DossierByCode(t.Context(), Everywhere, "H50.13-260331-0001"))
		if created != 1 || d.Owner.Name == "" || d.Owner.Number == "" || d.Subject == "" || d.Received == "" {
			t.Errorf("made %d times: %+v", created, d)
		}
	})
}

// Changes are listed one behind the other, however many have the same instant, and each once.
func TestChangesArePagedThrough(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		start := clock.now()
		want := make(map[PaperID]bool)
		for n := range 9 {
			r := handIn(t, c, "H50.13", n, nil)
			want[r.Paper.ID] = true
			if n%3 == 2 {
				clock.pass(time.Second)
			}
		}
		since, after := start, PaperID(0)
		for range 5 {
			papers := must[[]Paper](t)(c.PapersChanged(t.Context(), Everywhere, since, after, 2))
			for _, p := range papers {
				if !want[p.ID] {
					t.Errorf("paper %d comes twice, or is none", p.ID)
				}
				delete(want, p.ID)
				since, after = p.Changed, p.ID
			}
		}
		if len(want) > 0 {
			t.Errorf("never told of: %v", want)
		}
	})
}

// A sheet with more different words than PostgreSQL takes is found by its place and by words all the same.
func TestAVeryDensePageIsKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		must[Reading](t)(c.Split(ctx, r.Work, "pdf", 1, time.Minute))
		if _, _, err := c.EndPage(ctx, r.Work, PageRecord{Number: 1, State: "read"}, time.Minute); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for n := range 50_000 {
			fmt.Fprintf(&b, "%d ", 10_000_000+n*1777)
		}
		if err := c.Bound(ctx, r.Work, Summary{Confidence: 90}, []PageText{{Number: 1, Text: b.String(), Width: 10, Height: 10}}); err != nil {
			t.Fatal(err)
		}
		for _, q := range []Query{{Text: "10000000"}, {Dossier: r.Paper.DossierCode}, {Text: "10001777 10003554"}} {
			if got := foundAs(t, c, Everywhere, q); !strings.HasPrefix(got, "1/1") {
				t.Errorf("%+v finds %q", q, got)
			}
		}
	})
}

// A tree has one root.
func TestThereIsOneRoot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		tree := agencies(t, c)
		var invalid *InvalidError
		if _, err := c.PutAgency(t.Context(), "H51", "Một tỉnh khác", ""); !errors.As(err, &invalid) || invalid.Field != "parent" {
			t.Errorf("a second root: %v", err)
		}
		if _, err := c.PutAgency(t.Context(), "H50", "Tên mới", ""); err != nil {
			t.Errorf("the root's own name: %v", err)
		}
		for code, root := range map[string]bool{"H50": true, "H50.13": false, "H50.13.1": false} {
			if tree[code].Path.Root() != root {
				t.Errorf("%s is the root: %v", code, !root)
			}
		}
		if !Everywhere.Root() || Reach("").Root() {
			t.Error("Everywhere is the root's, nothing is not")
		}
	})
}
