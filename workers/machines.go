package workers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Machine is one process that takes tasks.
type Machine struct {
	Host    string
	PID     int
	Jobs    int // tasks that it does at once
	Active  int // of them under way
	Since   time.Time
	Longest time.Duration // of the tasks under way; 0: none is
}

// Machines asks Redis which processes take tasks, in the order of their names. One that died is told of until asynq misses its
// heartbeat, which takes some ten seconds.
func (q *Queue) Machines(ctx context.Context) (all []Machine, err error) {
	if err := q.Check(ctx); err != nil { // asynq's inspector knows no context
		return nil, err
	}
	servers, err := q.inspector.Servers()
	if err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	now := time.Now()
	for _, s := range servers {
		at := slices.IndexFunc(all, func(m Machine) bool { return m.Host == s.Host && m.PID == s.PID })
		if at < 0 { // a process has several servers, one a kind of work
			at, all = len(all), append(all, Machine{Host: s.Host, PID: s.PID, Since: s.Started})
		}
		m := &all[at]
		m.Jobs += s.Concurrency
		m.Active += len(s.ActiveWorkers)
		if s.Started.Before(m.Since) {
			m.Since = s.Started
		}
		for _, w := range s.ActiveWorkers {
			m.Longest = max(m.Longest, now.Sub(w.Started))
		}
	}
	slices.SortFunc(all, func(a, b Machine) int { return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.PID, b.PID)) })
	return all, nil
}
