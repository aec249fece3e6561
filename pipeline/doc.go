// Package pipeline is the way from a scan to a searchable paper: scan in, reading out, nothing else. It knows no store, no
// queue and no HTTP.
//
// A tour, in the order of a paper's way:
//
//   - pipeline.go: Run = Split → ReadPage → Bind (with its fields), the table of contents. The queue workers call the three stages one by
//     one; Run calls them in order on one machine.
//   - split.go: Split looks what a file holds: its format, its pages, and what is to be done with each.
//   - readpage.go: ReadPage reads one page: in a child process where pixels are touched, with a second, plainer try.
//   - work.go: Work is what happens inside the child: decode, clean, recognize, layout.
//   - bind.go: Binder takes the pages in order, writes the two-layer PDF/A, the text and the JSON, and gathers the fields.
//   - rebind.go: Rebind makes pages of such a PDF anew, with the words that officers corrected behind them.
//   - painter.go: Painter, pages as pictures for a browser; picture.go: what its children do.
//   - part.go: a page on its way from the machine that read it to the one that binds the paper.
//   - fault.go: what can be wrong with a scan, or with this machine, told apart.
//   - check.go: whether this machine can read at all.
//   - times.go: how long each stage may take.
//   - options.go: what can be chosen, with its defaults.
//
// The steps have packages of their own: decode (files to pixels; decode/pdf for PDFs), clean (what recognition sees),
// recognize (Tesseract), codes (QR codes and barcodes), layout (reading order), language (Vietnamese; language/repair changes
// what was misread), extract (fields), facsimile (what the PDF shows), bind (the three outputs), and below them page (the shared
// values), confine (limits for whatever touches hostile bytes) and child (the pool of child processes).
package pipeline
