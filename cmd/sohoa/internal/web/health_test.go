package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/storage/object"
)

// TestReadyzTellsNobodyWhy has parts missing as the program says it: with errors of drivers in them.
func TestReadyzTellsNobodyWhy(t *testing.T) {
	t.Parallel()
	const host = "db-7.internal.quangtri.example:5432"
	var mu sync.Mutex
	var missing []Problem
	say := func(now ...Problem) {
		mu.Lock()
		defer mu.Unlock()
		missing = now
	}
	w := newWorld(t, func(c *Config) {
		c.Ready = func(context.Context) []Problem {
			mu.Lock()
			defer mu.Unlock()
			return missing
		}
	})
	look := func(status int) (string, readyJSON) {
		w.readiness.mu.Lock()
		w.readiness.asked = time.Time{} // what is remembered is old
		w.readiness.mu.Unlock()
		r := w.do(t, ask{method: "GET", path: "/readyz"})
		return string(r.text), want[readyJSON](t, r, status)
	}
	lines := func() int { return strings.Count(w.log.String(), "a part is missing") }
	look(200)
	for range 3 {
		// The port of each attempt differs; what is missing does not.
		say(
			Missing("objects", fmt.Errorf("put /srv/secret: %w: dial tcp %s", object.ErrFull, host)),
			Missing("queue", errors.New("read tcp 10.0.0.7:"+fmt.Sprint(50000+lines())+"->"+host)),
			Problem{Part: "readers", Reason: host},
		)
		text, got := look(503)
		if len(got.Problems) != 3 || got.Problems[0] != (missingJSON{"objects", CodeStoreFull}) ||
			got.Problems[1] != (missingJSON{"queue", CodeUnavailable}) || got.Problems[2] != (missingJSON{"readers", CodeUnavailable}) {
			t.Errorf("readyz: %s", text)
		}
		for _, secret := range []string{host, "secret", "10.0.0.7", "tcp"} {
			if strings.Contains(text, secret) {
				t.Errorf("readyz tells %s", text)
			}
		}
	}
	if n := lines(); n != 3 || !strings.Contains(w.log.String(), host) {
		t.Errorf("the log tells %d times: %s", n, w.log)
	}
	status := want[statusJSON](t, w.do(t, ask{"GET", "/api/v1/status", w.it, nil, nil}), 200)
	if status.Ready || len(status.Problems) != 3 || !strings.Contains(status.Problems[0].Reason, host) || status.Problems[0].Code != CodeStoreFull {
		t.Errorf("IT hears %+v", status)
	}
	say()
	if _, got := look(200); !got.Ready || !strings.Contains(w.log.String(), "no part is missing any more") {
		t.Errorf("once all is back: %+v", got)
	}
}
