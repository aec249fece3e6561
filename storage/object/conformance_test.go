package object

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

func TestWhatIsPutIsThere(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			for _, c := range []struct {
				name string
				n    int
				size int64 // as told
			}{
				{"empty", 0, 0},
				{"small", 1000, 1000},
				{"of unknown size", 1000, -1},
				{"of two parts", 17 << 20, 17 << 20},
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
}

func TestPutReplacesWholeAndDeleteRemoves(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
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
}

func TestOtherBytesThanAnnouncedAreNotStored(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
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
						_, err := s.PutFile(t.Context(), k, path, int64(len(b)), digest(small[1:]), 0)
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
}

func TestPutFileKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			for _, n := range []int{0, 5000, 17 << 20} {
				b := bytesOf(n)
				k := original(t, b)
				path := filepath.Join(t.TempDir(), "upload")
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				for _, want := range []bool{false, true} {
					existed, err := s.PutFile(t.Context(), k, path, int64(n), digest(b), 0)
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
}

func TestRangesAreRead(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
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
}

func TestListIsByPrefix(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
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
}

// Many write the same key at once: whoever reads sees one of them whole.
func TestWritersOfOneKey(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
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
}

// Whoever writes and deletes one key at once never sees an error of the other's, nor half an object.
func TestWritersAndDeleters(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			k := reading(t, "pages/1.json")
			b := bytesOf(3000)
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					for range 10 {
						if err := s.Put(t.Context(), k, bytes.NewReader(b), -1, digest(b)); err != nil {
							t.Error(err)
						}
					}
				})
				group.Go(func() {
					for range 10 {
						if err := s.Delete(t.Context(), k); err != nil {
							t.Error(err)
						}
						o, err := s.Get(t.Context(), k)
						if errors.Is(err, ErrNotFound) {
							continue
						}
						if err != nil {
							t.Error(err)
							continue
						}
						// Deleted between opening and reading it may be gone, but never be another.
						if got, err := io.ReadAll(o); err != nil && !errors.Is(err, ErrNotFound) || err == nil && !bytes.Equal(got, b) {
							t.Errorf("%d bytes, %v", len(got), err)
						}
						o.Close()
					}
				})
			}
			group.Wait()
			put(t, s, k, b)
			if !bytes.Equal(content(t, s, k), b) {
				t.Error("other bytes")
			}
		})
	}
}

// What fails leaves what was there before.
func TestFailedReplacementKeepsTheOld(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			k := reading(t, "paper.txt")
			old := []byte("như cũ")
			put(t, s, k, old)
			gone := errors.New("the client is gone")
			for name, c := range map[string]struct {
				r    io.Reader
				size int64
				sum  string
			}{
				"too many":         {strings.NewReader("mới hơn"), 5, ""},
				"too few":          {strings.NewReader("mới"), 50, ""},
				"another checksum": {strings.NewReader("mới"), -1, digest(old)},
				"broken":           {io.MultiReader(bytes.NewReader(bytesOf(100)), iotest.ErrReader(gone)), 200, ""},
				"broken later":     {io.MultiReader(bytes.NewReader(bytesOf(partSize+100)), iotest.ErrReader(gone)), -1, ""},
			} {
				err := s.Put(t.Context(), k, c.r, c.size, c.sum)
				if err == nil || errors.Is(err, ErrUnavailable) || strings.HasPrefix(name, "broken") && !errors.Is(err, gone) {
					t.Errorf("%s: %v", name, err)
				}
				if got := content(t, s, k); !bytes.Equal(got, old) {
					t.Errorf("%s: it is %q", name, got)
				}
			}
		})
	}
}

func TestEndOfTheContextIsNoFaultOfTheStore(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			k := reading(t, "paper.pdf")
			err := s.Put(ctx, k, neverEnding{}, -1, "")
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnavailable) {
				t.Errorf("late: %v", err)
			}
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			err = s.Put(cancelled, k, strings.NewReader("x"), -1, "")
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
				t.Errorf("cancelled: %v", err)
			}
			if _, err := s.Stat(t.Context(), k); !errors.Is(err, ErrNotFound) {
				t.Errorf("something is there: %v", err)
			}
		})
	}
}

func TestOddKeysAreRefused(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			path := file(t, t.TempDir(), []byte("x"))
			for _, k := range []Key{"", "x", "originals", "originals/", "originals/../x", "originals/abc", "/etc/passwd", "readings/a/b/c", "đơn/1"} {
				_, get := s.Get(t.Context(), k)
				_, stat := s.Stat(t.Context(), k)
				_, presign := s.Presign(t.Context(), k, time.Minute, "x", "")
				_, putFile := s.PutFile(t.Context(), k, path, 1, digest([]byte("x")), 0)
				for name, err := range map[string]error{
					"get": get, "stat": stat, "presign": presign, "put file": putFile, "delete": s.Delete(t.Context(), k),
					"put": s.Put(t.Context(), k, strings.NewReader("x"), 1, ""),
				} {
					var refused *KeyError
					if !errors.As(err, &refused) {
						t.Errorf("%s %q: %v", name, k, err)
					}
				}
				if path, ok := s.Path(k); ok {
					t.Errorf("%q is at %s", k, path)
				}
			}
		})
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := make(map[string]error)
			s := start(t, Config{Observe: func(op string, took time.Duration, err error) {
				if took < 0 {
					t.Errorf("%s took %v", op, took)
				}
				seen[op] = err
			}})
			k := reading(t, "paper.txt")
			put(t, s, k, []byte("x"))
			content(t, s, k)
			keys(t, s, "")
			_, _ = s.Presign(t.Context(), k, time.Minute, "x", "")
			if err := errors.Join(s.Check(t.Context()), s.Delete(t.Context(), k)); err != nil {
				t.Error(err)
			}
			if _, err := s.Stat(t.Context(), k); !errors.Is(err, ErrNotFound) || !errors.Is(seen["stat"], ErrNotFound) {
				t.Errorf("stat: %v, seen %v", err, seen["stat"])
			}
			ops := slices.Sorted(maps.Keys(seen))
			if want := []string{"check", "delete", "get", "list", "presign", "put", "stat"}; !slices.Equal(ops, want) {
				t.Errorf("seen %v, want %v", ops, want)
			}
		})
	}
}

// What was left by an upload that nobody acknowledged becomes young when it is handed in again.
func TestPutFileMakesOldObjectsYoung(t *testing.T) {
	t.Parallel()
	for name, start := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{})
			b := bytesOf(3000)
			k := original(t, b)
			path := filepath.Join(t.TempDir(), "upload")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := s.Put(t.Context(), k, bytes.NewReader(b), int64(len(b)), ""); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1100 * time.Millisecond) // MinIO counts whole seconds in its listings
			for _, c := range []struct {
				fresh time.Duration
				young bool
			}{{0, false}, {time.Hour, false}, {time.Second, true}} {
				existed, err := s.PutFile(t.Context(), k, path, int64(len(b)), digest(b), c.fresh)
				if err != nil || !existed {
					t.Fatalf("existed %v, %v", existed, err)
				}
				info, err := s.Stat(t.Context(), k)
				if young := time.Since(info.Modified) < time.Second; err != nil || young != c.young {
					t.Errorf("fresh %v: modified %v ago, %v", c.fresh, time.Since(info.Modified), err)
				}
			}
		})
	}
}
