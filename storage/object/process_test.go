package object

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sohoa/scripts/services"
)

// A writer that is killed in the middle leaves nothing that anybody sees.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("SOHOA_TEST_WRITE_TO"); dir != "" {
		_ = open(t, Config{Directory: dir}).Put(t.Context(), reading(t, "paper.pdf"), neverEnding{}, -1, "")
		return
	}
	if bucket, endpoint, ok := strings.Cut(os.Getenv("SOHOA_TEST_WRITE_AT"), "@"); ok {
		c := onMinIO(&services.MinIOServer{Endpoint: endpoint, AccessKey: os.Getenv("SOHOA_TEST_ACCESS"), SecretKey: os.Getenv("SOHOA_TEST_SECRET")})
		c.Bucket = bucket
		_ = open(t, c).Put(t.Context(), reading(t, "paper.pdf"), neverEnding{}, -1, "")
		return
	}
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		var left []string
		killWhile(t, []string{"SOHOA_TEST_WRITE_TO=" + dir}, func() bool {
			left, _ = filepath.Glob(filepath.Join(dir, incoming, "*"))
			return len(left) == 1
		})
		s := open(t, Config{Directory: dir})
		if all := keys(t, s, ""); len(all) > 0 {
			t.Errorf("seen: %v", all)
		}
		if _, err := os.Stat(left[0]); err != nil {
			t.Errorf("a young one may have a writer: %v", err)
		}
		long := time.Now().Add(-2 * leftAfter)
		if err := os.Chtimes(left[0], long, long); err != nil {
			t.Fatal(err)
		}
		open(t, Config{Directory: dir})
		if _, err := os.Stat(left[0]); !os.IsNotExist(err) {
			t.Errorf("it was not cleared: %v", err)
		}
	})
	t.Run("minio", func(t *testing.T) {
		t.Parallel()
		m := services.MinIO(t)
		c := onMinIO(m)
		s := open(t, c)
		k := reading(t, "paper.pdf")
		killWhile(t, []string{
			"SOHOA_TEST_WRITE_AT=" + c.Bucket + "@" + c.Endpoint, "SOHOA_TEST_ACCESS=" + m.AccessKey, "SOHOA_TEST_SECRET=" + m.SecretKey,
		}, func() bool { return unfinished(t, s, k) > 0 })
		if all := keys(t, s, ""); len(all) > 0 {
			t.Errorf("seen: %v", all)
		}
		put(t, s, k, []byte("whole"))
		if got := content(t, s, k); string(got) != "whole" {
			t.Errorf("%q", got)
		}
	})
}

// killWhile runs this test in a process of its own and kills that once it is busy.
func killWhile(t *testing.T, env []string, busy func() bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledWriter$")
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	is := false
	for start := time.Now(); !is && time.Since(start) < 20*time.Second; is = busy() {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if !is {
		t.Fatal("it never wrote")
	}
}

// unfinished counts the uploads of a key that were begun.
func unfinished(t *testing.T, s *Store, k Key) (n int) {
	t.Helper()
	b := bucketOf(t, s)
	for u := range b.client.ListIncompleteUploads(t.Context(), b.name, string(k), true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		n++
	}
	return n
}

// However large an object is, what it takes of memory stays. Not parallel: other tests need memory, too.
func TestMemoryStaysFlat(t *testing.T) {
	const size, most = 192 << 20, 112 << 20 // of which up to 48 MiB are held, and as much may be garbage
	for name, c := range map[string]Config{"directory": {Directory: t.TempDir()}, "minio": onMinIO(services.MinIO(t))} {
		s := open(t, c)
		k := reading(t, "paper.pdf")
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, told := range []int64{-1, size} {
			var peak uint64
			source := &counting{io.LimitReader(neverEnding{}, size), func() {
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}, 0}
			if err := s.Put(t.Context(), k, source, told, ""); err != nil {
				t.Fatal(err)
			}
			if used := int64(peak) - int64(before.HeapAlloc); used > most {
				t.Errorf("%s, told %d: %d MiB", name, told, used>>20)
			}
		}
	}
}

// counting calls seen every 4 MiB.
type counting struct {
	io.Reader
	seen func()
	n    int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.n += n; c.n >= 4<<20 {
		c.n = 0
		c.seen()
	}
	return n, err
}

func BenchmarkPut(b *testing.B) {
	for _, size := range sizes() {
		data := bytesOf(size)
		for name, start := range backends() {
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				s := start(b, Config{})
				b.SetBytes(int64(size))
				for b.Loop() {
					if err := s.Put(b.Context(), reading(b, "paper.pdf"), bytes.NewReader(data), int64(size), ""); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, size := range sizes() {
		data := bytesOf(size)
		for name, start := range backends() {
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				s := start(b, Config{})
				put(b, s, reading(b, "paper.pdf"), data)
				b.SetBytes(int64(size))
				for b.Loop() {
					content(b, s, reading(b, "paper.pdf"))
				}
			})
		}
	}
}

// sizes are those of a page's part and of a large scan.
func sizes() []int { return []int{300 << 10, 40 << 20} }
