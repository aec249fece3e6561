package score

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WithoutMarks drops {hw:…} and {st:…} from a true text. One that is never closed is kept as text: it is a slip of the
// typist, and dropping all that follows would hide a page of errors.
func WithoutMarks(truth string) string {
	var out strings.Builder
	for {
		at := nextMark(truth)
		if at < 0 {
			break
		}
		end := markEnd(truth[at:])
		if end < 0 {
			out.WriteString(truth[:at+1])
			truth = truth[at+1:]
			continue
		}
		out.WriteString(truth[:at])
		truth = truth[at+end:]
	}
	out.WriteString(truth)
	return out.String()
}

// nextMark is where the next mark opens, or -1.
func nextMark(s string) int {
	hw, st := strings.Index(s, "{hw:"), strings.Index(s, "{st:")
	if hw < 0 || (st >= 0 && st < hw) {
		return st
	}
	return hw
}

// markEnd is the length of the mark that s opens with, braces inside it counted, or -1.
func markEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// fold brings a text to NFC with single spaces between words and none at the ends.
func fold(text string) string {
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

// Syllables are the maximal runs of letters and digits of a text, in NFC and in order. Written Vietnamese puts a space
// between syllables, so they are what elsewhere are words.
func Syllables(text string) []string {
	return strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// Words are the runs between white space, in NFC and in order.
func Words(text string) []string { return strings.Fields(norm.NFC.String(text)) }
