package decode

import (
	"bytes"
	"io"
	"os"

	"github.com/bep/imagemeta"
)

// exif is what a camera or scanner says of the page.
type exif struct {
	orientation int // 1–8; 0 where it says nothing
	xDPI, yDPI  float64
}

// readEXIF reads the EXIF data of a JPEG file. Broken data counts as none: it is a hint, not the page.
func readEXIF(path string) exif {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return exif{}
	}
	defer func() { _ = f.Close() }() // it was only read
	return parseEXIF(f, imagemeta.JPEG)
}

// readEXIFBlock reads the EXIF data that a PNG or WebP holds as n bytes from where r stands: a small TIFF without pixels.
func readEXIFBlock(r io.Reader, n int64) exif {
	const most = 1 << 20
	if n > most {
		return exif{}
	}
	block := make([]byte, n)
	if _, err := io.ReadFull(r, block); err != nil {
		return exif{}
	}
	block = bytes.TrimPrefix(block, []byte("Exif\x00\x00")) // JPEG's prefix, which does not belong there, but some write it
	return parseEXIF(bytes.NewReader(block), imagemeta.TIFF)
}

func parseEXIF(r io.ReadSeeker, kind imagemeta.ImageFormat) exif {
	var e exif
	unit := 2.0
	tags := map[string]*float64{"XResolution": &e.xDPI, "YResolution": &e.yDPI, "ResolutionUnit": &unit}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: kind, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return t.Namespace == "IFD0" && (t.Tag == "Orientation" || tags[t.Tag] != nil)
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			v, ok := number(t.Value)
			switch {
			case !ok:
			case t.Tag == "Orientation":
				e.orientation = int(v)
			case tags[t.Tag] != nil:
				*tags[t.Tag] = v
			}
			return nil
		},
	})
	if err != nil {
		return exif{}
	}
	const centimetre = 3
	if unit == centimetre {
		e.xDPI, e.yDPI = 2.54*e.xDPI, 2.54*e.yDPI
	}
	return e
}

// number is a tag's value, whichever of EXIF's types it has.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case uint16:
		return float64(n), true
	case uint32:
		return float64(n), true
	case int:
		return float64(n), true
	case float64:
		return n, true
	case interface{ Float64() float64 }: // a fraction
		return n.Float64(), true
	}
	return 0, false
}
