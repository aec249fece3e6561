// Package layout puts the words of a page in the order in which a person reads them: words to lines, lines to blocks.
//
// The recognizer finds words well and their order badly. It reads across the two columns of an official paper's header,
// across Nơi nhận and the signer beside it, across the cells of a table; and it makes two lines of one. So of its structure
// only the words of a line, which share a baseline, are believed; the rest is built anew from the boxes.
//
// A tour, in the order of the work:
//
//   - fragment.go: Fragment and Rules, what comes in, and Arrange, the one function.
//   - measure.go: words on a level page, and its units: the height of a small letter and the em. Nothing is measured in
//     plain pixels, so the resolution of the cleaned image does not matter.
//   - nonsense.go: marks that are no words (remains of seals, signatures and rules) are left out and counted.
//   - table.go: tables framed by rules. Rules that touch make a grid; where a rule is missing, cells are one.
//   - rows.go: words of one baseline across the whole page are a row; a row is cut into segments at gaps that stand out
//     among its own (in a justified line all gaps are wide alike).
//   - grid.go: rows that keep to the same three columns or more are a table without rules.
//   - columns.go: a river of white that segments keep to over several lines makes a zone of two columns. Geometry alone
//     cannot tell a header from a form's lines, so what every official paper has in these places (the state's name and
//     motto, Nơi nhận, a dashed list) counts as evidence, then centred or unaligned lines; without any, a zone is read
//     row by row.
//   - flow.go: the recursion over all this, and the blocks that come out.
//   - text.go: what is known about the words themselves.
//
// The order of a zone of columns is the left column whole, then the right one, as official papers are read (Nghị định
// 30/2020, phụ lục I): parent agency, agency, number, subject; then the state's name, motto, place and date.
package layout
