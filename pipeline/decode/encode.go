package decode

import (
	"fmt"
	"image"

	"sohoa/pipeline/decode/internal/clib"
)

// The other direction, for package facsimile: the same C libraries in the same place.

// JPEGHead describes a JPEG as far as a PDF must know.
type JPEGHead struct {
	Width, Height int
	Gray, CMYK    bool
	RGB           bool // red, green and blue as they are, not YCbCr
	Adobe         bool // it has Adobe's marker, which tells how colours are stored
	Arithmetic    bool // coded in a way that PDF readers do not know
}

// JPEGHeader describes a JPEG file.
func JPEGHeader(path string) (JPEGHead, error) {
	i, err := clib.JPEGHeader(path)
	if err != nil {
		return JPEGHead{}, err
	}
	return JPEGHead{
		Width: i.Width, Height: i.Height, Gray: i.Gray, CMYK: i.CMYK, RGB: i.RGB, Adobe: i.Adobe, Arithmetic: i.Arithmetic,
	}, nil
}

// TIFFPacked tells how a page of a TIFF is packed: how many bytes its strips or tiles have in the file (0 if it does not
// say), and its whole JPEG where it is a single one of grey or YCbCr samples, else nil.
func TIFFPacked(path string, index int) (bytes int64, jpeg []byte, err error) {
	d := &tiffDecoder{path: path, index: index}
	if err := d.header(&raster{}); err != nil {
		return 0, nil, err
	}
	whole := d.info.Samples == 1 && d.info.Photometric == clib.MinIsBlack || d.info.Samples == 3 && d.info.Photometric == clib.YCbCr
	if !d.info.JPEG || !whole || d.info.Bits != 8 {
		return d.info.Bytes, nil, nil
	}
	jpeg, err = clib.TIFFJPEG(path, d.offset)
	if err != nil {
		return 0, nil, d.failed(err)
	}
	return d.info.Bytes, jpeg, nil
}

// EncodeG4 packs rows of bits (1 is black, rows padded to whole bytes) as CCITT G4.
func EncodeG4(packed []byte, width, height int) ([]byte, error) {
	return clib.EncodeG4(packed, width, height)
}

// EncodeJPEG packs an *image.Gray or opaque *image.NRGBA; quality is libjpeg's, 1–100. With fullColor the colours keep their
// full resolution, else half of it in both directions.
func EncodeJPEG(img image.Image, quality int, fullColor bool) ([]byte, error) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	switch p := img.(type) {
	case *image.Gray:
		return clib.EncodeJPEG(p.Pix, w, h, p.Stride, clib.Gray, quality, false)
	case *image.NRGBA:
		return clib.EncodeJPEG(p.Pix, w, h, p.Stride, clib.RGBA, quality, fullColor)
	}
	return nil, fmt.Errorf("encode a JPEG: %T is neither grey nor colour", img)
}
