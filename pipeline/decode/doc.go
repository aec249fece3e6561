// Package decode makes pixels of image files, within limits: TIFF, JPEG, PNG, WebP, BMP, and the PNM that the PDF renderer
// gives. Package decode/pdf does the same for PDFs. It runs inside a confined child process; sizes are checked before any
// pixel has room.
//
// A tour:
//
//   - format.go: Sniff tells formats apart by their content; names are not trusted.
//   - decode.go: Decode gives one page as a Sheet, Count the number of pages; Limits and LimitError.
//   - jpeg.go, tiff.go, png.go, others.go (WebP, BMP), pnm.go: a format a file.
//   - exif.go: orientation and resolution that cameras and scanners write beside the pixels.
//   - raster.go: any image as grey or opaque colour, turned as EXIF says, with square pixels.
//   - internal/clib: libtiff and libjpeg-turbo.
package decode
