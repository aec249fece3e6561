package object

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"
)

// Put stores what r gives under key, in place of what was there. size is the number of bytes, -1 where it is not known; sum
// is their SHA-256 in hex, "" where it is not known. Other bytes are a *SizeError or *ChecksumError, and an error of r is
// passed on as it is. When Put returns nil the object is durable; else what was there before is there still, but for an
// ErrUnavailable or the end of ctx, after which it is one or the other, whole.
func (s *Store) Put(ctx context.Context, key Key, r io.Reader, size int64, sum string) error {
	start := time.Now()
	err := key.check()
	if err == nil {
		v := newVerifier(r, key, size, sum)
		err = v.blame(s.backend.put(ctx, key, v))
	}
	return s.seen("put", key, start, err)
}

// PutFile is Put for a file of known size and checksum, for objects that are named by their content: one of that size which
// is there already is left (existed), but written anew where it is older than fresh, so that whoever collects old objects
// which nothing names yet sees a young one; 0 leaves it whatever its age. The file stays; nobody may write to it any more, as
// it may be the object.
func (s *Store) PutFile(ctx context.Context, key Key, path string, size int64, sum string, fresh time.Duration) (existed bool, err error) {
	start := time.Now()
	defer func() { err = s.seen("put", key, start, err) }()
	if err := key.check(); err != nil {
		return false, err
	}
	info, err := s.backend.stat(ctx, key)
	existed = err == nil && info.Size == size
	if existed && (fresh == 0 || time.Since(info.Modified) < fresh) {
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
	return existed, s.backend.putFile(ctx, key, f, size, sum)
}

// verifier passes bytes on and ends with an error where they are not those that were announced. The last byte is passed on
// only when that is sure: who writes what a verifier gives, and knows the size, never has the whole of something wrong.
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

// blame tells an error of reading from one of storing: whatever a backend makes of the former, it is the caller's.
func (v *verifier) blame(stored error) error {
	if stored != nil && v.err != nil && !errors.Is(v.err, io.EOF) {
		return v.err
	}
	return stored
}

func (v *verifier) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	if v.size >= 0 && int64(len(p)) > v.size-v.n {
		p = p[:v.size-v.n]
	}
	var n int
	var err error
	if len(p) > 0 {
		n, err = v.r.Read(p)
	}
	v.n += int64(n)
	if v.sum != "" {
		v.hash.Write(p[:n])
	}
	if v.n == v.size && (err == nil || errors.Is(err, io.EOF)) {
		// Who knows the size stops reading here: look now whether this is the end.
		if err == nil {
			err = v.more()
		}
		if err == nil || errors.Is(err, io.EOF) {
			err = v.end()
		}
		if !errors.Is(err, io.EOF) {
			n = max(0, n-1)
		}
	} else if errors.Is(err, io.EOF) {
		err = v.end()
	}
	v.err = err
	return n, err
}

// more reads on where nothing should be left.
func (v *verifier) more() error {
	var one [1]byte
	n, err := io.ReadFull(v.r, one[:])
	v.n += int64(n)
	return err
}

// end is io.EOF where everything is as announced.
func (v *verifier) end() error {
	if v.size >= 0 && v.n != v.size {
		return &SizeError{v.key, v.size, v.n}
	}
	if v.sum == "" {
		return io.EOF
	}
	if got := hex.EncodeToString(v.hash.Sum(nil)); got != v.sum {
		return &ChecksumError{v.key, v.sum, got}
	}
	return io.EOF
}

// cancelled ends a long copy when its context does.
type cancelled struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
