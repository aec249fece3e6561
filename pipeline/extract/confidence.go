package extract

import (
	"math"

	"sohoa/pipeline/language"
)

// What each doubt takes from the chance that a field is right. They were measured on real scans and made pages: of fields shown
// as 95 or more, at least 95 % are right (scripts/bench, fields).
const (
	known   = 0.985 // the whole of it is what such papers say
	guessed = 0.8   // a figure had to be guessed from a letter
	written = 0.5   // it looks as if somebody wrote into the line
	lone    = 0.9   // only one witness says so
	// doubtful is a chance below which what was read may be put right by what is near.
	doubtful = 0.9
)

// chance is that of all words being right.
func chance(words []word, one func(word) float64) float64 {
	p := 1.0
	for _, w := range words {
		p *= one(w)
	}
	return p
}

// wordChance is that of one word being right, by the recognizer's confidence. Between the points it goes straight.
var wordChance = []struct{ confidence, chance float64 }{{0, 0.25}, {50, 0.55}, {70, 0.75}, {85, 0.93}, {92, 0.985}, {96, 0.997}, {100, 0.999}}

func knownWord(w word) float64 {
	last := wordChance[0]
	for _, at := range wordChance[1:] {
		if w.confidence <= at.confidence {
			share := (w.confidence - last.confidence) / (at.confidence - last.confidence)
			return last.chance + share*(at.chance-last.chance)
		}
		last = at
	}
	return last.chance
}

// proseWord is knownWord for running text: what is no syllable was probably misread.
func proseWord(w word) float64 {
	p := knownWord(w)
	if c := core(w.text); c != "" && !language.IsSyllable(c) && upperShare(c) < 1 {
		p *= 0.9
	}
	return p
}

func percent(p float64) float64 { return math.Round(1000*min(max(p, 0), 1)) / 10 }
