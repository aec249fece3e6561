package object

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"sohoa/scripts/services"
)

// onBoth runs a test on a directory and on a real MinIO, each empty.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, Config{Directory: t.TempDir()}))
	})
	t.Run("minio", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, onMinIO(services.MinIO(t))))
	})
}

func onMinIO(m *services.MinIOServer) Config {
	return Config{
		Endpoint: m.Endpoint, AccessKey: m.AccessKey, SecretKey: Secret(m.SecretKey), Bucket: "t" + strings.ToLower(rand.Text()),
	}
}

func open(tb testing.TB, c Config) *Store {
	tb.Helper()
	s, err := Open(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return s
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func bytesOf(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// original is the key of some content.
func original(tb testing.TB, b []byte) Key {
	tb.Helper()
	k, err := Original(digest(b))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func content(tb testing.TB, s *Store, k Key) []byte {
	tb.Helper()
	o, err := s.Get(tb.Context(), k)
	if err != nil {
		tb.Fatalf("get: %v", err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		tb.Fatalf("read: %v", err)
	}
	if o.Info().Size != int64(len(b)) {
		tb.Errorf("the size is told as %d, it is %d", o.Info().Size, len(b))
	}
	return b
}

func keys(tb testing.TB, s *Store, prefix string) []string {
	tb.Helper()
	var all []string
	for info, err := range s.List(tb.Context(), prefix) {
		if err != nil {
			tb.Fatalf("list: %v", err)
		}
		all = append(all, string(info.Key))
	}
	return all
}

const revision = "1-large-0123abcd"

func reading(tb testing.TB, name string) Key {
	tb.Helper()
	k, err := Reading(strings.Repeat("ab", 32), revision, name)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func TestWhatIsPutIsThere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for _, c := range []struct {
			name string
			n    int
			size int64 // as told
		}{
			{"empty", 0, 0}, {"small", 1000, 1000}, {"of unknown size", 1000, -1}, {"of two parts", 17 << 20, 17 << 20},
			{"of two parts and unknown size", 17 << 20, -1},
		} {
			b := bytesOf(c.n)
			k := original(t, b)
			if _, err := s.Stat(t.Context(), k); c.n > 0 && !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: there already: %v", c.name, err)
			}
			if err := s.Put(t.Context(), k, bytes.NewReader(b), c.size, digest(b)); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if !bytes.Equal(content(t, s, k), b) {
				t.Errorf("%s: other bytes", c.name)
			}
			info, err := s.Stat(t.Context(), k)
			if err != nil || info.Size != int64(c.n) || info.Key != k || time.Since(info.Modified) > time.Minute {
				t.Errorf("%s: %+v, %v", c.name, info, err)
			}
		}
	})
}

func TestPutReplacesWholeAndDeleteRemoves(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		k := reading(t, "paper.txt")
		for _, text := range []string{"một trang dài hơn", "hai"} {
			if err := s.Put(t.Context(), k, strings.NewReader(text), int64(len(text)), ""); err != nil {
				t.Fatal(err)
			}
			if got := content(t, s, k); string(got) != text {
				t.Errorf("%q, want %q", got, text)
			}
		}
		for range 2 { // the second time there is nothing
			if err := s.Delete(t.Context(), k); err != nil {
				t.Error(err)
			}
			if _, err := s.Get(t.Context(), k); !errors.Is(err, ErrNotFound) {
				t.Errorf("deleted: %v", err)
			}
		}
		if all := keys(t, s, ""); len(all) > 0 {
			t.Errorf("there is still %v", all)
		}
	})
}

