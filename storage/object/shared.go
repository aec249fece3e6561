package object

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// Shared keeps what was opened of originals open on this machine, for all who use it at once and for those who come soon after: opening
// a scan may cost more than looking at a page of it. K tells apart what is open, T is what an original is opened as.
type Shared[K comparable, T io.Closer] struct {
	originals *Cache
	most      int           // how many stay open while nobody uses them
	idle      time.Duration // and for how long; 0: as long as there is room

	mu   sync.Mutex
	open map[K]*shared[T]
}

type shared[T io.Closer] struct {
	ready chan struct{} // closed when it is open, or err says why not
	it    T
	local *Local
	err   error
	users int
	used  time.Time
}

// NewShared keeps at most so many open that nobody uses, and where idle is not 0 none that nobody has used for so long.
func NewShared[K comparable, T io.Closer](originals *Cache, most int, idle time.Duration) *Shared[K, T] {
	return &Shared[K, T]{originals: originals, most: most, idle: idle, open: make(map[K]*shared[T])}
}

// Get has an original opened, or finds it open. release must be called when it is done with. Those who ask for the same at once wait for
// one opening.
func (s *Shared[K, T]) Get(ctx context.Context, key K, sha256 string, open func(ctx context.Context, path string) (T, error)) (it T, release func(), err error) {
	var none T
	for {
		o, found := s.find(key)
		if !found {
			o.local, o.it, o.err = s.openOne(ctx, sha256, open)
			if o.err != nil {
				s.forget(key, o)
			}
			close(o.ready)
		}
		select {
		case <-o.ready:
		case <-ctx.Done():
			s.release(o)
			return none, nil, ctx.Err()
		}
		if o.err == nil {
			return o.it, sync.OnceFunc(func() { s.release(o) }), nil
		}
		// The one who opened it may have been cancelled, which is not our end.
		if !found || ctx.Err() != nil || !errors.Is(o.err, context.Canceled) && !errors.Is(o.err, context.DeadlineExceeded) {
			return none, nil, o.err
		}
	}
}

// find counts one more user, and tells whether somebody has opened it or does so: else the caller must.
func (s *Shared[K, T]) find(key K) (o *shared[T], found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, found = s.open[key]
	if !found {
		o = &shared[T]{ready: make(chan struct{})}
		s.open[key] = o
	}
	o.users++
	return o, found
}

func (s *Shared[K, T]) openOne(ctx context.Context, sha256 string, open func(ctx context.Context, path string) (T, error)) (local *Local, it T, err error) {
	if local, err = s.originals.Fetch(ctx, sha256); err != nil {
		return nil, it, err
	}
	if it, err = open(ctx, local.Path); err != nil {
		local.Release()
		return nil, it, err
	}
	return local, it, nil
}

// forget takes one that could not be opened out of the map; the others who wait for it see err.
func (s *Shared[K, T]) forget(key K, o *shared[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[key] == o {
		delete(s.open, key)
	}
}

func (s *Shared[K, T]) release(o *shared[T]) {
	s.mu.Lock()
	o.users--
	o.used = time.Now()
	s.mu.Unlock()
	_ = s.trim(s.most, s.idle) // temporary files: what cannot be removed now goes with their folder
}

// trim closes those that nobody uses: beyond the most that may stay, the longest unused first, and those unused for long.
func (s *Shared[K, T]) trim(most int, idle time.Duration) error {
	var errs []error
	for _, o := range s.unused(most, idle) {
		errs = append(errs, o.it.Close())
		o.local.Release()
	}
	return errors.Join(errs...)
}

// unused takes out what is to be closed.
func (s *Shared[K, T]) unused(most int, idle time.Duration) (closing []*shared[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		var oldest *shared[T]
		var key K
		unused := 0
		for k, o := range s.open {
			if o.users > 0 {
				continue
			}
			if unused++; oldest == nil || o.used.Before(oldest.used) {
				oldest, key = o, k
			}
		}
		if oldest == nil || unused <= most && (idle == 0 || time.Since(oldest.used) < idle) {
			return closing
		}
		closing = append(closing, oldest)
		delete(s.open, key)
	}
}

// Close closes all; nobody may use any.
func (s *Shared[K, T]) Close() error { return s.trim(0, 0) }
