// Package gallery makes what browsers are shown of papers besides their words: pictures of pages, and PDFs of pages as an officer
// arranged them. Each is made once, in confined processes, and kept for a while on this machine's disk.
//
// A tour:
//
//   - gallery.go: Gallery; Picture and PDF, what it gives.
//   - canvases.go: scans that are open for painting: opening a PDF costs more than painting a page of it.
//   - shelf.go: the folder of what was made, within bounds.
package gallery