func TestOtherBytesThanAnnouncedAreNotStored(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		small, large := bytesOf(1000), bytesOf(17<<20)
		for _, b := range [][]byte{small, large} {
			for name, put := range map[string]func(k Key) error{
				"another checksum": func(k Key) error { return s.Put(t.Context(), k, bytes.NewReader(b), int64(len(b)), digest(small[1:])) },
				"another checksum, unknown size": func(k Key) error {
					return s.Put(t.Context(), k, bytes.NewReader(b), -1, digest(small[1:]))
				},
				"too few": func(k Key) error { return s.Put(t.Context(), k, bytes.NewReader(b), int64(len(b))+1, "") },
				"a broken reader": func(k Key) error {
					r := io.MultiReader(bytes.NewReader(b), iotest.ErrReader(errors.New("the client is gone")))
					return s.Put(t.Context(), k, r, -1, "")
				},
				"a file with another checksum": func(k Key) error {
					path := filepath.Join(t.TempDir(), "f")
					if err := os.WriteFile(path, b, 0o600); err != nil {
						return err
					}
					_, err := s.PutFile(t.Context(), k, path, int64(len(b)), digest(small[1:]))
					return err
				},
			} {
				k := original(t, b)
				if err := put(k); err == nil {
					t.Errorf("%s, %d bytes: stored", name, len(b))
				} else if errors.Is(err, ErrUnavailable) {
					t.Errorf("%s, %d bytes: the store is blamed: %v", name, len(b), err)
				}
				if _, err := s.Stat(t.Context(), k); !errors.Is(err, ErrNotFound) {
					t.Fatalf("%s, %d bytes: something is there: %v", name, len(b), err)
				}
			}
		}
		var wrong *ChecksumError
		if err := s.Put(t.Context(), original(t, small), bytes.NewReader(small), 1000, digest(large)); !errors.As(err, &wrong) {
			t.Errorf("no checksum error: %v", err)
		}
		if all := keys(t, s, ""); len(all) > 0 {
			t.Errorf("there is %v", all)
		}
	})
}

func TestPutFileKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for _, n := range []int{0, 5000, 17 << 20} {
			b := bytesOf(n)
			k := original(t, b)
			path := filepath.Join(t.TempDir(), "upload")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, want := range []bool{false, true} {
				existed, err := s.PutFile(t.Context(), k, path, int64(n), digest(b))
				if err != nil || existed != want {
					t.Errorf("%d bytes: existed %v, %v", n, existed, err)
				}
			}
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(content(t, s, k), b) {
				t.Errorf("%d bytes: others are there", n)
			}
		}
	})
}

func TestRangesAreRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		b := bytesOf(100_000)
		k := original(t, b)
		if err := s.Put(t.Context(), k, bytes.NewReader(b), -1, ""); err != nil {
			t.Fatal(err)
		}
		o, err := s.Get(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		part := make([]byte, 1000)
		if _, err := o.ReadAt(part, 70_000); err != nil || !bytes.Equal(part, b[70_000:71_000]) {
			t.Errorf("read at: %v", err)
		}
		if _, err := o.Seek(-10, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(o); err != nil || !bytes.Equal(rest, b[len(b)-10:]) {
			t.Errorf("the last ten: %v, %v", rest, err)
		}
	})
}

func TestListIsByPrefix(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for _, name := range []string{"paper.pdf", "pages/1.json", "pages/2.json", "parts/1.gob"} {
			if err := s.Put(t.Context(), reading(t, name), strings.NewReader("x"), 1, ""); err != nil {
				t.Fatal(err)
			}
		}
		prefix, err := ReadingPrefix(strings.Repeat("ab", 32), revision)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			prefix string
			want   int
		}{{"", 4}, {OriginalsPrefix, 0}, {ReadingsPrefix, 4}, {prefix, 4}, {prefix + "pages/", 2}, {prefix + "pa", 4}} {
			if all := keys(t, s, c.prefix); len(all) != c.want {
				t.Errorf("%q: %v", c.prefix, all)
			}
		}
		for _, odd := range []string{prefix + "../", "/etc", "originals//"} {
			for _, err := range s.List(t.Context(), odd) {
				var refused *KeyError
				if !errors.As(err, &refused) {
					t.Errorf("%q: %v", odd, err)
				}
			}
		}
	})
}

