// Package page is the leaf that every step of the pipeline shares: what a page of a scan is, what was read on it and
// where. It holds values only and imports nothing of the module.
//
// A tour, in the order in which a page grows:
//
//   - geometry.go: Point, Box, Quad and Transform. Cleaning works on an image of its own (turned, straightened, scaled);
//     a Transform remembers the way back, so that every word lands on the page as it was scanned.
//   - page.go: Word, Line, Block, Code and Page: the reading of one page. Boxes and quads are always in pixels of the original
//     page as a viewer shows it: EXIF orientation (and a PDF's /Rotate) applied, nothing else.
//   - facsimile.go: Facsimile, the picture of the page that the two-layer PDF shows: the scanner's own bytes wherever
//     PDF/A can hold them.
//   - reading.go: Reading, the whole paper: its pages and how they were read.
package page
