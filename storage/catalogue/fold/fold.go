// Package fold makes words of Vietnamese text comparable for search: what people type without accents, in capitals, in
// another Unicode form or with the tone mark on the other vowel finds what is printed.
package fold

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Token is one word, or one part of a number like 12/2024/QĐ-UBND, of a text.
type Token struct {
	// Exact is the word with its accents, in lower case; both placements of the tone mark (hòa, hoà) are the same.
	Exact string
	// Folded is the word without accents: "hoa"; đ becomes d.
	Folded string
	// Start and End are its bytes in the text.
	Start, End int
	// Joined tells that no space parts it from the token before: they are parts of one number or code.
	Joined bool
}

// Tokens cuts a text into words: runs of letters, marks and digits.
func Tokens(text string) []Token {
	var all []Token
	start := -1
	end := 0 // of the token before
	take := func(to int) {
		if start < 0 {
			return
		}
		t := Token{Start: start, End: to}
		t.Exact, t.Folded = forms(text[start:to])
		if t.Folded != "" {
			t.Joined = len(all) > 0 && !strings.ContainsFunc(text[end:start], unicode.IsSpace)
			all = append(all, t)
			end = to
		}
		start = -1
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && unicode.Is(unicode.Mn, r) {
			if start < 0 {
				start = i
			}
			continue
		}
		take(i)
	}
	take(len(text))
	return all
}

// longest is how many letters of a word are looked at: what is longer is no word.
const longest = 64

// forms are the exact and the folded form of a word. In the exact one the tone stands behind the letters, wherever it was
// printed: "hoa^1" for hòa and hoà.
func forms(word string) (exact, folded string) {
	if len(word) <= longest && !strings.ContainsFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) {
		plain := strings.ToLower(word) // digits, and letters without any mark: most words of a table
		return plain, plain
	}
	var letters, plain, tone strings.Builder
	n := 0
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		if n++; n > longest {
			break
		}
		switch at := toneOf(r); {
		case at > 0:
			tone.WriteByte('^')
			tone.WriteString(strconv.Itoa(at))
		case unicode.Is(unicode.Mn, r):
			letters.WriteRune(r)
		case r == 'đ' || r == 'ð': // ð, Ð (U+00D0) is what some fonts and recognizers make of Đ
			letters.WriteRune('đ')
			plain.WriteByte('d')
		default:
			letters.WriteRune(r)
			plain.WriteRune(r)
		}
	}
	return plainSigns(norm.NFC.String(letters.String())) + tone.String(), plainSigns(plain.String())
}

// plainSigns leaves Latin letters and ASCII digits, drops marks that belong to no Latin letter, and writes other letters as
// their numbers: databases know fewer letters than we do, and what one does not know would cut a word in two.
func plainSigns(word string) string {
	var b strings.Builder
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)),
			unicode.IsLetter(r) && (r >= 0xc0 && r <= 0x24f || r >= 0x1e00 && r <= 0x1eff):
			b.WriteRune(r)
		default:
			b.WriteString("u" + strconv.FormatInt(int64(r), 16))
		}
	}
	return b.String()
}

// toneOf numbers the tone marks of Vietnamese, as they stand decomposed, from 1; 0 is none.
func toneOf(r rune) int {
	switch r {
	case '\u0300': // grave
		return 1
	case '\u0301': // acute
		return 2
	case '\u0303': // tilde
		return 3
	case '\u0309': // hook above
		return 4
	case '\u0323': // dot below
		return 5
	}
	return 0
}
