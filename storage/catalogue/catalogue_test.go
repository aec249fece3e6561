package catalogue

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/scripts/services"
)

// onBoth runs a test on SQLite and on a real PostgreSQL, each with fresh tables and a clock that stands.
func onBoth(t *testing.T, test func(t *testing.T, c *Catalogue, clock *clock)) {
	t.Helper()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "catalogue.db") },
		"postgres": func(t *testing.T) string { return services.Postgres(t).NewDatabase(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &clock{at: time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC)}
			c, err := Open(Config{URL: url(t), Now: clock.now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := c.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			if _, err := c.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			test(t, c, clock)
		})
	}
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// The agencies of the tests: a province, two departments below it, a unit below the first.
func agencies(t *testing.T, c *Catalogue) map[string]Agency {
	t.Helper()
	all := make(map[string]Agency)
	for _, a := range []struct{ code, name, parent string }{
		{"H50", "UBND tỉnh Quảng Trị", ""}, {"H50.13", "Sở Xây dựng", "H50"}, {"H50.14", "Sở Y tế", "H50"}, {"H50.13.1", "Phòng Vận tải", "H50.13"},
	} {
		all[a.code] = must[Agency](t)(c.PutAgency(t.Context(), a.code, a.name, a.parent))
	}
	return all
}

func sum(n int) string { return fmt.Sprintf("%064x", n) }

// handIn puts a scan into a new dossier.
func handIn(t *testing.T, c *Catalogue, agency string, n int, change func(*HandIn)) Receipt {
	t.Helper()
	d, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: fmt.Sprintf("H50.13-260331-%04d", n), Agency: agency})
	if err != nil {
		t.Fatal(err)
	}
	h := HandIn{Dossier: d.ID, Scan: Scan{SHA256: sum(n), Size: 100, MediaType: "image/tiff"}, Name: "đơn.tif", Revision: "1"}
	if change != nil {
		change(&h)
	}
	return must[Receipt](t)(c.HandIn(t.Context(), Everywhere, h))
}

// read does all the work on a reading whose scan has so many pages.
func read(t *testing.T, c *Catalogue, r Reading, pages int, text string) {
	t.Helper()
	ctx := t.Context()
	must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepSplit, time.Minute))
	must[Reading](t)(c.Split(ctx, r, "tiff", pages, time.Minute))
	var texts []PageText
	for n := 1; n <= pages; n++ {
		must[Reading](t)(c.BeginPage(ctx, r.ID, r.Revision, n, time.Minute))
		if _, _, err := c.EndPage(ctx, r, PageRecord{Number: n, State: "read", Source: "recognized", Confidence: 90, Words: 3}, time.Minute); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, PageText{Number: n, Text: text, Width: 100, Height: 100})
	}
	must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepBind, time.Minute))
	if err := c.Bound(ctx, r, Summary{Words: 3 * pages, Confidence: 90}, texts); err != nil {
		t.Fatal(err)
	}
}

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

func TestReachBoundsWhatIsSeen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		tree := agencies(t, c)
		ctx := t.Context()
		ours := handIn(t, c, "H50.13.1", 1, nil)
		for _, see := range []struct {
			reach Reach
			yes   bool
		}{
			{Everywhere, true},
			{tree["H50"].Path, true},
			{tree["H50.13"].Path, true},
			{tree["H50.13.1"].Path, true},
			{tree["H50.14"].Path, false},
			{"", false},
		} {
			want := func(what string, err error) {
				t.Helper()
				if see.yes && err != nil || !see.yes && !errors.Is(err, ErrNotFound) {
					t.Errorf("%s with reach %q: %v", what, see.reach, err)
				}
			}
			_, err := c.Paper(ctx, see.reach, ours.Paper.ID)
			want("paper", err)
			_, err = c.Dossier(ctx, see.reach, ours.Paper.Dossier)
			want("dossier", err)
			_, err = c.DossierByCode(ctx, see.reach, ours.Paper.DossierCode)
			want("dossier by code", err)
			_, err = c.HandIn(ctx, see.reach, HandIn{Dossier: ours.Paper.Dossier, Scan: Scan{SHA256: sum(7)}, Revision: "1"})
			want("hand in", err)
			want("fields", c.PutFields(ctx, see.reach, ours.Paper.ID, map[FieldName]string{FieldNumber: "12"}))
			papers := must[[]Paper](t)(c.PapersChanged(ctx, see.reach, time.Time{}, 0, 10))
			dossiers := must[[]Dossier](t)(c.Dossiers(ctx, see.reach, DossierFilter{}))
			if (len(papers) > 0) != see.yes || (len(dossiers) > 0) != see.yes {
				t.Errorf("reach %q sees %d papers and %d dossiers", see.reach, len(papers), len(dossiers))
			}
		}
		var conflict *ConflictError
		if _, _, err := c.PutDossier(ctx, tree["H50.14"].Path, Dossier{Code: ours.Paper.DossierCode, Agency: "H50.14"}); !errors.As(err, &conflict) {
			t.Errorf("another agency's code: %v", err)
		}
		var invalid *InvalidError
		if _, _, err := c.PutDossier(ctx, tree["H50.14"].Path, Dossier{Code: "H50.14-260331-0001", Agency: "H50.13"}); !errors.As(err, &invalid) {
			t.Errorf("a dossier for another agency: %v", err)
		}
	})
}

