package web

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// mostRemembered bounds how many addresses, tokens and acts are remembered: the ones not seen for longest are forgotten.
const mostRemembered = 10_000

// remembered is a map that forgets what was not used for longest.
type remembered[K comparable, V any] struct {
	order *list.List // of entry[K, V], the last used first
	at    map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newRemembered[K comparable, V any]() remembered[K, V] {
	return remembered[K, V]{order: list.New(), at: make(map[K]*list.Element)}
}

// get finds a value, or makes it.
func (m *remembered[K, V]) get(key K, fresh func() V) V {
	if e, known := m.at[key]; known {
		m.order.MoveToFront(e)
		return e.Value.(entry[K, V]).value
	}
	v := fresh()
	m.at[key] = m.order.PushFront(entry[K, V]{key, v})
	for m.order.Len() > mostRemembered {
		last := m.order.Back()
		delete(m.at, last.Value.(entry[K, V]).key)
		m.order.Remove(last)
	}
	return v
}

// limiters bound the rate of each of many.
type limiters[K comparable] struct {
	mu    sync.Mutex
	known remembered[K, *rate.Limiter]
	rate  rate.Limit
	burst int
}

func newLimiters[K comparable](r rate.Limit, burst int) *limiters[K] {
	return &limiters[K]{known: newRemembered[K, *rate.Limiter](), rate: r, burst: burst}
}

// allow tells whether one more may be now.
func (l *limiters[K]) allow(key K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known.get(key, func() *rate.Limiter { return rate.NewLimiter(l.rate, l.burst) }).Allow()
}

// recent tells what happened for the first time in a while.
type recent[K comparable] struct {
	mu    sync.Mutex
	known remembered[K, *time.Time]
	while time.Duration
}

func newRecent[K comparable](while time.Duration) *recent[K] {
	return &recent[K]{known: newRemembered[K, *time.Time](), while: while}
}

// first tells whether this did not happen within the while before.
func (r *recent[K]) first(key K) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.known.get(key, func() *time.Time { return new(time.Time) })
	if time.Since(*last) < r.while {
		return false
	}
	*last = time.Now()
	return true
}
