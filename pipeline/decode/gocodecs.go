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

// A chunk of a PNG or a RIFF file.
type chunk struct {
	kind   string
	length int64
}

// mostChunks is how many chunks are looked at: a picture has a few, or its rows in some thousands of pieces.
const mostChunks = 20_000

// chunks calls look for each chunk of a file, from position at on, with f at the chunk's content, until it returns false.
// read takes a chunk's head apart, trailer is what follows the content.
func chunks(f io.ReadSeeker, at int64, read func(head []byte) chunk, trailer func(n int64) int64, look func(chunk) bool) {
	var head [8]byte
	for range mostChunks {
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			return
		}
		if _, err := io.ReadFull(f, head[:]); err != nil {
			return
		}
		c := read(head[:])
		if !look(c) {
			return
		}
		at += int64(len(head)) + c.length + trailer(c.length)
	}
}

// pngMarks reads the resolution in pHYs and the orientation in eXIf (PNG specification, 11.3), which may stand behind the
// pixels.
func pngMarks(f io.ReadSeeker, r *raster) {
	const signature, checksum = 8, 4
	read := func(head []byte) chunk { return chunk{string(head[4:]), int64(binary.BigEndian.Uint32(head))} }
	chunks(f, signature, read, func(int64) int64 { return checksum }, func(c chunk) bool {
		var b [9]byte
		switch c.kind {
		case "pHYs":
			if _, err := io.ReadFull(f, b[:]); err == nil && b[8] == 1 { // per metre
				r.xDPI, r.yDPI = inch*float64(binary.BigEndian.Uint32(b[:])), inch*float64(binary.BigEndian.Uint32(b[4:]))
			}
		case "eXIf":
			r.orientation = readEXIFBlock(f, c.length).orientation
		case "IEND":
			return false
		}
		return true
	})
}

// webpMarks reads the EXIF data of an extended WebP, which stands behind the pixels.
func webpMarks(f io.ReadSeeker, r *raster) {
	const header = 12
	read := func(head []byte) chunk { return chunk{string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:]))} }
	chunks(f, header, read, func(n int64) int64 { return n % 2 }, func(c chunk) bool {
		if c.kind != "EXIF" {
			return true
		}
		e := readEXIFBlock(f, c.length)
		r.orientation, r.xDPI, r.yDPI = e.orientation, e.xDPI, e.yDPI
		return false
	})
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