func TestDossiersAreCompleted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		put := func(d Dossier) (Dossier, bool, error) { return c.PutDossier(t.Context(), Everywhere, d) }
		d, created, err := put(Dossier{Code: "H50.13-260331-0001", Agency: "H50.13", Owner: Owner{Name: " Nguyễn Văn An ", Kind: 1}, Received: "2026-03-31"})
		if err != nil || !created || d.Owner.Name != "Nguyễn Văn An" || d.State != StateAccepted {
			t.Errorf("created %v: %+v, %v", created, d, err)
		}
		d, created, err = put(Dossier{Code: "H50.13-260331-0001", Subject: "Đổi giấy phép lái xe", State: StateResolved})
		if err != nil || created || d.Owner.Name != "Nguyễn Văn An" || d.Subject == "" || d.State != StateResolved || d.Received != "2026-03-31" {
			t.Errorf("completed: %+v, %v", d, err)
		}
		for _, code := range []string{"", "H50.13", "H50.13-260331-1", "50.13-260331-0001", "H50.13-260331-0001 OR 1=1", "H50.13-260331-0001\n"} {
			var invalid *InvalidError
			if _, _, err := put(Dossier{Code: code, Agency: "H50.13"}); (code != "H50.13-260331-0001\n") && !errors.As(err, &invalid) {
				t.Errorf("code %q: %v", code, err)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		tree := agencies(t, c)
		ctx := t.Context()
		must[User](t)(c.PutUser(ctx, User{Login: "an", Name: "An", Role: RoleDesk, Agency: "H50.13"}))
		token, secret, err := c.AddToken(ctx, NewToken{Name: "desk", Login: "an", Expires: time.Hour})
		if err != nil || token.Path != tree["H50.13"].Path || !token.Allows(ScopeIntake) || token.Allows(ScopeOperate) || token.Actor() != "user:an" {
			t.Fatalf("%+v, %v", token, err)
		}
		refused := func(why, secret string) {
			t.Helper()
			if _, err := c.Authenticate(ctx, secret); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", why, err)
			}
		}
		got := must[Token](t)(c.Authenticate(ctx, secret))
		if got.ID != token.ID || got.Login != "an" {
			t.Errorf("%+v", got)
		}
		if got := must[Token](t)(c.Authenticate(ctx, secret)); !got.LastUsed.Equal(clock.now()) {
			t.Errorf("last used at %v", got.LastUsed)
		}
		refused("another", secret+"x")
		refused("nothing", "")
		must[User](t)(c.PutUser(ctx, User{Login: "an", Name: "An", Role: RoleDesk, Agency: "H50.13", Disabled: true}))
		refused("a disabled user's", secret)
		must[User](t)(c.PutUser(ctx, User{Login: "an", Name: "An", Role: RoleSupervisor, Agency: "H50.13"}))
		if got := must[Token](t)(c.Authenticate(ctx, secret)); got.Allows(ScopeIntake) || !got.Allows(ScopeRead) {
			t.Errorf("after the role was lowered: %v", got.Scopes)
		}
		clock.pass(time.Hour)
		refused("an expired one", secret)
		_, machine, err := c.AddToken(ctx, NewToken{Name: "scanner", Role: RoleDesk, Agency: "H50.14", Scopes: []Scope{ScopeIntake}})
		if err != nil {
			t.Fatal(err)
		}
		id := must[Token](t)(c.Authenticate(ctx, machine)).ID
		if err := c.RevokeToken(ctx, tree["H50.13"].Path, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("revoked from another agency: %v", err)
		}
		if err := c.RevokeToken(ctx, Everywhere, id); err != nil {
			t.Error(err)
		}
		refused("a revoked one", machine)
		var invalid *InvalidError
		if _, _, err := c.AddToken(ctx, NewToken{Name: "more", Role: RoleDesk, Agency: "H50", Scopes: []Scope{ScopeOperate}}); !errors.As(err, &invalid) {
			t.Errorf("a scope beyond the role: %v", err)
		}
	})
}

