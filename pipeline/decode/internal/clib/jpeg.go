//go:build cgo

package clib

/*
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>
#include "clib.h"
*/
import "C"

import (
	"errors"
	"unsafe"
)

// JPEGHeader describes a JPEG file.
func JPEGHeader(path string) (JPEGInfo, error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var notes C.sohoa_notes
	var info C.sohoa_jpeg_info
	if C.sohoa_jpeg_head(p, &info, &notes) != 0 {
		return JPEGInfo{}, failure("open the JPEG", "libjpeg", &notes)
	}
	out := JPEGInfo{
		Width: int(info.width), Height: int(info.height), Gray: info.space == C.JCS_GRAYSCALE,
		CMYK: info.space == C.JCS_CMYK || info.space == C.JCS_YCCK, RGB: info.space == C.JCS_RGB,
		Adobe: info.adobe != 0, Arithmetic: info.arithmetic != 0,
		Coefficients: int64(info.coefficients), //nolint:gosec // 65,535² blocks at most
	}
	const inch, centimetre = 1, 2
	switch info.density_unit {
	case inch:
		out.XDPI, out.YDPI = float64(info.xdensity), float64(info.ydensity)
	case centimetre:
		out.XDPI, out.YDPI = 2.54*float64(info.xdensity), 2.54*float64(info.ydensity)
	}
	return out, nil
}

// DecodeJPEG decodes into out at width×height, which must be eighths/8 of the JPEG's size, rounded up. Of a cut or damaged
// file it decodes what is there: rows tells how much that is, and the others are white.
func DecodeJPEG(path string, eighths int, f Format, out []byte, width, height, stride int, memory int64) (
	rows int, warns []string, err error,
) {
	if eighths < 1 || eighths > 8 || width < 1 || height < 1 || stride < f.size()*width ||
		len(out) < stride*(height-1)+f.size()*width {
		return 0, nil, errNoRoom
	}
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var notes C.sohoa_notes
	rows = int(C.sohoa_jpeg_decode(p, C.int(eighths), C.int(f), (*C.uint8_t)(&out[0]), C.uint32_t(width),
		C.uint32_t(height), C.size_t(stride), C.size_t(memory), &notes))
	if rows < 0 {
		return 0, nil, failure("decode the JPEG", "libjpeg", &notes)
	}
	return rows, said(&notes), nil
}

// EncodeJPEG encodes Gray or RGBA pixels at a quality of 1–100. Colour is stored at full resolution, or at half of it in
// both directions as scanners do.
func EncodeJPEG(pixels []byte, width, height, stride int, f Format, quality int, fullColor bool) ([]byte, error) {
	if f == CMYK || width < 1 || height < 1 || stride < f.size()*width || len(pixels) < stride*(height-1)+f.size()*width {
		return nil, errors.New("encode a JPEG: too few pixels")
	}
	var full C.int
	if fullColor {
		full = 1
	}
	var notes C.sohoa_notes
	var out *C.uint8_t
	var size C.size_t
	if C.sohoa_jpeg_encode((*C.uint8_t)(&pixels[0]), C.uint32_t(width), C.uint32_t(height), C.size_t(stride), C.int(f),
		C.int(quality), full, &out, &size, &notes) != 0 {
		return nil, failure("encode a JPEG", "libjpeg", &notes)
	}
	return taken(out, size), nil
}
