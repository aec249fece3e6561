package repair

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa/pipeline/language"
	"sohoa/pipeline/layout"
)

// alphabet is what is written in Vietnam: its own letters and those of plain Latin, the forms of a letter behind it.
const alphabet = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz"

// run is one run of letters and digits, and what about it stays as it is.
type run struct {
	letters []rune
	// fixedDigits: it is a number, or something like A1 that is no part of a code: its digits stay.
	fixedDigits bool
	// abbreviation: it is in capitals and cannot be said. SGTVT is another agency than BGTVT.
	abbreviation bool
}

func newRun(text string, inCode bool) run {
	const sign = 3 // characters; what is shorter and mixed is a class or a series: A1, 2B
	letters := []rune(text)
	return run{
		letters:      letters,
		fixedDigits:  isNumber(text) || !steady(text) && !inCode && len(letters) < sign,
		abbreviation: strings.ToUpper(text) == text && !language.IsSyllable(text),
	}
}

// misread is the cost, beside the recognizer's own doubt, of a character having been read for another one, and whether that
// can be at all. Most errors are a mark on the right letter.
func (r *run) misread(as, is rune) (cost float64, may bool) {
	switch {
	case unicode.IsDigit(is):
		return markCost, looksLikeDigit(as, is)
	case !unicode.IsLetter(is):
		return 0, false
	case unicode.IsDigit(as):
		return markCost, !r.fixedDigits
	case unicode.IsUpper(is) != unicode.IsUpper(as):
		return 0, false
	case bare(as) == bare(is):
		return markCost, true
	}
	return letterCost, !r.abbreviation
}

// looksLikeDigit tells which letters are read for digits. Letters that Vietnamese does not have are misread anyway; of the
// others B, D and Z are no such: vehicles' plates and classes have them.
func looksLikeDigit(letter, digit rune) bool {
	alike := map[rune]string{'0': "Oo", '1': "IlÍÌỊĨ", '6': "óÓổỔ"}[digit]
	return strings.ContainsRune(alike, letter) || unicode.IsLetter(letter) && !strings.ContainsRune(alphabet, unicode.ToLower(letter))
}

// bare is a letter without its marks, small.
func bare(r rune) rune {
	r = unicode.ToLower(r)
	if r < utf8.RuneSelf {
		return r
	}
	if r == 'đ' {
		return 'd'
	}
	before, _, found := strings.Cut(alphabet, string(r))
	plain := strings.LastIndexFunc(before, func(r rune) bool { return r < utf8.RuneSelf })
	if !found || plain < 0 {
		return r
	}
	return rune(before[plain])
}

// character is the one that a choice names, 0 where it names several. It is normalized like the text that was read.
func character(c layout.Choice) rune {
	r, size := utf8.DecodeRuneInString(c.Text)
	switch {
	case size != len(c.Text):
		return 0
	case r == 'Ð' || r == 'Ɖ':
		return 'Đ'
	case r == 'ð':
		return 'đ'
	}
	return r
}

func isNumber(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}

// steady tells whether a run is of digits alone or of letters alone.
func steady(s string) bool {
	return isNumber(s) || !strings.ContainsFunc(s, unicode.IsDigit)
}

func isTitle(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) && s[size:] == strings.ToLower(s[size:])
}
