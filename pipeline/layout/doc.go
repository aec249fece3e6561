// Package layout puts recognized words into the order in which a person reads them. Tesseract's order interleaves the two
// columns of an official paper's head and mixes the Nơi nhận list with the signer beside it; most of the character error
// on clean pages is that.
//
// A tour, in the order of Arrange (arrange.go), which is the table of contents:
//
//   - nonsense.go: what seals, signatures and specks left is no word and goes
//   - table.go: words between ruled lines are put into cells, read row by row
//   - columns.go: the tall white gaps that part columns; the page is cut at the tallest, and what is left and right of it,
//     above and below, is cut again
//   - lines.go: what stands in one column becomes printed lines, top to bottom
//
// Coordinates are pixels of the cleaned image: upright, straight, letters of one size.
package layout
