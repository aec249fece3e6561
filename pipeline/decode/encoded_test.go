package decode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
)

func encodedPNG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func encodedBMP(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := bmp.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func encodedJPEG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	data, err := EncodeJPEG(img, 95, true)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func encodedPNM(c *image.NRGBA) []byte {
	return append(fmt.Appendf(nil, "P6\n# made\n%d %d\n255\n", c.Rect.Dx(), c.Rect.Dy()), samples(c, 3)...)
}

func fromTestdata(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// pngWith puts a chunk right after the header.
func pngWith(data []byte, kind string, body []byte) []byte {
	const header = 8 + 25
	chunk := append([]byte(kind), body...)
	out := append([]byte{}, data[:header]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(body))) //nolint:gosec // small
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, data[header:]...)
}

// webpWithEXIF makes an extended WebP of a plain one.
func webpWithEXIF(plain []byte, w, h int, exif []byte) []byte {
	chunk := func(out []byte, kind string, body []byte) []byte {
		out = binary.LittleEndian.AppendUint32(append(out, kind...), uint32(len(body))) //nolint:gosec // small
		return append(append(out, body...), make([]byte, len(body)%2)...)
	}
	body := chunk([]byte("WEBP"), "VP8X", []byte{8, 0, 0, 0, byte(w - 1), 0, 0, byte(h - 1), 0, 0}) //nolint:gosec // small
	body = chunk(append(body, plain[12:]...), "EXIF", exif)
	return chunk(nil, "RIFF", body)
}
