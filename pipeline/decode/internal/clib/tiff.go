//go:build cgo

package clib

/*
#cgo LDFLAGS: -ltiff -ljpeg
#include <stdlib.h>
#include "clib.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"math"
	"syscall"
	"unsafe"
)

var errNoRoom = errors.New("the pixels do not fit into the space given")

// failure is what the library gave as its reason: syscall.ENOMEM where that is no fault of the file.
func failure(act, library string, notes *C.sohoa_notes) error {
	said := C.GoString(&notes.error[0])
	if said == "" {
		said = "no reason given"
	}
	if notes.no_memory != 0 {
		return fmt.Errorf("%s: %s: %s: %w", act, library, said, syscall.ENOMEM)
	}
	return fmt.Errorf("%s: %s: %s", act, library, said)
}

// warnings are the first few of what the library had to say.
func warnings(notes *C.sohoa_notes) []string {
	var all []string
	for i := range min(int(notes.warnings), C.SOHOA_NOTES) {
		if w := C.GoString(&notes.warning[i][0]); w != "" {
			all = append(all, w)
		}
	}
	if more := int(notes.warnings) - len(all); more > 0 {
		all = append(all, fmt.Sprintf("and %d more warnings", more))
	}
	return all
}

// TIFFPage describes the page whose directory begins at offset.
func TIFFPage(path string, offset uint64) (TIFFInfo, error) {
	info, err := tiffInfo(path, offset)
	if err != nil {
		return TIFFInfo{}, err
	}
	out := TIFFInfo{
		Width: int(info.width), Height: int(info.height), RowsPerStrip: int(info.rows_per_strip),
		Bits: int(info.bits), Samples: int(info.samples), Photometric: int(info.photometric),
		Orientation: int(info.orientation), Tiled: info.tiled != 0, Bytes: int64(info.bytes), //nolint:gosec // below 2^61
	}
	const (
		inch, centimetre = 2, 3
		jpeg             = 7
		separate         = 2
	)
	out.JPEG, out.Separate = info.compression == jpeg, info.planar == separate
	switch info.unit {
	case inch:
		out.XDPI, out.YDPI = float64(info.xres), float64(info.yres)
	case centimetre:
		out.XDPI, out.YDPI = 2.54*float64(info.xres), 2.54*float64(info.yres)
	}
	return out, nil
}

func tiffInfo(path string, offset uint64) (info C.sohoa_tiff_info, err error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var notes C.sohoa_notes
	if C.sohoa_tiff_info_of(p, C.uint64_t(offset), &info, &notes) != 0 {
		return info, failure("open the page", "libtiff", &notes)
	}
	return info, nil
}

// fits tells whether an image of the page's size has room in out.
func fits(info C.sohoa_tiff_info, out []byte, stride, pixel int) bool {
	w, h := int64(info.width), int64(info.height)
	return w > 0 && h > 0 && h < math.MaxInt32 && w*int64(pixel) <= int64(stride) &&
		int64(len(out)) >= int64(stride)*(h-1)+w*int64(pixel)
}

// TIFFRows reads a page in strips whose rows need no more than unpacking: one sample of 1 or 8 bits as Gray, or three
// samples of 8 bits side by side as RGBA. It gives the number of rows that could not be decoded; they are white.
func TIFFRows(path string, offset uint64, f Format, out []byte, stride int) (bad int, warns []string, err error) {
	info, err := tiffInfo(path, offset)
	if err != nil {
		return 0, nil, err
	}
	gray := f == Gray && info.samples == 1 && (info.bits == 1 || info.bits == 8)
	color := f == RGBA && info.samples == 3 && info.bits == 8
	if !fits(info, out, stride, f.size()) || info.tiled != 0 || !gray && !color {
		return 0, nil, errNoRoom
	}
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var notes C.sohoa_notes
	bad = int(C.sohoa_tiff_rows(p, C.uint64_t(offset), &info, C.int(f), (*C.uint8_t)(&out[0]), C.size_t(stride), &notes))
	if bad < 0 || bad >= int(info.height) {
		return 0, nil, failure("decode the page", "libtiff", &notes)
	}
	return bad, said(&notes), nil
}

// TIFFRGBA reads any page into out, four bytes (R, G, B, A) a pixel without gaps, as it is stored; colours come multiplied
// by A.
func TIFFRGBA(path string, offset uint64, out []byte) (warns []string, err error) {
	info, err := tiffInfo(path, offset)
	if err != nil {
		return nil, err
	}
	if !fits(info, out, 4*int(info.width), 4) {
		return nil, errNoRoom
	}
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var notes C.sohoa_notes
	if C.sohoa_tiff_rgba(p, C.uint64_t(offset), &info, (*C.uint32_t)(unsafe.Pointer(&out[0])), &notes) != 0 {
		return nil, failure("decode the page", "libtiff", &notes)
	}
	return said(&notes), nil
}

// said is what libtiff found wrong and could live with.
func said(notes *C.sohoa_notes) []string {
	all := warnings(notes)
	if notes.errors > 0 {
		all = append(all, fmt.Sprintf("%s (%d errors)", C.GoString(&notes.error[0]), int(notes.errors)))
	}
	return all
}

// TIFFJPEG gives the JPEG, tables put in, of a page that is one strip of JPEG; nil for other pages.
func TIFFJPEG(path string, offset uint64) ([]byte, error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var notes C.sohoa_notes
	var out *C.uint8_t
	var size C.size_t
	if C.sohoa_tiff_jpeg(p, C.uint64_t(offset), &out, &size, &notes) != 0 {
		return nil, failure("open the page", "libtiff", &notes)
	}
	return taken(out, size), nil
}

// taken copies what C allocated and frees it.
func taken(out *C.uint8_t, size C.size_t) []byte {
	if out == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(out))
	data := make([]byte, int(size))
	copy(data, unsafe.Slice((*byte)(unsafe.Pointer(out)), int(size)))
	return data
}

// EncodeG4 packs rows of bits (1 is black, rows padded to whole bytes) as CCITT G4.
func EncodeG4(packed []byte, width, height int) ([]byte, error) {
	if width < 1 || height < 1 || width > math.MaxInt32 || len(packed)/((width+7)/8) < height {
		return nil, fmt.Errorf("encode G4: %d bytes do not hold %d×%d bits", len(packed), width, height)
	}
	var notes C.sohoa_notes
	var out *C.uint8_t
	var size C.size_t
	if C.sohoa_g4_encode((*C.uint8_t)(&packed[0]), C.uint32_t(width), C.uint32_t(height), &out, &size, &notes) != 0 {
		return nil, failure("encode G4", "libtiff", &notes)
	}
	return taken(out, size), nil
}
