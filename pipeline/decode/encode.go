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
	Arithmetic    bool // coded in a way that PDF readers do not know
}

// JPEGHeader describes a JPEG.
func JPEGHeader(data []byte) (JPEGHead, error) {
	info, err := clib.JPEGHeader(data)
	if err != nil {
		return JPEGHead{}, err
	}
	head := JPEGHead{Width: info.Width, Height: info.Height, Gray: info.Gray, CMYK: info.CMYK}
	segments(data, func(marker byte, _ []byte) bool {
		head.Arithmetic = head.Arithmetic || marker >= 0xc9 && marker <= 0xcb || marker >= 0xcd && marker <= 0xcf
		return true
	})
	return head, nil
}

// EncodeG4 packs rows of bits (1 is black, rows padded to whole bytes) as CCITT G4.
func EncodeG4(packed []byte, width, height int) ([]byte, error) {
	return clib.EncodeG4(packed, width, height)
}

// EncodeJPEG packs an *image.Gray or opaque *image.NRGBA; quality is libjpeg's, 1–100.
func EncodeJPEG(img image.Image, quality int) ([]byte, error) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	switch p := img.(type) {
	case *image.Gray:
		return clib.EncodeJPEG(p.Pix, w, h, p.Stride, clib.Gray, quality)
	case *image.NRGBA:
		return clib.EncodeJPEG(p.Pix, w, h, p.Stride, clib.RGBX, quality)
	}
	return nil, fmt.Errorf("encode a JPEG: %T is neither grey nor colour", img)
}
