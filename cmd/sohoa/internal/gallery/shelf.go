package gallery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// shelf keeps files that can be made again: at most so many bytes, of which the least recently used go first. Those who ask for
// the same at once wait for one making.
type shelf struct {
	dir  string
	most int64

	mu    sync.Mutex
	books map[string]*book
	bytes int64
	clock int64 // counts uses
}

type book struct {
	ready chan struct{} // closed when the file is whole, or err says why not
	err   error
	size  int64
	used  int64
	whole bool
}

// newShelf empties the folder: what a process that was killed has left there, nobody counts.
func newShelf(dir string, most int64) (*shelf, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("empty the folder of pictures: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of pictures: %w", err)
	}
	return &shelf{dir: dir, most: most, books: make(map[string]*book)}, nil
}

// take opens a file, which fill writes to a path of its own where it is not there. It may be read to its end whatever becomes of
// the shelf meanwhile.
func (s *shelf) take(ctx context.Context, name string, fill func(ctx context.Context, path string) error) (*os.File, error) {
	for {
		b, found := s.find(name)
		if !found {
			s.make(ctx, name, b, fill)
		}
		select {
		case <-b.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		switch {
		case b.err == nil:
			f, err := os.Open(filepath.Join(s.dir, name)) //nolint:gosec // names are made of checksums and numbers
			if !errors.Is(err, os.ErrNotExist) {
				return f, err
			}
			s.lose(name, b) // it was put away meanwhile: once more
		case !found || ctx.Err() != nil || !errors.Is(b.err, context.Canceled) && !errors.Is(b.err, context.DeadlineExceeded):
			return nil, b.err
		}
		// Whoever made it may have gone away, which is not our end.
	}
}

// find counts a use and tells whether somebody has made the file or does so: else the caller must.
func (s *shelf) find(name string) (b *book, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, found = s.books[name]
	if !found {
		b = &book{ready: make(chan struct{})}
		s.books[name] = b
	}
	s.clock++
	b.used = s.clock
	return b, found
}

// make makes a file and tells those who wait.
func (s *shelf) make(ctx context.Context, name string, b *book, fill func(ctx context.Context, path string) error) {
	path := filepath.Join(s.dir, name)
	part := path + ".part"
	err := fill(ctx, part)
	var size int64
	if err == nil {
		var info os.FileInfo
		if info, err = os.Stat(part); err == nil {
			size, err = info.Size(), os.Rename(part, path)
		}
	}
	if err != nil {
		_ = os.Remove(part) // newShelf empties the folder
	}
	s.mu.Lock()
	if b.err = err; err != nil {
		if s.books[name] == b {
			delete(s.books, name)
		}
	} else {
		b.whole, b.size = true, size
		s.bytes += size
		s.trim(b)
	}
	s.mu.Unlock()
	close(b.ready)
}

// lose forgets a file that is not there any more.
func (s *shelf) lose(name string, b *book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.books[name] == b {
		delete(s.books, name)
		s.bytes -= b.size
	}
}

// trim puts away the files used longest ago until what is left is within bounds, but for the one that was just made. mu is held.
func (s *shelf) trim(fresh *book) {
	for s.bytes > s.most {
		oldest := ""
		for name, b := range s.books {
			if b.whole && b != fresh && (oldest == "" || b.used < s.books[oldest].used) {
				oldest = name
			}
		}
		if oldest == "" {
			return
		}
		s.bytes -= s.books[oldest].size
		delete(s.books, oldest)
		_ = os.Remove(filepath.Join(s.dir, oldest)) // newShelf empties the folder
	}
}