// Many write the same key at once: whoever reads sees one of them whole.
func TestWritersOfOneKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		k := reading(t, "paper.json")
		var group sync.WaitGroup
		for n := range 8 {
			group.Go(func() {
				b := bytes.Repeat([]byte{byte('a' + n)}, 50_000)
				if err := s.Put(t.Context(), k, bytes.NewReader(b), -1, ""); err != nil {
					t.Error(err)
				}
				got := content(t, s, k)
				if len(got) != 50_000 || len(bytes.Trim(got, string(got[:1]))) > 0 {
					t.Error("a mixture was read")
				}
			})
		}
		group.Wait()
	})
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	k := reading(t, "paper.pdf")
	if err := s.Put(t.Context(), k, strings.NewReader("%PDF-1.4"), 8, ""); err != nil {
		t.Fatal(err)
	}
	get := func(link string) (int, http.Header, string) {
		resp, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, resp.Header, string(b)
	}
	link, err := s.Presign(t.Context(), k, time.Second, "Quyết định.pdf", "application/pdf")
	if err != nil {
		t.Fatal(err)
	}
	status, header, body := get(link)
	if status != http.StatusOK || body != "%PDF-1.4" || header.Get("Content-Type") != "application/pdf" ||
		!strings.Contains(header.Get("Content-Disposition"), "attachment; filename*=utf-8''Quy%E1%BA%BFt") {
		t.Errorf("%d %v %q", status, header, body)
	}
	time.Sleep(2100 * time.Millisecond)
	if status, _, _ := get(link); status != http.StatusForbidden {
		t.Errorf("an old link: %d", status)
	}
	d := open(t, Config{Directory: t.TempDir()})
	if _, err := d.Presign(t.Context(), k, time.Minute, "x", "y"); !errors.Is(err, ErrNoLinks) {
		t.Errorf("a directory's link: %v", err)
	}
}

func TestVersionsAreKeptAndDeletedWithTheObject(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	b, ok := s.backend.(*bucket)
	if !ok {
		t.Fatal("it is no bucket")
	}
	v, err := b.client.GetBucketVersioning(t.Context(), b.name)
	if err != nil || !v.Enabled() {
		t.Errorf("versioning %+v, %v", v, err)
	}
}

