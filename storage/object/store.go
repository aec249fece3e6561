package object

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"strings"
	"time"
)

// Config says where the objects are: in a Directory, or in a bucket at an Endpoint.
type Config struct {
	Directory string

	Endpoint  string // HOST:PORT
	AccessKey string
	SecretKey Secret
	Bucket    string
	Region    string
	TLS       bool
	CAFile    string // PEM, where the server's certificate is of an authority of one's own
	// Encryption is "" (as the bucket does), "SSE-S3", or "SSE-KMS:KEY".
	Encryption string
	// PublicEndpoint is the HOST:PORT that links name, where clients reach the store under another one. Defaults to Endpoint.
	PublicEndpoint string

	// Observe, if not nil, is told how long each call took: put, get, stat, delete, list, presign or check.
	Observe func(op string, took time.Duration, err error)
}

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

// backend is what a directory and an S3 store do each in its own way. Keys are checked, and r ends with an error where its
// bytes are not those that were announced: then nothing may be stored.
type backend interface {
	put(ctx context.Context, key Key, r io.Reader, size int64) error
	// putFile is put for a file whose content is known to be right; it may be linked instead of copied.
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

// Open connects to the store and makes the folder or the bucket where it is missing. The error is ErrUnavailable where the
// store does not answer.
func Open(ctx context.Context, c Config) (*Store, error) {
	var b backend
	var err error
	switch {
	case c.Directory != "" && c.Endpoint != "":
		err = errors.New("it is a directory or at an endpoint, not both")
	case c.Directory != "":
		b, err = openDirectory(c.Directory)
	case c.Endpoint != "":
		b, err = openMinIO(ctx, c)
	default:
		err = errors.New("a directory or an endpoint must be given")
	}
	if err != nil {
		return nil, fmt.Errorf("open the object store: %w", err)
	}
	if c.Observe == nil {
		c.Observe = func(string, time.Duration, error) {}
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

// Put stores what r gives under key, in place of what was there. size is the number of bytes, -1 where it is not known; sum
// is their SHA-256 in hex, "" where it is not known. Other bytes are a *SizeError or *ChecksumError. When it returns nil the
// object is durable; else what was there before is there still.
func (s *Store) Put(ctx context.Context, key Key, r io.Reader, size int64, sum string) error {
	start := time.Now()
	err := key.check()
	if err == nil {
		err = s.backend.put(ctx, key, newVerifier(r, key, size, sum), size)
	}
	return s.seen("put", key, start, err)
}

// PutFile is Put for a file of known size and checksum, for objects that are named by their content: one of that size which
// is there already is left (existed). The file stays; nobody may write to it any more.
func (s *Store) PutFile(ctx context.Context, key Key, path string, size int64, sum string) (existed bool, err error) {
	start := time.Now()
	defer func() { err = s.seen("put", key, start, err) }()
	if err := key.check(); err != nil {
		return false, err
	}
	info, err := s.backend.stat(ctx, key)
	if err == nil && info.Size == size {
		return true, nil
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	f, err := os.Open(path) //nolint:gosec // the caller's own file
	if err != nil {
		return false, fmt.Errorf("open the file to store: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return false, s.backend.putFile(ctx, key, f, size, sum)
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

// List gives the objects whose keys begin with prefix, those of one folder together. It ends with the first error.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		start := time.Now()
		if strings.HasPrefix(prefix, "/") || strings.Contains(prefix, "..") || strings.Contains(prefix, "//") {
			yield(Info{}, fmt.Errorf("list: %w", &KeyError{prefix, "it is the beginning of no key"}))
			return
		}
		var failure error
		for info, err := range s.backend.list(ctx, prefix) {
			if err != nil {
				failure = err
				yield(Info{}, fmt.Errorf("list %s: %w", prefix, err))
				break
			}
			if !yield(info, nil) {
				break
			}
		}
		s.observe("list", time.Since(start), failure)
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
	return err
}

// verifier passes bytes on and ends with an error where they are not those that were announced.
type verifier struct {
	r    io.Reader
	key  Key
	size int64  // -1: not known
	sum  string // "": not known
	hash hash.Hash
	n    int64
	err  error // what it ended with
}

func newVerifier(r io.Reader, key Key, size int64, sum string) *verifier {
	return &verifier{r: r, key: key, size: size, sum: sum, hash: sha256.New()}
}

func (v *verifier) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	v.n += int64(n)
	if v.sum != "" {
		v.hash.Write(p[:n])
	}
	if v.size >= 0 && v.n > v.size {
		err = &SizeError{v.key, v.size, v.n}
	}
	// Who knows the size stops reading there and never sees the end: the last byte is held back where something is wrong.
	if v.n == v.size && n > 0 && v.end() != io.EOF { //nolint:errorlint // end gives it bare
		n, err = n-1, v.end()
	}
	if errors.Is(err, io.EOF) {
		err = v.end()
	}
	v.err = err
	return n, err
}

// end is io.EOF where everything is as announced.
func (v *verifier) end() error {
	if v.size >= 0 && v.n != v.size {
		return &SizeError{v.key, v.size, v.n}
	}
	if got := hex.EncodeToString(v.hash.Sum(nil)); v.sum != "" && got != v.sum {
		return &ChecksumError{v.key, v.sum, got}
	}
	return io.EOF
}
