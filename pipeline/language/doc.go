// Package language knows Vietnamese as it is written: normal forms, syllables, and whether a text is readable at all. It is
// pure: strings in, strings and figures out.
//
// A tour:
//
//   - normalize.go: Normalize, the one form in which text is stored and compared. It repairs what is no letter of
//     Vietnamese (Ð for Đ, ligatures, stray controls) and never turns a letter into another valid one.
//   - syllable.go: IsSyllable, from the tables of onsets and rimes; both tone placements (hòa, hoà) are right.
//   - judge.go: Judge sorts a page's words into kinds; Judgement.Vietnamese and Judgement.Readable are the verdicts on
//     text layers and on digital pages.
//
// Below it, package ngram counts what follows what in official texts, and package repair changes what was misread by that.
package language
