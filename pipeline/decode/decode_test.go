package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	tests := map[string]Format{
		"II*\x00": TIFF, "MM\x00*": TIFF, "II+\x00": TIFF, "\xff\xd8\xff\xe0": JPEG, "\x89PNG\r\n\x1a\n": PNG,
		"RIFF\x00\x00\x00\x00WEBPVP8 ": WebP, "RIFF\x00\x00\x00\x00WAVE": Unknown, "P5 1 1 255\n": PNM, "P7\n": Unknown,
		"%PDF-1.4": PDF, strings.Repeat("x", 1000) + "%PDF-1.7": PDF, strings.Repeat("x", 1100) + "%PDF-1.7": Unknown,
		"BMX is no picture, nor is this": Unknown, "": Unknown, "PK\x03\x04": Unknown,
		"BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00": BMP,
	}
	for head, want := range tests {
		if got := Sniff([]byte(head)); got != want {
			t.Errorf("%.20q is %q, want %q", head, got, want)
		}
	}
}

func TestDecodeFormats(t *testing.T) {
	c := madePage(40, 32)
	g := gray(c)
	bw := blackAndWhite(madePage(96, 72))
	half := withAlpha(c, 100)
	two := image.NewPaletted(bw.Rect, color.Palette{color.Gray{}, color.Gray{Y: 255}})
	for i, v := range bw.Pix {
		two.Pix[i] = v >> 7
	}
	wide, wideGray := image.NewNRGBA64(c.Rect), image.NewGray16(c.Rect)
	copy(wide.Pix, doubled(c.Pix))
	copy(wideGray.Pix, doubled(g.Pix))
	equal := image.NewNRGBA(g.Rect)
	for i, v := range g.Pix {
		copy(equal.Pix[4*i:], []byte{v, v, v, 255})
	}
	tests := map[string]struct {
		data     []byte
		format   Format
		want     image.Image
		distance float64
	}{
		"jpeg":              {encodedJPEG(t, c), JPEG, c, 3},
		"jpeg, gray":        {encodedJPEG(t, g), JPEG, g, 2},
		"jpeg, progressive": {fromTestdata(t, "progressive.jpg"), JPEG, c, 8},
		"jpeg, inks":        {fromTestdata(t, "cmyk-adobe.jpg"), JPEG, c, 8},
		"png":               {encodedPNG(t, c), PNG, c, 0},
		"png, gray":         {encodedPNG(t, g), PNG, g, 0},
		"png, gray colors":  {encodedPNG(t, equal), PNG, g, 0},
		"png, 16 bits":      {encodedPNG(t, wide), PNG, c, 0},
		"png, 16 bits gray": {encodedPNG(t, wideGray), PNG, g, 0},
		"png, alpha":        {encodedPNG(t, half), PNG, laidOnWhite(half), 1},
		"png, two colors":   {encodedPNG(t, two), PNG, bw, 0},
		"png, interlaced":   {fromTestdata(t, "interlaced.png"), PNG, c, 0},
		"webp":              {fromTestdata(t, "lossy.webp"), WebP, c, 7},
		"webp, lossless":    {fromTestdata(t, "lossless.webp"), WebP, c, 0},
		"bmp":               {encodedBMP(t, c), BMP, c, 0},
		"bmp, gray":         {encodedBMP(t, g), BMP, g, 0},
		"pnm, color":        {encodedPNM(c), PNM, c, 0},
		"pnm, gray":         {append([]byte("P5 40 32 255\n"), g.Pix...), PNM, g, 0},
		"pnm, bits":         {append([]byte("P4 96 72\n"), packedBits(bw)...), PNM, bw, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := written(t, "no-name", test.data)
			s, err := Decode(path, 0, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := distance(t, s.Pixels, test.want); d > test.distance {
				t.Errorf("it differs by %.2f, want at most %.2f", d, test.distance)
			}
			_, isGray := s.Pixels.(*image.Gray)
			if _, wantGray := test.want.(*image.Gray); isGray != wantGray {
				t.Errorf("it came as %T", s.Pixels)
			}
			if s.Format != test.format || s.Incomplete || s.Scale != 1 || s.Bilevel != (test.want == image.Image(bw)) {
				t.Errorf("it came as %+v", s)
			}
			if n, err := Count(path, Limits{}); n != 1 || err != nil {
				t.Errorf("counted %d pages, %v", n, err)
			}
			if _, err := Decode(path, 1, Options{}); !errors.Is(err, ErrNoPage) {
				t.Errorf("the second page gave %v", err)
			}
			config, err := Describe(path, 0)
			if err != nil || config.Width != s.Width || config.Height != s.Height || config.Format != s.Format || config.DPI != s.DPI {
				t.Errorf("its configuration is %+v, %v", config, err)
			}
		})
	}
}

