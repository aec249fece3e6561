package extract

import (
	"slices"
	"strings"
	"unicode"
)

// about is the line that begins "V/v", under a letter's number; -1 without.
func (s *sheet) about() int {
	for i := range s.lines {
		l := &s.lines[i]
		if l.box.Y0 > s.height/2 {
			continue
		}
		t := strings.TrimLeft(l.fold.text, " '\"*.,_-(")
		if (strings.HasPrefix(t, "v/v") || strings.HasPrefix(t, "viv ") || strings.HasPrefix(t, "vv:") || strings.HasPrefix(t, "v/ v")) && l.centre() < s.width*6/10 {
			return i
		}
	}
	return -1
}

// subject gives the trích yếu: the lines under the kind, centred like it, or under a letter's number.
func (s *sheet) subject() []Field {
	var lines []*line
	switch {
	case s.kindLine >= 0 && s.kind.family == official:
		lines = s.underKind()
	case s.kindLine < 0 && s.head():
		lines = s.underNumber()
	}
	if len(lines) == 0 {
		return nil
	}
	var words []word
	for _, l := range lines {
		words = append(words, l.words...)
	}
	value := s.mend(lines)
	normal := value.text
	for _, lead := range []string{"về việc ", "v/v ", "v/v: "} {
		if len(normal) > len(lead) && strings.EqualFold(normal[:len(lead)], lead) {
			normal = normal[len(lead):]
			break
		}
	}
	return []Field{{Name: Subject, Value: value.text, Normal: normal, Confidence: percent(value.chance), Page: s.number, Boxes: boxes(words), Origin: Recognized}}
}

// underKind are the lines of the trích yếu between the kind and the text.
func (s *sheet) underKind() (lines []*line) {
	above := &s.lines[s.kindLine]
	middle := above.centre()
	for i := s.kindEnd + 1; i < len(s.lines); i++ {
		l := s.trimmed(&s.lines[i])
		if i == s.state || i == s.motto || i == s.day || i == s.code || l.box.Y0 < above.box.Y0 || s.stamped(l) {
			continue
		}
		if l.table || len(lines) >= 8 || s.opensText(l, len(lines)) || s.runsThrough(l, middle) ||
			l.box.Y0-above.box.Y1 > 3*max(l.box.Height(), above.box.Height()) {
			break
		}
		lines, above = append(lines, l), l
	}
	if len(lines) > 0 {
		lines[0] = fromLead(lines[0])
	}
	return lines
}

// fromLead is the first line of a trích yếu without what a stamp or pen left before "Về việc".
func fromLead(l *line) *line {
	for i := 1; i+1 < len(l.words) && i <= 5; i++ {
		first := []rune(core(l.words[i].text))
		if len(first) > 0 && unicode.IsUpper(first[0]) && letters(l.words[i].text) == "ve" && letters(l.words[i+1].text) == "viec" {
			return newLine(l.words[i:], l.block, l.table)
		}
	}
	return l
}

// runsThrough tells whether a line stands as those of a paragraph do: it reaches the right edge of the text, or begins at the left
// one, and is not in the middle.
func (s *sheet) runsThrough(l *line, middle int) bool {
	column := s.right - s.left
	off := l.centre() - middle
	if off < 0 {
		off = -off
	}
	return off > column/45 && (l.box.X1 > s.right-column/50 || l.box.X0 < s.left+column/50)
}

// trimmed is a line without what was hardly read at its ends: stamps and pens reach into lines.
func (s *sheet) trimmed(l *line) *line {
	const hardly = 30
	words := l.words
	for len(words) > 0 && words[0].confidence < hardly {
		words = words[1:]
	}
	for len(words) > 0 && words[len(words)-1].confidence < hardly {
		words = words[:len(words)-1]
	}
	if len(words) < 2 || len(words) == len(l.words) {
		return l
	}
	return newLine(words, l.block, l.table)
}

// stamped leaves out what a stamp beside the text adds: short lines that were hardly read.
func (s *sheet) stamped(l *line) bool {
	mean := 0.0
	for _, w := range l.words {
		mean += w.confidence / float64(len(l.words))
	}
	return len(letters(l.text())) < 4 && mean < 80 || mean < 40 && len(l.words) < 4
}

// textOpenings are the words with which the text begins; those of loosely also occur at the beginning of a trích yếu's lines.
var (
	textOpenings = []string{"can cu", "kinh gui", "dieu 1", "- can cu", "xet ", "chuong i", "phan thu", "i. ", "1. ", "a. "}
	loosely      = []string{"thuc hien", "theo ", "trong ", "nham ", "de ", "ngay ", "hom nay", "sau khi", "thoi gian", "tren co so", "qua "}
)

// opensText tells whether a line is of the text already, or of the authority that speaks there: "CHỦ TỊCH ỦY BAN NHÂN DÂN …".
func (s *sheet) opensText(l *line, before int) bool {
	t := strings.TrimLeft(l.fold.text, " '\".,*")
	starts := func(o string) bool { return strings.HasPrefix(t, o) }
	if slices.ContainsFunc(textOpenings, starts) {
		return true
	}
	first := []rune(strings.TrimLeft(l.text(), " '\".,*"))
	if slices.ContainsFunc(loosely, starts) && len(first) > 0 && unicode.IsUpper(first[0]) && before > 0 && l.box.X1 > s.right-(s.right-s.left)/20 {
		return true
	}
	if upperShare(l.text()) > 0.85 && len(letters(l.text())) > 6 {
		return before > 0 || authority(l)
	}
	return false
}

// authority tells whether a line names who decides.
func authority(l *line) bool {
	t := letters(l.text())
	for _, who := range []string{"chutich", "botruong", "giamdoc", "hieutruong", "vientruong", "cuctruong", "tongcuctruong", "uybannhandan", "hoidong", "chinhphu", "thutuong", "quochoi", "chanhan", "truong"} {
		if strings.HasPrefix(t, who) || len(t) > len(who) && near(t[:len(who)], who) {
			return true
		}
	}
	return false
}

// underNumber are the lines of "V/v …" in the left column.
func (s *sheet) underNumber() (lines []*line) {
	first := s.about()
	if first < 0 {
		return nil
	}
	divide := s.divide()
	above := &s.lines[first]
	lines = append(lines, above)
	for i := first + 1; i < len(s.lines) && len(lines) < 8; i++ {
		l := &s.lines[i]
		if l.table || strings.HasPrefix(letters(l.text()), "kinhgui") {
			break
		}
		if i == s.state || i == s.motto || i == s.day || l.centre() >= divide && l.box.X0 > above.box.X0 || s.stamped(l) {
			continue
		}
		if l.box.Y0 < above.box.Y0 || l.box.Y0-above.box.Y1 > l.box.Height() || l.box.X1 > divide+s.width/12 {
			break
		}
		lines, above = append(lines, l), l
	}
	return lines
}
