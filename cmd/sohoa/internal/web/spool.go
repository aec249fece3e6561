package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"sohoa/pipeline/decode"
)

// spool is the folder of files that are being received. It is the server's alone: what plain requests left there when the
// process died belongs to nobody.
type spool struct {
	root    string
	reserve int64
	lock    *os.File
}

const (
	plainFolder     = "plain"  // files of plain requests
	sheetsFolder    = "sheets" // of dossiers, between preview and import
	resumableFolder = "tus"    // resumable uploads
	spoolChunk      = 256 << 10
	// spaceEvery is after how many bytes the disk's free space is looked at again.
	spaceEvery = 64 << 20
)

// errSpoolTaken says that another process uses the folder.
var errSpoolTaken = errors.New("another process uses this folder for uploads")

func openSpool(root string, reserve int64) (*spool, error) {
	s := &spool{root: root, reserve: reserve}
	for _, dir := range []string{s.plain(), s.sheets()} {
		if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("empty the folder for uploads: %w", err)
		}
	}
	for _, dir := range []string{s.plain(), s.sheets(), s.resumable()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder for uploads: %w", err)
		}
	}
	return s, nil
}

// takeSpool locks the folder, so that no second server empties it.
func takeSpool(root string, reserve int64) (*spool, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for uploads: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(root, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the folder is the configuration's
	if err != nil {
		return nil, fmt.Errorf("lock the folder for uploads: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errSpoolTaken
		}
		return nil, errors.Join(fmt.Errorf("lock the folder for uploads: %w", err), lock.Close())
	}
	s, err := openSpool(root, reserve)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

func (s *spool) plain() string     { return filepath.Join(s.root, plainFolder) }
func (s *spool) sheets() string    { return filepath.Join(s.root, sheetsFolder) }
func (s *spool) resumable() string { return filepath.Join(s.root, resumableFolder) }

// close gives the folder free.
func (s *spool) close() error { return s.lock.Close() }

// room tells whether so many more bytes leave the disk its reserve.
func (s *spool) room(more int64) error {
	if s.reserve < 0 {
		return nil
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(s.root, &disk); err != nil {
		return fmt.Errorf("look at the disk of uploads: %w", err)
	}
	free := int64(disk.Bavail) * disk.Bsize //nolint:gosec // no disk has 8 EiB
	if free-more < s.reserve {
		return refuse(CodeSpoolFull)
	}
	return nil
}

// bytes is how much of the disk the folder takes.
func (s *spool) bytes() (sum int64) {
	_ = filepath.WalkDir(s.root, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // files come and go while we look
		}
		if info, err := entry.Info(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				sum += stat.Blocks * 512
			}
		}
		return nil
	})
	return sum
}

// received is a file that arrived whole.
type received struct {
	path      string
	size      int64
	sha256    string // lowercase hex
	mediaType string // by its bytes
}

// drop removes the file; what is left of it is removed at the next start.
func (f *received) drop(ctx context.Context, log *slog.Logger) {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // os.CreateTemp named it
		log.WarnContext(ctx, "a received file was not removed", "error", err)
	}
}

// receive writes what r gives to a new file while it is hashed. At most bytes are taken; more is CodePaperTooLarge, and r is
// then somewhere behind them.
func (s *spool) receive(r io.Reader, most int64) (f *received, err error) {
	file, err := os.CreateTemp(s.plain(), "*")
	if err != nil {
		return nil, fmt.Errorf("receive a file: %w", err)
	}
	f = &received{path: file.Name()}
	defer func() {
		if closed := file.Close(); err == nil && closed != nil {
			err = fmt.Errorf("receive a file: %w", closed)
		}
		if err != nil {
			err = errors.Join(err, os.Remove(f.path))
			f = nil
		}
	}()
	hash, head := sha256.New(), &opening{}
	buffer := make([]byte, spoolChunk)
	unwatched := int64(spaceEvery)
	for {
		if unwatched >= spaceEvery {
			unwatched = 0
			if err := s.room(spaceEvery); err != nil {
				return f, err
			}
		}
		n, err := r.Read(buffer)
		f.size += int64(n)
		unwatched += int64(n)
		if f.size > most {
			return f, refuse(CodePaperTooLarge)
		}
		if _, err := io.MultiWriter(file, hash, head).Write(buffer[:n]); err != nil {
			return f, fmt.Errorf("receive a file: %w", err)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return f, receiving(err)
		}
	}
	f.sha256 = hex.EncodeToString(hash.Sum(nil))
	f.mediaType, err = head.mediaType()
	return f, err
}

// receiving is what an error of a request's body means: but for those that have a name it is the line's.
func receiving(err error) error {
	if codeOf(err) == CodeInternal {
		return &refusal{code: CodeCutOff, err: err}
	}
	return fmt.Errorf("read the request's body: %w", err)
}

// measure looks at a file that lies there already.
func measure(ctx context.Context, path string) (f *received, err error) {
	file, err := os.Open(path) //nolint:gosec // our own file in the spool
	if err != nil {
		return nil, fmt.Errorf("measure a file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	f = &received{path: path}
	hash, head := sha256.New(), &opening{}
	if f.size, err = io.CopyBuffer(io.MultiWriter(hash, head), &patient{ctx.Err, file}, make([]byte, spoolChunk)); err != nil {
		return nil, fmt.Errorf("measure a file: %w", err)
	}
	f.sha256 = hex.EncodeToString(hash.Sum(nil))
	f.mediaType, err = head.mediaType()
	return f, err
}

// patient reads until it is told that nobody waits any more.
type patient struct {
	over func() error
	r    io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.over(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// opening keeps the first bytes of a file, which tell what it is.
type opening struct{ head []byte }

func (o *opening) Write(b []byte) (int, error) {
	if room := decode.SniffLen - len(o.head); room > 0 {
		o.head = append(o.head, b[:min(room, len(b))]...)
	}
	return len(b), nil
}

// mediaTypes are what the reader can read, by what their bytes say.
var mediaTypes = map[decode.Format]string{
	decode.TIFF: "image/tiff", decode.JPEG: "image/jpeg", decode.PNG: "image/png", decode.WebP: "image/webp",
	decode.BMP: "image/bmp", decode.PNM: "image/x-portable-anymap", decode.PDF: "application/pdf",
}

// mediaType is by the bytes alone: what a client says of a file is not believed.
func (o *opening) mediaType() (string, error) {
	if len(o.head) == 0 {
		return "", refuse(CodePaperEmpty)
	}
	known := mediaTypes[decode.Sniff(o.head)]
	if known == "" {
		return "", refuse(CodePaperUnknown)
	}
	return known, nil
}
