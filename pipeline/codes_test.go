package pipeline

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"path/filepath"
	"testing"

	"github.com/boombuler/barcode/qr"

	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
)

// withCode is a page of print with a QR code 5 cm wide in its middle, as a scanner gives it.
func withCode(tb testing.TB, text string) (scan []byte, where page.Box) {
	tb.Helper()
	const dpi = 200
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		tb.Fatalf("load fonts: %v", err)
	}
	img, _, err := corpus.Compose(corpus.Letter, 4, corpus.Options{}).Draw(fonts, dpi)
	if err != nil {
		tb.Fatalf("draw: %v", err)
	}
	code, err := qr.Encode(text, qr.Q, qr.Unicode)
	if err != nil {
		tb.Fatalf("draw a QR code: %v", err)
	}
	const size, x0, y0, border = 400, 600, 900, 40
	n := code.Bounds().Dx()
	draw.Draw(img, image.Rect(x0, y0, x0+size, y0+size), image.White, image.Point{}, draw.Src)
	for y := range size - 2*border {
		for x := range size - 2*border {
			img.Set(x0+border+x, y0+border+y, code.At(x*n/(size-2*border), y*n/(size-2*border)))
		}
	}
	s, err := corpus.Apply(corpus.Sheet{Image: img, DPI: dpi}, corpus.Clean, 4)
	if err != nil {
		tb.Fatalf("scan: %v", err)
	}
	var b bytes.Buffer
	if err := corpus.Encode(&b, s); err != nil {
		tb.Fatalf("encode: %v", err)
	}
	inner := image.Rect(x0, y0, x0+size, y0+size).Inset(border)
	return b.Bytes(), page.Box{X0: inner.Min.X, Y0: inner.Min.Y, X1: inner.Max.X, Y1: inner.Max.Y}
}

// Codes are found where that is asked for, on an image, and on the page of a PDF whose words are kept; the words are the same
// with and without.
func TestCodesAreFoundWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	const text = "SOHOA1|H50.13-220331-0001|component|TP01|ABCDEFGHJK"
	dir := t.TempDir()
	scan, where := withCode(t, text)
	path, stem := filepath.Join(dir, "scan.jpg"), filepath.Join(dir, "out")
	write(t, path, scan)
	r := newReader(t, nil)
	if _, err := r.Run(t.Context(), path, stem, nil); err != nil {
		t.Fatal(err)
	}
	if pages := readPages(t, stem); len(pages[0].Codes) > 0 {
		t.Errorf("nobody asked for %+v", pages[0].Codes)
	}
	words := readText(t, stem)
	for _, path := range []string{path, stem + ".pdf"} {
		paper, err := r.Split(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { paper.Close() })
		paper.Codes = true
		again := filepath.Join(dir, "again")
		result, err := r.ReadPage(t.Context(), paper, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := result.Page.Codes
		if len(found) != 1 || found[0].Text != text || found[0].Kind != page.QR {
			t.Fatalf("%s: %+v, %v", filepath.Base(path), found, result.Page.Warnings)
		}
		if both := found[0].Box.Intersect(where); both.Width() < where.Width()*8/10 || both.Height() < where.Height()*8/10 || found[0].Box.Width() > where.Width()*12/10 {
			t.Errorf("%s: it is at %+v and was found at %+v", filepath.Base(path), where, found[0].Box)
		}
		_, err = r.Bind(t.Context(), paper, again, func(_ context.Context, take func(*PageResult) error) error { return take(result) })
		if err != nil {
			t.Fatal(err)
		}
		if pages := readPages(t, again); len(pages[0].Codes) != 1 {
			t.Errorf("%s: the JSON has codes %+v", filepath.Base(path), pages[0].Codes)
		}
		if path == filepath.Join(dir, "scan.jpg") && readText(t, again) != words {
			t.Error("the words are others where codes are looked for")
		}
	}
}