// An oriented page is stored so that showing it gives the page; how viewers do that is tabled here, once more, by hand.
func TestOrientation(t *testing.T) {
	const w, h = 70, 130 // more than one tile of turn
	c := madePage(w, h)
	where := map[uint16]func(x, y int) (int, int){ // of the shown pixel in the stored raster
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, w - 1 - x },
		7: func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y int) (int, int) { return h - 1 - y, x },
	}
	for o, at := range where {
		stored := image.NewNRGBA(image.Rect(0, 0, w, h))
		if o >= 5 {
			stored = image.NewNRGBA(image.Rect(0, 0, h, w))
		}
		for y := range h {
			for x := range w {
				sx, sy := at(x, y)
				stored.SetNRGBA(sx, sy, c.NRGBAAt(x, y))
			}
		}
		exif := exifSegment(o)
		data := map[string][]byte{
			"jpeg":      append(append([]byte{0xff, 0xd8}, exif...), encodedJPEG(t, stored)[2:]...),
			"tiff":      tiffOf(rawColor(stored).with(tagOrientation, o)),
			"tiff gray": tiffOf(rawGray(gray(stored)).with(tagOrientation, o)),
			"png":       pngWith(encodedPNG(t, stored), "eXIf", exif[10:]),
		}
		for name, data := range data {
			t.Run(fmt.Sprintf("%s %d", name, o), func(t *testing.T) {
				s, err := Decode(written(t, "page", data), 0, Options{})
				if err != nil {
					t.Fatal(err)
				}
				want := image.Image(c)
				if name == "tiff gray" {
					want = gray(c)
				}
				if d := distance(t, s.Pixels, want); d > 4 {
					t.Errorf("it differs by %.1f", d)
				}
				if s.Orientation != int(o) || s.Width != w || s.Height != h {
					t.Errorf("it is %d×%d, orientation %d", s.Width, s.Height, s.Orientation)
				}
			})
		}
	}
	t.Run("webp", func(t *testing.T) {
		data := webpWithEXIF(fromTestdata(t, "lossless.webp"), 40, 32, exifSegment(6)[10:])
		s, err := Decode(written(t, "page", data), 0, Options{})
		if err != nil || s.Orientation != 6 || s.Width != 32 {
			t.Errorf("it came as %+v, %v", s, err)
		}
	})
	t.Run("overridden", func(t *testing.T) {
		data := tiffOf(rawColor(c).with(tagOrientation, uint16(6)))
		s, err := Decode(written(t, "page", data), 0, Options{Orientation: 1})
		if err != nil || s.Width != w || s.Orientation != 1 {
			t.Errorf("it came as %+v, %v", s, err)
		}
	})
}

