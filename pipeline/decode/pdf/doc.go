// Package pdf tells what the pages of a PDF are made of and gives what there is to read: the scanner's own image bytes, a
// rendering, or the text that the file carries. Poppler's programs and qpdf do the work in confined processes; no hostile
// byte is decoded in this process, and what they write is parsed leniently and within limits.
//
// # What happens to a page
//
//	Class         what it is                                       Text       what the caller does
//	Empty         nothing is drawn                                 NoText     a blank page
//	Scan          one opaque image over at least 95 % of the page, NoText     reads Facsimile's image, or a rendering at
//	              a stamp or page number over it at most                      NativeDPI where the image cannot stand
//	ScanWithText  a scan with text hidden in it (Tr 3) or under it KeepText   keeps Words: good Vietnamese
//	              and good Vietnamese
//	ScanWithText  the same, but no good Vietnamese                 ReadAnew   as Scan
//	Digital       visible text that can be read, whose pictures    KeepText   keeps Words
//	              cover less than half of the page
//	Mixed         several images, tiles, layers, drawings; text    NoText,    renders at 300 dpi and reads
//	              that is garbage; content that is damaged         ReadAnew
//	Mixed         tiles or layers under hidden, good Vietnamese    KeepText   keeps Words
//
// With Options.Redo KeepText does not occur. A signed or encrypted document (Document.Signed, Encrypted) is read as any
// other but never rewritten.
//
// # A tour
//
//   - document.go: Open, the Document and what is true of it as a whole. A document that qpdf cannot take apart is Damaged:
//     poppler alone renders its pages.
//   - info.go: PageInfo, Class, Text, Image, Grid, the values that callers see. options.go, errors.go: theirs too.
//   - survey.go: Document.Page, in batches of 32 pages, so that 2,000 pages cost a few hundred processes and little memory.
//   - objects.go, tree.go, annotation.go, docencoding.go: the document's objects, read one by one from qpdf's JSON on disk.
//   - token.go, content.go, xobject.go: a small interpreter of content streams: where images stand, whether text can be seen.
//   - classify.go: the table above, and its bounds.
//   - facsimile.go, samples.go, colour.go: Document.Facsimile, the image as it stands.
//   - text.go, layout.go: Document.Words, from pdftotext.
//   - render.go: Document.Render, by pdftoppm.
//   - tools.go, extract.go: the programs' calls.
package pdf
