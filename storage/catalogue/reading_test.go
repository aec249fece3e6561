package catalogue

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAPaperGoesItsWay(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		if r.Held || r.Again || !r.Due || r.Paper.State != PaperReceived || r.Work.Step != StepSplit {
			t.Fatalf("handed in: %+v", r)
		}
		state := func() PaperState { return must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID)).State }
		id := r.Work.ID
		must[Reading](t)(c.Begin(ctx, id, "1", StepSplit, time.Minute))
		if got := must[Reading](t)(c.Split(ctx, r.Work, "tiff", 2, time.Minute)); got.Step != StepPages || got.Pages != 2 {
			t.Errorf("split: %+v", got)
		}
		if state() != PaperReading {
			t.Errorf("state %s", state())
		}
		if _, err := c.Split(ctx, r.Work, "tiff", 2, time.Minute); !errors.Is(err, ErrNotDue) {
			t.Errorf("split again: %v", err)
		}
		for n := 1; n <= 2; n++ {
			if got := must[Reading](t)(c.BeginPage(ctx, id, "1", n, time.Minute)); got.Starts != 1 {
				t.Errorf("page begun %d times", got.Starts)
			}
			page := PageRecord{Number: n, State: "read", Source: "recognized", Confidence: 70, Words: 5, Width: 10, Height: 20}
			_, last, err := c.EndPage(ctx, r.Work, page, time.Minute)
			if err != nil || last != (n == 2) {
				t.Errorf("page %d: last %v, %v", n, last, err)
			}
			if _, _, err := c.EndPage(ctx, r.Work, page, time.Minute); !errors.Is(err, ErrNotDue) {
				t.Errorf("page %d ended again: %v", n, err)
			}
			if got := must[[]PageRecord](t)(c.Pages(ctx, id))[n-1]; got != page {
				t.Errorf("page %+v, want %+v", got, page)
			}
		}
		must[Reading](t)(c.Begin(ctx, id, "1", StepBind, time.Minute))
		if err := c.Bound(ctx, r.Work, Summary{Words: 10, Confidence: 70, Review: true}, nil); err != nil {
			t.Fatal(err)
		}
		if err := c.Bound(ctx, r.Work, Summary{}, nil); !errors.Is(err, ErrNotDue) {
			t.Errorf("bound again: %v", err)
		}
		p := must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID))
		if p.State != PaperReview || p.Pages != 2 || p.PagesRead != 2 || p.Words != 10 || p.Confidence != 70 || p.Reading != id {
			t.Errorf("in the end: %+v", p)
		}
	})
}

// Pages that end at the same moment, on many machines: one of them, and one only, is the last.
func TestOneHandlerBinds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		const pages = 24
		r := handIn(t, c, "H50.13", 1, nil)
		must[Reading](t)(c.Split(t.Context(), r.Work, "tiff", pages, time.Minute))
		var group sync.WaitGroup
		lasts := make(chan int, 2*pages)
		for n := 1; n <= pages; n++ {
			for range 2 { // each page is read twice, too
				group.Go(func() {
					_, last, err := c.EndPage(t.Context(), r.Work, PageRecord{Number: n, State: "read"}, time.Minute)
					if err != nil && !errors.Is(err, ErrNotDue) {
						t.Errorf("page %d: %v", n, err)
					}
					if last {
						lasts <- n
					}
				})
			}
		}
		group.Wait()
		if len(lasts) != 1 {
			t.Errorf("%d pages were the last", len(lasts))
		}
		if got := must[Reading](t)(c.ReadingByID(t.Context(), r.Work.ID)); got.Step != StepBind {
			t.Errorf("the reading stands at %s", got.Step)
		}
	})
}

func TestForgottenWorkIsDue(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		ctx := t.Context()
		due := func() string {
			var all []string
			for _, task := range must[[]Task](t)(c.Due(ctx, 100)) {
				all = append(all, fmt.Sprintf("%s %s %d", task.Queue, task.Step, task.Page))
			}
			return strings.Join(all, ", ")
		}
		want := func(what, want string) {
			t.Helper()
			if got := due(); got != want {
				t.Errorf("%s: %q is due, want %q", what, got, want)
			}
		}
		batch := handIn(t, c, "H50.13", 1, func(h *HandIn) { h.Queue = Batch })
		desk := handIn(t, c, "H50.13", 2, nil)
		want("handed in", "desk split 0, batch split 0")
		want("at once again", "")
		if err := c.Hasten(ctx, []Task{{Step: StepSplit, Reading: batch.Work.ID, Queue: Batch}}); err != nil {
			t.Fatal(err)
		}
		want("what could not be queued", "batch split 0")
		clock.pass(Desk.Patience())
		want("an officer's after its patience", "desk split 0")
		must[Reading](t)(c.Split(ctx, desk.Work, "tiff", 2, time.Minute))
		must[Reading](t)(c.BeginPage(ctx, desk.Work.ID, "1", 1, 5*time.Minute))
		clock.pass(2 * time.Minute)
		want("split", "desk pages 2")
		if err := c.Hasten(ctx, []Task{{Step: StepPages, Reading: desk.Work.ID, Page: 2, Queue: Desk}}); err != nil {
			t.Fatal(err)
		}
		want("a page that could not be queued", "desk pages 2")
		clock.pass(Batch.Patience())
		want("much later", "desk pages 1, desk pages 2, batch split 0")
		if left := must[int64](t)(c.Forget(ctx)); left != 3 {
			t.Errorf("%d pieces of work are left", left)
		}
		want("after Redis was emptied", "desk pages 1, desk pages 2, batch split 0")
		if err := c.Fail(ctx, batch.Work, "damaged: no"); err != nil {
			t.Fatal(err)
		}
		clock.pass(time.Hour)
		want("after a failure", "desk pages 1, desk pages 2")
		backlog := must[[]Backlog](t)(c.Backlogs(ctx))
		if len(backlog) != 3 || backlog[0].Papers != 1 || backlog[0].Pages != 2 || backlog[0].Oldest < time.Hour || backlog[1].Papers != 0 {
			t.Errorf("backlog %+v", backlog)
		}
	})
}

