package object

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// opened is what these tests open an original as.
type opened struct {
	text   string
	closed *atomic.Int32
	err    error
}

func (o *opened) Close() error {
	o.closed.Add(1)
	return o.err
}

// sharedOf are originals n = 0, 1, … and what opens them; opens counts that.
func sharedOf(t *testing.T, most int, idle time.Duration, count int) (s *Shared[string, *opened], sums []string, open func(context.Context, string) (*opened, error), opens, closed *atomic.Int32) {
	t.Helper()
	store, err := Open(t.Context(), Config{Directory: filepath.Join(t.TempDir(), "objects")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for n := range count {
		text := fmt.Appendf(nil, "scan %d", n)
		sum := fmt.Sprintf("%x", sha256.Sum256(text))
		key, err := Original(sum)
		if err == nil {
			err = store.Put(t.Context(), key, bytes.NewReader(text), int64(len(text)), "")
		}
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	originals, err := NewCache(store, filepath.Join(t.TempDir(), "cache"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	opens, closed = &atomic.Int32{}, &atomic.Int32{}
	open = func(_ context.Context, path string) (*opened, error) {
		opens.Add(1)
		text, err := os.ReadFile(path) //nolint:gosec // of a test
		return &opened{text: string(text), closed: closed}, err
	}
	return NewShared[string, *opened](originals, most, idle), sums, open, opens, closed
}

// What is open is shared, stays for those who come soon after, the newest few, and is closed with all.
func TestSharedIsBounded(t *testing.T) {
	t.Parallel()
	const most, count = 2, 5
	s, sums, open, opens, closed := sharedOf(t, most, 0, count)
	for n, sum := range sums {
		one, release, err := s.Get(t.Context(), sum, sum, open)
		if err != nil || one.text != fmt.Sprintf("scan %d", n) {
			t.Fatalf("%+v, %v", one, err)
		}
		same, again, err := s.Get(t.Context(), sum, sum, open)
		if err != nil || same != one {
			t.Errorf("opened twice: %v", err)
		}
		release()
		release() // counts once
		if n > most && int(closed.Load()) != n-most {
			t.Errorf("%d are closed while the last of %d is in use", closed.Load(), n+1)
		}
		again()
	}
	if opens.Load() != count || closed.Load() != count-most {
		t.Errorf("%d were opened, %d closed", opens.Load(), closed.Load())
	}
	if _, release, err := s.Get(t.Context(), sums[count-1], sums[count-1], open); err != nil || opens.Load() != count {
		t.Errorf("the newest was opened anew: %v", err)
	} else {
		release()
	}
	if err := s.Close(); err != nil || closed.Load() != count {
		t.Errorf("%d closed at the end, %v", closed.Load(), err)
	}
}

// What nobody has used for long is closed, though there were room for it.
func TestSharedIsIdleForAWhile(t *testing.T) {
	t.Parallel()
	s, sums, open, _, closed := sharedOf(t, 9, time.Minute, 2)
	synctest.Test(t, func(t *testing.T) {
		use := func(n int) {
			t.Helper()
			_, release, err := s.Get(t.Context(), sums[n], sums[n], open)
			if err != nil {
				t.Fatal(err)
			}
			release()
		}
		use(0)
		time.Sleep(59 * time.Second)
		if use(1); closed.Load() != 0 {
			t.Error("it was closed too soon")
		}
		time.Sleep(time.Second)
		if use(1); closed.Load() != 1 {
			t.Errorf("%d were closed after a minute", closed.Load())
		}
	})
}

// Those who wait for an opening see why it failed; where whoever opened it went away another one opens it.
func TestSharedOutlivesWhoOpened(t *testing.T) {
	t.Parallel()
	s, sums, open, opens, closed := sharedOf(t, 1, 0, 1)
	gone, cancel := context.WithCancel(t.Context())
	began := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_, _, err := s.Get(gone, "x", sums[0], func(ctx context.Context, _ string) (*opened, error) {
			close(began)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("who went away: %v", err)
		}
	})
	<-began
	for range 3 {
		group.Go(func() {
			_, release, err := s.Get(t.Context(), "x", sums[0], open)
			if err != nil {
				t.Errorf("who waited: %v", err)
				return
			}
			release()
		})
	}
	cancel()
	group.Wait()
	if opens.Load() != 1 {
		t.Errorf("it was opened %d times", opens.Load())
	}
	broken := errors.New("it is broken")
	if _, _, err := s.Get(t.Context(), "y", sums[0], func(context.Context, string) (*opened, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("broken: %v", err)
	}
	if _, _, err := s.Get(t.Context(), "z", fmt.Sprintf("%064d", 0), open); !errors.Is(err, ErrNotFound) {
		t.Errorf("not there: %v", err)
	}
	it, release, err := s.Get(t.Context(), "x", sums[0], open)
	if err != nil {
		t.Fatal(err)
	}
	it.err = broken
	release()
	if err := s.Close(); !errors.Is(err, broken) || closed.Load() != 1 {
		t.Errorf("closing tells %v, %d closed", err, closed.Load())
	}
}
