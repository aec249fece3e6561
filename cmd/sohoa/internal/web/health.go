package web

import (
	"context"
	_ "embed"
	"net/http"
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
	found := s.config.Ready(ctx)
	if found == nil {
		found = []Problem{}
	}
	s.readiness.problems, s.readiness.asked = found, time.Now()
	return found
}

type readyJSON struct {
	Ready    bool      `json:"ready"`
	Problems []Problem `json:"problems"`
}

// ready says whether the service can work, and what is missing otherwise.
func (s *Server) ready(w http.ResponseWriter, r *http.Request, _ *call) error {
	problems := s.problems(r.Context())
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	answer(w, status, readyJSON{Ready: len(problems) == 0, Problems: problems})
	return nil
}

// description is the API's own documentation.
func (s *Server) description(w http.ResponseWriter, _ *http.Request, _ *call) error {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	_, err := w.Write(openapi)
	return err
}
