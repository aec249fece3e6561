package layout

import (
	"slices"
	"strings"
	"unicode"
)

// What is left of a seal, a stamp, a signature or a ruled line reads as words now and then. A mark is left out only if
// several signs agree, because a true word with low confidence is worth more than a clean page: text in which no seal
// stands has such words too.

// Confidence, as Tesseract gives it, says little by itself: even at 0 stand true words, a letter or two misread.
const (
	hopeless = 10
	doubtful = 30
	shaky    = 50
	certain  = 80
)

// dropNonsense gives the words that are worth keeping, in their order, and the number of the others.
func dropNonsense(words []*word, m metrics) (kept []*word, dropped int) {
	supported := supportedWords(buildRows(words, m), m)
	kept = make([]*word, 0, len(words))
	for _, w := range words {
		if isNonsense(w, supported[w], m) {
			dropped++
			continue
		}
		kept = append(kept, w)
	}
	return kept, dropped
}

// support is what stands beside a word in its row.
type support struct {
	left, right bool // a word of two letters, read with some confidence, within reach on that side
}

// supportedWords looks for true words near each word of a row.
func supportedWords(rows []*row, m metrics) map[*word]support {
	reach := 2.5 * m.em
	out := map[*word]support{}
	for _, r := range rows {
		var last *word
		for _, w := range r.words {
			if last != nil && w.x0-last.x1 < reach {
				out[w] = support{left: true}
			}
			if isTrueWord(w) {
				last = w
			}
		}
		last = nil
		for _, w := range slices.Backward(r.words) {
			if last != nil && last.x0-w.x1 < reach {
				out[w] = support{left: out[w].left, right: true}
			}
			if isTrueWord(w) {
				last = w
			}
		}
	}
	return out
}

func isTrueWord(w *word) bool { return w.Confidence >= shaky && countLetters(w.Text) >= 2 }

// isNonsense weighs the signs against a word.
func isNonsense(w *word, s support, m metrics) bool {
	letters := countLetters(w.Text)
	alone := !s.left && !s.right
	height := w.y1 - w.y0
	switch {
	case letters == 0:
		return isStraySign(w, s)
	case height < 0.55*m.xh && w.Confidence < shaky:
		return true // no letter of this page's text is that small
	case w.Confidence < 2*hopeless && atEdge(w, m):
		return true // a line that the scan cut through
	case w.Confidence < hopeless && height > 4*m.em:
		return true // strokes of a pen
	case hasWord(w.Text):
		return false
	case w.Confidence < hopeless && 2*letters < len([]rune(w.Text)):
		return !s.left || !s.right // signs more than letters
	}
	return w.Confidence < doubtful && alone && letters < 5
}

// isStraySign tells whether a mark without letters or digits is no punctuation.
func isStraySign(w *word, s support) bool {
	if !isPunctuation(w.Text) {
		// Bars, slashes and the like are what rules and strokes look like.
		return w.Confidence < certain || !s.left && !s.right || isBar(w.Text)
	}
	if isLeader(w.Text) {
		return true
	}
	if w.Confidence >= certain {
		return false
	}
	if strings.Trim(w.Text, ".,;:'\"“”") == "" {
		return true // in print these stand at a word, not between two
	}
	if isDash(w.Text) && s.right && w.Confidence >= doubtful {
		return false // the dash before a list's entry
	}
	return !s.left && !s.right || w.Confidence < doubtful
}

// isPunctuation tells whether each sign is one that stands alone in Vietnamese print.
func isPunctuation(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("-–—+*•.,:;/()…“”\"'%&=", r) }) < 0
}

// isLeader tells whether a mark is the dots that a form is filled in on.
func isLeader(s string) bool { return len(s) >= 5 && strings.Trim(s, "._…") == "" }

func isDash(s string) bool {
	return s == "-" || s == "–" || s == "—" || s == "+" || s == "•" || s == "*"
}

func isBar(s string) bool { return strings.Trim(s, "|¦") == "" }

// atEdge tells whether a word touches the border of the page.
func atEdge(w *word, m metrics) bool {
	const rim = 2
	return w.Box.X0 <= rim || w.Box.Y0 <= rim || float64(w.Box.X1) >= m.width-rim || float64(w.Box.Y1) >= m.height-rim
}

// hasWord tells whether some part of a text is built like a word of Vietnamese or a number: two letters or more that are
// all small, all large or begin with a large one, a vowel among them; or the whole of it is digits.
func hasWord(s string) bool {
	if countLetters(s) > 0 && strings.Trim(s, "0123456789") == "" {
		return true // a number in a list, however short
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	least := 3
	if len(parts) == 1 && countLetters(s) >= len([]rune(s))-1 {
		least = 2 // nothing but the word, or a comma after it
	}
	return slices.ContainsFunc(parts, func(p string) bool { return isWordLike(p, least) })
}

func isWordLike(part string, least int) bool {
	letters, upper, digits, vowels, late := 0, 0, 0, 0, false
	for i, r := range []rune(part) {
		switch {
		case unicode.IsDigit(r):
			digits++
			continue
		case unicode.IsUpper(r):
			upper++
			late = late || i > 0
		}
		letters++
		if strings.ContainsRune("aeiouy", bare(unicode.ToLower(r))) {
			vowels++
		}
	}
	switch {
	case letters == 0:
		return digits >= least
	case digits > 0:
		return false
	}
	return letters >= least && vowels > 0 && (upper == letters || !late)
}
