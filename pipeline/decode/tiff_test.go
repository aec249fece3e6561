package decode

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"path/filepath"
	"testing"
	"time"
)

// quantized keeps the upper bits of each grey sample and spreads them over the whole range, as a page of fewer bits does.
func quantized(g *image.Gray, bits int) *image.Gray {
	out := image.NewGray(g.Rect)
	most := 1<<bits - 1
	for i, v := range g.Pix {
		out.Pix[i] = byte((int(v) >> (8 - bits)) * 255 / most) //nolint:gosec // below 256
	}
	return out
}

// packedSamples packs the upper bits of each grey sample, rows padded to bytes.
func packedSamples(g *image.Gray, bits int) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	row := (w*bits + 7) / 8
	out := make([]byte, row*h)
	for y := range h {
		for x := range w {
			v := g.Pix[y*g.Stride+x] >> (8 - bits)
			at := x * bits
			out[y*row+at/8] |= v << (8 - bits - at%8)
		}
	}
	return out
}

// tiles cuts rows of samples into 16×16 tiles, padded with zeros.
func tiles(pix []byte, w, h, size int) [][]byte {
	var out [][]byte
	for y0 := 0; y0 < h; y0 += 16 {
		for x0 := 0; x0 < w; x0 += 16 {
			tile := make([]byte, 16*16*size)
			for y := y0; y < min(h, y0+16); y++ {
				copy(tile[(y-y0)*16*size:], pix[(y*w+x0)*size:(y*w+min(w, x0+16))*size])
			}
			out = append(out, tile)
		}
	}
	return out
}

func tiledPage(m madeTIFF, size int) madeTIFF {
	w, _ := m.tags[tagWidth].(uint32)
	h, _ := m.tags[tagHeight].(uint32)
	m.chunks, m.tiled = tiles(m.chunks[0], int(w), int(h), size), true
	return m.with(tagTileWidth, uint32(16)).with(tagTileHeight, uint32(16))
}

func doubled(pix []byte) []byte {
	out := make([]byte, 0, 2*len(pix))
	for _, v := range pix {
		out = append(out, v, v)
	}
	return out
}

// withAlpha sets the transparency of the right half of an image.
func withAlpha(c *image.NRGBA, a byte) *image.NRGBA {
	out := image.NewNRGBA(c.Rect)
	copy(out.Pix, c.Pix)
	for y := range c.Rect.Dy() {
		for x := c.Rect.Dx() / 2; x < c.Rect.Dx(); x++ {
			out.Pix[y*out.Stride+4*x+3] = a
		}
	}
	return out
}

// laidOnWhite is the picture that a person sees of a transparent one.
func laidOnWhite(c *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(c.Rect)
	for i := 0; i < len(c.Pix); i += 4 {
		a := int(c.Pix[i+3])
		for k := range 3 {
			out.Pix[i+k] = byte((int(c.Pix[i+k])*a + 255*(255-a)) / 255) //nolint:gosec // a mean of bytes
		}
		out.Pix[i+3] = 255
	}
	return out
}

func planes(c *image.NRGBA) [][]byte {
	out := make([][]byte, 3)
	for i := 0; i < len(c.Pix); i += 4 {
		for k := range 3 {
			out[k] = append(out[k], c.Pix[i+k])
		}
	}
	return out
}

func inks(c *image.NRGBA) []byte {
	out := make([]byte, 0, len(c.Pix))
	for i := 0; i < len(c.Pix); i += 4 {
		out = append(out, 255-c.Pix[i], 255-c.Pix[i+1], 255-c.Pix[i+2], 0)
	}
	return out
}

func colorMap() (tag []uint16, colors color.Palette) {
	tag = make([]uint16, 3*256)
	for i := range 256 {
		c := color.NRGBA{byte(i), byte(255 - i), byte(i / 2), 255} //nolint:gosec // below 256
		colors = append(colors, c)
		tag[i], tag[256+i], tag[512+i] = uint16(c.R)*257, uint16(c.G)*257, uint16(c.B)*257
	}
	return tag, colors
}

