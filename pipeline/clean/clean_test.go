package clean

import (
	"image"
	"math"
	"sync"
	"testing"

	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
)

// made draws a paper with a fault; fonts are loaded once.
func made(tb testing.TB, kind corpus.Kind, seed uint64, fault corpus.Fault) (corpus.Scan, corpus.Truth) {
	tb.Helper()
	fonts, err := loadFonts()
	if err != nil {
		tb.Fatalf("load fonts: %v", err)
	}
	img, truth, err := corpus.Compose(kind, seed, corpus.Options{}).Draw(fonts, 150)
	if err != nil {
		tb.Fatalf("draw: %v", err)
	}
	sheet := corpus.Sheet{Image: img, DPI: 150, Turn: 90}
	if fault == corpus.Bleed || fault == corpus.Blank { // the others do not look at the back
		if sheet.Behind, _, err = corpus.Compose(corpus.Letter, seed+1, corpus.Options{}).Draw(fonts, 150); err != nil {
			tb.Fatalf("draw: %v", err)
		}
	}
	scan, err := corpus.Apply(sheet, fault, seed)
	if err != nil {
		tb.Fatalf("apply %v: %v", fault, err)
	}
	return scan, truth
}

var loadFonts = sync.OnceValues(func() (*corpus.Fonts, error) { return corpus.LoadFonts(corpus.FontFolders()) })

// opaque is the scan as decode would give it.
func opaque(img image.Image) image.Image {
	if n, ok := img.(*image.NRGBA); ok {
		return n
	}
	return plainGray(img)
}

func TestCleanedPagesReadAsPrint(t *testing.T) {
	t.Parallel()
	for _, fault := range corpus.BenchFaults() {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			scan, truth := made(t, corpus.Decision, 3, fault)
			c := Clean(Scan{Pixels: opaque(scan.Image), DPI: scan.ClaimDPI}, Options{})
			if c.Blank {
				t.Fatal("a page of text counts as blank")
			}
			if c.XHeight < leastXHeight*0.8 || c.XHeight > mostXHeight*1.2 {
				t.Errorf("letters are %.1f pixels high", c.XHeight)
			}
			// Every word of the truth must lie on ink of the cleaned page: the transforms lead back to the scan.
			toClean := c.ToScan.Inverse()
			on, words := 0, 0
			for w := range truth.Words {
				q := scan.Transform.Quad(w.Quad)
				box := toClean.Quad(q).Box()
				words++
				if inkShare(c.Gray, box) > 0.05 {
					on++
				}
			}
			if on*100 < words*97 {
				t.Errorf("%d of %d words have ink where the transforms say; steps %v", on, words, c.Steps)
			}
			// Paper is white: the page's brightest nine tenths are.
			if paper := whiteShare(c.Gray); paper < 0.8 {
				t.Errorf("only %.0f %% of the page is white", 100*paper)
			}
		})
	}
}

