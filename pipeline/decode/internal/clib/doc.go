// Package clib is the one place besides recognize that calls C: libtiff for TIFF pages and CCITT G4, libjpeg-turbo for
// JPEG. Measured on an A4 page of 300 dpi against Go's own decoders, JPEG takes less than half the time, and Go has none for
// JPEG in TIFF, two-dimensional G3 or CMYK TIFF. clib_disabled.go stands in where cgo is off and says so.
//
// It runs inside a confined child process; sizes are checked by the caller before pixels are asked for.
package clib
