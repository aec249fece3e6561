package facsimile

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// A JPEG that PDF can hold is not touched.
func TestJPEGPasses(t *testing.T) {
	for name, data := range map[string][]byte{
		"color":  encodedJPEG(t, madePage(300, 200)),
		"gray":   encodedJPEG(t, grayPage(300, 200)),
		"turned": withOrientation(encodedJPEG(t, madePage(300, 200)), 6),
		"tail":   append(encodedJPEG(t, madePage(300, 200)), "a phone's film behind the picture"...),
	} {
		f, sheet, notes := made(t, written(t, data), decode.Options{ScaleNum: 4})
		if !bytes.Equal(f.Data, data) || f.Filter != page.DCT || f.Width != 300 || f.Height != 200 || len(notes) > 0 {
			t.Errorf("%s: %s of %d bytes, %d×%d, notes %v", name, f.Filter, len(f.Data), f.Width, f.Height, notes)
		}
		if f.Orientation != sheet.Orientation || (f.ColorSpace == page.Gray) != (name == "gray") {
			t.Errorf("%s: orientation %d, %s", name, f.Orientation, f.ColorSpace)
		}
	}
}

// What a PDF/A cannot show is packed anew, at full size even if it was read at less, and said.
func TestJPEGPackedAnew(t *testing.T) {
	inks, err := os.ReadFile(filepath.Join("testdata", "cmyk.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	whole := encodedJPEG(t, madePage(300, 200))
	// Named R, G and B in the headers of frame and scan, and no JFIF header: libjpeg takes that for plain colours.
	plain := append([]byte{0xff, 0xd8}, whole[20:]...)
	for _, marker := range []string{"\xff\xc0", "\xff\xda"} {
		at := strings.Index(string(plain), marker)
		step, first := 3, at+10
		if marker == "\xff\xda" {
			step, first = 2, at+5
		}
		for i, name := range []byte("RGB") {
			plain[first+i*step] = name
		}
	}
	for name, test := range map[string]struct {
		data  []byte
		least float64 // dB; a picture of YCbCr that is named RGB is too gaudy for its bytes
	}{
		"inks": {inks, 30}, "named RGB": {plain, 20}, "cut": {whole[:len(whole)*2/3], 30},
	} {
		t.Run(name, func(t *testing.T) {
			data := test.data
			path := written(t, data)
			f, sheet, notes := made(t, path, decode.Options{ScaleNum: 4})
			if bytes.Equal(f.Data, data) || len(notes) == 0 || f.Width != sheet.Width || f.Orientation != 1 || f.ColorSpace != page.RGB {
				t.Fatalf("%d×%d of a page of %d×%d, notes %v", f.Width, f.Height, sheet.Width, sheet.Height, notes)
			}
			want, err := decode.Decode(path, 0, decode.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if likeness := psnr(t, shown(t, f), want.Pixels); likeness < test.least {
				t.Errorf("only %.1f dB", likeness)
			}
		})
	}
}

// Black and white comes out bit by bit, from every format.
func TestBilevel(t *testing.T) {
	bw := blackAndWhite(301, 203)
	var m bytes.Buffer
	if err := bmp.Encode(&m, bw); err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 38*203)
	noise := image.NewGray(bw.Rect)
	for i := range noise.Pix {
		noise.Pix[i] = 255 * byte((i/2+i/602)%2) //nolint:gosec // 0 or 1
	}
	halftone := make([]byte, 38*203)
	for i, v := range bw.Pix {
		raw[i/301*38+i%301/8] |= (v >> 7) << (7 - i%301%8)
		halftone[i/301*38+i%301/8] |= (noise.Pix[i] >> 7) << (7 - i%301%8)
	}
	for name, test := range map[string]struct {
		data []byte
		want image.Image
	}{
		"tiff":         {tiffOf(301, 203, 1, 1, 1, 1, 1, raw), bw},
		"tiff, turned": {tiffOf(301, 203, 1, 1, 1, 1, 3, raw), nil},
		"png, gray":    {encodedPNG(t, bw), bw},
		"png, palette": {encodedPNG(t, twoColors(bw)), bw},
		"bmp":          {m.Bytes(), bw},
		"halftone":     {tiffOf(301, 203, 1, 1, 1, 8, 1, deflated(halftone)), noise},
		"halftone png": {encodedPNG(t, twoColors(noise)), noise},
	} {
		t.Run(name, func(t *testing.T) {
			f, sheet, notes := made(t, written(t, test.data), decode.Options{})
			if test.want == nil {
				test.want = sheet.Pixels
			}
			if likeness := psnr(t, shown(t, f), test.want); !math.IsInf(likeness, 1) {
				t.Errorf("it is not the same: %.1f dB", likeness)
			}
			if len(notes) > 0 || f.Bits != 1 {
				t.Errorf("%d bits, notes %v", f.Bits, notes)
			}
			if most := growth*float64(len(test.data)) + 100; float64(len(f.Data)) > most {
				t.Errorf("%d bytes of a file of %d", len(f.Data), len(test.data))
			}
		})
	}
}

// Colour and grey of other formats look the same and do not outgrow the file.
func TestPixels(t *testing.T) {
	c, g := madePage(600, 400), grayPage(600, 400)
	flat := image.NewNRGBA(c.Rect)
	for i := range flat.Pix {
		flat.Pix[i] = 255
		if i%4 != 3 && i/4%600 > 300 {
			flat.Pix[i] = byte(i % 4 * 60) //nolint:gosec // at most 120
		}
	}
	see := image.NewNRGBA(flat.Rect)
	copy(see.Pix, flat.Pix)
	see.SetNRGBA(5, 5, color.NRGBA{255, 255, 255, 0}) // white on white, but enough for an alpha channel
	palette := image.NewPaletted(c.Rect, color.Palette{color.White, color.NRGBA{200, 30, 30, 255}, color.Black})
	for i, v := range g.Pix {
		palette.Pix[i] = (v >> 7) ^ 1
	}
	var m bytes.Buffer
	if err := bmp.Encode(&m, c); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		data   []byte
		filter page.Filter
		least  float64 // dB
	}{
		"png":          {encodedPNG(t, c), page.DCT, 38},
		"png, gray":    {encodedPNG(t, g), page.DCT, 38},
		"png, palette": {encodedPNG(t, palette), page.Flate, math.Inf(1)},
		"png, flat":    {encodedPNG(t, flat), page.Flate, math.Inf(1)},
		"png, alpha":   {encodedPNG(t, see), page.Flate, math.Inf(1)},
		"bmp":          {m.Bytes(), page.DCT, 38},
		"tiff":         {tiffOf(600, 400, 8, 3, 2, 1, 1, rgb(c)), page.DCT, 38},
		"tiff, turned": {tiffOf(600, 400, 8, 3, 2, 1, 8, rgb(c)), page.DCT, 38},
		"tiff, flat":   {tiffOf(600, 400, 8, 3, 2, 8, 1, deflated(rgb(flat))), page.DCT, 38},
		"pnm":          {append(fmt.Appendf(nil, "P6 600 400 255\n"), rgb(c)...), page.DCT, 38},
	} {
		t.Run(name, func(t *testing.T) {
			f, sheet, notes := made(t, written(t, test.data), decode.Options{})
			if f.Filter != test.filter || len(notes) > 0 {
				t.Errorf("it became %s, notes %v", f.Filter, notes)
			}
			if likeness := psnr(t, shown(t, f), sheet.Pixels); likeness < test.least {
				t.Errorf("%.1f dB, want %.1f", likeness, test.least)
			}
			if float64(len(f.Data)) > growth*float64(len(test.data)) {
				t.Errorf("%d bytes of a file of %d", len(f.Data), len(test.data))
			}
		})
	}
}

// The JPEG that a TIFF's page is passes, tables and orientation included.
func TestJPEGInTIFFPasses(t *testing.T) {
	jpeg := encodedJPEG(t, madePage(300, 200))
	f, sheet, notes := made(t, written(t, tiffOf(300, 200, 8, 3, 6, 7, 6, jpeg)), decode.Options{})
	if f.Filter != page.DCT || !bytes.Equal(f.Data, jpeg) || f.Orientation != 6 || len(notes) > 0 {
		t.Errorf("%s of %d bytes (was %d), orientation %d, notes %v", f.Filter, len(f.Data), len(jpeg), f.Orientation, notes)
	}
	if likeness := psnr(t, shown(t, f), sheet.Pixels); likeness < 45 {
		t.Errorf("only %.1f dB", likeness)
	}
	tabled := filepath.Join("testdata", "jpeg-tables-gray.tif")
	f, sheet, _ = made(t, tabled, decode.Options{})
	if likeness := psnr(t, shown(t, f), sheet.Pixels); f.Filter != page.DCT || f.ColorSpace != page.Gray || likeness < 45 {
		t.Errorf("with tables apart: %s, %s, %.1f dB", f.Filter, f.ColorSpace, likeness)
	}
}

// A source smaller than any good JPEG gives up quality step by step and says so.
func TestQualityGivesWay(t *testing.T) {
	c := madePage(600, 400)
	s := &source{bytes: int64(len(encodedJPEG(t, c)) / 2), sheet: &decode.Sheet{}}
	f, note, err := s.packJPEG(c)
	if err != nil {
		t.Fatal(err)
	}
	if note == "" || len(f.Data) > len(encodedJPEG(t, c)) {
		t.Errorf("%d bytes, note %q", len(f.Data), note)
	}
}

func TestPNGRowsRefuses(t *testing.T) {
	if _, ok := pngRows(encodedPNG(t, image.NewGray16(image.Rect(0, 0, 9, 9)))); ok {
		t.Error("16 bits passed")
	}
	whole := encodedPNG(t, grayPage(40, 40))
	for n := range whole[:len(whole)-20] {
		if f, ok := pngRows(whole[:n]); ok && n < len(whole)-20 && len(f.Data) == 0 {
			t.Fatalf("%d bytes passed without rows", n)
		}
	}
}

func FuzzMake(f *testing.F) {
	path := filepath.Join(f.TempDir(), "fuzzed")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		sheet, err := decode.Decode(path, 0, decode.Options{Limits: decode.Limits{Pixels: 250_000}})
		if err != nil {
			return
		}
		picture, _, err := Make(path, 0, sheet)
		if err == nil && (len(picture.Data) == 0 || picture.Width < 1 || picture.Height < 1 || picture.Orientation < 1) {
			t.Errorf("it came as %+v", picture)
		}
	})
}

