package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// expanded gives what a character stands for where one character is written for several or for a look-alike that
// Vietnamese does not have.
func expanded(r rune) (string, bool) {
	switch r {
	case 'Ð', 'Ɖ': // Icelandic eth and African D with tail look like Đ
		return "Đ", true
	case 'ð':
		return "đ", true
	case 'ﬀ':
		return "ff", true
	case 'ﬁ':
		return "fi", true
	case 'ﬂ':
		return "fl", true
	case 'ﬃ':
		return "ffi", true
	case 'ﬄ':
		return "ffl", true
	case 'ﬅ', 'ﬆ':
		return "st", true
	case 'Ĳ':
		return "IJ", true
	case 'ĳ':
		return "ij", true
	}
	return "", false
}

// Normalize gives s in the form in which text is stored: NFC, Đ for Ð, ligatures expanded, no soft hyphens, control or
// zero-width characters, every kind of space a plain one. Line feeds and tabs stay, CR LF and CR become line feeds; bytes
// that are no UTF-8 become U+FFFD. Letters of Vietnamese are never changed, nor is the place of a tone mark. Normalizing
// twice is the same as once.
func Normalize(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if text, ok := expanded(r); ok {
			b.WriteString(text)
			continue
		}
		if r = cleaned(r); r >= 0 {
			b.WriteRune(r)
		}
	}
	// Composing comes last: what stood between a letter and its mark is gone by now.
	return norm.NFC.String(b.String())
}

// plain tells that s needs nothing: printable ASCII, tabs and line feeds.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// cleaned is the character to write for r, -1 for none.
func cleaned(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\f' || r == '\v':
		return '\n'
	case r == '\u2011' || r == '\u2010': // non-breaking hyphen, hyphen
		return '-'
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
		return -1 // soft hyphen, zero-width characters, byte order marks, directions
	case r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return -1 // Unicode says that these are never characters
	}
	return r
}
