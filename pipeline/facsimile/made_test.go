package facsimile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"flag"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/ccitt"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

var update = flag.Bool("update", false, "write the fuzz target's seeds anew")

// madePage draws paper with a little grain, strokes like print and a red bar.
func madePage(w, h int) *image.NRGBA {
	rnd := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same page each time
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(246 + rnd.IntN(8)) //nolint:gosec // below 256
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	for y := 10; y+12 < h; y += 22 {
		for x := 8; x+8 < w; x += 9 {
			c := color.NRGBA{30, 30, 34, 255}
			if y > h*3/4 {
				c = color.NRGBA{200, 40, 50, 255}
			}
			for d := range 10 {
				img.SetNRGBA(x+d*rnd.IntN(2)/2, y+d, c)
				img.SetNRGBA(x+1+d*rnd.IntN(2)/2, y+d, c)
			}
		}
	}
	return img
}

func grayPage(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i, c := range madePage(w, h).Pix {
		if i%4 == 1 {
			g.Pix[i/4] = c
		}
	}
	return g
}

func blackAndWhite(w, h int) *image.Gray {
	g := grayPage(w, h)
	for i, v := range g.Pix {
		g.Pix[i] = 255 * (v >> 7)
	}
	return g
}

func written(tb testing.TB, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "page")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func encodedPNG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func encodedJPEG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	data, err := decode.EncodeJPEG(img, 80, false)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// made is the facsimile of a file's first page, its sheet and the notes.
func made(tb testing.TB, path string, opt decode.Options) (*page.Facsimile, *decode.Sheet, []string) {
	tb.Helper()
	sheet, err := decode.Decode(path, 0, opt)
	if err != nil {
		tb.Fatal(err)
	}
	f, notes, err := Make(path, 0, sheet)
	if err != nil {
		tb.Fatal(err)
	}
	return f, sheet, notes
}

// shown unpacks a facsimile as a PDF reader does, by other decoders than those that made it where there are any, and turns
// it as its orientation says.
func shown(tb testing.TB, f *page.Facsimile) image.Image {
	tb.Helper()
	switch f.Filter {
	case page.DCT:
		s, err := decode.Decode(written(tb, f.Data), 0, decode.Options{Orientation: f.Orientation})
		if err != nil {
			tb.Fatal(err)
		}
		if s.Format != decode.JPEG || f.Bits != 8 {
			tb.Errorf("DCT data is %s of %d bits", s.Format, f.Bits)
		}
		return s.Pixels
	case page.CCITT:
		g := image.NewGray(image.Rect(0, 0, f.Width, f.Height))
		err := ccitt.DecodeIntoGray(g, bytes.NewReader(f.Data), ccitt.MSB, ccitt.Group4, nil)
		if err != nil || f.K != -1 || f.BlackIs1 || f.Bits != 1 || f.ColorSpace != page.Gray || f.Orientation != 1 {
			tb.Errorf("CCITT described as %+v: %v", f, err)
		}
		return g
	case page.Flate:
		if !f.PNGPredictor || f.Orientation != 1 {
			tb.Fatalf("Flate described as %+v", f)
		}
		return unpackedPNG(tb, f)
	case page.JBIG2:
	}
	tb.Fatalf("filter %q", f.Filter)
	return nil
}

// unpackedPNG puts a PNG around Flate data with PNG predictors.
func unpackedPNG(tb testing.TB, f *page.Facsimile) image.Image {
	tb.Helper()
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		c := append([]byte(kind), body...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(body))) //nolint:gosec // small
		out = binary.BigEndian.AppendUint32(append(out, c...), crc32.ChecksumIEEE(c))
	}
	kind := map[page.ColorSpace]byte{page.Gray: 0, page.RGB: 2, page.Indexed: 3}[f.ColorSpace]
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(f.Width)), uint32(f.Height)) //nolint:gosec // small
	chunk("IHDR", append(head, byte(f.Bits), kind, 0, 0, 0))                                                     //nolint:gosec // 8 at most
	if f.ColorSpace == page.Indexed {
		chunk("PLTE", f.Palette)
	}
	chunk("IDAT", f.Data)
	chunk("IEND", nil)
	s, err := decode.Decode(written(tb, out), 0, decode.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return s.Pixels
}

// psnr is the likeness of two images in decibels; infinite for equal ones.
func psnr(tb testing.TB, a, b image.Image) float64 {
	tb.Helper()
	size := a.Bounds().Size()
	if size != b.Bounds().Size() {
		tb.Fatalf("sizes %v and %v", size, b.Bounds().Size())
	}
	sum := 0.0
	for y := range size.Y {
		for x := range size.X {
			p, _ := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA)
			q, _ := color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			for _, d := range []float64{float64(p.R) - float64(q.R), float64(p.G) - float64(q.G), float64(p.B) - float64(q.B)} {
				sum += d * d
			}
		}
	}
	return 10 * math.Log10(255*255*3*float64(size.X*size.Y)/sum)
}

// tiffOf writes a little-endian TIFF of one strip.
func tiffOf(w, h, bits, samples, photometric, compression, orientation int, strip []byte) []byte {
	out := append([]byte("II*\x00"), 0, 0, 0, 0)
	out = append(append(out, strip...), make([]byte, len(strip)%2)...)
	depth := bits
	if samples > 2 {
		depth = len(out)
		for range samples {
			out = binary.LittleEndian.AppendUint16(out, uint16(bits)) //nolint:gosec // small
		}
		out = append(out, make([]byte, len(out)%2)...)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out))) //nolint:gosec // small
	entries := [][4]int{
		{256, 4, 1, w},
		{257, 4, 1, h},
		{258, 3, samples, depth},
		{259, 3, 1, compression},
		{262, 3, 1, photometric},
		{273, 4, 1, 8},
		{274, 3, 1, orientation},
		{277, 3, 1, samples},
		{278, 4, 1, h},
		{279, 4, 1, len(strip)},
	}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(entries))) //nolint:gosec // small
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(out, uint16(e[0])), uint16(e[1])) //nolint:gosec // small
		out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, uint32(e[2])), uint32(e[3])) //nolint:gosec // small
	}
	return append(out, 0, 0, 0, 0)
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // a bytes.Buffer takes all
	_ = z.Close()
	return b.Bytes()
}

func rgb(c *image.NRGBA) []byte {
	out := make([]byte, 0, len(c.Pix)*3/4)
	for i := 0; i < len(c.Pix); i += 4 {
		out = append(out, c.Pix[i:i+3]...)
	}
	return out
}

func withOrientation(jpeg []byte, o byte) []byte {
	exif := append([]byte("\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), o, 0, 0, 0, 0, 0, 0, 0)
	return append(append([]byte{0xff, 0xd8}, exif...), jpeg[2:]...)
}
