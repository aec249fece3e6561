package corpus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
)

// Format is a file format.
type Format string

// The formats.
const (
	FormatJPEG Format = "jpg"
	FormatPNG  Format = "png"
	FormatTIFF Format = "tif" // black and white, CCITT G4
)

// errNotBilevel says that G4 was asked for an image with more than two colours.
var errNotBilevel = errors.New("CCITT G4 holds black and white only")

// errNoPages says that a file without pages was asked for.
var errNoPages = errors.New("a file needs at least one page")

// Encode writes a scan in its format, with the resolution that it claims (none where that is 0).
func Encode(w io.Writer, s Scan) error {
	var err error
	switch s.Format {
	case FormatJPEG:
		err = encodeJPEG(w, s.Image, s.Quality, s.ClaimDPI)
	case FormatPNG:
		err = encodePNG(w, s.Image, s.ClaimDPI)
	case FormatTIFF:
		return EncodeTIFF(w, []Scan{s})
	default:
		err = fmt.Errorf("no such format %q", s.Format)
	}
	if err != nil {
		return fmt.Errorf("encode scan as %s: %w", s.Format, err)
	}
	return nil
}

// EncodeTIFF writes black-and-white scans as the pages of one TIFF.
func EncodeTIFF(w io.Writer, scans []Scan) error {
	var pages []*image.Paletted
	for i, s := range scans {
		img, ok := s.Image.(*image.Paletted)
		if !ok {
			return fmt.Errorf("encode page %d of TIFF: %w", i+1, errNotBilevel)
		}
		pages = append(pages, img)
	}
	if len(scans) == 0 {
		return errNoPages
	}
	return encodeG4(w, pages, scans[0].ClaimDPI)
}

// encodeJPEG writes a JPEG with 4:2:0 chroma and a JFIF header, which the standard library leaves out.
func encodeJPEG(w io.Writer, img image.Image, quality int, dpi float64) error {
	if n, ok := img.(*image.NRGBA); ok {
		// Opaque pixels are the same in RGBA, which the encoder knows how to read fast.
		img = &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return fmt.Errorf("write JPEG: %w", err)
	}
	units, density := byte(1), uint16(math.Round(dpi))
	if dpi == 0 {
		units, density = 0, 1
	}
	jfif := []byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, units, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(jfif[14:], density)
	binary.BigEndian.PutUint16(jfif[16:], density)
	if _, err := w.Write(append(jfif, b.Bytes()[2:]...)); err != nil {
		return fmt.Errorf("write JPEG: %w", err)
	}
	return nil
}

// encodePNG writes a PNG with a pHYs chunk, which the standard library leaves out.
func encodePNG(w io.Writer, img image.Image, dpi float64) error {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&b, img); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	const head = 8 + 25 // signature and IHDR
	data := b.Bytes()
	out := append([]byte{}, data[:head]...)
	if dpi > 0 {
		chunk := []byte("\x00\x00\x00\x09pHYs")
		perMetre := uint32(math.Round(dpi / 0.0254))
		chunk = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(chunk, perMetre), perMetre)
		chunk = append(chunk, 1)
		out = append(out, binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))...)
	}
	if _, err := w.Write(append(out, data[head:]...)); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}
