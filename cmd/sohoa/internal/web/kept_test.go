package web

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/storage/object"
)

// gatedWorld is a world whose store can be away.
func gatedWorld(t *testing.T, change func(*Config)) (*world, *gatedObjects) {
	t.Helper()
	gate := &gatedObjects{}
	return newWorld(t, func(c *Config) {
		gate.Objects, c.Objects = c.Objects, gate
		if change != nil {
			change(c)
		}
	}), gate
}

func headOf(path, token string) ask {
	return ask{"HEAD", path, token, nil, map[string]string{"Tus-Resumable": "1.0.0"}}
}

// wantLocked checks an answer that has a client of tus ask again.
func wantLocked(t *testing.T, r reply) {
	t.Helper()
	wantStatus(t, r, http.StatusLocked)
	if r.Header.Get("Retry-After") == "" || r.Header.Get("Upload-Offset") != "" {
		t.Errorf("%s answers %v", r.Request.Method, r.Header)
	}
}

// TestAllIsHereIsSaidOfWhatIsKept goes the way of a client that hears 503 after its last bytes and asks by HEAD how much
// arrived: clients take "all" for success and go away.
func TestAllIsHereIsSaidOfWhatIsKept(t *testing.T) {
	t.Parallel()
	w, gate := gatedWorld(t, nil)
	id, dossier := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	gate.fail(object.ErrUnavailable)
	wantCode(t, w.do(t, patch(up, w.desk, 0, file)), 503, CodeUnavailable)
	for range 2 {
		wantLocked(t, w.do(t, headOf(up, w.desk)))
	}
	if d := want[dossierJSON](t, w.do(t, ask{"GET", dossier, w.desk, nil, nil}), 200); len(d.Papers) != 0 {
		t.Errorf("the dossier has %+v", d.Papers)
	}
	gate.fail(nil)
	r := w.do(t, headOf(up, w.desk))
	wantStatus(t, r, 200)
	if r.Header.Get("Upload-Offset") != strconv.Itoa(len(file)) || r.Header.Get("Sohoa-Paper") == "" {
		t.Fatalf("once the store is back: %v", r.Header)
	}
	w.original(t, file)
	d := want[dossierJSON](t, w.do(t, ask{"GET", dossier, w.desk, nil, nil}), 200)
	if len(d.Papers) != 1 || d.Papers[0].SHA256 != sum(file) {
		t.Errorf("the dossier has %+v", d.Papers)
	}
	if again := w.do(t, headOf(up, w.desk)); again.Header.Get("Sohoa-Paper") != r.Header.Get("Sohoa-Paper") {
		t.Errorf("asked again: %v", again.Header)
	}
}

// TestHeadTellsThePapersOwnFault has bytes that are no paper arrive while they cannot be looked at.
func TestHeadTellsThePapersOwnFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Patience = 200 * time.Millisecond })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	up := w.begin(t, w.desk, 5, map[string]string{"dossier": fmt.Sprint(id)})
	must(t, os.WriteFile(w.resumable.store.path(strings.TrimPrefix(up, uploadsPath)), []byte("hello"), 0o600))
	wantStatus(t, w.do(t, headOf(up, w.desk)), http.StatusUnsupportedMediaType)
	wantStatus(t, w.do(t, headOf(up, w.desk)), http.StatusNotFound)
}

// hold takes an upload's lock, as a request of it does.
func (w *world) hold(t *testing.T, up string) (release func()) {
	t.Helper()
	lock, err := w.resumable.locks.NewLock(strings.TrimPrefix(up, uploadsPath))
	must(t, err)
	must(t, lock.Lock(t.Context(), func() {}))
	return func() { must(t, lock.Unlock()) }
}

func TestAnUploadThatIsLockedSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Patience = 200 * time.Millisecond })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	wantStatus(t, w.do(t, patch(up, w.desk, 0, file[:10])), 204)
	release := w.hold(t, up)
	wantLocked(t, w.do(t, headOf(up, w.desk)))
	for _, a := range []ask{patch(up, w.desk, 10, file[10:]), {"DELETE", up, w.desk, nil, map[string]string{"Tus-Resumable": "1.0.0"}}} {
		r := w.do(t, a)
		wantCode(t, r, 423, CodeTusLocked)
		wantLocked(t, r)
	}
	release()
	if r := w.do(t, headOf(up, w.desk)); r.StatusCode != 200 || r.Header.Get("Upload-Offset") != "10" {
		t.Errorf("once it is free: %d %v", r.StatusCode, r.Header)
	}
}

// stalledObjects is a store in which putting stands still until it is let go.
type stalledObjects struct {
	Objects
	began, goOn chan struct{}
	stored      atomic.Int32
}

func (s *stalledObjects) PutFile(ctx context.Context, key object.Key, path string, size int64, sum string, fresh time.Duration) (bool, error) {
	s.began <- struct{}{}
	<-s.goOn
	existed, err := s.Objects.PutFile(ctx, key, path, size, sum, fresh)
	if !existed {
		s.stored.Add(1)
	}
	return existed, err
}

