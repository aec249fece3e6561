// Package clib is the one place besides recognize that calls C: libtiff for TIFF pages and CCITT G4, libjpeg-turbo for
// JPEG. Against Go's own decoders JPEG takes half the time or less, and Go has none for JPEG in TIFF, two-dimensional G3
// or CMYK TIFF, nor does it give the part of a cut file that is there.
//
// A tour:
//
//   - types.go: what pages are, in Go; ErrNoCgo.
//   - tiff.go, jpeg.go: the calls. clib_disabled.go stands in where cgo is off and says so.
//   - tiff_read.c, tiff_write.c, jpeg_read.c, jpeg_write.c: the C side. It catches libjpeg's longjmp itself, prints nothing
//     and keeps no state between calls; notes.c bounds what the libraries have to say.
//
// The caller checks claimed sizes before it asks for pixels.
package clib
