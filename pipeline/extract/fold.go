package extract

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/pipeline/language"
)

// base gives a letter without its marks, in lower case: what recognizers get right even where they miss a tone. Everything is
// compared in this form.
func base(r rune) byte {
	if r >= 0 && int(r) < len(bases) {
		return bases[r]
	}
	switch r {
	case '–', '—', '−', '‐', '‑':
		return '-'
	case '⁄', '∕', '／':
		return '/'
	}
	return '?'
}

// bases has base of all letters that Vietnamese is written with, which end before U+1F00.
var bases = makeBases() // read only

func makeBases() (all [0x1F00]byte) {
	for r := range all {
		first := norm.NFD.String(string(rune(r)))[0]
		switch {
		case strings.ContainsRune("ĐđÐð", rune(r)):
			all[r] = 'd'
		case strings.ContainsRune("Øø", rune(r)):
			all[r] = 'o'
		case first < 0x80:
			all[r] = byte(unicode.ToLower(rune(first))) //nolint:gosec // ASCII
		default:
			all[r] = '?'
		}
	}
	return all
}

// folded is a text with a byte a letter, and where each came from.
type folded struct {
	text  string
	runes []rune
	word  []int // of which word each letter is; a space is of the word before it
}

func foldWords(words []word) folded {
	var f folded
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
			f.runes, f.word = append(f.runes, ' '), append(f.word, i-1)
		}
		for _, r := range w.text {
			b.WriteByte(base(r))
			f.runes, f.word = append(f.runes, r), append(f.word, i)
		}
	}
	f.text = b.String()
	return f
}

// original is the text as it was read between two places.
func (f *folded) original(from, to int) string { return string(f.runes[from:to]) }

// fold is a whole text in the form in which texts are compared.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(base(r))
	}
	return b.String()
}

// letters is a text's letters and digits alone, folded.
func letters(s string) string {
	var b strings.Builder
	for _, r := range s {
		if c := base(r); alphanumeric(c) {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func alphanumeric(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// upperShare is the share of capitals among a text's letters.
func upperShare(s string) float64 {
	upper, all := 0, 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			all++
			if unicode.IsUpper(r) {
				upper++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return float64(upper) / float64(all)
}

// tidy is a value as it is kept: one form of every letter, single spaces.
func tidy(s string) string { return strings.Join(strings.Fields(language.Normalize(s)), " ") }