func TestFailuresAreCountedAndCanBeRetried(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		for n := 1; n <= 3; n++ {
			if got := must[Reading](t)(c.Begin(ctx, r.Work.ID, "1", StepSplit, time.Minute)); got.Starts != 1 || got.Failures != n-1 {
				t.Errorf("begun: %+v", got)
			}
			if got := must[int](t)(c.Stumble(ctx, r.Work, 0, "wait: away", false)); got != n-1 {
				t.Errorf("waiting was counted")
			}
			must[Reading](t)(c.Begin(ctx, r.Work.ID, "1", StepSplit, time.Minute))
			if got := must[int](t)(c.Stumble(ctx, r.Work, 0, "crash: it died", true)); got != n {
				t.Errorf("%d failures, want %d", got, n)
			}
		}
		if err := c.Fail(ctx, r.Work, "crash: it died"); err != nil {
			t.Fatal(err)
		}
		p := must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID))
		if p.State != PaperFailed || p.Reason != "crash: it died" {
			t.Errorf("failed: %+v", p)
		}
		if all := must[[]Paper](t)(c.FailedPapers(ctx, Everywhere, 10)); len(all) != 1 {
			t.Errorf("%d failed papers", len(all))
		}
		again := must[Reading](t)(c.Retry(ctx, Everywhere, r.Paper.ID, "2"))
		if again.Step != StepSplit || again.Failures != 0 || again.Revision != "2" {
			t.Errorf("retried: %+v", again)
		}
		if _, err := c.Retry(ctx, Everywhere, r.Paper.ID, "2"); !errors.Is(err, ErrNotDue) {
			t.Errorf("retried while it is read: %v", err)
		}
		read(t, c, again, 1, "được rồi")
		if p := must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID)); p.State != PaperRead || p.Reason != "" {
			t.Errorf("after all: %+v", p)
		}
	})
}

func TestReadingsOfAnotherRevisionAreAdopted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		r := handIn(t, c, "H50.13", 1, nil)
		must[Reading](t)(c.Split(t.Context(), r.Work, "tiff", 1, time.Minute))
		if n := must[int](t)(c.Adopt(t.Context(), "2", time.Minute)); n != 0 {
			t.Errorf("%d adopted at once", n)
		}
		clock.pass(2 * time.Minute)
		if n := must[int](t)(c.Adopt(t.Context(), "1", time.Minute)); n != 0 {
			t.Errorf("%d of our own revision adopted", n)
		}
		// While readers of its own revision are at work somewhere it is left to them, and they begin it.
		if err := c.Working(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		if n := must[int](t)(c.Adopt(t.Context(), "2", time.Minute)); n != 0 {
			t.Errorf("%d adopted from readers that are at work", n)
		}
		if _, err := c.BeginPage(t.Context(), r.Work.ID, "2", 1, time.Minute); !errors.Is(err, ErrOtherRevision) {
			t.Errorf("begun by a reader of another revision: %v", err)
		}
		began := must[Reading](t)(c.BeginPage(t.Context(), r.Work.ID, "1", 1, time.Minute))
		clock.pass(2 * time.Minute)
		if n := must[int](t)(c.Adopt(t.Context(), "2", time.Minute)); n != 1 {
			t.Errorf("%d adopted", n)
		}
		if got := must[Reading](t)(c.ReadingByID(t.Context(), r.Work.ID)); got.Revision != "2" || got.Step != StepSplit {
			t.Errorf("adopted: %+v", got)
		}
		// The late one comes back and finds that it is no longer its own, also once the page waits again.
		adopted := must[Reading](t)(c.ReadingByID(t.Context(), r.Work.ID))
		must[Reading](t)(c.Split(t.Context(), adopted, "tiff", 1, time.Minute))
		if _, _, err := c.EndPage(t.Context(), began, PageRecord{Number: 1, State: "read"}, time.Minute); !errors.Is(err, ErrNotDue) {
			t.Errorf("a page ended by a reader of the old revision: %v", err)
		}
		if _, err := c.Stumble(t.Context(), began, 1, "crash: late", true); !errors.Is(err, ErrNotDue) {
			t.Errorf("a page that failed for a reader of the old revision: %v", err)
		}
		if err := c.Fail(t.Context(), began, "crash: late"); !errors.Is(err, ErrNotDue) {
			t.Errorf("given up by a reader of the old revision: %v", err)
		}
		if _, last, err := c.EndPage(t.Context(), adopted, PageRecord{Number: 1, State: "read"}, time.Minute); err != nil || !last {
			t.Errorf("the new reader's page: %v, %v", last, err)
		}
	})
}

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
