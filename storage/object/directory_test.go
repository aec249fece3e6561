package object

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A disk that is full says so, keeps what it has, and takes more once there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "1m")
	s := open(t, Config{Directory: filepath.Join(dir, "objects")})
	b := bytesOf(400 << 10)
	put(t, s, original(t, b), b)
	large := bytesOf(2 << 20)
	if err := s.Put(t.Context(), original(t, large), bytes.NewReader(large), -1, digest(large)); !errors.Is(err, ErrFull) {
		t.Errorf("a full disk: %v", err)
	}
	path := file(t, t.TempDir(), large) // on another disk: it is copied
	if _, err := s.PutFile(t.Context(), original(t, large), path, int64(len(large)), digest(large), 0); !errors.Is(err, ErrFull) {
		t.Errorf("a file onto a full disk: %v", err)
	}
	if _, err := s.Stat(t.Context(), original(t, large)); !errors.Is(err, ErrNotFound) {
		t.Errorf("half of it is there: %v", err)
	}
	if !bytes.Equal(content(t, s, original(t, b)), b) {
		t.Error("what was there is spoiled")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "objects", incoming, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	fill := filepath.Join(dir, "fill")
	_ = os.WriteFile(fill, make([]byte, 1<<20), 0o600) // as much as there is room for
	if err := s.Check(t.Context()); !errors.Is(err, ErrFull) {
		t.Errorf("check: %v", err)
	}
	if err := os.Remove(fill); err != nil {
		t.Fatal(err)
	}
	put(t, s, original(t, b[:1000]), b[:1000])
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPutFileLinksOrCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{Directory: filepath.Join(dir, "objects")})
	for name, c := range map[string]struct {
		upload string
		linked bool
	}{"same disk": {t.TempDir(), true}, "another disk": {smallDisk(t, "1m"), false}} {
		b := bytesOf(5000)
		upload := file(t, c.upload, b)
		yesterday := time.Now().Add(-24 * time.Hour)
		if err := os.Chtimes(upload, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutFile(t.Context(), original(t, b), upload, int64(len(b)), digest(b), 0); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path, _ := s.Path(original(t, b))
		stored, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		handed, err := os.Stat(upload)
		if err != nil {
			t.Fatalf("%s: the upload is gone: %v", name, err)
		}
		if os.SameFile(stored, handed) != c.linked {
			t.Errorf("%s: one file: %v", name, !c.linked)
		}
		if stored.Mode().Perm() != fileMode {
			t.Errorf("%s: mode %v", name, stored.Mode())
		}
		// An object's age counts from when it was stored, however slow its upload was.
		if time.Since(stored.ModTime()) > time.Minute {
			t.Errorf("%s: it is %v old", name, time.Since(stored.ModTime()))
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "objects", incoming, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A path that is a symbolic link stands for the file it leads to, never for itself.
func TestPutFileOfALink(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Directory: t.TempDir()})
	b := bytesOf(5000)
	upload := file(t, t.TempDir(), b)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(upload, link); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutFile(t.Context(), original(t, b), link, int64(len(b)), digest(b), 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(upload); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content(t, s, original(t, b)), b) {
		t.Error("other bytes")
	}
}

func TestDeleteLeavesNoEmptyFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{Directory: dir})
	one, two := reading(t, "pages/1.json"), reading(t, "paper.pdf")
	put(t, s, one, []byte("1"))
	put(t, s, two, []byte("2"))
	for _, k := range []Key{one, two} {
		if err := s.Delete(t.Context(), k); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Dir(filepath.Join(dir, string(k)))); !os.IsNotExist(err) {
			t.Errorf("the folder of %s: %v", k, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "readings", "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	put(t, s, one, []byte("1"))
}

// A folder may hold more than is read of it at once, and things that are no objects.
func TestListOfManyAndOfOthersThings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{Directory: dir})
	put(t, s, original(t, []byte("x")), []byte("x"))
	const n = batch + 50
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, "originals", fmt.Sprintf("%064x", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, odd := range []string{"lost+found", "originals/.nfs0001", "originals/notes.txt", "readings"} {
		if err := os.WriteFile(filepath.Join(dir, odd), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "originals", strings.Repeat("e", 64))); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, k := range keys(t, s, OriginalsPrefix) {
		seen[k] = true
	}
	if len(seen) != n+1 {
		t.Errorf("%d objects, want %d", len(seen), n+1)
	}
	if _, err := s.Get(t.Context(), Key(OriginalsPrefix+strings.Repeat("e", 64))); !errors.Is(err, ErrNotFound) {
		t.Errorf("a link was followed: %v", err)
	}
}

// Where the folder was taken away the store is not available; it does not say that there are no objects.
func TestFolderIsGone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "objects")
	s := open(t, Config{Directory: dir})
	if err := os.Remove(filepath.Join(dir, incoming)); err != nil { // somebody tidied up
		t.Fatal(err)
	}
	put(t, s, reading(t, "paper.txt"), []byte("x"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("check: %v", err)
	}
	if err := s.Put(t.Context(), reading(t, "paper.txt"), strings.NewReader("x"), 1, ""); !errors.Is(err, ErrUnavailable) {
		t.Errorf("put: %v", err)
	}
}

func TestLinksOutOfTheFolderAreNotFollowed(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	s := open(t, Config{Directory: dir})
	if err := os.WriteFile(filepath.Join(outside, strings.Repeat("0", 64)), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "originals")); err != nil {
		t.Fatal(err)
	}
	k := Key(OriginalsPrefix + strings.Repeat("0", 64))
	if _, err := s.Get(t.Context(), k); err == nil {
		t.Error("a file outside was read")
	}
	if err := s.Put(t.Context(), k, strings.NewReader("x"), 1, ""); err == nil {
		t.Error("a file outside was written")
	}
}
