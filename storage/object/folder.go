package object

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// renames is how often publish tries: each time the folder was removed under it, as the last object there was deleted.
const renames = 100

// publish gives a written file its name and makes that durable.
func (d *directory) publish(name string, key Key) error {
	folder := path.Dir(string(key))
	var err error
	for range renames {
		err = d.root.MkdirAll(folder, folderMode)
		if err == nil {
			err = d.root.Rename(name, string(key))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return err
	}
	// The folders above, too: another writer may have made them a moment ago and not have come to making that durable. One
	// that has not changed costs next to nothing.
	for at := folder; ; at = path.Dir(at) {
		if err := d.syncFolder(at); err != nil && !errors.Is(err, fs.ErrNotExist) { // deleted again by another one
			return err
		}
		if at == "." {
			return nil
		}
	}
}

func (d *directory) syncFolder(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// remove deletes an object, and the folders that it leaves empty: a collected reading leaves nothing.
func (d *directory) remove(_ context.Context, key Key) error {
	if _, err := d.lstat(key); err != nil {
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	if err := d.root.Remove(string(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return localError(err)
	}
	left := path.Dir(string(key))
	for ; strings.Contains(left, "/"); left = path.Dir(left) {
		if d.root.Remove(left) != nil { // it is not empty, or another one removed it
			break
		}
	}
	err := d.syncFolder(left)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed by another one, who makes that durable
	}
	return localError(err)
}

// batch is how many entries of a folder are in memory at once: there may be a million originals.
const batch = 1024

// walk yields the objects below a folder whose keys begin with prefix, and tells whether to go on.
func (d *directory) walk(ctx context.Context, folder, prefix string, yield func(Info, error) bool) bool {
	fail := func(err error) bool { return yield(Info{}, err) && false }
	f, err := d.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) { // removed meanwhile, or nothing was ever stored there
		return true
	}
	if err != nil {
		return fail(localError(err))
	}
	defer func() { _ = f.Close() }() // it was only read
	for {
		entries, err := f.ReadDir(batch)
		if errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) {
			return true
		}
		if err != nil {
			return fail(localError(err))
		}
		for _, entry := range entries {
			if err := ctx.Err(); err != nil {
				return fail(err)
			}
			name := path.Join(folder, entry.Name())
			if entry.IsDir() {
				if below := name + "/"; strings.HasPrefix(below, prefix) || strings.HasPrefix(prefix, below) {
					if !d.walk(ctx, name, prefix, yield) {
						return false
					}
				}
				continue
			}
			if !strings.HasPrefix(name, prefix) || !entry.Type().IsRegular() {
				continue
			}
			info, err := d.root.Lstat(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return fail(localError(err))
			}
			if !yield(infoOf(Key(name), info), nil) {
				return false
			}
		}
	}
}