func inkShare(g *image.Gray, b page.Box) float64 {
	r := image.Rect(b.X0, b.Y0, b.X1, b.Y1).Intersect(g.Rect)
	if r.Empty() {
		return 0
	}
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if g.Pix[y*g.Stride+x] < dark {
				n++
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}

func whiteShare(g *image.Gray) float64 {
	n := 0
	for _, v := range g.Pix {
		if v > 200 {
			n++
		}
	}
	return float64(n) / float64(len(g.Pix))
}

func TestOrientationAndSkew(t *testing.T) {
	t.Parallel()
	for _, kind := range []corpus.Kind{corpus.Decision, corpus.Form, corpus.List} {
		scan, _ := made(t, kind, 5, corpus.Clean)
		upright := 0
		c := Clean(Scan{Pixels: opaque(scan.Image), DPI: 150}, Options{Turn: &upright})
		for _, turned := range []int{0, 90, 180, 270} {
			for _, skew := range []float64{0, -9.5} {
				g := turnGray(c.Gray, turned)
				if skew != 0 {
					g, _ = rotateGray(g, skew, 255)
				}
				turn, sure := findOrientation(g)
				if (turn+turned)%360 != 0 && sure >= TurnIsSure {
					t.Errorf("%v turned by %d and %.1f°: to be turned by %d with certainty %.2f", kind, turned, skew, turn, sure)
				}
				if turned != 0 {
					continue
				}
				if got, sure := findSkew(g); math.Abs(got-skew) > 0.25 || sure < 0.3 {
					t.Errorf("%v sloping by %.1f°: found %.2f°, certainty %.2f", kind, skew, got, sure)
				}
			}
		}
	}
}

func TestSealsGoAndPrintStays(t *testing.T) {
	t.Parallel()
	const side = 400
	c := image.NewNRGBA(image.Rect(0, 0, side, side))
	paint := func(x, y int, r, g, b uint8) {
		p := c.Pix[y*c.Stride+4*x:]
		p[0], p[1], p[2], p[3] = r, g, b, 255
	}
	for y := range side {
		for x := range side {
			paint(x, y, 250, 250, 248)
			if d := math.Hypot(float64(x-200), float64(y-200)); d > 95 && d < 105 {
				paint(x, y, 205, 50, 60) // the seal's ring
			}
			if y > 195 && y < 205 && x > 50 && x < 350 {
				paint(x, y, 30, 28, 32) // a printed line across it
			}
		}
	}
	g, share := grayWithoutSeals(c)
	if share < 0.01 {
		t.Fatalf("%.4f of the page was red ink", share)
	}
	if v := g.Pix[100*g.Stride+200]; v < 180 {
		t.Errorf("the seal's ring has brightness %d", v)
	}
	for x := 60; x < 340; x++ {
		if v := g.Pix[200*g.Stride+x]; v > 90 {
			t.Fatalf("the printed line has brightness %d at %d", v, x)
		}
	}
}

func TestPaperInAPhoto(t *testing.T) {
	t.Parallel()
	scan, _ := made(t, corpus.Letter, 8, corpus.Photo)
	corners, found := findPaper(opaque(scan.Image))
	if !found {
		t.Fatal("no sheet found in a photo")
	}
	b := scan.Image.Bounds()
	diagonal := math.Hypot(float64(b.Dx()), float64(b.Dy()))
	_, truth := made(t, corpus.Letter, 8, corpus.Clean)
	want := scan.Transform.Quad(page.Box{X1: truth.Width, Y1: truth.Height}.Quad())
	for i := range want {
		if d := math.Hypot(want[i].X-corners[i].X, want[i].Y-corners[i].Y); d > 0.02*diagonal {
			t.Errorf("corner %d is at %v, found at %v", i, want[i], corners[i])
		}
	}
	for _, fault := range []corpus.Fault{corpus.Skew, corpus.Fax} {
		flat, _ := made(t, corpus.Form, 9, fault)
		if _, found := findPaper(opaque(flat.Image)); found {
			t.Errorf("a sheet was found in a flat scan (%v)", fault)
		}
	}
}

func TestBlankPages(t *testing.T) {
	t.Parallel()
	scan, _ := made(t, corpus.Letter, 4, corpus.Blank)
	if c := Clean(Scan{Pixels: opaque(scan.Image), DPI: 150}, Options{}); !c.Blank && len(c.Gray.Pix) > 0 {
		t.Errorf("a blank page counts as printed; steps %v", c.Steps)
	}
}

func TestTableStrips(t *testing.T) {
	t.Parallel()
	scan, truth := made(t, corpus.List, 3, corpus.Clean)
	c := Clean(Scan{Pixels: opaque(scan.Image), DPI: 150}, Options{})
	if len(c.Strips) < 5 {
		t.Fatalf("%d strips in a list of five or more columns", len(c.Strips))
	}
	toClean := c.ToScan.Inverse()
	for w := range truth.Words {
		if w.Cell == 0 {
			continue
		}
		b := toClean.Quad(scan.Transform.Quad(w.Quad)).Box()
		middle := image.Pt((b.X0+b.X1)/2, (b.Y0+b.Y1)/2)
		in := 0
		for _, s := range c.Strips {
			if middle.In(s) {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%q is in %d strips", w.Text, in)
		}
	}
}

func TestOddImages(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{0, 0}, {1, 1}, {1, 5000}, {5000, 1}, {3, 3}, {40, 41}} {
		for _, v := range []uint8{0, 128, 255} {
			g := image.NewGray(image.Rectangle{Max: size})
			for i := range g.Pix {
				g.Pix[i] = v
			}
			Clean(Scan{Pixels: g}, Options{})
			Clean(Scan{Pixels: g, Bilevel: true, DPI: 1200}, Options{Plain: true})
		}
	}
}

func BenchmarkClean(b *testing.B) {
	scan, _ := made(b, corpus.Decision, 3, corpus.Clean)
	img := opaque(scan.Image)
	b.ResetTimer()
	for range b.N {
		Clean(Scan{Pixels: img, DPI: 150}, Options{})
	}
}
