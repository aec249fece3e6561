package object

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"
)

// Info is what is known of an object without reading it.
type Info struct {
	Key      Key
	Size     int64 // bytes
	Modified time.Time
}

// Object is an object that is being read.
type Object struct {
	body
	info Info
}

type body interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Info is the object's.
func (o *Object) Info() Info { return o.info }

// backend is what a directory and an S3 store do each in its own way. Keys are checked.
type backend interface {
	// put stores what v gives, or nothing where v ends with an error.
	put(ctx context.Context, key Key, v *verifier) error
	// putFile stores an opened file whose bytes must have this size and checksum; it may be linked instead of copied.
	putFile(ctx context.Context, key Key, f *os.File, size int64, sum string) error
	get(ctx context.Context, key Key) (*Object, error)
	stat(ctx context.Context, key Key) (Info, error)
	remove(ctx context.Context, key Key) error
	list(ctx context.Context, prefix string) iter.Seq2[Info, error]
	presign(ctx context.Context, key Key, ttl time.Duration, name, mediaType string) (string, error)
	check(ctx context.Context) error
	path(key Key) (string, bool)
	describe() string
	close() error
}

// Store keeps objects. It is safe for concurrent use, also by several processes.
type Store struct {
	backend backend
	observe func(op string, took time.Duration, err error)
}

// Open makes the folder where it is missing, or prepares the connection: a store that is away is met, and its bucket made where
// it is missing, at the first call that finds it there. Until then calls say ErrUnavailable.
func Open(_ context.Context, c Config) (*Store, error) {
	c = c.WithDefaults()
	var b backend
	err := c.Validate()
	switch {
	case err != nil:
	case c.Directory != "":
		b, err = openDirectory(c.Directory)
	default:
		b, err = openMinIO(c)
	}
	if err != nil {
		return nil, fmt.Errorf("open the object store: %w", err)
	}
	return &Store{backend: b, observe: c.Observe}, nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.backend.close() }

// Describe says where the objects are, without secrets.
func (s *Store) Describe() string { return s.backend.describe() }

// seen observes a call that began at start and gives its error, wrapped, back.
func (s *Store) seen(op string, key Key, start time.Time, err error) error {
	s.observe(op, time.Since(start), err)
	if err != nil {
		return fmt.Errorf("%s %s: %w", op, key, err)
	}
	return nil
}

// Get opens an object; ErrNotFound where there is none.
func (s *Store) Get(ctx context.Context, key Key) (o *Object, err error) {
	start := time.Now()
	if err = key.check(); err == nil {
		o, err = s.backend.get(ctx, key)
	}
	return o, s.seen("get", key, start, err)
}

// Stat looks at an object; ErrNotFound where there is none.
func (s *Store) Stat(ctx context.Context, key Key) (info Info, err error) {
	start := time.Now()
	if err = key.check(); err == nil {
		info, err = s.backend.stat(ctx, key)
	}
	return info, s.seen("stat", key, start, err)
}

// Delete removes an object for good, older versions of it too; one that is not there is no error.
func (s *Store) Delete(ctx context.Context, key Key) error {
	start := time.Now()
	err := key.check()
	if err == nil {
		err = s.backend.remove(ctx, key)
	}
	return s.seen("delete", key, start, err)
}

// List gives the objects whose keys begin with prefix, those of one folder together, in no promised order. It ends with the
// first error. What is put or deleted meanwhile may or may not be among them.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		start := time.Now()
		var failure error
		defer func() { s.observe("list", time.Since(start), failure) }()
		if !prefixPattern.MatchString(prefix) || strings.HasPrefix(prefix, "/") || strings.Contains(prefix, "..") || strings.Contains(prefix, "//") {
			failure = fmt.Errorf("list: %w", &KeyError{prefix, "it is the beginning of no key"})
			yield(Info{}, failure)
			return
		}
		for info, err := range s.backend.list(ctx, prefix) {
			if err != nil {
				failure = fmt.Errorf("list %s: %w", prefix, err)
				yield(Info{}, failure)
				return
			}
			// Others may keep things there, too, which are none of ours.
			if info.Key.check() == nil && !yield(info, nil) {
				return
			}
		}
	}
}

// Path is an object's file, where the store is a directory on this machine. It may be read, and never be changed.
func (s *Store) Path(key Key) (path string, ok bool) {
	if key.check() != nil {
		return "", false
	}
	return s.backend.path(key)
}

// longestLink is how long a link may live.
const longestLink = 15 * time.Minute

// Presign makes a link by which whoever has it can download the object until ttl, at most 15 minutes, is over; it is saved
// under downloadName. ErrNoLinks where the store is a directory.
func (s *Store) Presign(ctx context.Context, key Key, ttl time.Duration, downloadName, mediaType string) (link string, err error) {
	start := time.Now()
	if err = key.check(); err == nil {
		link, err = s.backend.presign(ctx, key, min(ttl, longestLink), downloadName, mediaType)
	}
	return link, s.seen("presign", key, start, err)
}

// Check tells whether the store can be reached and written to: nil, or ErrUnavailable or ErrFull.
func (s *Store) Check(ctx context.Context) error {
	start := time.Now()
	err := s.backend.check(ctx)
	s.observe("check", time.Since(start), err)
	if err != nil {
		return fmt.Errorf("check the object store: %w", err)
	}
	return nil
}
