package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"sohoa/storage/catalogue"
)

const (
	// overlap is how far back each look goes: a change gets its time before it is committed, on a machine whose clock may
	// differ.
	overlap = 5 * time.Second
	// lateness is how far back some looks go: a long transaction, such as that of a paper of thousands of pages, is committed
	// minutes after the time that its change has.
	lateness = 3 * time.Minute
	// lateEvery is after how many looks one goes back so far.
	lateEvery = 50
	// atOnce is how many changes are taken from the catalogue at once; what is more comes behind them.
	atOnce = 500
	// mostBehind is how many events a listener may be behind before it is dropped; it comes back and says where it was.
	mostBehind = 256
)

// event is one change, as it is sent to all who may see it.
type event struct {
	id    string
	reach catalogue.Reach
	paper catalogue.PaperID
	of    catalogue.DossierID
	at    time.Time // when the paper changed
	text  []byte    // the paper's JSON, one line
}

func eventOf(p *catalogue.Paper) event {
	text, err := json.Marshal(paperOut(p))
	if err != nil {
		panic(err) // our own types can be written
	}
	return event{
		id: strconv.FormatInt(p.Changed.UnixMilli(), 10), reach: p.Path, paper: p.ID, of: p.Dossier, at: p.Changed, text: text,
	}
}

// listener is one stream of events.
type listener struct {
	reach   catalogue.Reach
	dossier catalogue.DossierID // 0: all
	paper   catalogue.PaperID   // 0: all
	events  chan event          // closed where the listener was dropped

	// Of the hub, under its lock. A listener that still reads what there was is not dropped: what it missed is there to read.
	reading bool
	missed  bool
}

func (l *listener) wants(e *event) bool {
	return l.reach.Covers(e.reach) && (l.dossier == 0 || l.dossier == e.of) && (l.paper == 0 || l.paper == e.paper)
}

// hub asks the catalogue for changes while somebody listens, once for all.
type hub struct {
	catalogue *catalogue.Catalogue
	poll      time.Duration
	batch     int
	log       *slog.Logger
	wake      chan struct{}

	mu        sync.Mutex
	listeners map[*listener]struct{}
	seen      map[catalogue.PaperID]catalogue.Paper // as they were last sent
}

func newHub(c *catalogue.Catalogue, poll time.Duration, log *slog.Logger) *hub {
	return &hub{
		catalogue: c, poll: poll, batch: atOnce, log: log, wake: make(chan struct{}, 1),
		listeners: make(map[*listener]struct{}), seen: make(map[catalogue.PaperID]catalogue.Paper),
	}
}

func (h *hub) listening() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

// join adds a listener. All that changes from now on reaches it, once caughtUp says so.
func (h *hub) join(l *listener) {
	l.events, l.reading = make(chan event, mostBehind), true
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners[l] = struct{}{}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// caughtUp tells whether all that changed since the listener joined, or was last asked for here, waits in its events. Where
// that was too much it has to read once more what there is.
func (h *hub) caughtUp(l *listener) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !l.missed {
		l.reading = false
		return true
	}
	l.missed = false
	for len(l.events) > 0 {
		<-l.events
	}
	return false
}

func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

// publish tells the listeners of a paper that is not as it was.
func (h *hub) publish(p *catalogue.Paper) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) == 0 || h.seen[p.ID] == *p {
		return
	}
	h.seen[p.ID] = *p
	e := eventOf(p)
	for l := range h.listeners {
		if !l.wants(&e) {
			continue
		}
		select {
		case l.events <- e:
		default:
			if l.reading {
				l.missed = true
				continue
			}
			delete(h.listeners, l)
			close(l.events)
		}
	}
}

// run looks for changes until it is told to stop.
func (h *hub) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		h.watch(ctx)
	}
}

// watch looks again and again while somebody listens.
func (h *hub) watch(ctx context.Context) {
	since := time.Now().Add(-overlap)
	failing := false
	tick := time.NewTicker(h.poll)
	defer tick.Stop()
	for n := 1; h.listening() > 0; n++ {
		now, from := time.Now(), since
		if n%lateEvery == 0 {
			from = since.Add(-lateness)
		}
		err := h.look(ctx, from)
		switch {
		case err == nil:
			since, failing = now.Add(-overlap), false
			h.forget(since.Add(-lateness))
		case ctx.Err() == nil && !failing:
			failing = true
			h.log.WarnContext(ctx, "changes cannot be watched", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.seen)
}

// look publishes what changed since.
func (h *hub) look(ctx context.Context, since time.Time) error {
	for at, more := (cursor{at: since}), true; more; {
		var all []catalogue.Paper
		var err error
		if all, at, more, err = h.changes(ctx, catalogue.Everywhere, at); err != nil {
			return err
		}
		for i := range all {
			h.publish(&all[i])
		}
	}
	return nil
}

// cursor is a place among all changes: behind a paper that changed at an instant.
type cursor struct {
	at    time.Time
	paper catalogue.PaperID
}

// changes are the next ones behind a cursor in the order of their instants, the cursor behind them, and whether there may be
// more.
func (h *hub) changes(ctx context.Context, reach catalogue.Reach, from cursor) (all []catalogue.Paper, next cursor, more bool, err error) {
	all, err = h.catalogue.PapersChanged(ctx, reach, from.at, from.paper, h.batch)
	if n := len(all); n > 0 {
		from = cursor{all[n-1].Changed, all[n-1].ID}
	}
	return all, from, len(all) == h.batch, err
}

// forget drops what no look can bring again.
func (h *hub) forget(before time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, p := range h.seen {
		if p.Changed.Before(before.Add(-overlap)) {
			delete(h.seen, id)
		}
	}
}
