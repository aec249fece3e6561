package extract

import (
	"strings"
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
	p := 1.0
	for i, w := range words {
		one := proseWord(w)
		if value.agreed[i] {
			one = max(one, 0.999)
		}
		p *= one
	}
	normal := value.text
	for _, lead := range []string{"về việc ", "v/v ", "v/v: "} {
		if len(normal) > len(lead) && strings.EqualFold(normal[:len(lead)], lead) {
			normal = normal[len(lead):]
			break
		}
	}
	return []Field{{Name: Subject, Value: value.text, Normal: normal, Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized}}
}

// underKind are the lines of the trích yếu between the kind and the text.
func (s *sheet) underKind() (lines []*line) {
	above := &s.lines[s.kindLine]
	middle := above.centre()
	for i := s.kindEnd + 1; i < len(s.lines); i++ {
		l := &s.lines[i]
		if i == s.state || i == s.motto || i == s.day || i == s.code || l.box.Y0 < above.box.Y0 || s.stamped(l) {
			continue
		}
		if l.table || len(lines) >= 8 || s.opensText(l, len(lines)) {
			break
		}
		off := l.centre() - middle
		if off < 0 {
			off = -off
		}
		if off > (s.right-s.left)/45 && !s.partBeside(l, middle) || l.box.Y0-above.box.Y1 > 3*max(l.box.Height(), above.box.Height()) {
			break
		}
		lines, above = append(lines, l), l
	}
	return lines
}

// partBeside tells of a centred line of which a mark beside it was read as a part.
func (s *sheet) partBeside(l *line, middle int) bool {
	return l.box.X0 < middle && l.box.X1 > middle && l.box.X0 > s.left+(s.right-s.left)/12 && l.box.X1 < s.right-(s.right-s.left)/12
}

// stamped leaves out what a stamp beside the text adds: short lines that were hardly read.
func (s *sheet) stamped(l *line) bool {
	mean := 0.0
	for _, w := range l.words {
		mean += w.confidence / float64(len(l.words))
	}
	return len(letters(l.text())) < 4 || mean < 40 && len(l.words) < 4
}

// textOpenings are the words with which the text begins.
var textOpenings = []string{
	"can cu", "thuc hien", "theo ", "kinh gui", "dieu 1", "- can cu", "xet ", "chuong i", "phan ", "i. ", "1. ", "a. ", "trong ", "nham ", "de ",
	"ngay ", "hom nay", "sau khi", "thoi gian",
}

// opensText tells whether a line is of the text already, or of the authority that speaks there: "CHỦ TỊCH ỦY BAN NHÂN DÂN …".
func (s *sheet) opensText(l *line, before int) bool {
	t := strings.TrimLeft(l.fold.text, " '\".,*")
	for _, o := range textOpenings {
		if strings.HasPrefix(t, o) && !(before == 0 && (o == "ngay " || o == "de ")) {
			return true
		}
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
