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

	folderMode = 0o750
	fileMode   = 0o640
)

func openDirectory(dir string) (*directory, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, incoming), folderMode); err != nil {
		return nil, writeError(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, writeError(err)
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
		return writeError(err)
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

func (d *directory) put(ctx context.Context, key Key, v *verifier) (err error) {
	f, name, err := d.create()
	if err != nil {
		return writeError(err)
	}
	defer func() {
		if err != nil {
			_ = d.root.Remove(name) // else clear does it
		}
	}()
	_, err = io.Copy(f, &cancelled{ctx, v})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return writeError(err)
	}
	return writeError(d.publish(name, key))
}

// create makes a new file in incoming.
func (d *directory) create() (f *os.File, name string, err error) {
	name = path.Join(incoming, rand.Text())
	f, err = d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if errors.Is(err, fs.ErrNotExist) { // somebody tidied up
		if err = d.root.Mkdir(incoming, folderMode); err == nil || errors.Is(err, fs.ErrExist) {
			f, err = d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
		}
	}
	return f, name, err
}

// putFile links the file where it lies on the same disk, else copies it.
func (d *directory) putFile(ctx context.Context, key Key, f *os.File, size int64, sum string) error {
	name := path.Join(incoming, rand.Text())
	if !d.link(f, name) {
		v := newVerifier(f, key, size, sum)
		return v.blame(d.put(ctx, key, v))
	}
	// Even when all went well: where the object is this very file already, renaming leaves both names.
	defer func() { _ = d.root.Remove(name) }()
	// Read back: what is linked is what its checksum says, or nothing is.
	if _, err := io.Copy(io.Discard, &cancelled{ctx, newVerifier(f, key, size, sum)}); err != nil {
		return localError(err)
	}
	// The object is as old as its name: who collects what no row names must not find a slow upload to be old already.
	now := time.Now()
	err := errors.Join(d.root.Chmod(name, fileMode), d.root.Chtimes(name, now, now))
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = d.publish(name, key)
	}
	return writeError(err)
}

// link gives an opened file a name in incoming, and tells whether it could: it cannot across file systems, nor where links
// are unknown. It is the file that was opened, whatever its path names by now.
func (d *directory) link(f *os.File, name string) bool {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	folder, err := d.root.Open(incoming)
	if err != nil {
		return false
	}
	defer func() { _ = folder.Close() }() // it was only read
	opened := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	return unix.Linkat(unix.AT_FDCWD, opened, int(folder.Fd()), path.Base(name), unix.AT_SYMLINK_FOLLOW) == nil //nolint:gosec // a descriptor is an int
}

func (d *directory) get(_ context.Context, key Key) (*Object, error) {
	if _, err := d.lstat(key); err != nil {
		return nil, err
	}
	f, err := d.root.Open(string(key))
	if err != nil {
		return nil, localError(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(localError(err), f.Close())
	}
	return &Object{body: f, info: infoOf(key, info)}, nil
}

// lstat looks at an object's file: anything but a plain one is none of ours.
func (d *directory) lstat(key Key) (fs.FileInfo, error) {
	info, err := d.root.Lstat(string(key))
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, localError(err)
	}
	return info, nil
}

func infoOf(key Key, info fs.FileInfo) Info {
	return Info{Key: key, Size: info.Size(), Modified: info.ModTime()}
}

func (d *directory) stat(_ context.Context, key Key) (Info, error) {
	info, err := d.lstat(key)
	if err != nil {
		return Info{}, err
	}
	return infoOf(key, info), nil
}

func (d *directory) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for _, top := range []string{OriginalsPrefix, ReadingsPrefix} {
			// A prefix may end within a name: the walk begins at its folder.
			folder := strings.TrimSuffix(top, "/")
			if strings.HasPrefix(prefix, top) {
				folder = path.Dir(prefix + "x")
			} else if !strings.HasPrefix(top, prefix) {
				continue
			}
			if !d.walk(ctx, folder, prefix, yield) {
				return
			}
		}
	}
}

func (*directory) presign(context.Context, Key, time.Duration, string, string) (string, error) {
	return "", ErrNoLinks
}

// check writes a file and removes it: a full or read-only disk shows itself so.
func (d *directory) check(context.Context) error {
	f, name, err := d.create()
	if err == nil {
		_, err = f.Write(make([]byte, 4096))
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close(), d.root.Remove(name))
	}
	return writeError(err)
}

func (d *directory) path(key Key) (string, bool) {
	return filepath.Join(d.dir, filepath.FromSlash(string(key))), true
}

func (d *directory) describe() string { return "directory " + d.dir }

func (d *directory) close() error { return d.root.Close() }
