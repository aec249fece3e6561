package clib

import "errors"

// ErrNoCgo is the answer of a binary that was built without cgo.
var ErrNoCgo = errors.New("this sohoa was built without cgo and cannot decode TIFF and JPEG; build it with CGO_ENABLED=1")

// The values of TIFFInfo.Photometric that matter here (TIFF 6.0, tag 262).
const (
	MinIsWhite = 0
	MinIsBlack = 1
	RGB        = 2
	YCbCr      = 6
)

// TIFFInfo describes one page of a TIFF.
type TIFFInfo struct {
	Width, Height int
	RowsPerStrip  int
	Bits, Samples int
	Photometric   int
	JPEG          bool // compressed as JPEG of the new style
	Orientation   int  // 1–8 as EXIF; other values in broken files
	XDPI, YDPI    float64
	Tiled         bool
	Separate      bool  // a plane a sample
	Bytes         int64 // what its strips or tiles claim to have in the file; 0 if they do not say
}

// JPEGInfo describes a JPEG.
type JPEGInfo struct {
	Width, Height int
	Gray, CMYK    bool
	RGB           bool // its samples are red, green and blue, not YCbCr
	Adobe         bool // it has Adobe's marker: inks are stored inverted
	Arithmetic    bool
	XDPI, YDPI    float64 // of the JFIF header; 0 for none
	// Coefficients is how many bytes a file of several scans needs besides its pixels; 0 for one scan.
	Coefficients int64
}

// Format is the order of a pixel's bytes.
type Format int

// The formats of pixels. They match the enum in clib.h.
const (
	Gray Format = iota
	RGBA        // opaque
	CMYK        // as stored: Adobe's files are inverted
)

// size is the number of bytes of a pixel.
func (f Format) size() int {
	if f == Gray {
		return 1
	}
	return 4
}
