// Package repair changes what was read where its surroundings leave little doubt that something else stands on the paper:
// bồ sung is bổ sung, tháng ó is tháng 6, 92/201 7/NĐ-CP is 92/2017/NĐ-CP.
//
// It is a noisy channel. For each run of letters and digits the candidates are what the recognizer itself held possible,
// character by character; each has the cost that the recognizer's doubt and the likeness of the shapes give it. Package
// ngram says how likely each is beside its neighbours, which have candidates of their own. A run is changed only where the best
// reading of the whole block with another candidate is likelier by a margin than the best one with what was read.
//
// What was right must stay, so there is much that is never changed: case and the place of a tone mark; a number into another
// one; a letter of an abbreviation, but for its mark; what the recognizer saw no doubt in. Names and words in capitals at
// their head need more to be changed. What was read is kept in Word.Recognized.
//
// A tour:
//
//   - repair.go: Blocks, the one function: the runs of a block in reading order, and the changes.
//   - numbers.go: numbers that were split in two, and brackets that are ones.
//   - candidates.go: what a run may be, and what that costs.
//   - shape.go: which characters are read for which others.
//   - decode.go: the best reading of a block with each candidate.
//
// scripts/repairs counts what was changed for the better and for the worse.
package repair
