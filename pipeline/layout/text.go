package layout

import (
	"strings"
	"unicode"
)

// countLetters counts letters and digits.
func countLetters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// isLabel tells whether a word is what a list's entry begins with: "-", "+", "•", "1.", "12)", "a)", "IV.".
func isLabel(s string) bool {
	runes := []rune(s)
	if len(runes) == 0 || len(runes) > 5 {
		return false
	}
	if countLetters(s) == 0 {
		return true
	}
	last := runes[len(runes)-1]
	return len(runes) > 1 && strings.ContainsRune(".):/", last)
}

// hasLeaders tells whether a word is, or ends in, the dots of a form's line.
func hasLeaders(s string) bool { return strings.Contains(s, "...") || strings.Contains(s, "…") }

// plain folds a text for comparison with what stands on every paper: lower case, letters only, the accents of Vietnamese
// taken off, because they are what a recognizer gets wrong first.
func plain(words []*word) string {
	var b strings.Builder
	for _, w := range words {
		for _, r := range w.Text {
			if unicode.IsLetter(r) {
				b.WriteRune(bare(unicode.ToLower(r)))
			}
		}
	}
	return b.String()
}

// bareLetters maps each letter to those that Vietnamese makes of it.
const bareLetters = "aàáảãạăằắẳẵặâầấẩẫậ eèéẻẽẹêềếểễệ iìíỉĩị oòóỏõọôồốổỗộơờớởỡợ uùúủũụưừứửữự yỳýỷỹỵ dđð"

func bare(r rune) rune {
	if r < 0x80 {
		return r
	}
	var base rune
	start := true
	for _, c := range bareLetters {
		switch {
		case c == ' ':
			start = true
		case start:
			base, start = c, false
		case c == r:
			return base
		}
	}
	return r
}

// isStateName tells whether a text begins with the state's name or motto, which open the right column of a header.
func isStateName(words []*word) bool {
	s := plain(words[:min(len(words), 8)])
	return strings.HasPrefix(s, "conghoaxahoi") || strings.HasPrefix(s, "conghoaxa") || strings.HasPrefix(s, "doclaptudo")
}

// isRecipients tells whether a text is the head of the list of recipients, "Nơi nhận:".
func isRecipients(words []*word) bool {
	n := min(len(words), 3)
	s := plain(words[:n])
	if strings.HasPrefix(s, "noinhan") {
		return true
	}
	// The seal often covers the first word.
	return n >= 2 && plain(words[1:2]) == "nhan" && endsInColon(words[1].Text)
}

// endsInColon tells whether a word is the end of a form's label.
func endsInColon(s string) bool { return strings.HasSuffix(s, ":") }
