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
	// atOnce is how many changes one look takes at most before it goes on behind them.
	atOnce = 1000
	// mostBehind is how many events a listener may be behind before it is dropped; it comes back and says where it was.
	mostBehind = 256
)

// event is one change, as it is sent to all who may see it.
type event struct {
	id    string
	reach catalogue.Reach
	paper catalogue.PaperID
	of    catalogue.DossierID
	text  []byte // the paper's JSON, one line
}

func eventOf(p *catalogue.Paper) event {
	text, err := json.Marshal(paperOut(p))
	if err != nil {
		panic(err) // our own types can be written
	}
	return event{id: strconv.FormatInt(p.Changed.UnixMilli(), 10), reach: p.Path, paper: p.ID, of: p.Dossier, text: text}
}

// listener is one stream of events.
type listener struct {
	reach   catalogue.Reach
	dossier catalogue.DossierID // 0: all
	paper   catalogue.PaperID   // 0: all
	events  chan event          // closed where the listener was dropped
}

func (l *listener) wants(e *event) bool {
	return l.reach.Covers(e.reach) && (l.dossier == 0 || l.dossier == e.of) && (l.paper == 0 || l.paper == e.paper)
}

// hub asks the catalogue for changes while somebody listens, once for all.
type hub struct {
	catalogue *catalogue.Catalogue
	poll      time.Duration
	most      int
	log       *slog.Logger
	wake      chan struct{}

	mu        sync.Mutex
	listeners map[*listener]struct{}
	seen      map[catalogue.PaperID]catalogue.Paper // as they were last sent
}

func newHub(c *catalogue.Catalogue, poll time.Duration, most int, log *slog.Logger) *hub {
	return &hub{
		catalogue: c, poll: poll, most: most, log: log, wake: make(chan struct{}, 1),
		listeners: make(map[*listener]struct{}), seen: make(map[catalogue.PaperID]catalogue.Paper),
	}
}

func (h *hub) listening() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

// join adds a listener. All that changes from now on reaches it.
func (h *hub) join(l *listener) error {
	l.events = make(chan event, mostBehind)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) >= h.most {
		return refuse(CodeBusy)
	}
	h.listeners[l] = struct{}{}
	select {
	case h.wake <- struct{}{}:
	default:
	}
	return nil
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
	for h.listening() > 0 {
		now := time.Now()
		err := h.look(ctx, since)
		switch {
		case err == nil:
			since, failing = now.Add(-overlap), false
			h.forget(since)
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
	for limit := atOnce; ; {
		all, err := h.catalogue.PapersChanged(ctx, catalogue.Everywhere, since, limit)
		if err != nil {
			return err
		}
		for i := range all {
			h.publish(&all[i])
		}
		if len(all) < limit {
			return nil
		}
		if last := all[len(all)-1].Changed; last.After(since) {
			since, limit = last, atOnce
		} else {
			limit *= 2 // so many papers changed in one and the same millisecond
		}
	}
}

// forget drops what no look can bring again.
func (h *hub) forget(before time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, p := range h.seen {
		if p.Changed.Before(before.Add(-overlap)) && p.Created.Before(before.Add(-overlap)) {
			delete(h.seen, id)
		}
	}
}
