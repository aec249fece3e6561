package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"testing"

	"sohoa/pipeline/page"
)

// readPGM reads the renderer's grey file.
func readPGM(t *testing.T, path string) *image.Gray {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var w, h, top int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P5\n%d %d\n%d", &w, &h, &top); err != nil {
		t.Fatalf("no PGM: %v", err)
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	copy(img.Pix, data[len(data)-w*h:])
	return img
}

// oriented shows a raster in its EXIF orientation.
func oriented(src *image.Gray, orientation int) *image.Gray {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			out.SetGray(x, y, src.GrayAt(sx, sy))
		}
	}
	return out
}

// TestFacsimileLooksLikeThePage compares the image, shown in the orientation that is reported, with poppler's rendering.
func TestFacsimileLooksLikeThePage(t *testing.T) {
	t.Parallel()
	src := scanned(60, 90)
	m := newMaker()
	img := m.stream("/Type /XObject /Subtype /Image /Width 60 /Height 90 /ColorSpace /DeviceGray /BitsPerComponent 8", src.Pix)
	matrices := map[string][2]string{ // with the page's box
		"upright":   {"60 0 0 90 0 0", "[0 0 60 90]"},
		"mirrored":  {"-60 0 0 90 60 0", "[0 0 60 90]"},
		"half turn": {"-60 0 0 -90 60 90", "[0 0 60 90]"},
		"flipped":   {"60 0 0 -90 0 90", "[0 0 60 90]"},
		"left":      {"0 60 -90 0 90 0", "[0 0 90 60]"},
		"right":     {"0 -60 90 0 0 60", "[0 0 90 60]"},
		"transpose": {"0 -60 -90 0 90 60", "[0 0 90 60]"},
		"other":     {"0 60 90 0 0 0", "[0 0 90 60]"},
		"moved":     {"60 0 0 90 -30 500", "[-30 500 30 590]"},
	}
	var names []string
	for name, c := range matrices {
		for _, more := range []string{"", "/Rotate 90", "/Rotate 180", "/Rotate 270", "/Rotate -90 /UserUnit 2.5"} {
			m.page("q "+c[0]+" cm /I1 Do Q", "/XObject << /I1 "+img+" >>", "/MediaBox "+c[1]+" "+more)
			names = append(names, name+" "+more)
		}
	}
	d := open(t, m.bytes(), Options{})
	seen := map[int]bool{}
	for i, name := range names {
		info, err := d.Page(t.Context(), i+1)
		if err != nil {
			t.Fatal(err)
		}
		f, err := d.Facsimile(t.Context(), i+1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again, err := d.Facsimile(t.Context(), i+1); err != nil || !bytes.Equal(f.Data, again.Data) {
			t.Errorf("%s: asked again: %v", name, err)
		}
		r, err := d.Render(t.Context(), i+1, info.NativeDPI())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, want := readPGM(t, r.Path), oriented(src, f.Orientation)
		if got.Rect != want.Rect || r.Grid.Width != got.Rect.Dx() || r.Grid.Height != got.Rect.Dy() || info.Image.Grid().Width != got.Rect.Dx() {
			t.Errorf("%s: rendered %v, grid %+v, image %v", name, got.Rect, r.Grid, want.Rect)
			continue
		}
		if d := meanDistance(got, want); d > 4 {
			t.Errorf("%s: orientation %d is %.1f away from the rendering", name, f.Orientation, d)
		}
		seen[f.Orientation] = true
	}
	if len(seen) != 8 {
		t.Errorf("only orientations %v were seen", seen)
	}
}

func meanDistance(a, b *image.Gray) float64 {
	sum := 0.0
	for i, v := range a.Pix {
		d := float64(v) - float64(b.Pix[i])
		sum += max(d, -d)
	}
	return sum / float64(len(a.Pix))
}

func TestFacsimileBytes(t *testing.T) {
	t.Parallel()
	m := newMaker()
	photo := jpegOf(t, scanned(60, 90))
	samples := bytes.Repeat([]byte{0x5a}, 60*90)
	globals := m.stream("", []byte("shared segments"))
	fax := []byte{0x26, 0xa0, 0x01, 0x40}
	const a60x90 = "/Type /XObject /Subtype /Image /Width 60 /Height 90 "
	cases := []struct {
		name, dict string
		data       []byte
		want       page.Facsimile // without Width, Height, Orientation
	}{
		{"JPEG", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", photo, page.Facsimile{
			Filter: page.DCT, ColorSpace: page.Gray, Bits: 8, Data: photo,
		}},
		{"JPEG, deflated", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/FlateDecode /DCTDecode]", zipped(t, photo), page.Facsimile{
			Filter: page.DCT, ColorSpace: page.Gray, Bits: 8, Data: photo,
		}},
		{"JPEG, inverted", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Decode [1 0]", photo, page.Facsimile{
			Filter: page.DCT, ColorSpace: page.Gray, Bits: 8, Data: photo, Inverted: true,
		}},
		{"fax", "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 60 /BlackIs1 true " +
			"/EncodedByteAlign true >>", fax, page.Facsimile{
			Filter: page.CCITT, ColorSpace: page.Gray, Bits: 1, K: -1, BlackIs1: true, ByteAlign: true, Data: fax,
		}},
		{"fax without end", "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter [/CCITTFaxDecode] /DecodeParms [<< /K -1 /Columns 60 " +
			"/EndOfBlock false >>]", fax, page.Facsimile{
			Filter: page.CCITT, ColorSpace: page.Gray, Bits: 1, K: -1, Data: append(bytes.Clone(fax), 0x00, 0x10, 0x01),
		}},
		{"stencil", "/ImageMask true /Filter /CCITTFaxDecode /DecodeParms << /K 4 /Columns 60 >> /Decode [1 0]", fax, page.Facsimile{
			Filter: page.CCITT, ColorSpace: page.Gray, Bits: 1, K: 4, Inverted: true, Data: fax,
		}},
		{
			"JBIG2", "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode /DecodeParms << /JBIG2Globals " + globals + " >>", fax,
			page.Facsimile{Filter: page.JBIG2, ColorSpace: page.Gray, Bits: 1, Data: fax, Globals: []byte("shared segments")},
		},
		{"deflated", "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", zipped(t, samples), page.Facsimile{
			Filter: page.Flate, ColorSpace: page.RGB, Bits: 8, Data: zipped(t, samples),
		}},
		{
			"predicted", "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /Columns 60 >>",
			zipped(t, samples),
			page.Facsimile{
				Filter: page.Flate, ColorSpace: page.RGB, Bits: 8, Data: zipped(t, samples), PNGPredictor: true,
			},
		},
		{"palette", "/ColorSpace [/Indexed /DeviceRGB 1 <FF0000fefeff>] /BitsPerComponent 1 /Filter /FlateDecode", zipped(t, samples), page.Facsimile{
			Filter: page.Flate, ColorSpace: page.Indexed, Bits: 1, Data: zipped(t, samples), Palette: []byte{255, 0, 0, 254, 254, 255},
		}},
		{
			"palette of letters", "/ColorSpace [/Indexed /DeviceRGB 1 (abc\\200\\030z)] /BitsPerComponent 1 /Filter /FlateDecode", zipped(t, samples),
			page.Facsimile{
				Filter: page.Flate, ColorSpace: page.Indexed, Bits: 1, Data: zipped(t, samples), Palette: []byte{'a', 'b', 'c', 0x80, 0x18, 'z'},
			},
		},
	}
	for _, c := range cases {
		img := m.stream(a60x90+c.dict, c.data)
		m.page("q 60 0 0 90 0 0 cm /I1 Do Q", "/XObject << /I1 "+img+" >>", "/MediaBox [0 0 60 90]")
	}
	d := open(t, m.bytes(), Options{})
	for i, c := range cases {
		got, err := d.Facsimile(t.Context(), i+1)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.want.Width, c.want.Height, c.want.Orientation = 60, 90, 1
		if fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, *got, c.want)
		}
	}
}

