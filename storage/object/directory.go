package object

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// directory keeps objects as files below a folder. os.Root has no path leave it, whatever links lie there.
type directory struct {
	dir  string
	root *os.Root
}

const (
	// incoming is where objects are written before they get their names. No key begins with a dot.
	incoming = ".incoming"
	// leftAfter is how old something in incoming must be for its writer to be dead.
	leftAfter = 24 * time.Hour
)

func openDirectory(dir string) (*directory, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, incoming), 0o750); err != nil {
		return nil, localError(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, localError(err)
	}
	d := &directory{dir: dir, root: root}
	if err := d.clear(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// clear removes what killed writers left.
func (d *directory) clear() error {
	left, err := fs.ReadDir(d.root.FS(), incoming)
	if err != nil {
		return localError(err)
	}
	for _, entry := range left {
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > leftAfter {
			err = d.root.Remove(path.Join(incoming, entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return localError(err)
		}
	}
	return nil
}

func (d *directory) put(ctx context.Context, key Key, r io.Reader, _ int64) (err error) {
	name := path.Join(incoming, rand.Text())
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return localError(err)
	}
	defer func() {
		if err != nil {
			_ = d.root.Remove(name) // else clear does it
		}
	}()
	_, err = io.Copy(f, &cancelled{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return localError(err)
	}
	return d.publish(name, key)
}

// putFile links the file where it lies on the same disk, else copies it.
func (d *directory) putFile(ctx context.Context, key Key, f *os.File, size int64, sum string) error {
	name := path.Join(incoming, rand.Text())
	err := unix.Linkat(unix.AT_FDCWD, f.Name(), unix.AT_FDCWD, filepath.Join(d.dir, name), 0)
	if err != nil {
		return d.put(ctx, key, newVerifier(f, key, size, sum), size)
	}
	// Read back: what is linked is what its checksum says, or nothing is.
	if _, err = io.Copy(io.Discard, &cancelled{ctx, newVerifier(f, key, size, sum)}); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = d.publish(name, key)
	}
	if err != nil {
		_ = d.root.Remove(name)
	}
	return localError(err)
}

// publish gives a written file its name and makes that durable, with the folders that it needed.
func (d *directory) publish(name string, key Key) error {
	folder := path.Dir(string(key))
	made, err := d.makeFolders(folder)
	if err != nil {
		return localError(err)
	}
	if err := d.root.Rename(name, string(key)); err != nil {
		return localError(err)
	}
	for _, f := range append(made, folder) {
		if err := d.syncFolder(f); err != nil {
			return localError(err)
		}
	}
	return nil
}

// makeFolders makes a folder and those above it, and tells which folders have a new entry.
func (d *directory) makeFolders(folder string) (changed []string, err error) {
	if _, err := d.root.Stat(folder); err == nil {
		return nil, nil
	}
	at := ""
	for part := range strings.SplitSeq(folder, "/") {
		above := at
		at = path.Join(at, part)
		err := d.root.Mkdir(at, 0o750)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		changed = append(changed, path.Join(".", above))
	}
	// Another writer may have made them and not have come to making that durable.
	if len(changed) == 0 {
		for at := path.Dir(folder); ; at = path.Dir(at) {
			changed = append(changed, at)
			if at == "." {
				break
			}
		}
	}
	return changed, nil
}

func (d *directory) syncFolder(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *directory) get(_ context.Context, key Key) (*Object, error) {
	f, err := d.root.Open(string(key))
	if err != nil {
		return nil, localError(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(localError(err), f.Close())
	}
	return &Object{body: f, info: infoOf(key, info)}, nil
}

func infoOf(key Key, info fs.FileInfo) Info {
	return Info{Key: key, Size: info.Size(), Modified: info.ModTime()}
}

func (d *directory) stat(_ context.Context, key Key) (Info, error) {
	info, err := d.root.Stat(string(key))
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Info{}, localError(err)
	}
	return infoOf(key, info), nil
}

func (d *directory) remove(_ context.Context, key Key) error {
	err := d.root.Remove(string(key))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return localError(err)
	}
	if err == nil {
		err = d.syncFolder(path.Dir(string(key)))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return localError(err)
}

func (d *directory) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		// A prefix may end within a name: the walk begins at its folder.
		start := "."
		if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
			start = prefix[:i]
		}
		if start != "." && !fs.ValidPath(start) {
			return
		}
		err := fs.WalkDir(d.root.FS(), start, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist): // removed meanwhile, or nothing was ever stored there
				return nil
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case entry.IsDir():
				if name == incoming {
					return fs.SkipDir
				}
				return nil
			case !strings.HasPrefix(name, prefix) || !entry.Type().IsRegular():
				return nil
			}
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(infoOf(Key(name), info), nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Info{}, localError(err))
		}
	}
}

func (*directory) presign(context.Context, Key, time.Duration, string, string) (string, error) {
	return "", ErrNoLinks
}

// check writes a file and removes it: a full or read-only disk shows itself so.
func (d *directory) check(context.Context) error {
	name := path.Join(incoming, "check-"+rand.Text())
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err == nil {
		_, err = f.Write(make([]byte, 4096))
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close(), d.root.Remove(name))
	}
	if err = localError(err); errors.Is(err, ErrNotFound) { // the folder itself is gone: an unmounted disk
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func (d *directory) path(key Key) (string, bool) {
	return filepath.Join(d.dir, filepath.FromSlash(string(key))), true
}

func (d *directory) describe() string { return "directory " + d.dir }

func (d *directory) close() error { return d.root.Close() }

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
