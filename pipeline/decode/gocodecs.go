package decode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// goDecoder reads the formats for which Go has good decoders: PNG, WebP and BMP.
type goDecoder struct {
	path   string
	format Format
}

func (d *goDecoder) header(r *raster) error {
	return d.with(func(f *os.File) error {
		size, err := d.config(bufio.NewReader(f))
		if err != nil {
			return fmt.Errorf("open the %s: %w", d.format, err)
		}
		r.width, r.height = size.Width, size.Height
		switch d.format { //nolint:exhaustive // the three of goDecoder
		case PNG:
			pngMarks(f, r)
		case BMP:
			r.xDPI, r.yDPI = bmpDensity(f)
			return plausibleBMP(f, size.Width, size.Height)
		case WebP:
			webpMarks(f, r)
		}
		return nil
	})
}

func (d *goDecoder) pixels(r *raster, _ Options) error {
	return d.with(func(f *os.File) error {
		img, err := d.decode(bufio.NewReaderSize(f, 1<<16))
		if err != nil {
			return fmt.Errorf("decode the %s: %w", d.format, err)
		}
		if s := img.Bounds().Size(); s.X != r.width || s.Y != r.height {
			return fmt.Errorf("decode the %s: it has %d×%d pixels where its header claims %d×%d", d.format, s.X, s.Y, r.width, r.height)
		}
		r.pixels = flat(img)
		return nil
	})
}

func (d *goDecoder) with(f func(*os.File) error) (err error) {
	file, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return f(file)
}

func (d *goDecoder) config(r io.Reader) (image.Config, error) {
	switch d.format { //nolint:exhaustive // the three of goDecoder
	case PNG:
		return png.DecodeConfig(r)
	case BMP:
		return bmp.DecodeConfig(r)
	}
	return webp.DecodeConfig(r)
}

func (d *goDecoder) decode(r io.Reader) (image.Image, error) {
	switch d.format { //nolint:exhaustive // the three of goDecoder
	case PNG:
		return png.Decode(r)
	case BMP:
		return bmp.Decode(r)
	}
	return webp.Decode(r)
}

const inch = 0.0254 // metres

// pngMarks reads the resolution in pHYs and the orientation in eXIf (PNG specification, 11.3), as far as they stand before
// the pixels or the file allows.
func pngMarks(f io.ReadSeeker, r *raster) {
	const signature, mostChunks = 8, 1000
	if _, err := f.Seek(signature, io.SeekStart); err != nil {
		return
	}
	var head [8]byte
	for range mostChunks {
		if _, err := io.ReadFull(f, head[:]); err != nil {
			return
		}
		n := int64(binary.BigEndian.Uint32(head[:4]))
		switch string(head[4:]) {
		case "pHYs":
			var b [9]byte
			if _, err := io.ReadFull(f, b[:]); err != nil {
				return
			}
			if b[8] == 1 { // per metre
				r.xDPI, r.yDPI = inch*float64(binary.BigEndian.Uint32(b[:4])), inch*float64(binary.BigEndian.Uint32(b[4:8]))
			}
			n -= int64(len(b))
		case "eXIf":
			if named, ok := f.(*os.File); ok {
				r.orientation = readEXIF(named.Name(), PNG).orientation
			}
		case "IEND":
			return
		}
		if _, err := f.Seek(n+4, io.SeekCurrent); err != nil {
			return
		}
	}
}

// webpMarks reads the orientation where the extended header (VP8X) announces EXIF data.
func webpMarks(f *os.File, r *raster) {
	var b [21]byte
	if _, err := f.ReadAt(b[:], 0); err != nil || string(b[12:16]) != "VP8X" {
		return
	}
	const hasEXIF = 1 << 3
	if b[20]&hasEXIF != 0 {
		e := readEXIF(f.Name(), WebP)
		r.orientation, r.xDPI, r.yDPI = e.orientation, e.xDPI, e.yDPI
	}
}

// bmpDensity is the resolution in a BITMAPINFOHEADER, in pixels per metre at bytes 38 and 42.
func bmpDensity(f io.ReaderAt) (x, y float64) {
	var b [32]byte
	const infoHeader = 40
	if _, err := f.ReadAt(b[:], 14); err != nil || binary.LittleEndian.Uint32(b[:]) < infoHeader {
		return 0, 0
	}
	return inch * float64(binary.LittleEndian.Uint32(b[24:])), inch * float64(binary.LittleEndian.Uint32(b[28:]))
}

// plausibleBMP refuses what claims more pixels than its bytes hold: BMP is read unpacked, at least a bit a pixel.
func plausibleBMP(f *os.File, w, h int) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at the file: %w", err)
	}
	if int64(w)*int64(h)/8 > info.Size() {
		return fmt.Errorf("open the bmp: it claims %d×%d pixels in %d bytes", w, h, info.Size())
	}
	return nil
}
