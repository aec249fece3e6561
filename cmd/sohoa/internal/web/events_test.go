package web

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// timedWorld is a world whose catalogue's clock can stand still (at an instant that is not 0) or be behind.
func timedWorld(t *testing.T, change func(*Config)) (w *world, stand *atomic.Int64) {
	t.Helper()
	stand = &atomic.Int64{}
	dir := t.TempDir()
	records := catalogue.Config{URL: "sqlite:" + filepath.Join(dir, "catalogue.db"), Now: func() time.Time {
		if ms := stand.Load(); ms != 0 {
			return time.UnixMilli(ms)
		}
		return time.Now()
	}}
	return worldOver(t, dir, records, object.Config{Directory: filepath.Join(dir, "objects")}, change), stand
}

// collect waits until each of these papers was heard of, and gives all that was heard.
func collect(t *testing.T, events <-chan heard, papers []paperJSON) (all []heard) {
	t.Helper()
	left := make(map[catalogue.PaperID]bool)
	for _, p := range papers {
		left[p.ID] = true
	}
	late := time.After(10 * time.Second)
	for len(left) > 0 {
		select {
		case h, on := <-events:
			if !on {
				t.Fatalf("the stream ended with %d papers untold", len(left))
			}
			all = append(all, h)
			delete(left, h.paper.ID)
		case <-late:
			t.Fatalf("%d of %d papers were not told", len(left), len(papers))
		}
	}
	return all
}

// TestAStreamThatIsGoneOnWithTellsAll has more papers change while nobody listens than are taken from the catalogue at once,
// in one millisecond and in several.
func TestAStreamThatIsGoneOnWithTellsAll(t *testing.T) {
	t.Parallel()
	for _, standing := range []bool{false, true} {
		t.Run("the clock stands: "+strconv.FormatBool(standing), func(t *testing.T) {
			t.Parallel()
			w, stand := timedWorld(t, func(c *Config) { c.Poll = 10 * time.Millisecond })
			w.hub.batch = 4
			_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
			before := w.handOne(t, path, "a.png", 255)
			last := until(t, w.listen(t, "/api/v1/events", w.desk, nil), catalogue.PaperReceived, before.ID)
			if standing {
				stand.Store(time.Now().UnixMilli())
			}
			var papers []paperJSON
			for n := range 25 {
				papers = append(papers, w.handOne(t, path, fmt.Sprintf("%d.png", n), n))
			}
			// The first ones change again, behind the others.
			for _, p := range papers[:3] {
				w.read(t, p, "số hóa")
			}
			again := w.listen(t, "/api/v1/events", w.desk, map[string]string{"Last-Event-ID": last.id})
			all := collect(t, again, papers)
			for i := 1; i < len(all); i++ {
				if a, b := all[i-1], all[i]; a.id > b.id || a.id == b.id && a.paper.ID > b.paper.ID {
					t.Errorf("paper %d of %s is told after paper %d of %s", b.paper.ID, b.id, a.paper.ID, a.id)
				}
			}
			for _, h := range all {
				if h.id != strconv.FormatInt(h.paper.Changed.UnixMilli(), 10) {
					t.Errorf("the event %s is of a paper that changed at %v", h.id, h.paper.Changed)
				}
				if early := h.paper.ID <= papers[2].ID && h.paper.ID != before.ID; early != (h.paper.State == catalogue.PaperRead) {
					t.Errorf("paper %d is %s", h.paper.ID, h.paper.State)
				}
			}
			// And it goes on with what changes from now on.
			stand.Store(0)
			until(t, again, catalogue.PaperReceived, w.handOne(t, path, "b.png", 100).ID)
		})
	}
}

// TestAChangeThatIsCommittedLateIsTold has a paper's time be a minute old when it can be seen first, as that of a reading whose
// transaction takes so long.
func TestAChangeThatIsCommittedLateIsTold(t *testing.T) {
	t.Parallel()
	w, stand := timedWorld(t, func(c *Config) { c.Poll = 5 * time.Millisecond })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	first := w.handOne(t, path, "a.png", 1)
	events := w.listen(t, "/api/v1/events", w.desk, nil)
	heardOf := until(t, events, catalogue.PaperReceived, first.ID)
	stand.Store(time.Now().Add(-time.Minute).UnixMilli())
	late := w.handOne(t, path, "b.png", 2)
	until(t, events, catalogue.PaperReceived, late.ID)
	again := w.listen(t, "/api/v1/events", w.desk, map[string]string{"Last-Event-ID": heardOf.id})
	until(t, again, catalogue.PaperReceived, late.ID)
}

// TestWhoStillReadsIsNotDropped has more happen while a listener reads what there was than waits for it: it is told to read
// once more, and dropped only after that.
func TestWhoStillReadsIsNotDropped(t *testing.T) {
	t.Parallel()
	h := newHub(nil, time.Hour, nil)
	l := &listener{reach: catalogue.Everywhere}
	h.join(l)
	happen := func(n int) {
		for i := range n {
			h.publish(&catalogue.Paper{ID: catalogue.PaperID(len(h.seen) + 1), Path: "/1/", Words: i})
		}
	}
	happen(mostBehind + 1)
	if h.caughtUp(l) || len(l.events) != 0 {
		t.Errorf("it missed one, and is told %d", len(l.events))
	}
	happen(mostBehind)
	if !h.caughtUp(l) || len(l.events) != mostBehind || h.listening() != 1 {
		t.Errorf("all waits for it, %d", len(l.events))
	}
	happen(1)
	if h.listening() != 0 {
		t.Error("it is behind, and still there")
	}
}

// TestNothingOlderIsToldAfterwards has an event wait that is older than what the listener was told already.
func TestNothingOlderIsToldAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Poll = time.Hour })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.handOne(t, path, "a.png", 1)
	old, err := w.records.Paper(t.Context(), catalogue.Everywhere, p.ID)
	must(t, err)
	time.Sleep(2 * time.Millisecond)
	w.read(t, p, "số hóa")
	events := w.listen(t, "/api/v1/events?paper="+strings.TrimPrefix(subject("", p.ID), ":"), w.desk, nil)
	until(t, events, catalogue.PaperRead, p.ID)
	w.hub.publish(&old)
	if h := <-events; h.paper.State != catalogue.PaperRead {
		t.Errorf("it was read, and then %s", h.paper.State)
	}
}
