//go:build cgo

package clib

/*
#cgo LDFLAGS: -ltiff -lturbojpeg
#include <stdlib.h>
#include <turbojpeg.h>
#include "clib.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// onThread runs f with the goroutine bound to its thread: the C side keeps its last message per thread.
func onThread(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return f()
}

func tiffError(act string) error {
	said := C.GoString(C.sohoa_message())
	if said == "" {
		said = "no reason given"
	}
	return fmt.Errorf("%s: libtiff: %s", act, said)
}

func jpegError(act string) error {
	return fmt.Errorf("%s: libjpeg: %s", act, C.GoString(C.tjGetErrorStr()))
}

// TIFFCount is the number of pages, or most+1 where there are more than most.
func TIFFCount(path string, most int) (n int, err error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	err = onThread(func() error {
		if n = int(C.sohoa_tiff_count(p, C.int(most))); n < 0 {
			return tiffError("open the TIFF")
		}
		return nil
	})
	return n, err
}

// TIFFPage describes page index (from 0).
func TIFFPage(path string, index int) (TIFFInfo, error) {
	info, err := tiffInfo(path, index)
	if err != nil {
		return TIFFInfo{}, err
	}
	out := TIFFInfo{
		Width: int(info.width), Height: int(info.height), Bits: int(info.bits), Samples: int(info.samples),
		Photometric: int(info.photometric), Orientation: int(info.orientation), Tiled: info.tiled != 0,
	}
	const inch, centimetre = 2, 3
	switch info.unit {
	case inch:
		out.XDPI, out.YDPI = float64(info.xres), float64(info.yres)
	case centimetre:
		out.XDPI, out.YDPI = 2.54*float64(info.xres), 2.54*float64(info.yres)
	}
	return out, nil
}

func tiffInfo(path string, index int) (info C.sohoa_tiff_info, err error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	err = onThread(func() error {
		if C.sohoa_tiff_info_of(p, C.int(index), &info) != 0 {
			return tiffError(fmt.Sprintf("open page %d of the TIFF", index+1))
		}
		return nil
	})
	return info, err
}

// TIFFGray reads a page of one sample of 1 or 8 bits into out, a byte a pixel, and gives the number of rows that could not
// be read.
func TIFFGray(path string, index int, want TIFFInfo, out []byte, stride int) (bad int, err error) {
	info, err := tiffInfo(path, index)
	if err != nil {
		return 0, err
	}
	if int(info.width) != want.Width || int(info.height) != want.Height || len(out) < stride*want.Height {
		return 0, errors.New("the TIFF changed while it was read")
	}
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	err = onThread(func() error {
		bad = int(C.sohoa_tiff_gray(p, C.int(index), (*C.uint8_t)(&out[0]), C.size_t(stride), &info))
		if bad < 0 {
			return tiffError(fmt.Sprintf("read page %d of the TIFF", index+1))
		}
		return nil
	})
	return bad, err
}

// TIFFRGBA reads any page into out, four bytes (R, G, B, A) a pixel, as it is stored.
func TIFFRGBA(path string, index int, want TIFFInfo, out []byte) error {
	info, err := tiffInfo(path, index)
	if err != nil {
		return err
	}
	if int(info.width) != want.Width || int(info.height) != want.Height || len(out) < 4*want.Width*want.Height {
		return errors.New("the TIFF changed while it was read")
	}
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	return onThread(func() error {
		if C.sohoa_tiff_rgba(p, C.int(index), (*C.uint32_t)(unsafe.Pointer(&out[0])), &info) != 0 {
			return tiffError(fmt.Sprintf("read page %d of the TIFF", index+1))
		}
		return nil
	})
}

// EncodeG4 packs rows of bits (1 is black, rows padded to whole bytes) as CCITT G4.
func EncodeG4(packed []byte, width, height int) ([]byte, error) {
	if width < 1 || height < 1 || len(packed) < (width+7)/8*height {
		return nil, fmt.Errorf("encode G4: %d bytes do not hold %d×%d bits", len(packed), width, height)
	}
	var out *C.uint8_t
	var size C.size_t
	err := onThread(func() error {
		if C.sohoa_g4_encode((*C.uint8_t)(&packed[0]), C.uint32_t(width), C.uint32_t(height), &out, &size) != 0 {
			return tiffError("encode G4")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer C.sohoa_free(unsafe.Pointer(out))
	return C.GoBytes(unsafe.Pointer(out), C.int(size)), nil
}

// JPEGHeader describes a JPEG.
func JPEGHeader(data []byte) (JPEGInfo, error) {
	if len(data) == 0 {
		return JPEGInfo{}, errors.New("open the JPEG: it is empty")
	}
	var w, h, sub, space C.int
	err := onThread(func() error {
		if C.sohoa_jpeg_info((*C.uint8_t)(&data[0]), C.size_t(len(data)), &w, &h, &sub, &space) != 0 {
			return jpegError("open the JPEG")
		}
		return nil
	})
	return JPEGInfo{
		Width: int(w), Height: int(h), Gray: space == C.TJCS_GRAY, CMYK: space == C.TJCS_CMYK || space == C.TJCS_YCCK,
	}, err
}

func pixelFormat(f Format) (format C.int, bytes int) {
	switch f {
	case Gray:
		return C.TJPF_GRAY, 1
	case CMYK:
		return C.TJPF_CMYK, 4
	default:
		return C.TJPF_RGBA, 4
	}
}

// DecodeJPEG decodes into out at width×height, which must be the JPEG's size scaled by a number of eighths (rounded up). For
// a cut or damaged file it decodes what is there and gives libjpeg's warning.
func DecodeJPEG(data, out []byte, width, height, pitch int, f Format) (warning string, err error) {
	format, bytes := pixelFormat(f)
	if len(data) == 0 || width < 1 || height < 1 || pitch < bytes*width || len(out) < pitch*(height-1)+bytes*width {
		return "", errors.New("decode the JPEG: no room for its pixels")
	}
	var warned C.int
	err = onThread(func() error {
		if C.sohoa_jpeg_decode((*C.uint8_t)(&data[0]), C.size_t(len(data)), (*C.uint8_t)(&out[0]), C.int(width),
			C.int(pitch), C.int(height), format, &warned) != 0 {
			return jpegError("decode the JPEG")
		}
		if warned != 0 {
			warning = C.GoString(C.tjGetErrorStr())
		}
		return nil
	})
	return warning, err
}

// EncodeJPEG encodes grey or RGBX pixels; colour is stored at half resolution in both directions, as scanners do.
func EncodeJPEG(pixels []byte, width, height, pitch int, f Format, quality int) ([]byte, error) {
	format, bytes := pixelFormat(f)
	if width < 1 || height < 1 || pitch < bytes*width || len(pixels) < pitch*(height-1)+bytes*width {
		return nil, errors.New("encode a JPEG: too few pixels")
	}
	sub := C.int(C.TJSAMP_420)
	if f == Gray {
		sub = C.TJSAMP_GRAY
	}
	var out *C.uint8_t
	var size C.size_t
	err := onThread(func() error {
		if C.sohoa_jpeg_encode((*C.uint8_t)(&pixels[0]), C.int(width), C.int(pitch), C.int(height), format, sub,
			C.int(quality), &out, &size) != 0 {
			return jpegError("encode a JPEG")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer C.sohoa_free(unsafe.Pointer(out))
	return C.GoBytes(unsafe.Pointer(out), C.int(size)), nil
}
