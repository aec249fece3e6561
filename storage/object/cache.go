package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Cache gives those who read originals a local file. Where the store is a directory that is the object's own; else it is a
// copy in a folder of this process alone, of which the least recently used ones are dropped.
type Cache struct {
	store *Store
	dir   string
	most  int64 // bytes

	mu    sync.Mutex
	files map[string]*cached // by SHA-256
	bytes int64              // of all files, also of those that are still on their way
	clock int64              // counts uses
}

type cached struct {
	ready chan struct{} // closed when the file is whole, or err says why not
	path  string
	size  int64
	err   error
	users int
	used  int64
}

// NewCache empties dir, which holds what a process that was killed had fetched, and keeps at most so many bytes there, but
// for what is in use at once.
func NewCache(store *Store, dir string, most int64) (*Cache, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, fmt.Errorf("make the cache: %w", writeError(err))
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("empty the cache: %w", writeError(err))
	}
	for _, entry := range left {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return nil, fmt.Errorf("empty the cache: %w", writeError(err))
		}
	}
	return &Cache{store: store, dir: dir, most: most, files: make(map[string]*cached)}, nil
}

// Local is an original as a file. It may be read until Release.
type Local struct {
	Path    string
	release func()
	once    sync.Once
}

// Release says that the file is not used any more; a second time it does nothing.
func (l *Local) Release() { l.once.Do(l.release) }

// Fetch gives an original's file. Those who ask for the same at once wait for one download. Its bytes are verified: others
// are a *ChecksumError or *SizeError. ErrNotFound where there is none.
func (c *Cache) Fetch(ctx context.Context, sha256 string) (*Local, error) {
	key, err := Original(sha256)
	if err != nil {
		return nil, err
	}
	if path, ok := c.store.Path(key); ok {
		if _, err := c.store.Stat(ctx, key); err != nil {
			return nil, err
		}
		return &Local{Path: path, release: func() {}}, nil
	}
	for {
		f, found := c.use(sha256)
		if !found {
			c.fill(ctx, sha256, key, f)
		}
		select {
		case <-f.ready:
		case <-ctx.Done():
			c.release(f)
			return nil, ctx.Err()
		}
		if f.err == nil {
			return &Local{Path: f.path, release: func() { c.release(f) }}, nil
		}
		// Whoever fetched it may have been cancelled, which is not our end.
		if !found || ctx.Err() != nil || !errors.Is(f.err, context.Canceled) && !errors.Is(f.err, context.DeadlineExceeded) {
			return nil, f.err
		}
	}
}

// use counts one more user of a file, and tells whether somebody has fetched it or does so: else the caller must.
func (c *Cache) use(sha256 string) (f *cached, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, found = c.files[sha256]
	if !found {
		f = &cached{ready: make(chan struct{}), path: filepath.Join(c.dir, sha256)}
		c.files[sha256] = f
	}
	f.users++
	c.clock++
	f.used = c.clock
	return f, found
}

// fill downloads a file and tells those who wait.
func (c *Cache) fill(ctx context.Context, sha256 string, key Key, f *cached) {
	err := c.download(ctx, sha256, key, f)
	c.mu.Lock()
	if f.err = err; err != nil {
		delete(c.files, sha256)
		c.bytes -= f.size
	}
	c.mu.Unlock()
	close(f.ready)
}

func (c *Cache) download(ctx context.Context, sha256 string, key Key, f *cached) (err error) {
	o, err := c.store.Get(ctx, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	c.makeRoom(f, o.Info().Size)
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write to the cache: %w", writeError(err))
	}
	v := newVerifier(o, key, o.Info().Size, sha256)
	_, err = io.Copy(file, v)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(f.path) // NewCache empties the folder
		return v.blame(fmt.Errorf("write to the cache: %w", writeError(err)))
	}
	return nil
}

// makeRoom counts a file's bytes before they are there, and drops others for them.
func (c *Cache) makeRoom(f *cached, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.size = size
	c.bytes += size
	c.trim()
}

func (c *Cache) release(f *cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.users--
	c.trim()
}

// trim removes the files used longest ago, of those that nobody uses, until what is left is within bounds. mu is held.
func (c *Cache) trim() {
	for c.bytes > c.most {
		oldest := ""
		for sha256, f := range c.files {
			if f.users == 0 && (oldest == "" || f.used < c.files[oldest].used) {
				oldest = sha256
			}
		}
		if oldest == "" {
			return
		}
		f := c.files[oldest]
		delete(c.files, oldest)
		c.bytes -= f.size
		_ = os.Remove(f.path) // NewCache empties the folder
	}
}