func TestResolution(t *testing.T) {
	c := madePage(40, 32)
	plain := rawColor(c)
	jfif := func(unit byte, x, y uint16) []byte {
		data := encodedJPEG(t, c)
		data[13] = unit // of the APP0 segment that libjpeg writes first
		binary.BigEndian.PutUint16(data[14:], x)
		binary.BigEndian.PutUint16(data[16:], y)
		return data
	}
	perMetre := encodedBMP(t, c)
	binary.LittleEndian.PutUint32(perMetre[38:], 7874)
	binary.LittleEndian.PutUint32(perMetre[42:], 7874)
	tests := map[string]struct {
		data []byte
		want float64
	}{
		"tiff, inches":      {tiffOf(plain.with(tagXRes, 300.0).with(tagYRes, 300.0).with(tagUnit, uint16(2))), 300},
		"tiff, centimetres": {tiffOf(plain.with(tagXRes, 118.11).with(tagYRes, 118.11).with(tagUnit, uint16(3))), 300},
		"tiff, no unit":     {tiffOf(plain.with(tagXRes, 4.0).with(tagYRes, 3.0).with(tagUnit, uint16(1))), 0},
		"tiff, mean":        {tiffOf(plain.with(tagXRes, 298.0).with(tagYRes, 302.0).with(tagUnit, uint16(2))), 300},
		"jpeg, inches":      {jfif(1, 200, 200), 200},
		"jpeg, centimetres": {jfif(2, 79, 79), 200.66},
		"jpeg, aspect":      {jfif(0, 1, 1), 0},
		"png":               {pngWith(encodedPNG(t, c), "pHYs", []byte{0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1}), 300},
		"png, none":         {encodedPNG(t, c), 0},
		"bmp":               {perMetre, 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Decode(written(t, "page", test.data), 0, Options{})
			if err != nil || math.Abs(s.DPI-test.want) > 0.1 {
				t.Errorf("got %v, %v, want %v", s.DPI, err, test.want)
			}
			if s.Width != 40 || s.Height != 32 {
				t.Errorf("it became %d×%d", s.Width, s.Height)
			}
		})
	}
}

