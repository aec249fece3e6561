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
// scripts/languagemodel counts a folder of texts and writes official.lm. What is there was made of consolidated laws and of
// decisions on administrative procedures of 2025 (0.8 million syllables), and, so that general Vietnamese is not taken for a
// mistake, of the word pairs of Tesseract's langdata (vie.word.bigrams, Apache-2.0); documents that are, or are much like, the
// true texts that repair is measured on were left out.
package ngram