func TestTIFFKinds(t *testing.T) {
	const w, h = 96, 72
	c := madePage(w, h)
	g, bw := gray(c), blackAndWhite(c)
	half := withAlpha(c, 100)
	transparent := withAlpha(withAlpha(c, 0), 0)
	for i := 3; i < len(transparent.Pix); i += 4 {
		transparent.Pix[i] = 0
	}
	tag, palette := colorMap()
	indexed := image.NewPaletted(c.Rect, palette)
	copy(indexed.Pix, g.Pix)
	rgba := func(img *image.NRGBA, extra uint16) madeTIFF {
		return tiffPage(w, h, []uint16{8, 8, 8, 8}, 2, img.Pix).with(tagExtra, []uint16{extra})
	}
	inverted := make([]byte, len(g.Pix))
	for i, v := range g.Pix {
		inverted[i] = 255 - v
	}
	separate := tiffPage(w, h, []uint16{8, 8, 8}, 2, planes(c)...).with(tagPlanar, uint16(2))
	strips := tiffPage(w, h, []uint16{8}, 1, g.Pix[:w*30], g.Pix[w*30:w*60], g.Pix[w*60:]).with(tagRows, uint32(30))
	data := func(img image.Image) []byte {
		out, err := EncodeJPEG(img, 95, false)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	tests := map[string]struct {
		page     madeTIFF
		want     image.Image
		distance float64
	}{
		"gray":                 {rawGray(g), g, 0},
		"gray, strips":         {packBits(strips, w), g, 0},
		"gray, deflate":        {deflated(rawGray(g)), g, 0},
		"gray, min is white":   {tiffPage(w, h, []uint16{8}, 0, inverted), g, 0},
		"gray, 16 bits":        {tiffPage(w, h, []uint16{16}, 1, doubled(g.Pix)), g, 0},
		"gray, 4 bits":         {tiffPage(w, h, []uint16{4}, 1, packedSamples(g, 4)), quantized(g, 4), 0},
		"gray, 2 bits":         {tiffPage(w, h, []uint16{2}, 1, packedSamples(g, 2)), quantized(g, 2), 0},
		"gray, tiles":          {tiledPage(rawGray(g), 1), g, 0},
		"black, min is black":  {tiffPage(w, h, []uint16{1}, 1, packedSamples(bw, 1)), bw, 0},
		"black, min is white":  {tiffPage(w, h, []uint16{1}, 0, packedBits(bw)), bw, 0},
		"palette":              {tiffPage(w, h, []uint16{8}, 3, indexed.Pix).with(tagColorMap, tag), indexed, 0},
		"color":                {rawColor(c), c, 0},
		"color, packbits":      {packBits(rawColor(c), 3*w), c, 0},
		"color, 48 bits":       {tiffPage(w, h, []uint16{16, 16, 16}, 2, doubled(samples(c, 3))), c, 0},
		"color, tiles":         {tiledPage(rawColor(c), 3), c, 0},
		"color, planes":        {separate, c, 0},
		"alpha":                {rgba(half, 2), laidOnWhite(half), 1},
		"alpha that is unused": {rgba(transparent, 0), c, 0},
		"inks":                 {tiffPage(w, h, []uint16{8, 8, 8, 8}, 5, inks(c)).with(tagInkSet, uint16(1)), c, 1},
		"jpeg":                 {jpegInTIFF(data(c), w, h), c, 6},
		"jpeg, gray":           {tiffPage(w, h, []uint16{8}, 1, data(g)).with(tagCompression, uint16(7)), g, 4},
		"old jpeg":             {jpegInTIFF(data(c), w, h).with(tagCompression, uint16(6)), c, 6},
	}
	for name, test := range tests {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			t.Run(name+" "+order.String(), func(t *testing.T) {
				s, err := Decode(written(t, "page", tiffIn(order, test.page)), 0, Options{})
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
				if s.Bilevel != (test.want == image.Image(bw)) {
					t.Errorf("Bilevel is %t", s.Bilevel)
				}
				if s.Incomplete {
					t.Errorf("it is called incomplete: %v", s.Warnings)
				}
			})
		}
	}
}

// The files in testdata were made of the same pages by tiffcp and ImageMagick.
func TestTIFFFiles(t *testing.T) {
	small := madePage(40, 32)
	fax := blackAndWhite(madePage(96, 72))
	tests := map[string]struct {
		want     image.Image
		distance float64
	}{
		"tiff-g3-1d.tif": {fax, 0}, "tiff-g3-1d-fill.tif": {fax, 0}, "tiff-g3-2d.tif": {fax, 0}, "tiff-g4-lsb2msb.tif": {fax, 0},
		"tiff-lzw-gray.tif": {gray(small), 0}, "tiff-lzw-predictor-color.tif": {small, 0}, "tiff-lzw-cmyk.tif": {small, 8},
		"tiff-jpeg-tables-rgb.tif": {small, 4}, "tiff-jpeg-tables-ycbcr.tif": {small, 8}, "tiff-jpeg-gray.tif": {gray(small), 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Decode(filepath.Join("testdata", name), 0, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := distance(t, s.Pixels, test.want); d > test.distance {
				t.Errorf("it differs by %.2f, want at most %.2f", d, test.distance)
			}
		})
	}
}

