package object

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/scripts/services"
)

func TestCacheFetchesOnceAndDropsTheOldest(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	gets := 0
	c := onMinIO(services.MinIO(t))
	c.Observe = func(op string, _ time.Duration, _ error) {
		mu.Lock()
		defer mu.Unlock()
		if op == "get" {
			gets++
		}
	}
	s := open(t, c)
	cache, err := NewCache(s, filepath.Join(t.TempDir(), "cache"), 2500)
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	for range 4 {
		b := bytesOf(1000)
		if err := s.Put(t.Context(), original(t, b), bytes.NewReader(b), -1, ""); err != nil {
			t.Fatal(err)
		}
		sums = append(sums, digest(b))
	}
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			l, err := cache.Fetch(t.Context(), sums[0])
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Release()
			if b, err := os.ReadFile(l.Path); err != nil || digest(b) != sums[0] {
				t.Errorf("the file: %v", err)
			}
		})
	}
	group.Wait()
	if gets != 1 {
		t.Errorf("downloaded %d times", gets)
	}
	inUse, err := cache.Fetch(t.Context(), sums[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range sums[1:] {
		l, err := cache.Fetch(t.Context(), sum)
		if err != nil {
			t.Fatal(err)
		}
		l.Release()
	}
	left, _ := filepath.Glob(filepath.Join(cache.dir, "*"))
	if len(left) != 2 {
		t.Errorf("kept: %v", left)
	}
	if _, err := os.Stat(inUse.Path); err != nil {
		t.Errorf("the one in use was dropped: %v", err)
	}
	inUse.Release()
	if _, err := cache.Fetch(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestCacheOfADirectoryIsTheDirectory(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Directory: t.TempDir()})
	b := bytesOf(100)
	if err := s.Put(t.Context(), original(t, b), bytes.NewReader(b), -1, ""); err != nil {
		t.Fatal(err)
	}
	cache, err := NewCache(s, filepath.Join(t.TempDir(), "cache"), 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := cache.Fetch(t.Context(), digest(b))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if got, err := os.ReadFile(l.Path); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%v", err)
	}
}

// Spoiled bytes are told and not kept; a new process begins with an empty folder; a cancelled one lets others go on.
func TestCacheVerifiesAndBeginsEmpty(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.MkdirAll(filepath.Join(dir, "below"), 0o750); err != nil {
		t.Fatal(err)
	}
	file(t, dir, []byte("left by a killed process"))
	cache, err := NewCache(s, dir, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	b := bytesOf(1000)
	k := original(t, []byte("something else"))
	put(t, s, k, b)
	var wrong *ChecksumError
	if _, err := cache.Fetch(t.Context(), strings.TrimPrefix(string(k), OriginalsPrefix)); !errors.As(err, &wrong) {
		t.Errorf("spoiled: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 || cache.bytes != 0 {
		t.Errorf("kept: %v, %d bytes", left, cache.bytes)
	}

	put(t, s, original(t, b), b)
	var group sync.WaitGroup
	for n := range 12 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if n%2 == 0 {
				cancel()
			}
			l, err := cache.Fetch(ctx, digest(b))
			if n%2 == 0 && errors.Is(err, context.Canceled) {
				return
			}
			if err != nil {
				t.Errorf("%d: %v", n, err)
				return
			}
			defer l.Release()
			if got, err := os.ReadFile(l.Path); err != nil || !bytes.Equal(got, b) {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	group.Wait()
}

// Many use few files through a cache that has room for less than they use: what is in use is always there, and when
// nobody uses anything the cache is within its bounds.
func TestCacheUnderLoad(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	cache, err := NewCache(s, filepath.Join(t.TempDir(), "cache"), 2000)
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	for range 5 {
		b := bytesOf(1000)
		put(t, s, original(t, b), b)
		sums = append(sums, digest(b))
	}
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for i := range 15 {
				sum := sums[(n+i*i)%len(sums)]
				l, err := cache.Fetch(t.Context(), sum)
				if err != nil {
					t.Error(err)
					return
				}
				if b, err := os.ReadFile(l.Path); err != nil || digest(b) != sum {
					t.Errorf("a file in use: %v", err)
				}
				l.Release()
				l.Release() // a second time does nothing
			}
		})
	}
	group.Wait()
	if left, _ := filepath.Glob(filepath.Join(cache.dir, "*")); len(left) > 2 || cache.bytes > 2000 || cache.bytes != int64(1000*len(left)) {
		t.Errorf("%d bytes, %v", cache.bytes, left)
	}
}
