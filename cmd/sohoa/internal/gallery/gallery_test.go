package gallery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/page"
	"sohoa/storage/object"
)

// The test binary is its own child, as cmd/sohoa is.
func TestMain(m *testing.M) {
	confine.Init()
	if len(os.Args) == 3 && os.Args[1] == pipeline.ChildVerb {
		if err := pipeline.ServeChild(os.Stdin, os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func newGallery(t *testing.T, most int64) (g *Gallery, store *object.Store, folder string) {
	t.Helper()
	dir := t.TempDir()
	store, err := object.Open(t.Context(), object.Config{Directory: filepath.Join(dir, "objects")})
	if err != nil {
		t.Fatal(err)
	}
	folder = filepath.Join(dir, "pictures")
	g, err = New(Config{Objects: store, Painting: pipeline.Options{Jobs: 2, CacheDir: dir}, Folder: folder, Most: most})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(g.Close(), store.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
		if left, err := os.ReadDir(filepath.Join(folder, "work")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	return g, store, folder
}

// putScan stores a picture that is red on its left half, and gives its name.
func putScan(tb testing.TB, store *object.Store, w, h int) string {
	tb.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{R: 255, G: uint8(255 * (2 * x / w)), B: uint8(255 * (2 * x / w)), A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b.Bytes()))
	key, err := object.Original(sum)
	if err != nil {
		tb.Fatal(err)
	}
	if err := store.Put(tb.Context(), key, &b, int64(b.Len()), ""); err != nil {
		tb.Fatal(err)
	}
	return sum
}

func look(t *testing.T, f *os.File) image.Image {
	t.Helper()
	defer f.Close()
	img, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPicturesAreMadeOnceAndTurned(t *testing.T) {
	t.Parallel()
	g, store, folder := newGallery(t, 1<<30)
	sum := putScan(t, store, 600, 900)
	want := Picture{SHA256: sum, View: pipeline.View{Page: 1, Width: 200, Turn: 90}}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			f, err := g.Picture(t.Context(), want)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if img, err := jpeg.Decode(f); err != nil || img.Bounds().Size() != image.Pt(200, 133) {
				t.Errorf("%v, %v", img, err)
			}
		})
	}
	group.Wait()
	f, err := g.Picture(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	img := look(t, f)
	// What was on the left is at the top.
	if r, gr, _, _ := img.At(100, 20).RGBA(); r < 0xe000 || gr > 0x2000 {
		t.Errorf("the top is %v", img.At(100, 20))
	}
	if _, gr, _, _ := img.At(100, 110).RGBA(); gr < 0xe000 {
		t.Errorf("the bottom is %v", img.At(100, 110))
	}
	if files, err := os.ReadDir(filepath.Join(folder, "shelf")); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := g.Picture(t.Context(), Picture{SHA256: strings.Repeat("0", 64), View: pipeline.View{Page: 1, Width: 200}}); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("a scan that is not there: %v", err)
	}
	// Made before: no process is needed, so none that is cancelled matters.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Picture(gone, Picture{SHA256: sum, View: pipeline.View{Page: 1, Width: 1000}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if f, err = g.Picture(t.Context(), Picture{SHA256: sum, View: pipeline.View{Page: 1, Width: 1000}}); err != nil {
		t.Fatal(err)
	}
	if got := look(t, f).Bounds().Size(); got != image.Pt(600, 900) {
		t.Errorf("a small page became %v", got)
	}
}

func TestTheShelfIsBounded(t *testing.T) {
	t.Parallel()
	s, err := newShelf(filepath.Join(t.TempDir(), "shelf"), 250)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	take := func(name string) {
		t.Helper()
		f, err := s.take(t.Context(), name, func(_ context.Context, path string) error {
			made++
			return os.WriteFile(path, make([]byte, 100), 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, f); err != nil || n != 100 {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"a", "b", "a", "c", "a", "b"} { // c puts b away, and b puts c away
		take(name)
	}
	files, err := os.ReadDir(s.dir)
	if err != nil || len(files) != 2 || s.bytes != 200 || made != 4 {
		t.Errorf("%v, %d bytes, %d made, %v", files, s.bytes, made, err)
	}
	if err := os.Remove(filepath.Join(s.dir, "a")); err != nil { // somebody tidied up
		t.Fatal(err)
	}
	if take("a"); made != 5 || s.bytes != 200 {
		t.Errorf("%d made, %d bytes", made, s.bytes)
	}
	broken := errors.New("it cannot be")
	if _, err := s.take(t.Context(), "x", func(context.Context, string) error { return broken }); !errors.Is(err, broken) || s.bytes != 200 {
		t.Errorf("%v, %d bytes", err, s.bytes)
	}
}

// putPDF stores the PDF of a reading, with so many pages, each of another width.
func putPDF(t *testing.T, store *object.Store, sum string, pages, wide int) {
	t.Helper()
	keepPDF(t, store, sum, pdfOf(t, pages, wide))
}

func keepPDF(t *testing.T, store *object.Store, sum string, pdf []byte) {
	t.Helper()
	key, err := object.Reading(sum, "r1", "paper.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), key, bytes.NewReader(pdf), int64(len(pdf)), ""); err != nil {
		t.Fatal(err)
	}
}

func pdfOf(t *testing.T, pages, wide int) []byte {
	t.Helper()
	var b bytes.Buffer
	p, err := bind.NewPDF(&b, bind.Meta{Title: "Giấy tờ", Producer: "Sohoa"})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= pages; n++ {
		pg := page.Page{Number: n, Width: 100, Height: 100, DPI: 72, Blocks: []page.Block{}}
		if err := p.Overlay(&pg, float64(wide+n), 800); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func leaf(sum string, page, turned, turn int) Leaf {
	return Leaf{SHA256: sum, Revision: "r1", Page: page, Turned: turned, Turn: turn}
}

func TestAPDFIsPutTogether(t *testing.T) {
	t.Parallel()
	g, store, _ := newGallery(t, 1<<30)
	one, two := strings.Repeat("1", 64), strings.Repeat("2", 64)
	putPDF(t, store, one, 3, 100)
	putPDF(t, store, two, 1, 500)
	kept := pdfOf(t, 1, 700) // a signed one is its reading's PDF as it was handed in, so that its pages lie as they were scanned
	sealed := fmt.Sprintf("%x", sha256.Sum256(kept))
	keepPDF(t, store, sealed, kept)
	f, err := g.PDF(t.Context(), Paper{Leaves: []Leaf{leaf(one, 3, 180, 0), leaf(two, 1, 0, 90), leaf(one, 1, 0, 0), leaf(sealed, 1, 180, 90)}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := exec.CommandContext(t.Context(), "pdfinfo", "-f", "1", "-l", "9", f.Name()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, info)
	}
	said := strings.Join(strings.Fields(string(info)), " ")
	for _, want := range []string{
		"Title: Giấy tờ", "Pages: 4", "Page 1 size: 103 x 800", "Page 1 rot: 0", "Page 2 size: 501 x 800", "Page 2 rot: 90", "Page 3 size: 101 x 800", "Page 4 size: 701 x 800", "Page 4 rot: 270",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not in %s", want, said)
		}
	}
	raw, err := os.ReadFile(f.Name())
	if err != nil || !bytes.Contains(raw, []byte("/OutputIntents")) {
		t.Errorf("the output intent is gone (%v)", err)
	}
	if _, err := g.PDF(t.Context(), Paper{Leaves: []Leaf{leaf(one, 4, 0, 0)}}); err == nil {
		t.Error("a page that is not there was taken")
	}
	if _, err := g.PDF(t.Context(), Paper{Leaves: []Leaf{{SHA256: one, Revision: "r2", Page: 1}}}); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("a reading that is not there: %v", err)
	}
}

// How long a browser waits for a page of a scan (A4 at 300 dpi, PNG, which costs the most to decode): made anew, and kept.
func BenchmarkPicture(b *testing.B) {
	dir := b.TempDir()
	store, err := object.Open(b.Context(), object.Config{Directory: filepath.Join(dir, "objects")})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // of a benchmark
	g, err := New(Config{Objects: store, Painting: pipeline.Options{Jobs: 2, CacheDir: dir}, Folder: filepath.Join(dir, "pictures"), Most: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close() //nolint:errcheck // of a benchmark
	sum := putScan(b, store, 2480, 3508)
	for what, width := range map[string]int{"thumbnail": 200, "page": 1000, "zoom": 2000} {
		for _, kept := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/kept=%v", what, kept), func(b *testing.B) {
				look := func(readWidth int) {
					f, err := g.Picture(b.Context(), Picture{SHA256: sum, View: pipeline.View{Page: 1, Width: width, ReadWidth: readWidth}})
					if err != nil {
						b.Fatal(err)
					}
					if _, err := io.Copy(io.Discard, f); err != nil {
						b.Fatal(err)
					}
					if err := f.Close(); err != nil {
						b.Fatal(err)
					}
				}
				look(0)
				for n := 1; b.Loop(); n++ {
					if kept {
						look(0)
					} else {
						look(n) // another name, so that it is made anew
					}
				}
			})
		}
	}
}
