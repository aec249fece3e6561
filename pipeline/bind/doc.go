// Package bind turns a reading into what a paper becomes: a two-layer PDF/A-1b (the page as scanned, its words invisible
// over it), plain text and JSON. Everything streams: of a page nothing stays in memory once it is written but its place
// in the PDF.
//
// A tour:
//
//   - pdf.go: PDF, the two-layer file: NewPDF, then Scan or Overlay a page at a time, then Close. object.go writes the
//     objects, metadata.go the Info dictionary and its XMP twin, icc.go the colour profile that PDF/A asks for.
//   - facsimile.go: a page's picture, embedded byte for byte; the eight EXIF orientations and the quarter turns are a
//     matrix, so the picture stands upright without being packed anew.
//   - textlayer.go, placing.go, textstate.go: from words with corners in pixels to text operators. No library was found
//     that writes an invisible Vietnamese text layer in PDF/A, so this is ours.
//   - font.go: the font of empty glyphs, and its variants.
//   - text.go: WriteText. json.go, readjson.go: JSON and ReadJSON; pages.go: its pages one by one.
//   - assemble.go: Assemble, for PDFs whose pages are kept: convert.go runs Ghostscript over them, forbidden.go and look.go
//     doubt what it made of them, tools.go starts the helpers, confined. arrange.go: Arrange, of pages of PDFs that are made.
//
// # How the text layer is made
//
// Two things are asked of it: text taken out must read in the paper's order, and a found word's highlight must lie on the
// word. Readers (measured: poppler) take words for a line when they stand level and are of one size, and make a
// highlight's top and bottom from the font descriptor's ascent and descent, whatever the glyphs look like. So:
//
//   - all lines of a block share one font size where they can, and all words of a line one level baseline;
//   - a word's box is made by the font dictionary: several share one font program and differ in ascent and descent alone.
//     A box may lie anywhere about the baseline as long as the baseline runs through it, so that lines sloping by up to
//     some 1.3° still stand level; steeper ones step;
//   - a word is stretched to its width (Tz), and a space, stretched too, fills the gap behind it.
//
// With pdftotext -raw every made page, skewed by up to 8° and turned by any quarter, gives back NAME.txt's words in its
// order; without -raw pages up to 1° do, tables to 2° but for some 4 % of the words. Letters turned along a skewed line
// were tried first: poppler then reads words of one letter each.
package bind
