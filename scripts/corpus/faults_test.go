package corpus

import (
	"bytes"
	"image"
	"math"
	"testing"

	"sohoa/pipeline/page"
)

// greyOf gives any scan's brightness.
func greyOf(img image.Image) *image.Gray {
	if n, ok := img.(*image.NRGBA); ok {
		return luma(n)
	}
	p := img.(*image.Paletted)
	g := image.NewGray(p.Rect)
	for i, v := range p.Pix {
		g.Pix[i] = 255 * (1 - v)
	}
	return g
}

// pixels are the bytes of a scan's image.
func pixels(img image.Image) []byte {
	if n, ok := img.(*image.NRGBA); ok {
		return n.Pix
	}
	return img.(*image.Paletted).Pix
}

// likeness is how well the words of a page agree with a scan of it when the scan is looked up through a transform:
// the correlation of both over the words' surroundings, -1 to 1.
func likeness(clean, scan *image.Gray, words []Word, m page.Transform) float64 {
	var n, sa, sb, saa, sbb, sab float64
	for _, w := range words {
		for y := w.Box.Y0 - 2; y < w.Box.Y1+2; y += 2 {
			for x := w.Box.X0 - 2; x < w.Box.X1+2; x += 2 {
				p := m.Apply(page.Point{X: float64(x) + 0.5, Y: float64(y) + 0.5})
				sx, sy := int(math.Floor(p.X)), int(math.Floor(p.Y))
				if !image.Pt(x, y).In(clean.Rect) || !image.Pt(sx, sy).In(scan.Rect) {
					continue
				}
				a, b := float64(clean.GrayAt(x, y).Y), float64(scan.GrayAt(sx, sy).Y)
				n, sa, sb, saa, sbb, sab = n+1, sa+a, sb+b, saa+a*a, sbb+b*b, sab+a*b
			}
		}
	}
	return (sab/n - sa/n*sb/n) / math.Sqrt((saa/n-sa/n*sa/n)*(sbb/n-sb/n*sb/n))
}

// A fault's transform must say where the ink went: the scan agrees with the clean page best through that transform, and
// worse through one that is off by two pixels in any direction.
func TestTransformsLeadToTheInk(t *testing.T) {
	fonts := testFonts(t)
	clean, truth, err := Compose(Decision, 9, Options{}).Draw(fonts, 80)
	if err != nil {
		t.Fatal(err)
	}
	behind, _, err := Compose(Letter, 10, Options{}).Draw(fonts, 80)
	if err != nil {
		t.Fatal(err)
	}
	var words []Word
	for w := range truth.Words {
		words = append(words, w)
	}
	grey := luma(clean)
	for i, fault := range Faults() {
		s, err := Apply(Sheet{Image: clean, DPI: 80, Behind: behind}, fault, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		scan := greyOf(s.Image)
		here := likeness(grey, scan, words, s.Transform)
		if fault == Blank {
			if !s.NoText || math.Abs(here) > 0.1 {
				t.Errorf("a blank page agrees with the text by %.2f", here)
			}
			continue
		}
		if here < 0.6 {
			t.Errorf("%s: the page agrees with its scan by %.2f only", fault, here)
		}
		for _, d := range []page.Point{{X: 2}, {X: -2}, {Y: 2}, {Y: -2}} {
			if off := likeness(grey, scan, words, page.Translate(d.X, d.Y).Then(s.Transform)); off >= here {
				t.Errorf("%s: agrees by %.3f, but by %.3f when moved by %v", fault, here, off, d)
			}
		}
	}
}

func TestFaultsKeepTheirPromises(t *testing.T) {
	fonts := testFonts(t)
	clean, _, err := Compose(Letter, 2, Options{}).Draw(fonts, 50)
	if err != nil {
		t.Fatal(err)
	}
	w, h := clean.Rect.Dx(), clean.Rect.Dy()
	before := append([]byte(nil), clean.Pix...)
	for _, fault := range Faults() {
		a, err := Apply(Sheet{Image: clean, DPI: 50}, fault, 8)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Apply(Sheet{Image: clean, DPI: 50}, fault, 8)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(pixels(a.Image), pixels(b.Image)) {
			t.Errorf("%s: one seed gave two images", fault)
		}
		if fault != LyingDPI { // its seed has nothing to choose
			if c, err := Apply(Sheet{Image: clean, DPI: 50}, fault, 9); err != nil || bytes.Equal(pixels(a.Image), pixels(c.Image)) {
				t.Errorf("%s: two seeds gave one image (%v)", fault, err)
			}
		}
		if !bytes.Equal(before, clean.Pix) {
			t.Fatalf("%s changed the clean page", fault)
		}
		size := a.Image.Bounds().Size()
		want := image.Pt(w, h)
		switch fault {
		case DPI150:
			want = image.Pt(w*3, h*3)
		case DPI100:
			want = image.Pt(w*2, h*2)
		case Screen:
			if a.DPI < 72 || a.DPI > 96 {
				t.Errorf("screen: %.1f dpi", a.DPI)
			}
			want = image.Pt(int(float64(w)*a.DPI/50), int(float64(h)*a.DPI/50))
		case Fax:
			want = image.Pt(w*4, h*4)
		case Photo:
			want = image.Pt(408, 544)
		case Turned:
			continue
		}
		if math.Abs(float64(size.X-want.X)) > 1 || math.Abs(float64(size.Y-want.Y)) > 1 {
			t.Errorf("%s: %v pixels, want %v", fault, size, want)
		}
	}
	if _, err := Apply(Sheet{Image: clean, DPI: 50}, "coffee", 1); err == nil {
		t.Error("an unknown fault gave no error")
	}
}

func TestTurnedTurnsAsAsked(t *testing.T) {
	fonts := testFonts(t)
	clean, _, err := Compose(List, 2, Options{Plain: true}).Draw(fonts, 60)
	if err != nil {
		t.Fatal(err)
	}
	for _, degrees := range []int{90, 180, 270} {
		s, err := Apply(Sheet{Image: clean, DPI: 60, Turn: degrees}, Turned, 1)
		if err != nil {
			t.Fatal(err)
		}
		if s.Transform != page.Turn(degrees, clean.Rect.Dx(), clean.Rect.Dy()) {
			t.Errorf("turned by %d: transform %v", degrees, s.Transform)
		}
		if tall := s.Image.Bounds().Dy() > s.Image.Bounds().Dx(); tall != (degrees == 180) {
			t.Errorf("turned by %d: %v", degrees, s.Image.Bounds())
		}
	}
}

// The light of dark photos falls to 35–40 % somewhere and the page stays readable nowhere darker than that.
func TestDarkLightFallsAsPromised(t *testing.T) {
	for seed := range uint64(6) {
		img := image.NewNRGBA(image.Rect(0, 0, 400, 560))
		for i := range img.Pix {
			img.Pix[i] = 255
		}
		light(img, newGrain(seed), 0.9, 0.35)
		least, most := 255, 0
		for i := 0; i < len(img.Pix); i += 4 { // red has no tint
			least, most = min(least, int(img.Pix[i])), max(most, int(img.Pix[i]))
		}
		if least < 88 || least > 102 || most < 160 {
			t.Errorf("seed %d: light from %d to %d of 255", seed, least, most)
		}
	}
}
