package web

import (
	"cmp"
	"context"
	_ "embed"
	"net/http"
	"slices"
	"sync"
	"time"
)

//go:embed openapi.yaml
var openapi []byte

// alive says that the process answers.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request, _ *call) error {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// readiness remembers for a moment what is missing: whoever asks often must not keep catalogue and store busy.
type readiness struct {
	mu       sync.Mutex
	asked    time.Time
	problems []Problem
}

const (
	readyFor  = time.Second
	readyWait = 10 * time.Second
)

func (s *Server) problems(ctx context.Context) []Problem {
	s.readiness.mu.Lock()
	defer s.readiness.mu.Unlock()
	if time.Since(s.readiness.asked) < readyFor {
		return s.readiness.problems
	}
	// What is found is told to others, too: it must not depend on this client's patience.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyWait)
	defer cancel()
	found := append([]Problem{}, s.config.Ready(ctx)...)
	for i := range found {
		found[i].Code = cmp.Or(found[i].Code, CodeUnavailable)
	}
	s.noteMissing(ctx, s.readiness.problems, found)
	s.readiness.problems, s.readiness.asked = found, time.Now()
	return found
}

// noteMissing writes into the log what is missing, with all that is known of it, where that is not what it was.
func (s *Server) noteMissing(ctx context.Context, before, now []Problem) {
	if slices.EqualFunc(before, now, func(a, b Problem) bool { return a.Part == b.Part && a.Code == b.Code }) {
		return
	}
	for _, p := range now {
		s.log.WarnContext(ctx, "a part is missing", "part", p.Part, "code", string(p.Code), "reason", p.Reason)
	}
	if len(now) == 0 {
		s.log.InfoContext(ctx, "no part is missing any more")
	}
}

// missingJSON is what anybody may know of a problem: neither a host nor a path.
type missingJSON struct {
	Part string `json:"part"`
	Code Code   `json:"code"`
}

type readyJSON struct {
	Ready    bool          `json:"ready"`
	Problems []missingJSON `json:"problems"`
}

// ready says whether the service can work, and names what is missing otherwise. The reasons are in the log and in the status.
func (s *Server) ready(w http.ResponseWriter, r *http.Request, _ *call) error {
	problems := s.problems(r.Context())
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	answer(w, status, readyJSON{
		Ready: len(problems) == 0, Problems: each(problems, func(p *Problem) missingJSON { return missingJSON{p.Part, p.Code} }),
	})
	return nil
}

// description is the API's own documentation.
func (s *Server) description(w http.ResponseWriter, _ *http.Request, _ *call) error {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	_, err := w.Write(openapi)
	return err
}
