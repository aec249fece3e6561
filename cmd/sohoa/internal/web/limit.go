package web

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sohoa/storage/catalogue"
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

// places bound how many requests of one kind, which may last for hours, are served at once. No token has more than its share
// of them, so that one that is lost or broken leaves room for the others.
type places struct {
	most, share int

	mu    sync.Mutex
	taken int
	by    map[catalogue.TokenID]int
}

func newPlaces(most, share int) *places {
	return &places{most: most, share: share, by: make(map[catalogue.TokenID]int)}
}

// take gives a token one more place, until it is released.
func (p *places) take(token catalogue.TokenID) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.taken >= p.most:
		return nil, refuse(CodeBusy)
	case p.by[token] >= p.share:
		return nil, refuse(CodeTooManyAtOnce)
	}
	p.taken++
	p.by[token]++
	return func() { p.release(token) }, nil
}

func (p *places) release(token catalogue.TokenID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.by[token]--; p.by[token] == 0 {
		delete(p.by, token)
	}
}

func (p *places) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// scarce tells whether more than three quarters of the places are taken.
func (p *places) scarce() bool { return 4*p.count() > 3*p.most }
