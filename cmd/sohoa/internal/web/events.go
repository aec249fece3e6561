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
	// mostFirst bounds the present state of a stream of everything.
	mostFirst = 5000
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
	if err := s.hub.join(l); err != nil {
		return err
	}
	defer s.hub.leave(l)
	ctx := r.Context()
	first, err := s.present(ctx, l, r.Header.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	c.body.rest()
	head := w.Header()
	head.Set("Content-Type", "text/event-stream; charset=utf-8")
	head.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	w.WriteHeader(http.StatusOK)
	if _, err := fmt.Fprintf(w, "retry: %d\n\n", 2000); err != nil {
		return nil //nolint:nilerr // the client has gone
	}
	for i := range first {
		if e := eventOf(&first[i]); !send(w, &e) {
			return nil
		}
	}
	s.stream(ctx, w, c, l)
	return nil
}

// present is what a listener is told first.
func (s *Server) present(ctx context.Context, l *listener, last string) ([]catalogue.Paper, error) {
	switch {
	case l.paper != 0:
		p, err := s.config.Catalogue.Paper(ctx, l.reach, l.paper)
		return []catalogue.Paper{p}, err
	case l.dossier != 0:
		if _, err := s.config.Catalogue.Dossier(ctx, l.reach, l.dossier); err != nil {
			return nil, err
		}
		return s.config.Catalogue.Papers(ctx, l.reach, l.dossier)
	}
	since := time.Now().Add(-freshest)
	if ms, err := strconv.ParseInt(last, 10, 64); err == nil {
		if was := time.UnixMilli(ms).Add(-overlap); time.Since(was) < longest && time.Since(was) > 0 {
			since = was
		}
	}
	return s.config.Catalogue.PapersChanged(ctx, l.reach, since, mostFirst)
}

// stream sends what changes until the client goes, is too slow, may not any more, or the server ends.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, c *call, l *listener) {
	flush := http.NewResponseController(w)
	beat, recheck := time.NewTicker(heartbeat), time.NewTicker(s.config.Recheck)
	defer beat.Stop()
	defer recheck.Stop()
	for {
		if err := flush.Flush(); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.streams:
			return
		case e, on := <-l.events:
			if !on || !send(w, &e) {
				return
			}
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": on\n\n"); err != nil {
				return
			}
		case <-recheck.C:
			if !s.stillMay(ctx, c) {
				return
			}
		}
	}
}

// stillMay looks whether the token that began a stream still holds for it.
func (s *Server) stillMay(ctx context.Context, c *call) bool {
	t, err := s.config.Catalogue.Authenticate(ctx, c.secret)
	if errors.Is(err, catalogue.ErrNotFound) {
		return false
	}
	// Where the catalogue is away nothing is sent either.
	return err != nil || t.Path == c.token.Path && t.Allows(catalogue.ScopeRead)
}

func send(w http.ResponseWriter, e *event) bool {
	_, err := fmt.Fprintf(w, "id: %s\nevent: paper\ndata: %s\n\n", e.id, e.text) //nolint:gosec // JSON on one line, in a stream that no browser shows
	return err == nil
}
