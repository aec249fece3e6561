package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sohoa/storage/catalogue"
)

const (
	heartbeat = 15 * time.Second
	// freshest is how far back a stream of everything begins, longest how far back one may be gone on with.
	freshest = 10 * time.Minute
	longest  = 24 * time.Hour
)

// events streams papers as they change (Server-Sent Events): first as they are, then each time one changes.
func (s *Server) events(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	const mostID = 1<<53 - 1
	l := &listener{
		reach: c.token.Path, dossier: catalogue.DossierID(q.count("dossier", 1, mostID, 0)),
		paper: catalogue.PaperID(q.count("paper", 1, mostID, 0)),
	}
	if q.err != nil {
		return q.err
	}
	release, err := s.watchers.take(c.token.ID)
	if err != nil {
		return err
	}
	defer release()
	s.hub.join(l)
	defer s.hub.leave(l)
	t := &telling{server: s, w: w, call: c, listener: l, flush: http.NewResponseController(w), told: make(map[catalogue.PaperID]time.Time)}
	if goesOn, err := t.present(r.Context(), beginning(r.Header.Get("Last-Event-ID"))); !goesOn {
		return err
	}
	t.changes(r.Context())
	return nil
}

// beginning is where a stream of everything begins: behind what the listener heard last, where it says so, but for what may
// have been committed later than its instant says.
func beginning(last string) cursor {
	now := time.Now()
	since := now.Add(-freshest)
	if ms, err := strconv.ParseInt(last, 10, 64); err == nil {
		if was := time.UnixMilli(ms).Add(-lateness); was.Before(now) {
			since = was
		}
	}
	if oldest := now.Add(-longest); since.Before(oldest) {
		since = oldest
	}
	return cursor{at: since}
}

// telling is one stream of events: what there is, then what changes.
type telling struct {
	server   *Server
	w        http.ResponseWriter
	call     *call
	listener *listener
	flush    *http.ResponseController
	began    bool
	// told is how fresh what was told of papers was, of those of which something older may wait in the listener's events.
	told map[catalogue.PaperID]time.Time
}

// present tells what there is, in batches, until nothing but the listener's events is left to tell. false: the stream ends.
func (t *telling) present(ctx context.Context, at cursor) (goesOn bool, err error) {
	for joined := time.Now(); ; {
		papers, next, more, err := t.batch(ctx, at)
		if err != nil {
			return false, err
		}
		if !t.began && !t.begin() {
			return false, nil
		}
		for i := range papers {
			e := eventOf(&papers[i])
			if !t.send(&e) {
				return false, nil
			}
			if e.at.After(joined.Add(-lateness)) {
				t.told[e.paper] = e.at
			}
		}
		if err := t.flush.Flush(); err != nil {
			return false, nil //nolint:nilerr // the client has gone
		}
		at = next
		switch {
		case more:
			if t.over(ctx) || !t.stillMay(ctx) {
				return false, nil
			}
		case t.server.hub.caughtUp(t.listener):
			return true, nil
		default:
			at = cursor{at: at.at.Add(-lateness)}
		}
	}
}

// batch is the next part of what there is.
func (t *telling) batch(ctx context.Context, at cursor) (papers []catalogue.Paper, next cursor, more bool, err error) {
	l, records := t.listener, t.server.config.Catalogue
	switch {
	case l.paper != 0:
		p, err := records.Paper(ctx, l.reach, l.paper)
		return []catalogue.Paper{p}, at, false, err
	case l.dossier != 0:
		if _, err := records.Dossier(ctx, l.reach, l.dossier); err != nil {
			return nil, at, false, err
		}
		papers, err = records.Papers(ctx, l.reach, l.dossier)
		return papers, at, false, err
	}
	return t.server.hub.changes(ctx, l.reach, at)
}

// begin writes the head; false: the client has gone.
func (t *telling) begin() bool {
	t.began = true
	t.call.body.rest()
	head := t.w.Header()
	head.Set("Content-Type", "text/event-stream; charset=utf-8")
	head.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	t.w.WriteHeader(http.StatusOK)
	_, err := fmt.Fprintf(t.w, "retry: %d\n\n", 2000)
	return err == nil
}

// over tells whether the client has gone or the server ends.
func (t *telling) over(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-t.server.streams:
		return true
	default:
		return false
	}
}

// changes tells what changes until the client goes, is too slow, may not any more, or the server ends.
func (t *telling) changes(ctx context.Context) {
	beat, recheck := time.NewTicker(heartbeat), time.NewTicker(t.server.config.Recheck)
	defer beat.Stop()
	defer recheck.Stop()
	for {
		if err := t.flush.Flush(); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-t.server.streams:
			return
		case e, on := <-t.listener.events:
			if !on || !t.change(ctx, e) {
				return
			}
		case <-beat.C:
			clear(t.told) // what waited is told by now
			if _, err := fmt.Fprint(t.w, ": on\n\n"); err != nil {
				return
			}
		case <-recheck.C:
			if !t.stillMay(ctx) {
				return
			}
		}
	}
}

// change tells one change. One that is older than what was told is not told after it: the paper is told as it is now.
func (t *telling) change(ctx context.Context, e event) bool {
	if e.at.Before(t.told[e.paper]) {
		p, err := t.server.config.Catalogue.Paper(ctx, t.listener.reach, e.paper)
		if err != nil {
			return errors.Is(err, catalogue.ErrNotFound) // it went to an agency out of reach
		}
		e = eventOf(&p)
	}
	return t.send(&e)
}

// stillMay looks whether the token, or the session, that began a stream still holds for it.
func (t *telling) stillMay(ctx context.Context) bool {
	token, err := t.server.holds(ctx, t.call)
	if errors.Is(err, catalogue.ErrNotFound) {
		return false
	}
	// Where the catalogue is away nothing is sent either.
	return err != nil || token.Path == t.call.token.Path && token.Allows(catalogue.ScopeRead)
}

func (t *telling) send(e *event) bool {
	_, err := fmt.Fprintf(t.w, "id: %s\nevent: paper\ndata: %s\n\n", e.id, e.text) //nolint:gosec // JSON on one line, in a stream that no browser shows
	return err == nil
}
