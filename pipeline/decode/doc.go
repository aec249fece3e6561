// Package decode makes pixels of image files, within limits: TIFF, JPEG, PNG, WebP, BMP, and the PNM that the PDF renderer
// gives. Package decode/pdf does the same for PDFs. It runs inside a confined child process; sizes are checked before any
// pixel has room.
//
// A tour:
//
//   - format.go: Sniff tells formats apart by their content; names are not trusted.
//   - decode.go: Decode gives one page as a Sheet, Describe its size alone, Count the number of pages.
//   - limits.go: Limits and LimitError, and the other errors.
//   - jpeg.go, tiff.go, gocodecs.go (PNG, WebP, BMP), pnm.go: the decoders. tiffpages.go finds the pages of a TIFF.
//   - exif.go: orientation and resolution that cameras and scanners write beside the pixels.
//   - flat.go: any image as grey or opaque colour; raster.go: turned as EXIF says, with square pixels.
//   - encode.go: the other direction, for package facsimile.
//   - internal/clib: libtiff and libjpeg-turbo.
package decode
