package clib

import "errors"

// ErrNoCgo is the answer of a binary that was built without cgo.
var ErrNoCgo = errors.New("this sohoa was built without cgo and cannot decode TIFF and JPEG; build it with CGO_ENABLED=1")

// TIFFInfo describes one page of a TIFF.
type TIFFInfo struct {
	Width, Height int
	Bits, Samples int
	Photometric   int // 0 MinIsWhite, 1 MinIsBlack, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr
	Orientation   int // 1–8 as EXIF
	XDPI, YDPI    float64
	Tiled         bool
}

// JPEGInfo describes a JPEG.
type JPEGInfo struct {
	Width, Height int
	Gray, CMYK    bool
}

// Format is the order of a pixel's bytes.
type Format int

// The formats of pixels.
const (
	Gray Format = iota
	RGBX        // four bytes; the fourth is 255 after decoding
	CMYK
)
