package extract

import (
	"slices"
	"strings"
	"unicode"

	"sohoa/pipeline/language"
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
		if opensNumber(&l.fold) && strings.ContainsAny(l.text(), "0123456789/") {
			continue // the number, which could not be taken apart
		}
		if isAgencyLine(l) {
			lines = append(lines, l)
		}
	}
	return rows(lines)
}

// rows puts the pieces of each printed line together, from the top.
func rows(pieces []*line) (all []*line) {
	slices.SortStableFunc(pieces, func(a, b *line) int { return a.box.Y0 - b.box.Y0 })
	for _, l := range pieces {
		n := len(all)
		if n == 0 || !overlapY(all[n-1].box, l.box) {
			all = append(all, l)
			continue
		}
		words := slices.Concat(all[n-1].words, l.words)
		slices.SortStableFunc(words, func(a, b word) int { return a.box.X0 - b.box.X0 })
		all[n-1] = newLine(words, l.block, false)
	}
	return all
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
	return n >= 2 && upperShare(l.text()) >= 0.7 && (mean >= 45 || startsName(l) != nil || allKnown(l)) && !strings.HasPrefix(letters(l.text()), "mau")
}

func allKnown(l *line) bool {
	_, known := spell(l.words)
	return known
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
		text, known := s.spellWithoutSpecks(l)
		text = signs.Replace(text)
		texts = append(texts, strings.Trim(text, " .,;:'*_-–—"))
		sure = sure && known
		words = append(words, l.words...)
	}
	value := tidy(strings.Join(texts, " "))
	p := chance(words, knownWord)
	if sure {
		p = max(p, known)
	}
	if bare(value) { // the rest of the name was not read
		p *= guessed * written
	}
	return Field{Name: name, Value: value, Normal: strings.ToUpper(value), Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized}
}

// signs are no part of a name: specks and seals are read as such.
var signs = strings.NewReplacer("“", "", "”", "", "\"", "", "*", "", "_", "", "|", "")

// spellWithoutSpecks is spell without a word that was hardly read, a speck or a stroke of a pen, where it stands inside a phrase, which
// it tears apart.
func (s *sheet) spellWithoutSpecks(l *line) (text string, known bool) {
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
	return spell(l.words)
}

// bare tells whether a name is only what names begin with: ỦY BAN NHÂN DÂN of nowhere, SỞ of nothing.
func bare(name string) bool {
	said := letters(name)
	for i := range names.phrases {
		if p := &names.phrases[i]; (p.open || p.begins && len(p.words) == 1) && said == strings.Join(p.folded, "") {
			return true
		}
	}
	return false
}

// agree lowers the confidence of an issuing agency that the notation contradicts: what is abbreviated there is another name.
func agree(fields []Field) {
	var issuer, parent, notation *Field
	for i := range fields {
		switch fields[i].Name {
		case Parent:
			parent = &fields[i]
		case Issuer:
			issuer = &fields[i]
		case Notation:
			notation = &fields[i]
		}
	}
	const sure = 70
	if issuer == nil || notation == nil || notation.Confidence < sure || issuer.Value == "" {
		return
	}
	initials := initialsOf(issuer.Value)
	for part := range strings.SplitSeq(notation.Value, "-") {
		if _, abbreviated, ok := strings.Cut(part, "/"); ok {
			part = abbreviated
		}
		if len([]rune(part)) >= 2 && abbreviates(part, initials) {
			return
		}
	}
	issuer.Confidence = percent(issuer.Confidence / 100 * guessed)
	if parent != nil {
		parent.Confidence = percent(parent.Confidence / 100 * guessed)
	}
}

// initialsOf are the first letters of a name's words, and all letters of those that are abbreviations themselves.
func initialsOf(name string) string {
	var b strings.Builder
	for w := range strings.FieldsSeq(name) {
		b.WriteString(initial(w))
	}
	return alike(b.String())
}

// initial is what stands for a word in an abbreviation: its first letter, or all of one that is an abbreviation itself.
func initial(w string) string {
	if n := len([]rune(w)); n == 2 && upperShare(w) == 1 && !language.IsSyllable(w) || strings.EqualFold(w, "UBND") || strings.EqualFold(w, "HĐND") || w == "TNHH" {
		return strings.ToUpper(w)
	}
	return string(unicode.ToUpper(toneless([]rune(w)[0])))
}

// abbreviates tells whether the capitals of an abbreviation are among a name's initials, in their order, from one of the first two on.
func abbreviates(part, initials string) bool {
	said := alike(strings.Map(func(r rune) rune {
		if unicode.IsLower(r) {
			return -1
		}
		return r
	}, part))
	if said == "" || !strings.Contains(initials[:min(len(initials), 2)], said[:1]) {
		return false
	}
	at := 0
	for i := range len(initials) {
		if at < len(said) && said[at] == initials[i] {
			at++
		}
	}
	return at == len(said)
}