func TestTIFFPages(t *testing.T) {
	g := gray(madePage(40, 32))
	page := rawGray(g)
	thumbnail := page.with(tagSubfile, uint32(1))
	looped := tiffOf(page, page)
	copy(looped[len(looped)-4:], looped[4:8]) // the last directory's link leads to the first
	dangling := tiffOf(page)
	copy(dangling[len(dangling)-4:], []byte{0, 0, 0, 0x40})
	tests := map[string]struct {
		data []byte
		want int
	}{
		"one":                {tiffOf(page), 1},
		"three":              {tiffOf(page, page, page), 3},
		"three, big-endian":  {tiffIn(binary.BigEndian, page, page, page), 3},
		"with thumbnails":    {tiffOf(page, thumbnail, page, thumbnail), 2},
		"thumbnails alone":   {tiffOf(thumbnail, thumbnail), 2},
		"looped":             {looped, 2},
		"one is gone":        {dangling, 2},
		"nothing but a head": {[]byte("II*\x00\x08\x00\x00\x00"), 1}, // its page is reported when it is decoded
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := written(t, "page", test.data)
			n, err := Count(path, Limits{Pages: 10})
			if err != nil || n != test.want {
				t.Fatalf("counted %d pages and %v, want %d", n, err, test.want)
			}
		})
	}
	path := written(t, "page", tiffOf(page, thumbnail, page.with(tagWidth, uint32(20)).with(tagHeight, uint32(64))))
	if s, err := Decode(path, 1, Options{}); err != nil || s.Width != 20 || s.Height != 64 {
		t.Errorf("the second page came as %+v, %v", s, err)
	}
	if _, err := Decode(path, 2, Options{}); !errors.Is(err, ErrNoPage) {
		t.Errorf("a page that is not there gave %v", err)
	}
	if _, err := Decode(written(t, "page", dangling), 1, Options{}); err == nil {
		t.Error("a page beyond the file's end was decoded")
	}
}

func TestTIFFOneBadPage(t *testing.T) {
	page := rawGray(gray(madePage(40, 32)))
	broken := page.with(tagCompression, uint16(9999))
	path := written(t, "page", tiffOf(broken, page))
	if _, err := Decode(path, 0, Options{}); err == nil {
		t.Error("a page of unknown compression was decoded")
	}
	if _, err := Decode(path, 1, Options{}); err != nil {
		t.Errorf("the page after a bad one: %v", err)
	}
}

func TestTooManyPages(t *testing.T) {
	page := madeTIFF{tags: map[uint16]any{tagWidth: uint32(1)}}
	pages := make([]madeTIFF, 2500)
	for i := range pages {
		pages[i] = page
	}
	path := written(t, "page", tiffOf(pages...))
	var limit *LimitError
	if _, err := Count(path, Limits{Pages: 2000}); !errors.As(err, &limit) || limit.Most != 2000 {
		t.Errorf("2,500 pages gave %v", err)
	}
	if n, err := Count(path, Limits{Pages: 2500}); err != nil || n != 2500 {
		t.Errorf("counted %d, %v", n, err)
	}
	start := time.Now()
	_, _ = Decode(path, 2499, Options{}) // it is no page; finding it must be quick
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("finding the last page took %v", took)
	}
}

// Tags of other programs are no fault of the page.
func TestTIFFUnknownTag(t *testing.T) {
	s, err := Decode(written(t, "page", tiffOf(rawGray(gray(madePage(40, 32))).with(37679, uint32(7)))), 0, Options{})
	if err != nil || len(s.Warnings) > 0 {
		t.Errorf("it came with %v, %+v", err, s)
	}
}

// A damaged strip costs its own rows and no more.
func TestTIFFDamagedStrip(t *testing.T) {
	const w, h, rows = 96, 72, 24
	g := gray(madePage(w, h))
	m := deflated(tiffPage(w, h, []uint16{8}, 1, g.Pix[:w*rows], g.Pix[w*rows:2*w*rows], g.Pix[2*w*rows:]).with(tagRows, uint32(rows)))
	m.chunks[1] = m.chunks[1][:10]
	s, err := Decode(written(t, "page", tiffOf(m)), 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Incomplete || len(s.Warnings) == 0 {
		t.Errorf("incomplete is %t, warnings are %v", s.Incomplete, s.Warnings)
	}
	got, ok := s.Pixels.(*image.Gray)
	if !ok {
		t.Fatalf("it came as %T", s.Pixels)
	}
	if d := distance(t, got.SubImage(image.Rect(0, 2*rows, w, h)), g.SubImage(image.Rect(0, 2*rows, w, h))); d != 0 {
		t.Errorf("the rows after the damage differ by %.2f", d)
	}
	if got.Pix[(2*rows-1)*w] != 255 {
		t.Error("rows that are lost are not white")
	}
}
