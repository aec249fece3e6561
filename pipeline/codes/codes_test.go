package codes

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/boombuler/barcode/qr"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
)

const (
	coverText   = "SOHOA1|H50.13-220331-0001|component|TP-Đơn_01|K7Q2M9XDWA"
	dossierText = "H50.13-220331-00021"
)

// drawn is a page of print at so many dpi with codes on it: a cover's QR code 9 cm wide, a receipt's 2.5 cm wide, and a barcode
// 6 cm long.
func drawn(tb testing.TB, dpi int) (*image.NRGBA, map[page.CodeKind][]page.Box) {
	tb.Helper()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		tb.Fatal(err)
	}
	img, _, err := corpus.Compose(corpus.Decision, 5, corpus.Options{}).Draw(fonts, float64(dpi))
	if err != nil {
		tb.Fatal(err)
	}
	mm := func(v float64) int { return int(v * float64(dpi) / 25.4) }
	where := map[page.CodeKind][]page.Box{}
	put := func(kind page.CodeKind, on [][]bool, x, y, w, h int) {
		place := image.Rect(x, y, x+w, y+h)
		draw.Draw(img, place.Inset(-mm(4)), image.White, image.Point{}, draw.Src)
		for py := range h {
			for px := range w {
				if on[py*len(on)/h][px*len(on[0])/w] {
					img.Set(x+px, y+py, color.Black)
				}
			}
		}
		where[kind] = append(where[kind], page.Box{X0: x, Y0: y, X1: x + w, Y1: y + h})
	}
	put(page.QR, bits(tb, coverText), mm(60), mm(100), mm(90), mm(90))
	put(page.QR, bits(tb, dossierText), mm(25), mm(20), mm(25), mm(25))
	put(page.Code128, bars128(tb, dossierText), mm(110), mm(25), mm(60), mm(12))
	return img, where
}

func bits(tb testing.TB, text string) (rows [][]bool) {
	tb.Helper()
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		tb.Fatal(err)
	}
	n := code.Bounds().Dx()
	for y := range n {
		row := make([]bool, n)
		for x := range row {
			row[x] = code.At(x, y) == color.Black
		}
		rows = append(rows, row)
	}
	return rows
}

func bars128(tb testing.TB, text string) [][]bool {
	tb.Helper()
	m, err := oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 0, 1, nil)
	if err != nil {
		tb.Fatal(err)
	}
	row := make([]bool, 0, m.GetWidth())
	for x := range m.GetWidth() {
		row = append(row, m.Get(x, 0))
	}
	for !row[0] {
		row = row[1:]
	}
	for !row[len(row)-1] {
		row = row[:len(row)-1]
	}
	return [][]bool{row}
}

// packed is a page that was packed as a JPEG of some quality.
func packed(tb testing.TB, img image.Image, quality int) image.Image {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		tb.Fatal(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		tb.Fatal(err)
	}
	n := image.NewNRGBA(out.Bounds())
	draw.Draw(n, n.Rect, out, image.Point{}, draw.Src)
	return n
}

// What is printed is found after a scanner has done what scanners do, at its place.
func TestCodesAreFoundOnBadScans(t *testing.T) {
	t.Parallel()
	img, where := drawn(t, 300)
	for _, c := range []struct {
		name    string
		fault   corpus.Fault
		turn    int
		quality int
		without page.CodeKind // that is too fine for such a scan
	}{
		{"clean", corpus.Clean, 0, 75, ""},
		{"skewed", corpus.Skew, 0, 60, ""},
		{"noisy", corpus.Noise, 0, 60, ""},
		{"on its side", corpus.Turned, 90, 60, ""},
		{"on its head", corpus.Turned, 180, 60, ""},
		{"on its other side", corpus.Turned, 270, 60, ""},
		{"fax", corpus.Fax, 0, 0, ""},
		{"faded", corpus.Faded, 0, 60, ""},
		{"back shows through", corpus.Bleed, 0, 60, ""},
		{"photographed in the dark", corpus.Dark, 0, 60, ""},
		{"packed too hard", corpus.JPEG, 0, 15, ""},
		{"150 dpi", corpus.DPI150, 0, 60, page.Code128},
		{"dark edges and punch holes", corpus.Edges, 0, 60, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			scan, err := corpus.Apply(corpus.Sheet{Image: img, DPI: 300, Turn: c.turn}, c.fault, 3)
			if err != nil {
				t.Fatal(err)
			}
			pixels := scan.Image
			if c.quality > 0 {
				pixels = packed(t, scan.Image, c.quality)
			}
			found := Find(pixels, scan.DPI)
			for kind, boxes := range where {
				for i, text := range []string{coverText, dossierText}[2-len(boxes):] {
					if kind != c.without {
						expect(t, found, page.Code{Kind: kind, Text: text, Box: scan.Transform.Quad(boxes[i].Quad()).Box()})
					}
				}
			}
			if len(found) > 3 {
				t.Errorf("%d codes were found: %+v", len(found), found)
			}
		})
	}
}

