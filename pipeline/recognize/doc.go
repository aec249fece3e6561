// Package recognize turns a cleaned page into words: Tesseract through gosseract, once a page.
//
// A tour:
//
//   - engine.go: Engine, one Tesseract with one model; the module's only use of gosseract (engine_disabled.go stands in
//     where cgo is off and says so).
//   - hocr.go: Tesseract's hOCR as layout.Fragment values: words with their boxes, lines and confidence; choices.go: what each
//     character of a word may be; markup.go: tags and text.
//   - model.go: the Vietnamese models, the large one that travels in the binary and the small one that Debian installs.
//
// An Engine belongs to one goroutine of one child process (see pipeline/child): it cannot be cancelled, leaks a little with
// each page (gosseract issues 124 and 137) and may crash on hostile input, so the child is limited, recycled and, when
// late, killed.
package recognize