func TestFieldsProceduresAndAudit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		c = c.As(Actor{Name: "user:an", Remote: "10.1.2.3"})
		r := handIn(t, c, "H50.13", 1, nil)
		if err := c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{FieldNotation: "QĐ-SGTVT", FieldNumber: "123"}); err != nil {
			t.Fatal(err)
		}
		if err := c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{FieldNumber: ""}); err != nil {
			t.Fatal(err)
		}
		fields := must[[]Field](t)(c.Fields(ctx, Everywhere, r.Paper.ID))
		if len(fields) != 1 || fields[0].Name != FieldNotation || fields[0].Value != "QĐ-SGTVT" || fields[0].By != "user:an" {
			t.Errorf("%+v", fields)
		}
		var invalid *InvalidError
		if err := c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{FieldIssued: "31/3/2022"}); !errors.As(err, &invalid) {
			t.Errorf("a wrong day: %v", err)
		}
		p := Procedure{Code: "1.002809", Name: "Đổi giấy phép lái xe", FieldCode: "GPLX", FieldName: "Đường bộ", Result: true, Components: []Component{
			{Code: "DON", Name: "Đơn đề nghị", Required: true}, {Code: "GKSK", Name: "Giấy khám sức khỏe"},
		}}
		for range 2 {
			if err := c.PutProcedure(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		if all := must[[]Procedure](t)(c.Procedures(ctx)); len(all) != 1 || fmt.Sprint(all[0]) != fmt.Sprint(p) {
			t.Errorf("%+v", all)
		}
		if err := c.Record(ctx, "paper.download", "paper:1", map[string]any{"part": "pdf"}); err != nil {
			t.Fatal(err)
		}
		// Each change told of itself; what could not be left no trace.
		var told []string
		for _, a := range must[[]Act](t)(c.Acts(ctx, ActFilter{Actor: "user:an"})) {
			if a.Remote != "10.1.2.3" {
				t.Errorf("an act came from %q", a.Remote)
			}
			told = append(told, a.Action)
		}
		want := "paper.download procedure.put procedure.put paper.fields paper.fields paper.hand_in dossier.put"
		if got := strings.Join(told, " "); got != want {
			t.Errorf("the audit has %s, not %s", got, want)
		}
		downloads := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "paper.download"}))
		if len(downloads) != 1 || downloads[0].Detail["part"] != "pdf" || len(must[[]Act](t)(c.Acts(ctx, ActFilter{Actor: "user:binh"}))) != 0 {
			t.Errorf("%+v", downloads)
		}
	})
}

func TestMigrateTwiceAndCheck(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		if n := must[int](t)(c.Migrate(t.Context())); n != 0 {
			t.Errorf("%d steps done again", n)
		}
		if err := c.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
	c := must[*Catalogue](t)(Open(Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "empty.db")}))
	defer c.Close()
	if err := c.Check(t.Context()); !errors.Is(err, ErrOldSchema) {
		t.Errorf("an empty database: %v", err)
	}
}

func TestAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	c := must[*Catalogue](t)(Open(Config{URL: "postgres://nobody:secret@127.0.0.1:1/none"}))
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := c.Check(ctx)
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is told: %v", err)
	}
	if _, err := Open(Config{URL: "mysql://x"}); err == nil {
		t.Error("an unknown engine was opened")
	}
}