func TestBareSamplesAreDeflated(t *testing.T) {
	t.Parallel()
	src := scanned(60, 90)
	m := newMaker()
	img := m.stream("/Type /XObject /Subtype /Image /Width 60 /Height 90 /ColorSpace /DeviceGray /BitsPerComponent 8", src.Pix)
	m.page("q 60 0 0 90 0 0 cm /I1 Do Q", "/XObject << /I1 "+img+" >>", "/MediaBox [0 0 60 90]")
	f, err := open(t, m.bytes(), Options{}).Facsimile(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zlib.NewReader(bytes.NewReader(f.Data))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, src.Pix) || f.Filter != page.Flate {
		t.Errorf("%d bytes, filter %s, %v", len(got), f.Filter, err)
	}
}

func TestImagesThatCannotStand(t *testing.T) {
	t.Parallel()
	m := newMaker()
	photo := jpegOf(t, scanned(60, 90))
	mask := m.stream("/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", []byte{255})
	profile := m.stream("/N 3", bytes.Repeat([]byte("no profile "), 20))
	const upright, askew, larger = "60 0 0 90 0 0", "60 3 -3 90 1 -1", "66 0 0 90 0 0"
	cases := []struct{ name, dict, matrix string }{
		{"mask", "/ColorSpace /DeviceGray /Filter /DCTDecode /SMask " + mask, upright},
		{"four colours", "/ColorSpace /DeviceCMYK /Filter /DCTDecode", upright},
		{"Lab", "/ColorSpace [/Lab << /WhitePoint [1 1 1] >>] /Filter /DCTDecode", upright},
		{"separation", "/ColorSpace [/Separation /Red /DeviceRGB << /FunctionType 2 /Domain [0 1] /N 1 >>] /Filter /DCTDecode", upright},
		{"unknown profile", "/ColorSpace [/ICCBased " + profile + "] /Filter /DCTDecode", upright},
		{"JPEG of another kind", "/ColorSpace /DeviceRGB /Filter /DCTDecode", upright},
		{"JPEG 2000", "/Filter /JPXDecode", upright},
		{"LZW", "/ColorSpace /DeviceGray /Filter /LZWDecode", upright},
		{"16 bits", "/ColorSpace /DeviceGray /Filter /FlateDecode", upright},
		{"odd tones", "/ColorSpace /DeviceGray /Filter /DCTDecode /Decode [0.2 0.8]", upright},
		{"other fax", "/ColorSpace /DeviceGray /Filter /CCITTFaxDecode", upright},
		{"short samples", "/ColorSpace /DeviceRGB", upright},
		{"askew", "/ColorSpace /DeviceGray /Filter /DCTDecode", askew},
		{"cropped", "/ColorSpace /DeviceGray /Filter /DCTDecode", larger},
	}
	for i, c := range cases {
		bits := 8
		if c.name == "16 bits" {
			bits = 16
		}
		img := m.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width 60 /Height 90 /BitsPerComponent %d %s", bits, c.dict), photo)
		m.page("q "+cases[i].matrix+" cm /I1 Do Q", "/XObject << /I1 "+img+" >>", "/MediaBox [0 0 60 90]")
	}
	d := open(t, m.bytes(), Options{})
	for i, c := range cases {
		f, err := d.Facsimile(t.Context(), i+1)
		var cannot *CannotStandError
		if !errors.As(err, &cannot) || cannot.Page != i+1 {
			t.Errorf("%s: %+v, %v; want a CannotStandError", c.name, f, err)
		}
	}
}
