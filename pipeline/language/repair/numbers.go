package repair

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa/pipeline/layout"
	"sohoa/pipeline/page"
)

// narrow is how wide a gap inside a number is at most, as a share of the line's usual gap. Printed gaps in telephone numbers are
// as wide as others.
const narrow = 0.65

// fewGaps is how many gaps a line must have to say what is usual.
const fewGaps = 4

var (
	// splitNumber is what two parts must make: the number of a decree or decision, a date, a year.
	splitNumber = regexp.MustCompile(`^\(?(\d+/((19|20)\d\d/)?[A-ZĐ]{2,}[\p{L}\d-]*|(\d{1,2}[/.-]){0,2}(19|20)\d\d)[\p{P}]*$`)
	// openNotation is a notation that goes on behind its hyphen: 11/CT- TTg.
	openNotation = regexp.MustCompile(`^\(?\d+/((19|20)\d\d/)?[A-ZĐ]+(-[A-ZĐ]+)*-$`)
)

// joinNumbers makes one word of two that are one number with a gap too narrow to be a space.
func joinNumbers(line *page.Line, choices Choices) int {
	usual := usualGap(line.Words)
	joined := 0
	for i := 1; usual > 0 && i < len(line.Words); i++ {
		left, right := &line.Words[i-1], &line.Words[i]
		if float64(right.Box.X0-left.Box.X1) > narrow*usual || !oneNumber(left.Text, right.Text) {
			continue
		}
		one := page.Word{
			Text: left.Text + right.Text, Recognized: original(left) + " " + original(right), Box: left.Box.Union(right.Box),
			Confidence: min(left.Confidence, right.Confidence),
		}
		one.Quad = one.Box.Quad()
		choices.join(left, right, one.Box)
		line.Words = slices.Replace(line.Words, i-1, i+1, one)
		joined++
		i--
	}
	return joined
}

// join notes what the characters of two words that became one may be.
func (c Choices) join(left, right *page.Word, box page.Box) {
	ofLeft, ofRight := c.of(left), c.of(right)
	if ofLeft != nil && ofRight != nil {
		c[box] = slices.Concat(ofLeft, ofRight)
	}
}

// original is what the recognizer read for a word.
func original(w *page.Word) string {
	if w.Recognized != "" {
		return w.Recognized
	}
	return w.Text
}

func oneNumber(left, right string) bool {
	last, _ := utf8.DecodeLastRuneInString(left)
	first, _ := utf8.DecodeRuneInString(right)
	switch {
	case unicode.IsDigit(last) && unicode.IsDigit(first):
		return splitNumber.MatchString(left + right)
	case unicode.IsUpper(first):
		return openNotation.MatchString(left)
	}
	return false
}

// usualGap is the median of the gaps between words, 0 where there are too few.
func usualGap(words []page.Word) float64 {
	if len(words) <= fewGaps {
		return 0
	}
	gaps := make([]int, 0, len(words))
	for i := 1; i < len(words); i++ {
		gaps = append(gaps, words[i].Box.X0-words[i-1].Box.X1)
	}
	slices.Sort(gaps)
	return float64(gaps[len(gaps)/2])
}

// mendOnes makes ones of brackets and bars behind a digit, where the recognizer held that possible: 202], tháng 1].
func mendOnes(line *page.Line, choices Choices) int {
	for i := range line.Words {
		if strings.ContainsAny(line.Words[i].Text, "[") {
			return 0 // a bracket that is opened may be closed
		}
	}
	mended := 0
	for i := range line.Words {
		word := &line.Words[i]
		if !strings.ContainsAny(word.Text, "]|") || strings.ContainsFunc(word.Text, unicode.IsLetter) {
			continue // among letters it is rather the side of a box to tick
		}
		of := choices.of(word)
		letters := []rune(word.Text)
		for k := range of {
			if k > 0 && unicode.IsDigit(letters[k-1]) && (letters[k] == ']' || letters[k] == '|') && mayBe(of[k], '1') {
				letters[k] = '1'
			}
		}
		if text := string(letters); text != word.Text {
			word.Recognized, word.Text = original(word), text
			mended++
		}
	}
	return mended
}

func mayBe(choices []layout.Choice, r rune) bool {
	return slices.ContainsFunc(choices, func(c layout.Choice) bool { return character(c) == r && c.Confidence > 0 })
}
