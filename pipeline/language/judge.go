package language

import (
	"strings"
	"unicode"
)

// Judgement counts a text's words by kind. Words of punctuation alone are not counted.
type Judgement struct {
	Words     int // all of them: the sum of the others
	Marked    int // possible Vietnamese syllables with a tone, hat, horn or đ
	Unmarked  int // possible Vietnamese syllables of plain letters: trong, cho, but also HOA for HÒA
	Codes     int // numbers, dates, signs (123/QĐ-UBND), abbreviations in capitals
	Latin     int // other words that can be read: English, names
	Foreign   int // words with letters that neither Vietnamese nor plain Latin has: lost encodings, other scripts
	Senseless int // symbols among letters, private characters, letters that nobody can say
}

// The bounds of the verdicts, calibrated on official texts, on layers of English recognition and on legacy encodings; the
// test of this package repeats the measurement.
const (
	// vietnameseShare is the least share of syllables among the words that are no codes.
	vietnameseShare = 0.92
	// markedShare is the least share of marked ones among the syllables. Official prose has 0.75 to 0.85, recognition
	// with an English model below 0.35.
	markedShare = 0.6
	// readableShare is the least share of words that make sense in a text of any language in Latin script.
	readableShare = 0.7
	// fewWords is how many words, not counting codes, a verdict on Vietnamese needs.
	fewWords = 8
)

// Judge sorts the words of a text, as they stand between spaces, by kind.
func Judge(words []string) Judgement {
	var j Judgement
	for _, w := range words {
		switch kindOf(Normalize(w)) {
		case kindNone:
			continue
		case kindMarked:
			j.Marked++
		case kindUnmarked:
			j.Unmarked++
		case kindCode:
			j.Codes++
		case kindLatin:
			j.Latin++
		case kindForeign:
			j.Foreign++
		case kindSenseless:
			j.Senseless++
		}
		j.Words++
	}
	return j
}

// Share is the share of Vietnamese syllables among the words that are no codes, from 0 to 1; 0 without such words.
func (j Judgement) Share() float64 {
	n := j.Words - j.Codes
	if n == 0 {
		return 0
	}
	return float64(j.Marked+j.Unmarked) / float64(n)
}

// Vietnamese tells whether the text is Vietnamese with its marks: good enough to be kept in place of a recognition. English
// recognition of Vietnamese (CONG HOA, Dôc lâp) is not, nor are legacy encodings, nor a text of a few words or of numbers
// alone, on which nothing can be said.
func (j Judgement) Vietnamese() bool {
	syllables := j.Marked + j.Unmarked
	return j.Words-j.Codes >= fewWords && j.Share() >= vietnameseShare &&
		float64(j.Marked) >= markedShare*float64(syllables)
}

// Readable tells whether the text can be read at all, in Vietnamese or another language of Latin script: the bound for
// text that is visible on a digital page, which is kept unless it is garbage (lost encodings, glyph numbers). A text
// without words is not readable.
func (j Judgement) Readable() bool {
	if j.Words == 0 {
		return false
	}
	// Codes are neither for nor against: glyph garbage is full of digits. A page of nothing but figures is readable.
	n := j.Words - j.Codes
	return float64(j.Marked+j.Unmarked+j.Latin) >= readableShare*float64(n)
}

type kind int

const (
	kindNone kind = iota
	kindMarked
	kindUnmarked
	kindCode
	kindLatin
	kindForeign
	kindSenseless
)

// kindOf sorts one normalized word. A compound (kinh-tế, và/hoặc) is as bad as its worst part.
func kindOf(word string) kind {
	core := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !broken(r) })
	if core == "" {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsSymbol(r) && r > 0x7F && r < 0x2000 }) {
			return kindSenseless // ¸ · ¶: what is left of letters in a lost encoding
		}
		return kindNone
	}
	if strings.ContainsFunc(core, broken) {
		return kindSenseless
	}
	if isCode(core) {
		return kindCode
	}
	worst := kindNone
	for _, part := range strings.FieldsFunc(core, func(r rune) bool { return strings.ContainsRune("-–—/.,:;()[]\"“”‘’'…&+", r) }) {
		worst = max(worst, kindOfPart(part))
	}
	return worst
}

// broken tells of characters that stand in no text: private ones, replacement characters, unassigned code points.
func broken(r rune) bool {
	return r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) || !unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// kindOfPart sorts a word without separators inside.
func kindOfPart(part string) kind {
	letters := strings.TrimFunc(part, unicode.IsDigit) // Điều5, 5km
	if letters == "" {
		return kindCode
	}
	lower := strings.ToLower(letters)
	if IsSyllable(letters) && steadyCase(letters) {
		if hasMark(lower) {
			return kindMarked
		}
		return kindUnmarked
	}
	ascii := true
	for _, r := range letters {
		switch {
		case !unicode.IsLetter(r):
			return kindSenseless // digits or symbols in the middle of a word
		case r > 0x7F:
			ascii = false
		}
	}
	switch {
	case !ascii:
		return kindForeign
	case sayable(lower) && steadyCase(letters):
		return kindLatin
	}
	return kindSenseless
}

// isCode tells whether a word is a number, a date, a sign of a paper, an abbreviation in capitals or a list's letter.
func isCode(s string) bool {
	letters, digits := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			if (r < 'A' || r > 'Z') && !strings.ContainsRune("ĐƯƠÔÂĂÊ", r) {
				return digits == 0 && letters == 0 && len(s) == 1
			}
			letters++
		case !strings.ContainsRune("-–/.,:;()&+%°", r):
			return false
		}
	}
	// Long runs of capitals are words: CONG, DOC. Short ones (UBND, QCVN) cannot be said.
	return letters == 0 || digits > 0 || letters <= 1 || strings.ContainsAny(s, "-/") || letters <= 5 && !hasVowel(s)
}

func hasVowel(s string) bool {
	return strings.ContainsAny(strings.ToLower(s), "aeiouyăâêôơư")
}

// steadyCase tells whether a word is all small, all capital or capitalized; letters change case at random in garbage.
func steadyCase(s string) bool {
	letters := []rune(s)
	upper := 0
	for _, r := range letters {
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper == 0 || upper == len(letters) || upper == 1 && unicode.IsUpper(letters[0])
}

// sayable tells whether a lower-case word of plain letters has vowels and consonants in a mixture that tongues can follow.
func sayable(s string) bool {
	vowels, run := 0, 0
	for _, r := range s {
		if strings.ContainsRune("aeiouy", r) {
			vowels++
			run = 0
			continue
		}
		if run++; run > 5 { // Eng-lish: lengthsch; German goes to 6, seldom
			return false
		}
	}
	return vowels > 0 && len(s) <= 25
}