// A store that is away says so soon, and works again when it is back.
func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "sohoa-object-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m, err := services.StartMinIO(t.Context(), dir)
	services.Need(t, err)
	defer m.Kill()
	s := open(t, onMinIO(m))
	k := reading(t, "paper.txt")
	if err := s.Put(t.Context(), k, strings.NewReader("còn"), -1, ""); err != nil {
		t.Fatal(err)
	}
	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"get":  func() error { _, err := s.Get(t.Context(), k); return err },
		"stat": func() error { _, err := s.Stat(t.Context(), k); return err },
		"put":  func() error { return s.Put(t.Context(), k, strings.NewReader("x"), 1, "") },
		"file": func() error {
			_, err := s.PutFile(t.Context(), original(t, []byte("x")), path, 1, digest([]byte("x")))
			return err
		},
		"check": func() error { return s.Check(t.Context()) },
		"open":  func() error { _, err := Open(t.Context(), onMinIO(m)); return err },
	} {
		if err := call(); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("that took %v", took)
	}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, k); string(got) != "còn" {
		t.Errorf("%q", got)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A disk that is full says so, keeps what it has, and takes more once there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	s := open(t, Config{Directory: filepath.Join(dir, "objects")})
	b := bytesOf(400 << 10)
	if err := s.Put(t.Context(), original(t, b), bytes.NewReader(b), -1, ""); err != nil {
		t.Fatal(err)
	}
	large := bytesOf(2 << 20)
	if err := s.Put(t.Context(), original(t, large), bytes.NewReader(large), -1, digest(large)); !errors.Is(err, ErrFull) {
		t.Errorf("a full disk: %v", err)
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
	if err := s.Put(t.Context(), original(t, b[:1000]), bytes.NewReader(b[:1000]), -1, ""); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A writer that is killed in the middle leaves nothing that anybody sees, and what it left is cleared later.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("SOHOA_TEST_WRITE_TO"); dir != "" {
		s := open(t, Config{Directory: dir})
		_ = s.Put(t.Context(), reading(t, "paper.pdf"), iotest.OneByteReader(neverEnding{}), -1, "")
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledWriter$")
	cmd.Env = append(os.Environ(), "SOHOA_TEST_WRITE_TO="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var left []string
	for range 500 {
		time.Sleep(10 * time.Millisecond)
		if left, _ = filepath.Glob(filepath.Join(dir, incoming, "*")); len(left) > 0 {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if len(left) != 1 {
		t.Fatalf("it was writing %v", left)
	}
	s := open(t, Config{Directory: dir})
	if all := keys(t, s, ""); len(all) > 0 {
		t.Errorf("seen: %v", all)
	}
	long := time.Now().Add(-2 * leftAfter)
	if err := os.Chtimes(left[0], long, long); err != nil {
		t.Fatal(err)
	}
	open(t, Config{Directory: dir})
	if _, err := os.Stat(left[0]); !os.IsNotExist(err) {
		t.Errorf("it was not cleared: %v", err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }

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

func FuzzKey(f *testing.F) {
	sum := strings.Repeat("0f", 32)
	for _, seed := range []string{"paper.pdf", "pages/1.json", "../x", "a/../../b", "", "/etc/passwd", ".hidden", "a//b", "a\x00b", "đơn.pdf", "a/./b"} {
		f.Add(sum, revision, seed)
	}
	f.Add("../"+sum, revision, "paper.pdf")
	f.Add(sum, "..", "paper.pdf")
	f.Fuzz(func(t *testing.T, sum, revision, name string) {
		k, err := Reading(sum, revision, name)
		if err != nil {
			return
		}
		clean := filepath.Clean("/root/" + string(k))
		if clean != "/root/"+string(k) || !strings.HasPrefix(clean, "/root/readings/"+sum+"/"+revision+"/") {
			t.Errorf("%q becomes %q", k, clean)
		}
		if strings.ContainsFunc(string(k), func(r rune) bool { return r < '-' || r > 'z' }) {
			t.Errorf("%q has odd characters", k)
		}
	})
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	c := Config{SecretKey: "geheim"}
	for _, said := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s %q", c.SecretKey, c.SecretKey)} {
		if strings.Contains(said, "geheim") {
			t.Errorf("told: %s", said)
		}
	}
	if c.SecretKey.Reveal() != "geheim" {
		t.Error("it is lost")
	}
}

func TestCacheFetchesOnceAndDropsTheOldest(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	gets := 0
	c := onMinIO(services.MinIO(t))
	c.Observe = func(op string, _ time.Duration, _ error) {
		mu.Lock()
		defer mu.Unlock()
		if op == "get" {
			gets++
		}
	}
	s := open(t, c)
	cache, err := NewCache(s, filepath.Join(t.TempDir(), "cache"), 2500)
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	for range 4 {
		b := bytesOf(1000)
		if err := s.Put(t.Context(), original(t, b), bytes.NewReader(b), -1, ""); err != nil {
			t.Fatal(err)
		}
		sums = append(sums, digest(b))
	}
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			l, err := cache.Fetch(t.Context(), sums[0])
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Release()
			if b, err := os.ReadFile(l.Path); err != nil || digest(b) != sums[0] {
				t.Errorf("the file: %v", err)
			}
		})
	}
	group.Wait()
	if gets != 1 {
		t.Errorf("downloaded %d times", gets)
	}
	inUse, err := cache.Fetch(t.Context(), sums[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range sums[1:] {
		l, err := cache.Fetch(t.Context(), sum)
		if err != nil {
			t.Fatal(err)
		}
		l.Release()
	}
	left, _ := filepath.Glob(filepath.Join(cache.dir, "*"))
	if len(left) != 2 {
		t.Errorf("kept: %v", left)
	}
	if _, err := os.Stat(inUse.Path); err != nil {
		t.Errorf("the one in use was dropped: %v", err)
	}
	inUse.Release()
	if _, err := cache.Fetch(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestCacheOfADirectoryIsTheDirectory(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Directory: t.TempDir()})
	b := bytesOf(100)
	if err := s.Put(t.Context(), original(t, b), bytes.NewReader(b), -1, ""); err != nil {
		t.Fatal(err)
	}
	cache, err := NewCache(s, filepath.Join(t.TempDir(), "cache"), 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := cache.Fetch(t.Context(), digest(b))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if got, err := os.ReadFile(l.Path); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%v", err)
	}
}

func BenchmarkPutAndGet(b *testing.B) {
	data := bytesOf(300 << 10) // a page's part
	for name, config := range map[string]func(b *testing.B) Config{
		"directory": func(b *testing.B) Config { return Config{Directory: b.TempDir()} },
		"minio":     func(b *testing.B) Config { return onMinIO(services.MinIO(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b, config(b))
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				k := reading(b, "pages/1.json")
				if err := s.Put(b.Context(), k, bytes.NewReader(data), int64(len(data)), ""); err != nil {
					b.Fatal(err)
				}
				content(b, s, k)
			}
		})
	}
}
