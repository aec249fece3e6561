// Package corpus makes scans of Vietnamese official papers that were never on paper, with their true text and the box of
// every word: decisions, letters, forms and lists of a department of transport, and what scanners, fax machines and
// telephones do to them. Tests, the sample dossier and the accuracy benchmark use them. The command beside it, make,
// writes whole sets.
//
// The same seed gives the same paper and the same fault, pixel by pixel, on machines with the same typefaces.
//
// A tour, in the order in which a scan comes about:
//
//   - content.txt, expand.go, builtins.go: the templates and how a seed fills them in.
//   - prose.txt, prose.go: Typeset does the same with text from outside, in more looks than the papers have: for training.
//   - paper.go, official.go, form.go: Compose writes a Paper: its text in blocks, its measures, its seal and stamps.
//   - fonts.go, typeset.go: the typefaces of Debian's packages; measuring, breaking and drawing text between pixels.
//   - accents.go: tones set as other typefaces than Debian's have them.
//   - layout.go, blocks.go, sheet.go, truth.go: Draw sets a paper on A4 as the decree on records work asks, and notes where
//     each word's ink lies, in reading order.
//   - pen.go, marks.go: seals, signatures, ĐẾN stamps and hand-written numbers. They are no part of the truth, and neither
//     are dotted lines and check boxes; text under a seal is.
//   - draw.go, grain.go: toner, ink and paper become pixels.
//   - faults.go, faults_print.go, faults_photo.go, raster.go: Apply scans a page badly. Each fault says by a transform
//     where a point of the clean page went.
//   - encode.go, g4.go, g4codes.go, pdf.go: the files that such devices write.
//   - sets.go: which papers with which faults make a set.
package corpus
