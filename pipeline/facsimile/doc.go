// Package facsimile makes the picture of a page that the two-layer PDF shows. Whatever the scanner wrote goes in as it is
// where PDF/A-1 can hold it; what must be packed anew stays as a person sees it and no larger than it came.
//
// A tour:
//
//   - facsimile.go: Make chooses.
//   - jpeg.go: a JPEG, also the one inside a TIFF, passes byte for byte; what cannot is packed anew.
//   - png.go: a PNG's own packed rows pass as PDF's Flate; pixels are packed without loss the same way.
//   - bilevel.go: black and white as CCITT G4.
package facsimile