func TestAnUploadIsKeptOnce(t *testing.T) {
	t.Parallel()
	stall := &stalledObjects{began: make(chan struct{}, 10), goOn: make(chan struct{})}
	w := newWorld(t, func(c *Config) { stall.Objects, c.Objects = c.Objects, stall })
	id, dossier := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	must(t, os.WriteFile(w.resumable.store.path(strings.TrimPrefix(up, uploadsPath)), file, 0o600))
	var all sync.WaitGroup
	finished := make([]reply, 2)
	finish := func(i int) { finished[i] = w.do(t, ask{"POST", up + "/finish", w.desk, nil, nil}) }
	all.Go(func() { finish(0) })
	<-stall.began
	// While the first one keeps it, another finish, a PATCH and a HEAD come, and wait.
	all.Go(func() { finish(1) })
	var patched, asked reply
	all.Go(func() { patched = w.do(t, patch(up, w.desk, len(file), nil)) })
	all.Go(func() { asked = w.do(t, headOf(up, w.desk)) })
	for w.uploads.count() < 4 {
		time.Sleep(time.Millisecond)
	}
	close(stall.goOn)
	all.Wait()
	paper := want[handedJSON](t, finished[0], 200).Results[0].Paper.ID
	if other := want[handedJSON](t, finished[1], 200).Results[0]; other.Paper.ID != paper || other.Again {
		t.Errorf("the second finish did something of its own: %+v", other)
	}
	for _, r := range []reply{patched, asked} {
		if r.StatusCode > 204 || r.Header.Get("Sohoa-Paper") != fmt.Sprint(paper) || r.Header.Get("Sohoa-Again") != "false" {
			t.Errorf("%s: %d %v", r.Request.Method, r.StatusCode, r.Header)
		}
	}
	if n := stall.stored.Load(); n != 1 {
		t.Errorf("it was put into the store %d times", n)
	}
	if d := want[dossierJSON](t, w.do(t, ask{"GET", dossier, w.desk, nil, nil}), 200); len(d.Papers) != 1 || len(w.queue.has()) != 1 {
		t.Errorf("%d papers, %d readings", len(d.Papers), len(w.queue.has()))
	}
	w.original(t, file)
}

func TestAnUploadThatCouldNotBeginDoesNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MaxUnfinished = 1 })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	meta := map[string]string{"dossier": fmt.Sprint(id)}
	// A file where the folder was: nothing can be made in it, whoever we are.
	dir := w.spool.resumable()
	must(t, os.Rename(dir, dir+".away"))
	must(t, os.WriteFile(dir, nil, 0o600))
	for range 2 {
		wantCode(t, w.tryBegin(t, w.desk, 5, meta), 500, CodeInternal)
	}
	must(t, os.Remove(dir))
	must(t, os.Rename(dir+".away", dir))
	w.begin(t, w.desk, 5, meta)
}

// grow makes an upload look as if nobody had touched it for a while.
func (w *world) grow(t *testing.T, up string, age time.Duration) {
	t.Helper()
	files, err := filepath.Glob(w.resumable.store.path(strings.TrimPrefix(up, uploadsPath)) + "*")
	must(t, err)
	for _, file := range files {
		must(t, os.Chtimes(file, time.Now().Add(-age), time.Now().Add(-age)))
	}
}

func TestWhatHeadPromisesIsTrue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.UploadLife = time.Hour })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	up := w.begin(t, w.desk, 5, map[string]string{"dossier": fmt.Sprint(id)})
	w.grow(t, up, 59*time.Minute)
	r := w.do(t, headOf(up, w.desk))
	wantStatus(t, r, 200)
	until, err := http.ParseTime(r.Header.Get("Upload-Expires"))
	must(t, err)
	if left := time.Until(until); left < 59*time.Minute {
		t.Errorf("HEAD promises %v", left)
	}
	if idle := w.resumable.store.idle(strings.TrimPrefix(up, uploadsPath)); idle > time.Minute {
		t.Errorf("and it is idle for %v", idle)
	}
}

func TestASweepSaysWhatItGivesUpAndGoesOn(t *testing.T) {
	t.Parallel()
	w, gate := gatedWorld(t, func(c *Config) { c.UploadLife = time.Hour })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	begin := func() string { return w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)}) }
	half, whole, kept, young := begin(), begin(), begin(), begin()
	wantStatus(t, w.do(t, patch(half, w.desk, 0, file[:10])), 204)
	gate.fail(object.ErrUnavailable)
	wantCode(t, w.do(t, patch(whole, w.desk, 0, file)), 503, CodeUnavailable)
	gate.fail(nil)
	wantStatus(t, w.do(t, patch(kept, w.desk, 0, file)), 204)
	// What comes first cannot be removed: it is a folder with something in it.
	stuck := filepath.Join(w.spool.resumable(), strings.Repeat("0", 32))
	must(t, os.MkdirAll(filepath.Join(stuck, "x"), 0o700))
	for _, up := range []string{half, whole, kept, uploadsPath + filepath.Base(stuck)} {
		w.grow(t, up, 2*time.Hour)
	}
	if err := w.resumable.sweepOnce(t.Context()); err == nil {
		t.Error("nobody hears of what cannot be removed")
	}
	for _, up := range []string{half, whole, kept} {
		wantStatus(t, w.do(t, headOf(up, w.desk)), 404)
	}
	wantStatus(t, w.do(t, headOf(young, w.desk)), 200)
	var givenUp []string
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, "never kept") {
			givenUp = append(givenUp, line)
		}
	}
	id32 := strings.TrimPrefix(whole, uploadsPath)
	if len(givenUp) != 1 || !strings.Contains(givenUp[0], id32) || !strings.Contains(givenUp[0], `"WARN"`) {
		t.Errorf("given up were, says the log, %q", givenUp)
	}
}
