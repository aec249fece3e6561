// Package facsimile makes the picture of a page that the two-layer PDF shows. Whatever the scanner wrote goes in as it is
// where PDF/A-1 can hold it; what must be packed anew stays as a person sees it and no larger than it came.
//
// A tour: facsimile.go chooses (Make); png.go passes a PNG's own bytes on; pack.go packs pixels as CCITT G4 or JPEG.
package facsimile