// FuzzMake has seeds; -update writes them.
func TestFuzzSeeds(t *testing.T) {
	dir := filepath.Join("testdata", "fuzz", "FuzzMake")
	if *update {
		small := madePage(40, 32)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{
			"jpeg": encodedJPEG(t, small), "png": encodedPNG(t, small), "png-bits": encodedPNG(t, twoColors(blackAndWhite(40, 32))),
			"tiff": tiffOf(40, 32, 8, 3, 2, 8, 6, deflated(rgb(small))), "tiff-jpeg": tiffOf(40, 32, 8, 3, 6, 7, 1, encodedJPEG(t, small)),
			"pnm": append([]byte("P6 40 32 255\n"), rgb(small)...),
		} {
			text := fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", data)
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) == 0 {
		t.Errorf("FuzzMake has no seeds: %v", err)
	}
}

func BenchmarkMake(b *testing.B) {
	const w, h = 2480, 3508
	c := madePage(w, h)
	for name, data := range map[string][]byte{
		"jpeg": encodedJPEG(b, c), "bilevel": encodedPNG(b, twoColors(blackAndWhite(w, h))), "png": encodedPNG(b, c),
	} {
		path := written(b, data)
		sheet, err := decode.Decode(path, 0, decode.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := Make(path, 0, sheet); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
