package object

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/scripts/services"
)

// backends start an empty store each, in a directory and on a real MinIO; what else of a Config matters is given.
func backends() map[string]func(tb testing.TB, c Config) *Store {
	return map[string]func(tb testing.TB, c Config) *Store{"directory": inDirectory, "minio": inMinIO}
}

func inDirectory(tb testing.TB, c Config) *Store {
	tb.Helper()
	c.Directory = tb.TempDir()
	return open(tb, c)
}

func inMinIO(tb testing.TB, c Config) *Store {
	tb.Helper()
	on := onMinIO(services.MinIO(tb))
	on.Observe = c.Observe
	return open(tb, on)
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

// smallDisk is the folder of a file system of its own.
func smallDisk(tb testing.TB, size string) string {
	tb.Helper()
	dir := tb.TempDir()
	services.SmallDisk(tb, dir, "size="+size)
	return dir
}

// file writes a file to hand in.
func file(tb testing.TB, dir string, b []byte) (path string) {
	tb.Helper()
	path = filepath.Join(dir, "upload")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

func put(tb testing.TB, s *Store, k Key, b []byte) {
	tb.Helper()
	if err := s.Put(tb.Context(), k, bytes.NewReader(b), int64(len(b)), digest(b)); err != nil {
		tb.Fatal(err)
	}
}

// private is a MinIO of this test alone, to do bad things to.
func private(t *testing.T, dir string) *services.MinIOServer {
	t.Helper()
	m, err := services.StartMinIO(t.Context(), dir)
	services.Need(t, err)
	t.Cleanup(func() { _ = m.Kill() })
	return m
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }
