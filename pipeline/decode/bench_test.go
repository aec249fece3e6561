package decode

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// An A4 page at 300 dpi.
const a4Width, a4Height = 2480, 3508

func benchDecode(b *testing.B, name string, data []byte, opt Options) {
	b.Helper()
	path := written(b, "page", data)
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(path, 0, opt); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	page := madePage(a4Width, a4Height)
	g, bw := gray(page), blackAndWhite(page)
	jpegOf := func(img image.Image) []byte {
		data, err := EncodeJPEG(img, 80, false)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	color := jpegOf(page)
	for num := 8; num >= 1; num-- {
		benchDecode(b, fmt.Sprintf("jpeg-color-%d8", num), color, Options{ScaleNum: num})
	}
	benchDecode(b, "jpeg-gray", jpegOf(g), Options{})
	turned := append([]byte{0xff, 0xd8}, exifSegment(6)...)
	benchDecode(b, "jpeg-color-turned", append(turned, color[2:]...), Options{})
	benchDecode(b, "tiff-g4", tiffG4(b, bw), Options{})
	benchDecode(b, "tiff-gray", tiffOf(rawGray(g)), Options{})
	benchDecode(b, "tiff-color-deflate", tiffOf(deflated(rawColor(page))), Options{})
	benchDecode(b, "tiff-color-jpeg", tiffOf(jpegInTIFF(color, a4Width, a4Height)), Options{})
	for name, img := range map[string]image.Image{"gray": g, "color": page} {
		var p, m bytes.Buffer
		if err := png.Encode(&p, img); err != nil {
			b.Fatal(err)
		}
		if err := bmp.Encode(&m, img); err != nil {
			b.Fatal(err)
		}
		benchDecode(b, "png-"+name, p.Bytes(), Options{})
		benchDecode(b, "bmp-"+name, m.Bytes(), Options{})
	}
	benchDecode(b, "pnm-gray", append(fmt.Appendf(nil, "P5 %d %d 255\n", a4Width, a4Height), g.Pix...), Options{})
}
