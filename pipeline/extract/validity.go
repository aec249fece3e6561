package extract

import (
	"regexp"
	"strings"
)

// untilPattern is how papers say until when they hold, folded.
var untilPattern = regexp.MustCompile(`(?:co gia tri|co hieu luc|gia tri su dung|hieu luc thi hanh|thoi han(?: su dung)?)(?: thi hanh)? ?:? ?(?:den|toi)(?: het)?(?: ngay)?|date of expiry|ngay het han`)

// scopePattern is how they say where.
var scopePattern = regexp.MustCompile(`pham vi (?:co )?(?:hieu luc|gia tri)[^:]{0,20}: ?(.+)$|(?:co gia tri|co hieu luc)(?: su dung| thi hanh)? (?:tren|trong) (toan quoc|pham vi toan quoc|pham vi ca nuoc|dia ban .+)`)

// validity gives until when and where a paper holds, as far as it says so.
func (s *sheet) validity() (all []Field) {
	if s.kind != nil && s.kind.family == form && !s.kind.holds() {
		return nil // an application tells how long something else holds
	}
	for i := range s.lines {
		l := &s.lines[i]
		if len(all) == 0 {
			if f, ok := s.until(i); ok {
				all = append(all, f)
			}
		}
		m := scopePattern.FindStringSubmatchIndex(l.fold.text)
		if m == nil {
			continue
		}
		from, to := m[2], m[3]
		if from < 0 {
			from, to = m[4], m[5]
		}
		words := l.words[l.fold.word[from] : l.fold.word[to-1]+1]
		value := strings.Trim(l.fold.original(from, to), " .,;:/")
		return append(all, Field{
			Name: ValidityScope, Value: value, Normal: value, Confidence: percent(lone * chance(words, proseWord)), Page: s.number, Boxes: boxes(words), Origin: Recognized,
		})
	}
	return all
}

// until reads the day behind "có giá trị đến", in the same line or the next.
func (s *sheet) until(i int) (Field, bool) {
	l := &s.lines[i]
	m := untilPattern.FindStringIndex(l.fold.text)
	if m == nil {
		return Field{}, false
	}
	words := append([]word{}, l.words[l.fold.word[m[0]]:]...)
	text := l.fold.text[m[0]:]
	// "ngày" is a part of the pattern for the day, too.
	if cut := strings.Index(text, "ngay"); cut >= 0 {
		text = text[cut:]
	} else {
		text = text[m[1]-m[0]:]
	}
	iso := dayIn(text)
	if iso == "" && i+1 < len(s.lines) {
		words = append(words, s.lines[i+1].words...)
		iso = dayIn(text + " " + s.lines[i+1].fold.text)
	}
	if iso == "" {
		return Field{}, false
	}
	return Field{
		Name: ValidUntil, Value: shownDay(iso), Normal: iso, Confidence: percent(lone * chance(words[:min(len(words), 12)], knownWord)), Page: s.number,
		Boxes: boxes(words[:min(len(words), 12)]), Origin: Recognized,
	}, true
}
