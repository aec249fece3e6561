// Package gallery makes what people are shown of papers: pictures of pages, and PDF, text and JSON of papers as officers arranged and
// corrected them. Each is made once, when it is first asked for, in confined processes where pages are touched, and kept for a while on
// this machine's disk under a name that says what it was made of. What was handed in and what was read stay as they are.
//
// A tour:
//
//   - gallery.go: Gallery, and its Picture.
//   - paper.go: PDF, Text and JSON of a paper, made of the readings' own; mend.go: the words that officers corrected, put into a
//     reading.
//   - shelf.go: the folder of what was made, within bounds.
package gallery