// A fax of low resolution has rows twice as far apart as its columns.
func TestFaxIsMadeSquare(t *testing.T) {
	bw := blackAndWhite(madePage(96, 72))
	m := tiffPage(96, 72, []uint16{1}, 0, packedBits(bw)).with(tagXRes, 204.0).with(tagYRes, 98.0).with(tagUnit, uint16(2))
	path := written(t, "fax", tiffOf(m))
	s, err := Decode(path, 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Width != 96 || s.Height != 150 || s.Pixels.Bounds().Dy() != 150 || s.Stored.Bounds().Dy() != 72 || !s.Bilevel || s.DPI != 204 {
		t.Errorf("it is %d×%d at %v dpi, pixels %v, stored %v", s.Width, s.Height, s.DPI, s.Pixels.Bounds(), s.Stored.Bounds())
	}
	s, err = Decode(path, 0, Options{Limits: Limits{Pixels: 96 * 72}})
	if err != nil || s.Height != 72 {
		t.Errorf("at the limit it is %+v, %v", s, err)
	}
}

func TestScaledJPEG(t *testing.T) {
	const w, h = 333, 227
	c := madePage(w, h)
	for _, img := range []image.Image{c, gray(c)} {
		path := written(t, "page", encodedJPEG(t, img))
		for num := 1; num <= 8; num++ {
			s, err := Decode(path, 0, Options{ScaleNum: num})
			if err != nil {
				t.Fatal(err)
			}
			size := s.Pixels.Bounds().Size()
			if want := image.Pt((w*num+7)/8, (h*num+7)/8); size != want || s.Width != w || s.Height != h || s.Scale != float64(num)/8 {
				t.Errorf("%d eighths are %v, want %v; scale %v, page %d×%d", num, size, want, s.Scale, s.Width, s.Height)
			}
		}
	}
	if got := eighths(12000, 9000, 0, mostColor); got != 4 {
		t.Errorf("108 Mpixel of colour are decoded at %d eighths, want 4", got)
	}
	if got := eighths(2480, 3508, 5, mostColor); got != 5 {
		t.Errorf("5 eighths became %d", got)
	}
}

// What a cut JPEG holds is decoded; the rest is white.
func TestCutJPEG(t *testing.T) {
	c := madePage(200, 320)
	progressive := fromTestdata(t, "progressive.jpg")
	data := encodedJPEG(t, c)
	path := written(t, "page", data[:len(data)/2])
	s, err := Decode(path, 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Incomplete || len(s.Warnings) == 0 {
		t.Errorf("incomplete is %t, warnings %v", s.Incomplete, s.Warnings)
	}
	got, ok := s.Pixels.(*image.NRGBA)
	if !ok {
		t.Fatalf("it came as %T", s.Pixels)
	}
	top := image.Rect(0, 0, 200, 120)
	if d := distance(t, got.SubImage(top), c.SubImage(top)); d > 3 {
		t.Errorf("its top differs by %.1f", d)
	}
	if v := got.NRGBAAt(100, 300); v != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("what is lost is %v, not white", v)
	}
	if _, err := Decode(written(t, "head", data[:bytes.Index(data, []byte{0xff, 0xda})+14]), 0, Options{}); err == nil {
		t.Error("a header without a picture was decoded")
	}
	if s, err := Decode(written(t, "page", progressive[:len(progressive)*3/4]), 0, Options{}); err != nil || s.Incomplete {
		t.Errorf("a progressive JPEG without its last scans: %v", err)
	}
}

func TestLimits(t *testing.T) {
	c := madePage(40, 32)
	huge := uint32(50_000)
	jpeg := encodedJPEG(t, c)
	frame := bytes.Index(jpeg, []byte{0xff, 0xc0})
	copy(jpeg[frame+5:], []byte{0xc3, 0x50, 0xc3, 0x50})
	pngData := encodedPNG(t, c)
	binary.BigEndian.PutUint32(pngData[16:], huge)
	binary.BigEndian.PutUint32(pngData[20:], huge)
	binary.BigEndian.PutUint32(pngData[29:], crc32.ChecksumIEEE(pngData[12:29]))
	tests := map[string][]byte{
		"tiff": tiffOf(rawColor(c).with(tagWidth, huge).with(tagHeight, huge)),
		"jpeg": jpeg, "png": pngData, "pnm": []byte("P5 50000 50000 255\n"),
		"webp":     []byte("RIFF\x20\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2f\xff\xff\xff\x0f\x00"), // 16,384 × 16,384
		"pnm, 1e9": []byte("P4 999999999 999999999\n"),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			var limit *LimitError
			_, err := Decode(written(t, "page", data), 0, Options{Limits: Limits{Pixels: 200_000_000}})
			if !errors.As(err, &limit) {
				t.Fatalf("got %v", err)
			}
			if limit.Most != 200_000_000 || !strings.Contains(err.Error(), "--max-pixels") || !strings.Contains(err.Error(), "200000000") {
				t.Errorf("it says %q", err)
			}
		})
	}
	bmpData := encodedBMP(t, c)
	binary.LittleEndian.PutUint32(bmpData[18:], 10_000)
	binary.LittleEndian.PutUint32(bmpData[22:], 10_000)
	if _, err := Decode(written(t, "page", bmpData), 0, Options{}); err == nil {
		t.Error("a BMP that claims more than it has was decoded")
	}
}

func TestNoFiles(t *testing.T) {
	if _, err := Decode(filepath.Join(t.TempDir(), "none"), 0, Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gave %v", err)
	}
	if _, err := Count(written(t, "empty", nil), Limits{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty file gave %v", err)
	}
	if _, err := Decode(written(t, "text", []byte("no picture at all")), 0, Options{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("a text gave %v", err)
	}
	if _, err := Decode(written(t, "page", []byte("%PDF-1.4")), 0, Options{}); !errors.Is(err, ErrPDF) {
		t.Errorf("a PDF gave %v", err)
	}
	if _, err := Decode(t.TempDir(), 0, Options{}); err == nil {
		t.Error("a folder was decoded")
	}
}
