package pipeline

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"sohoa/pipeline/child"
	"sohoa/pipeline/decode/pdf"
	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
)

func newPainter(tb testing.TB) *Painter {
	tb.Helper()
	p, err := NewPainter(Options{Jobs: 2, CacheDir: tb.TempDir(), WorkDir: tb.TempDir()})
	if err != nil {
		tb.Fatalf("make a painter: %v", err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Errorf("close the painter: %v", err)
		}
	})
	return p
}

// painted is a page's picture.
func painted(tb testing.TB, p *Painter, path string, v View) image.Image {
	tb.Helper()
	c, err := p.Open(tb.Context(), path)
	if err != nil {
		tb.Fatalf("open %s: %v", path, err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	}()
	data, err := c.Paint(tb.Context(), v)
	if err != nil {
		tb.Fatalf("paint %s: %v", path, err)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatalf("the picture is no JPEG: %v", err)
	}
	return img
}

// inkIn is the share of a picture's ink that lies in the boxes of the page's words, turned and scaled as the picture is.
func inkIn(img image.Image, p *page.Page) float64 {
	size := img.Bounds().Size()
	w, h := p.Width, p.Height
	if p.Turned%180 != 0 {
		w, h = h, w
	}
	way := page.Turn(p.Turned, p.Width, p.Height).Then(page.Scale(float64(size.X)/float64(w), float64(size.Y)/float64(h)))
	inside := image.NewGray(image.Rectangle{Max: size})
	for word := range p.Words {
		b := way.Quad(word.Box.Quad()).Box()
		for y := max(0, b.Y0-1); y < min(size.Y, b.Y1+1); y++ {
			for x := max(0, b.X0-1); x < min(size.X, b.X1+1); x++ {
				inside.SetGray(x, y, color.Gray{1})
			}
		}
	}
	ink, in := 0, 0
	for y := range size.Y {
		for x := range size.X {
			if r, g, b, _ := img.At(x, y).RGBA(); max(r, g, b) < 0x6000 { // neither seals nor pens
				ink++
				in += int(inside.GrayAt(x, y).Y)
			}
		}
	}
	return float64(in) / float64(max(ink, 1))
}

// Words lie on the picture where the boxes of their reading say, whatever the format and however the page lay.
func TestPicturesAreWhereTheBoxesAre(t *testing.T) {
	t.Parallel()
	r, painter := newReader(t, nil), newPainter(t)
	for _, c := range []struct {
		name  string
		kind  corpus.Kind
		fault corpus.Fault
		turn  int
	}{{"upright", corpus.Letter, corpus.Clean, 0}, {"on its side", corpus.Decision, corpus.Turned, 90}, {"by fax", corpus.Decision, corpus.Fax, 0}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path, _, _ := made(t, dir, c.kind, c.fault, c.turn)
			stem := filepath.Join(dir, "out")
			if _, err := r.Run(t.Context(), path, stem, nil); err != nil {
				t.Fatalf("run: %v", err)
			}
			for _, file := range []string{path, stem + ".pdf"} {
				again := filepath.Join(dir, "again")
				if _, err := r.Run(t.Context(), file, again, nil); err != nil {
					t.Fatalf("run %s: %v", file, err)
				}
				p := readPages(t, again)[0]
				for _, width := range []int{200, 1000} {
					img := painted(t, painter, file, View{Page: 1, Width: width, Turn: p.Turned, ReadWidth: p.Width, ReadHeight: p.Height})
					if got := img.Bounds().Dx(); got != width {
						t.Errorf("%s: %d columns, want %d", file, got, width)
					}
					if in := inkIn(img, p); width == 1000 && in < 0.8 {
						t.Errorf("%s: %.2f of the ink lies in the words' boxes", filepath.Base(file), in)
					}
				}
				// A check that the measure can fail: the same boxes on the page upside down.
				p.Turned = (p.Turned + 180) % 360
				if in := inkIn(painted(t, painter, file, View{Page: 1, Width: 1000, Turn: (p.Turned + 180) % 360}), p); in > 0.6 {
					t.Errorf("%.2f of the ink lies in wrong boxes", in)
				}
			}
		})
	}
}

func TestWhatCannotBePainted(t *testing.T) {
	t.Parallel()
	painter, dir := newPainter(t), t.TempDir()
	broken := filepath.Join(dir, "broken.png")
	write(t, broken, append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...))
	c, err := painter.Open(t.Context(), broken)
	if err != nil {
		t.Fatal(err)
	}
	var refused *child.RequestError
	if _, err := c.Paint(t.Context(), View{Page: 1, Width: 200}); !errors.As(err, &refused) {
		t.Errorf("a broken image: %v", err)
	}
	write(t, filepath.Join(dir, "page.html"), []byte("<script>alert(1)</script>"))
	if _, err := painter.Open(t.Context(), filepath.Join(dir, "page.html")); err == nil {
		t.Error("a web page was opened")
	}
	left, err := os.ReadDir(painter.opt.WorkDir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAPictureIsOfTheArea(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	img.SetNRGBA(50, 50, color.NRGBA{255, 0, 0, 255})
	got := cutTo(img, pdf.Area{X0: -0.1, Y0: 0.2, X1: 1, Y1: 0.9})
	if got.Bounds().Size() != image.Pt(110, 70) {
		t.Fatalf("size %v", got.Bounds())
	}
	if r, g, _, _ := got.At(60, 30).RGBA(); r != 0xffff || g != 0 {
		t.Error("the dot is elsewhere")
	}
	if r, g, b, _ := got.At(5, 5).RGBA(); r&g&b != 0xffff {
		t.Error("what lies beyond the page is not white")
	}
	if got := cutTo(img, pdf.Area{X0: 0, Y0: 0, X1: 1e6, Y1: 1}); got != image.Image(img) {
		t.Error("an area of a million pages was made")
	}
}

// How long a picture takes that nobody has asked for yet: go test -bench Paint ./pipeline.
func BenchmarkPaint(b *testing.B) {
	r, painter, dir := newReader(b, nil), newPainter(b), b.TempDir()
	scan, _, _ := made(b, dir, corpus.Decision, corpus.Clean, 0)
	stem := filepath.Join(dir, "out")
	if _, err := r.Run(b.Context(), scan, stem, nil); err != nil {
		b.Fatal(err)
	}
	for name, file := range map[string]string{"jpeg": scan, "pdf": stem + ".pdf"} {
		for what, width := range map[string]int{"thumbnail": 200, "page": 1000, "zoom": 2000} {
			b.Run(name+"/"+what, func(b *testing.B) {
				c, err := painter.Open(b.Context(), file)
				if err != nil {
					b.Fatal(err)
				}
				defer c.Close() //nolint:errcheck // of a benchmark
				for b.Loop() {
					data, err := c.Paint(b.Context(), View{Page: 1, Width: width})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(data)), "bytes")
				}
			})
		}
	}
}
