package layout

import (
	"image"
	"unicode"
)

// What the recognizer makes of seals, signatures and specks has low confidence, few letters and no neighbours. Dropping it
// must never drop a printed word, so each rule asks for more than one of these.

// The confidences (0–100) below which a fragment is doubtful, by what it is made of.
const (
	doubtfulMark   = 50 // nothing but punctuation
	doubtfulLetter = 35 // one letter or digit
	doubtfulWord   = 15 // anything
)

// nonsense tells whether a fragment cannot be a word by itself.
func nonsense(f Fragment) bool {
	letters, others := 0, 0
	for _, r := range f.Text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		} else {
			others++
		}
	}
	switch {
	case letters == 0:
		return f.Confidence < doubtfulMark
	case letters == 1:
		return f.Confidence < doubtfulLetter
	default:
		return f.Confidence < doubtfulWord || others > letters && f.Confidence < doubtfulMark
	}
}

// dropStrays drops lines of nothing but doubtful fragments: what a signature reads as. It gives the words left and how many
// went.
func dropStrays(words []word, _ image.Point) ([]word, int) {
	best := make(map[int]float64)
	letters := make(map[int]int)
	for _, w := range words {
		best[w.Line] = max(best[w.Line], w.Confidence)
		for _, r := range w.Text {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters[w.Line]++
			}
		}
	}
	const unsure, few = 45, 12
	kept := words[:0]
	dropped := 0
	for _, w := range words {
		if best[w.Line] < unsure && letters[w.Line] < few {
			dropped++
			continue
		}
		kept = append(kept, w)
	}
	return kept, dropped
}