// expect wants a code with a text about where it was drawn.
func expect(t *testing.T, found []page.Code, want page.Code) {
	t.Helper()
	for _, code := range found {
		if code.Kind != want.Kind || code.Text != want.Text {
			continue
		}
		both := code.Box.Intersect(want.Box)
		shared := float64(both.Width()) * float64(both.Height())
		if area := float64(want.Box.Width()) * float64(want.Box.Height()); both.Empty() || shared < 0.6*area {
			t.Errorf("%s %q is at %+v, and was found at %+v", want.Kind, want.Text, want.Box, code.Box)
		}
		return
	}
	t.Errorf("%s %q was not found", want.Kind, want.Text)
}

// Nothing is found where nothing is: text, noise, a halftone of dots that looks like finder patterns everywhere.
func TestNothingIsFoundWhereNothingIs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	noise := image.NewGray(image.Rect(0, 0, 1240, 1754))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(r.IntN(256))
	}
	squares := image.NewGray(image.Rect(0, 0, 2480, 3508))
	for i := range squares.Pix {
		squares.Pix[i] = 255
	}
	for y := 0; y+28 < 3508; y += 35 { // finder patterns, row upon row
		for x := 0; x+28 < 2480; x += 35 {
			draw.Draw(squares, image.Rect(x, y, x+28, y+28), image.Black, image.Point{}, draw.Src)
			draw.Draw(squares, image.Rect(x+4, y+4, x+24, y+24), image.White, image.Point{}, draw.Src)
			draw.Draw(squares, image.Rect(x+8, y+8, x+20, y+20), image.Black, image.Point{}, draw.Src)
		}
	}
	for name, img := range map[string]image.Image{
		"noise": noise, "finder patterns everywhere": squares, "white": image.NewUniform(color.White), "tiny": image.NewGray(image.Rect(0, 0, 3, 900)),
		"narrow": image.NewGray(image.Rect(0, 0, 40, 5000)),
	} {
		if u, ok := img.(*image.Uniform); ok {
			white := image.NewGray(image.Rect(0, 0, 500, 700))
			draw.Draw(white, white.Rect, u, image.Point{}, draw.Src)
			img = white
		}
		if found := Find(img, 0); len(found) > 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// A code may hold anything, and what cannot be shown is not kept.
func TestKeepable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"Đơn\n": true, "": false, "a\x00b": false, "\xff": false, "<script>": true, "a\x7f": false} {
		if keepable(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func FuzzFind(f *testing.F) {
	img, _ := drawn(f, 100)
	f.Add(gray(img).Pix[:20000], uint16(200))
	f.Add([]byte{0, 255, 0, 255}, uint16(40))
	f.Fuzz(func(t *testing.T, pixels []byte, width uint16) {
		w := max(1, int(width)%600)
		h := min(len(pixels)/w, 600)
		for _, code := range Find(&image.Gray{Pix: pixels, Stride: w, Rect: image.Rect(0, 0, w, h)}, 0) {
			if !keepable(code.Text) || code.Box.Intersect(page.Box{X1: w, Y1: h}) != code.Box {
				t.Errorf("%+v on %d×%d", code, w, h)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	img, _ := drawn(b, 300)
	for _, c := range []struct {
		name string
		img  image.Image
	}{{"colour", img}, {"grey", gray(img)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Find(c.img, 300)
			}
		})
	}
	scans, _ := filepath.Glob(os.Getenv("SOHOA_SCANS"))
	for _, path := range scans {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		img, err := jpeg.Decode(f)
		f.Close()
		if err != nil {
			continue
		}
		n := image.NewNRGBA(img.Bounds())
		draw.Draw(n, n.Rect, img, image.Point{}, draw.Src)
		b.Run(filepath.Base(path), func(b *testing.B) {
			for b.Loop() {
				if found := Find(n, 0); len(found) > 0 {
					b.Log(found)
				}
			}
		})
	}
}
