package extract

import (
	"slices"
	"strings"
)

// agencies gives the issuing agency and the one above it: the left column of the head down to the number (Nghị định 30/2020,
// phụ lục I). Names run over several lines; a line with which another name begins is told by its first words.
func (s *sheet) agencies() []Field {
	lines := s.leftHead()
	if len(lines) == 0 {
		return nil
	}
	groups := [][]*line{{lines[0]}}
	for i, l := range lines[1:] {
		if s.goesOn(lines[i], l) {
			groups[len(groups)-1] = append(groups[len(groups)-1], l)
		} else {
			groups = append(groups, []*line{l})
		}
	}
	issuer := s.agency(Issuer, groups[len(groups)-1])
	if len(groups) == 1 {
		return []Field{issuer}
	}
	return []Field{issuer, s.agency(Parent, slices.Concat(groups[:len(groups)-1]...))}
}

// leftHead are the lines of the left column above the number, from the top.
func (s *sheet) leftHead() (lines []*line) {
	if !s.head() || s.code < 0 && s.state < 0 && s.motto < 0 {
		return nil
	}
	bottom, divide := s.headBottom(), s.divide()
	for i := range s.lines {
		l := &s.lines[i]
		if i == s.state || i == s.motto || i == s.day || i == s.code || l.table || l.box.Y0 >= bottom || l.centre() >= divide {
			continue
		}
		if isAgencyLine(l) {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b *line) int { return a.box.Y0 - b.box.Y0 })
	return lines
}

// headBottom is where the agencies end: at the number, or where it is not found at the day, or the kind.
func (s *sheet) headBottom() int {
	if s.code >= 0 {
		return s.lines[s.code].box.Y0 + s.lines[s.code].box.Height()/3
	}
	for _, i := range []int{s.day, s.kindLine} {
		if i >= 0 {
			return s.lines[i].box.Y1
		}
	}
	return s.lines[max(s.motto, s.state)].box.Y1 + s.height/20
}

// isAgencyLine leaves out what a scanner sees at the edge of a head: specks, stamps, page numbers.
func isAgencyLine(l *line) bool {
	n := len(letters(l.text()))
	mean := 0.0
	for _, w := range l.words {
		mean += w.confidence / float64(len(l.words))
	}
	return n >= 2 && upperShare(l.text()) >= 0.7 && (mean >= 45 || startsName(l) != nil) && !strings.HasPrefix(letters(l.text()), "mau")
}

// startsName is the phrase with which a line begins where that begins an agency's name.
func startsName(l *line) *phrase {
	if p := names.best(toSpell(l.words)); p != nil && p.begins {
		return p
	}
	return nil
}

// goesOn tells whether a line continues the name in the line above.
func (s *sheet) goesOn(above, l *line) bool {
	p := startsName(l)
	if p == nil {
		return true
	}
	// "TRƯỜNG" alone goes on with "ĐẠI HỌC …", "VĂN PHÒNG" with "BỘ …".
	first := startsName(above)
	return first != nil && first.open && len(above.words) == len(first.words) && len(above.words) <= 2
}

func (s *sheet) agency(name Name, lines []*line) Field {
	var words []word
	var texts []string
	sure := true
	for _, l := range lines {
		text, known := spell(l.words)
		if !known {
			text, known = s.spellWithoutSpecks(l, text)
		}
		texts = append(texts, strings.Trim(text, " .,;:'*_-–—"))
		sure = sure && known
		words = append(words, l.words...)
	}
	value := tidy(strings.Join(texts, " "))
	p := chance(words, knownWord)
	if sure {
		p = max(p, known)
	}
	return Field{Name: name, Value: value, Normal: strings.ToUpper(value), Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized}
}

// spellWithoutSpecks tries a name without the words in it that were hardly read: specks and strokes of a pen. One is left out where it
// stands inside a phrase, which it tears apart.
func (s *sheet) spellWithoutSpecks(l *line, text string) (string, bool) {
	const hardly = 45
	for i := 1; i+1 < len(l.words); i++ {
		if l.words[i].confidence >= hardly {
			continue
		}
		without := slices.Concat(l.words[:i], l.words[i+1:])
		all := toSpell(without)
		for from := range all[:i] {
			if p := names.best(all[from:]); p != nil && from+len(p.words) > i {
				return spell(without)
			}
		}
	}
	return text, false
}
