package decode

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// madePage draws what a page of print looks like to an encoder: paper with a little grain, lines of strokes, a red seal.
func madePage(w, h int) *image.NRGBA {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same page each time
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(img.Pix); i += 4 {
		g := byte(246 + rnd.IntN(8)) //nolint:gosec // below 256
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = g, g, g-4, 255
	}
	x0, y0, size := w/8, h/12, max(4, h/120)
	for y := y0; y+size < h-y0; y += 2 * size {
		for x := x0; x+size < w-x0; x += size * 2 / 3 {
			if rnd.IntN(6) == 0 {
				continue // a space
			}
			fill(img, image.Rect(x, y+rnd.IntN(max(1, size/3)), x+max(1, size/6), y+size), color.NRGBA{30, 30, 34, 255})
			if rnd.IntN(2) == 0 {
				fill(img, image.Rect(x, y+size/2, x+size/2, y+size/2+max(1, size/8)), color.NRGBA{30, 30, 34, 255})
			}
		}
	}
	seal := float64(h) / 14
	for y := range h {
		for x := range w {
			if d := math.Hypot(float64(x)-float64(w)*0.7, float64(y)-float64(h)*0.8); d < seal && d > 0.85*seal {
				img.SetNRGBA(x, y, color.NRGBA{200, 40, 50, 255})
			}
		}
	}
	return img
}

func fill(img *image.NRGBA, r image.Rectangle, c color.NRGBA) {
	r = r.Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetNRGBA(x, y, c)
		}
	}
}

// gray is the luminance of a made page.
func gray(img *image.NRGBA) *image.Gray {
	g := image.NewGray(img.Rect)
	for i := range g.Pix {
		p := img.Pix[4*i : 4*i+4]
		g.Pix[i] = byte((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000) //nolint:gosec // a mean of bytes
	}
	return g
}

// blackAndWhite is a made page as a fax machine sees it.
func blackAndWhite(img *image.NRGBA) *image.Gray {
	g := gray(img)
	for i, v := range g.Pix {
		g.Pix[i] = 255
		if v < 128 {
			g.Pix[i] = 0
		}
	}
	return g
}

// packedBits gives rows of bits, 1 for black.
func packedBits(g *image.Gray) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	row := (w + 7) / 8
	out := make([]byte, row*h)
	for y := range h {
		for x := range w {
			if g.Pix[y*g.Stride+x] < 128 {
				out[y*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return out
}

func written(tb testing.TB, name string, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// distance is the mean difference of two images' samples, 0–255; sizes must be the same.
func distance(tb testing.TB, a, b image.Image) float64 {
	tb.Helper()
	if a.Bounds().Size() != b.Bounds().Size() {
		tb.Fatalf("sizes differ: %v and %v", a.Bounds().Size(), b.Bounds().Size())
	}
	sum := 0.0
	size := a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			p, _ := color.NRGBAModel.Convert(a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y)).(color.NRGBA)
			q, _ := color.NRGBAModel.Convert(b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y)).(color.NRGBA)
			sum += math.Abs(float64(p.R)-float64(q.R)) + math.Abs(float64(p.G)-float64(q.G)) + math.Abs(float64(p.B)-float64(q.B))
		}
	}
	return sum / float64(3*size.X*size.Y)
}
