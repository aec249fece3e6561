package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	exp "golang.org/x/exp/slog"
)

// uploadStore is tusd's store of files, watched: bytes are on the disk before they are acknowledged, the disk keeps its
// reserve, and a finished upload leaves a receipt where its bytes were.
type uploadStore struct {
	files filestore.FileStore
	dir   string
	root  *os.Root // of dir: no name leaves it
	spool *spool
	lost  func(id string) // is told of an upload that could not be begun
}

func newUploadStore(dir string, s *spool, lost func(id string)) (*uploadStore, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder for uploads: %w", err)
	}
	files := filestore.New(dir)
	files.DirModePerm, files.FileModePerm = 0o700, 0o600
	return &uploadStore{files: files, dir: dir, root: root, spool: s, lost: lost}, nil
}

func (u *uploadStore) close() error { return u.root.Close() }

// silent is tusd's logger: its lines carry paths, and ours say the same.
func silent() *exp.Logger {
	return exp.New(exp.NewTextHandler(io.Discard, &exp.HandlerOptions{Level: exp.Level(1000)}))
}

// path is where an upload's bytes lie; beside them lie ID.info, what is known of it, and ID.done, its receipt.
func (u *uploadStore) path(id string) string { return filepath.Join(u.dir, id) }

// NewUpload begins an upload.
func (u *uploadStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	made, err := u.files.NewUpload(ctx, info)
	if err != nil {
		err = errors.Join(tusError(err), u.remove(info.ID))
		u.lost(info.ID)
		return nil, err
	}
	return &watchedUpload{made, u, info.ID}, nil
}

// GetUpload finds an upload.
func (u *uploadStore) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	found, err := u.files.GetUpload(ctx, id)
	if err != nil {
		return nil, tusError(err)
	}
	return &watchedUpload{found, u, id}, nil
}

// AsTerminatableUpload is for tusd.
func (u *uploadStore) AsTerminatableUpload(upload handler.Upload) handler.TerminatableUpload {
	if watched, ok := upload.(*watchedUpload); ok {
		upload = watched.Upload
	}
	return u.files.AsTerminatableUpload(upload)
}

// tusError gives tusd words for a full disk; what it has none for becomes an internal error of ours.
func tusError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || codeOf(err) == CodeSpoolFull {
		return errTusFull()
	}
	return err
}

const tusFull = "ERR_SOHOA_SPOOL_FULL"

func errTusFull() error { return handler.NewError(tusFull, "no room", http.StatusInsufficientStorage) }

// watchedUpload is one upload of an uploadStore.
type watchedUpload struct {
	handler.Upload
	store *uploadStore
	id    string
}

// WriteChunk appends what arrives; when it returns it is on the disk.
func (w *watchedUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	n, err := w.Upload.WriteChunk(ctx, offset, &roomy{src: src, spool: w.store.spool, left: spaceEvery})
	if err != nil {
		return n, tusError(err)
	}
	file, err := w.store.root.OpenFile(w.id, os.O_RDWR, 0)
	if err != nil {
		return n, fmt.Errorf("sync an upload: %w", err)
	}
	return n, tusError(errors.Join(file.Sync(), file.Close()))
}

// roomy looks at the disk's free space now and then while it is read.
type roomy struct {
	src   io.Reader
	spool *spool
	left  int64
}

func (r *roomy) Read(b []byte) (int, error) {
	if r.left <= 0 {
		if err := r.spool.room(spaceEvery); err != nil {
			return 0, err
		}
		r.left = spaceEvery
	}
	n, err := r.src.Read(b)
	r.left -= int64(n)
	return n, err
}

// info is what is known of an upload; fs.ErrNotExist where there is none.
func (u *uploadStore) info(ctx context.Context, id string) (info handler.FileInfo, err error) {
	upload, err := u.files.GetUpload(ctx, id)
	if errors.Is(err, handler.ErrNotFound) {
		return info, fmt.Errorf("upload %s: %w", id, fs.ErrNotExist)
	}
	if err != nil {
		return info, fmt.Errorf("upload %s: %w", id, err)
	}
	return upload.GetInfo(ctx)
}

// receipt is what became of a finished upload.
type receipt struct {
	Result handed `json:"result"`
	Size   int64  `json:"size"`
}

// tell puts a receipt into an answer's head.
func (r *receipt) tell(head http.Header) {
	if r.Result.Paper == nil {
		return
	}
	head.Set("Sohoa-Paper", strconv.FormatInt(int64(r.Result.Paper.ID), 10))
	head.Set("Sohoa-Held", strconv.FormatBool(r.Result.Held))
	head.Set("Sohoa-Again", strconv.FormatBool(r.Result.Again))
}

func (u *uploadStore) done(id string) bool {
	_, err := u.root.Stat(id + ".done")
	return err == nil
}

func (u *uploadStore) receipt(id string) (done receipt, err error) {
	text, err := u.root.ReadFile(id + ".done")
	if err != nil {
		return done, fmt.Errorf("read the receipt of upload %s: %w", id, err)
	}
	if err := json.Unmarshal(text, &done); err != nil {
		return done, fmt.Errorf("read the receipt of upload %s: %w", id, err)
	}
	return done, nil
}

// finish writes the receipt and gives the bytes' room back. The file stays as long as it was, so that a client that asks
// hears that all is here.
func (u *uploadStore) finish(id string, done receipt) error {
	text, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("write the receipt of upload %s: %w", id, err)
	}
	if err := u.write(id+".new", text); err != nil {
		return fmt.Errorf("write the receipt of upload %s: %w", id, err)
	}
	if err := u.root.Rename(id+".new", id+".done"); err != nil {
		return fmt.Errorf("write the receipt of upload %s: %w", id, err)
	}
	// The store may have linked the file instead of copying it: it must not be cut, but be replaced by an empty one.
	hole, err := u.root.Create(id + ".hole")
	if err == nil {
		err = errors.Join(hole.Truncate(done.Size), hole.Close(), u.root.Rename(id+".hole", id))
	}
	if err != nil {
		return fmt.Errorf("empty upload %s: %w", id, err)
	}
	return nil
}

// write makes a small file that is on the disk when it returns: the bytes of an upload go after its receipt.
func (u *uploadStore) write(name string, text []byte) error {
	file, err := u.root.Create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// touch begins an upload's life anew.
func (u *uploadStore) touch(id string) error {
	now := time.Now()
	if err := u.root.Chtimes(id+".info", now, now); err != nil {
		return fmt.Errorf("touch upload %s: %w", id, err)
	}
	return nil
}

// idle is for how long nobody has touched an upload.
func (u *uploadStore) idle(id string) time.Duration {
	last := time.Time{}
	for _, name := range []string{id, id + ".info", id + ".done"} {
		if info, err := u.root.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return time.Since(last)
}

// remove forgets an upload.
func (u *uploadStore) remove(id string) error {
	var errs []error
	for _, ending := range []string{"", ".info", ".done", ".new", ".hole"} {
		if err := u.root.Remove(id + ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove upload %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}
