package ngram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The keys of what is counted as a class.
const (
	Break   = "<p>" // punctuation, the start of a block
	Small   = "<n>" // a number of one or two digits
	Number  = "<m>" // any longer one
	Year    = "<y>" // 1900 to 2099
	Mixed   = "<x>" // letters and digits that are no known sign
	Unknown = "<unk>"
)

// Token is a run of letters and digits of a printed word, or the punctuation before or behind one.
type Token struct {
	Key        string
	Start, End int // in bytes of the word; equal for punctuation
}

// Tokens splits a printed word, in NFC. Breaks beside each other are one.
func Tokens(word string) []Token {
	var tokens []Token
	start := -1 // of the run being read
	end := func(at int) {
		if start >= 0 {
			tokens = append(tokens, Token{Key: Key(word[start:at]), Start: start, End: at})
		}
		start = -1
	}
	last := rune(0)
	for at := 0; at < len(word); {
		r, size := utf8.DecodeRuneInString(word[at:])
		switch next, _ := utf8.DecodeRuneInString(word[at+size:]); {
		case inRun(r):
			if start < 0 {
				start = at
			}
		case breaks(last, r, next):
			if end(at); len(tokens) == 0 || tokens[len(tokens)-1].Key != Break {
				tokens = append(tokens, Token{Key: Break, Start: at, End: at})
			}
		default:
			end(at)
		}
		last = r
		at += size
	}
	end(len(word))
	return tokens
}

func inRun(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// breaks tells whether a sign ends or opens a phrase: not where it ties the parts of a code (92/2017/NĐ-CP, 1.002809).
func breaks(before, sign, after rune) bool {
	if strings.ContainsRune("-–/.,:&+@_'’", sign) && inRun(before) && inRun(after) {
		return false
	}
	return sign != '/' && sign != '%' && !unicode.Is(unicode.Mn, sign)
}

// Key is that under which a run of letters and digits is counted.
func Key(run string) string {
	digits, letters := 0, 0
	for _, r := range run {
		if unicode.IsDigit(r) {
			digits++
		} else {
			letters++
		}
	}
	switch {
	case letters > 0:
		return OnePlacement(strings.ToLower(run))
	case digits <= 2:
		return Small
	case digits == 4 && (strings.HasPrefix(run, "19") || strings.HasPrefix(run, "20")):
		return Year
	}
	return Number
}

// OnePlacement gives a lower-case syllable the older placement of its tone, so that hòa and hoà are one.
func OnePlacement(syllable string) string {
	// Only oa, oe and uy at the end of a syllable have two, and the u of quý is no vowel.
	last, size := utf8.DecodeLastRuneInString(syllable)
	at := strings.IndexRune("àáảãạèéẻẽẹỳýỷỹỵ", last)
	if at < 0 || len(syllable) <= size {
		return syllable
	}
	stem := syllable[:len(syllable)-size]
	tone := utf8.RuneCountInString("àáảãạèéẻẽẹỳýỷỹỵ"[:at])
	first, withTone := "o", []rune("òóỏõọ")
	second := "aey"[tone/5]
	if second == 'y' {
		first, withTone = "u", []rune("ùúủũụ")
	}
	stem, ok := strings.CutSuffix(stem, first)
	if !ok || strings.HasSuffix(stem, "q") {
		return syllable
	}
	return stem + string(withTone[tone%5]) + string(rune(second))
}
