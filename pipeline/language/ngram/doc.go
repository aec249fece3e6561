// Package ngram knows which syllables follow each other in Vietnamese official texts: how likely a word is behind the two
// before it.
//
// A tour:
//
//   - token.go: Tokens, the runs of letters and digits of a printed word, each with the key under which it is counted. Case,
//     the place of a tone mark and the figures of a number do not count.
//   - model.go: Model, the probabilities; Official is the one that travels in the binary. It is read where it lies: nothing is
//     unpacked, and a process that starts pays for the pages it touches.
//   - format.go: how a model lies in a file.
//
// scripts/languagemodel counts a folder of texts and writes official.lm.
package ngram
