// Package clean makes of a scanned page what recognition reads best: upright, straight, black on white, letters of one
// size, without seals, shadows, specks and rules. The page that people see stays as it was scanned; a page.Transform maps
// every place on the cleaned image back onto it.
//
// A tour: clean.go lists the steps in order and is the table of contents; each step has a file of its own.
//
//   - paper.go: the sheet found in a photo and straightened
//   - seal.go: colour to grey without red seals
//   - scale.go, blobs.go: the size of the letters, and the page scaled to the size that reads best
//   - background.go: even light, dark edges
//   - levels.go: faded toner, bleed-through
//   - orientation.go: which way up
//   - skew.go: straight lines
//   - specks.go, rules.go: what is no letter
//   - blank.go: nothing to read
//
// Everything is grey or colour bytes in memory, without state: the same page gives the same result.
package clean
