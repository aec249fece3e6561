// Package score says how far a reading is from the true text. The benchmark, and tests with a ceiling on errors, use it.
//
// Two figures, both after Unicode normal form C and both pooled over a set by sums of counts, so that a long page weighs
// more than a short one:
//
//   - Syllable error: 1 − F1 of the multisets of syllables, which are the maximal runs of letters and digits. Order does
//     not count: it is what a search for words feels.
//   - Character error (CER): the Levenshtein distance of the whole texts, white space folded, over the length of the
//     truth. Order counts: a header whose two columns interleave is wrong here.
//
// A tour: score.go has Compare, Score and Pool; text.go prepares the texts, among them a truth's {hw:…} (handwriting) and
// {st:…} (stamps), which no reader is asked for; distance.go computes edit distances and longest common subsequences, 64
// cells of the table at once.
package score
