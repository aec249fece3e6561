package extract

import (
	_ "embed" // offices and surnames
	"strings"
	"unicode"
)

//go:embed offices.txt
var officeTable string

//go:embed surnames.txt
var surnameTable string

// office is what a signer is.
type office struct{ name, letters string }

var offices = readOffices(officeTable) // read only

func readOffices(table string) (all []office) {
	for row := range strings.Lines(table) {
		all = append(all, office{name: strings.TrimSpace(row), letters: letters(row)})
	}
	return all
}

var surnames = readSurnames(surnameTable) // read only: by letters; empty where several have the same

func readSurnames(table string) map[string]string {
	all := make(map[string]string)
	for s := range strings.FieldsSeq(table) {
		if other, there := all[letters(s)]; there && other != s {
			all[letters(s)] = ""
			continue
		}
		all[letters(s)] = s
	}
	return all
}

// onBehalf are the letters before an office: thay mặt, ký thay, thừa lệnh, thừa ủy quyền, quyền.
var onBehalf = []string{"kt", "tm", "tl", "tuq", "q"}

// officeLine is a line of a signer's titles.
type officeLine struct {
	*line
	office *office
	lead   string // kt, tm, tl, tuq or q; "?" where something stands there that cannot be read
}

// officeIn is the office that a line names; nil where it is none's.
func officeIn(l *line) (found officeLine) {
	found.line = l
	if len(l.words) > 9 || upperShare(l.text()) < 0.85 {
		return found
	}
	rest := strings.TrimLeft(l.fold.text, " '\".,*-=~")
	said := letters(rest)
	for _, lead := range onBehalf {
		if cut, ok := strings.CutPrefix(rest, lead); ok && cut != "" && !alphanumeric(cut[0]) {
			said, found.lead = letters(cut), lead
			break
		}
	}
	if found.office = officeNamed(said); found.office != nil || found.lead != "" {
		return found
	}
	// "KT." that was read otherwise.
	if cut := strings.IndexFunc(rest, func(r rune) bool { return !alphanumeric(byte(r)) }); cut > 0 && cut <= 3 { //nolint:gosec // folded
		if found.office = officeNamed(letters(rest[cut:])); found.office != nil {
			found.lead = "?"
		}
	}
	return found
}

// officeNamed is the office with which letters begin: the one that is spelled most like them, and of those the longest.
func officeNamed(said string) (found *office) {
	least := 0
	for i := range offices {
		o := &offices[i]
		for n := len(o.letters) - 1; n <= len(o.letters)+1 && n <= len(said); n++ {
			d := differ(said[:n], o.letters)
			if d >= 0 && (found == nil || d < least || d == least && len(o.letters) > len(found.letters)) {
				found, least = o, d
			}
		}
	}
	return found
}

// signature gives who signed and as what: capitals on the right, and a name below them with room for seal and hand between.
func (s *sheet) signature() []Field {
	for i := range s.lines {
		if !s.mayBeOffice(i) {
			continue
		}
		first := officeIn(&s.lines[i])
		if first.office == nil && (first.lead == "" || first.lead == "q") {
			continue
		}
		titles, at := s.titlesFrom(i, first)
		title := s.signerTitle(titles)
		if name, ok := s.signerName(titles, at); ok {
			return []Field{name, title}
		}
		return []Field{{Name: Signer, Page: s.number, Boxes: title.Boxes, Origin: Recognized}, title}
	}
	return nil
}

// titlesFrom are the lines of titles from one on, and the last of them.
func (s *sheet) titlesFrom(i int, first officeLine) (titles []officeLine, at int) {
	titles, at = []officeLine{first}, i
	for j := i + 1; j < len(s.lines) && len(titles) < 3; j++ {
		l := &s.lines[j]
		if len(letters(l.text())) < 3 {
			continue
		}
		if !s.sameColumn(first.line, l) || l.box.Y0-titles[len(titles)-1].box.Y1 > 2*l.box.Height() {
			break
		}
		next := officeIn(l)
		if next.office == nil {
			break
		}
		titles, at = append(titles, next), j
	}
	return titles, at
}

// mayBeOffice tells whether a line stands where signers' titles do: right, and below the head.
func (s *sheet) mayBeOffice(i int) bool {
	l := &s.lines[i]
	if l.table || l.centre() < s.left+(s.right-s.left)*58/100 {
		return false
	}
	for _, head := range []int{s.state, s.motto, s.day, s.code, s.kindEnd} {
		if head >= 0 && l.box.Y0 <= s.lines[head].box.Y1 {
			return false
		}
	}
	return true
}

func (s *sheet) sameColumn(a, b *line) bool {
	off := a.centre() - b.centre()
	if off < 0 {
		off = -off
	}
	return off < s.width/8 && b.box.Y0 >= a.box.Y0
}

// deputy is the office of whoever signs in another's place (KT.).
func deputy(of string) string {
	if of == "bộ trưởng" {
		return "thứ trưởng"
	}
	return "phó " + of
}

// chief is in whose place a deputy signs; empty for an office that is no deputy's.
func chief(of string) string {
	if of == "thứ trưởng" {
		return "bộ trưởng"
	}
	chief, _ := strings.CutPrefix(of, "phó ")
	if chief == of {
		return ""
	}
	return chief
}

// signerTitle puts the lines of titles together. Who signs in another's place (KT.) is a deputy: what of that was not read is known.
func (s *sheet) signerTitle(titles []officeLine) Field {
	var words []word
	texts := make([]string, len(titles))
	p := known
	for i, l := range titles {
		words = append(words, l.words...)
		sure := false
		texts[i], sure = spellOffice(l)
		if !sure {
			p *= chance(l.words, knownWord)
		}
	}
	first, last := titles[0], titles[len(titles)-1]
	position := ""
	if last.office != nil {
		position = last.office.name
	}
	switch {
	case first.office == nil:
		p *= written
	case len(titles) == 2 && first.lead == "kt" && last.office.name == first.office.name:
		position = deputy(first.office.name)
		texts[1] = strings.ToUpper(position)
	case len(titles) == 2 && (first.lead == "" || first.lead == "?") && last.lead == "":
		lead := "TL. "
		if last.office.name == deputy(first.office.name) {
			lead = "KT. "
		}
		texts[0] = lead + strings.ToUpper(first.office.name)
		p *= lone
	case len(titles) == 1 && first.lead == "" && chief(first.office.name) != "": // the line above a deputy's was not read
		texts = append([]string{"KT. " + strings.ToUpper(chief(first.office.name))}, texts...)
		p *= lone * guessed
	case len(titles) == 1 && first.lead == "kt":
		position = deputy(first.office.name)
		texts = append(texts, strings.ToUpper(position))
		p *= lone
	case len(titles) == 1 && first.lead != "" && first.lead != "tm" && first.lead != "q": // what the signer is was not read
		p *= written
	}
	return Field{
		Name: SignerTitle, Value: tidy(strings.Join(texts, " ")), Normal: strings.ToUpper(position), Confidence: percent(p),
		Page: s.number, Boxes: boxes(words), Origin: Recognized,
	}
}

// spellOffice is a line of titles with its office put right; sure where it has nothing else but the letters before it.
func spellOffice(l officeLine) (text string, sure bool) {
	texts := make([]string, len(l.words))
	for i, w := range l.words {
		texts[i] = w.text
	}
	if l.office != nil {
		should := strings.Fields(l.office.name)
		for from := 0; from+len(should) <= len(texts); from++ {
			if !near(letters(strings.Join(texts[from:from+len(should)], "")), l.office.letters) {
				continue
			}
			for k, w := range should {
				texts[from+k] = respell(texts[from+k], w)
			}
			sure = from+len(should) == len(texts) && (from == 0 || l.lead != "" && l.lead != "?" && from == 1)
			break
		}
	}
	return strings.Trim(tidy(strings.Join(texts, " ")), " ,;:'\"“”‘’*=~-"), sure
}

// signerName looks for a name below the titles.
func (s *sheet) signerName(titles []officeLine, after int) (Field, bool) {
	top := titles[len(titles)-1]
	var best *line
	for i := after + 1; i < len(s.lines); i++ {
		l := &s.lines[i]
		if l.table || !s.sameColumn(top.line, l) || l.box.Y0 < top.box.Y1 || l.box.Y0 > top.box.Y1+s.height/4 {
			continue
		}
		if looksLikeName(l.words) {
			best = l
			break
		}
	}
	if best == nil {
		return Field{}, false
	}
	words := nameWords(best.words)
	value, family := spellName(words)
	p := chance(words, knownWord)
	if !family {
		p *= guessed
	}
	return Field{Name: Signer, Value: value, Normal: strings.ToUpper(value), Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized}, true
}

// nameWords leaves out degrees and ranks before a name, and marks around it.
func nameWords(words []word) []word {
	for len(words) > 0 && (strings.ContainsAny(words[0].text, ".:") || core(words[0].text) == "") {
		words = words[1:]
	}
	for len(words) > 0 && core(words[len(words)-1].text) == "" {
		words = words[:len(words)-1]
	}
	return words
}

// looksLikeName tells whether words are a person's name: two to five with a capital each.
func looksLikeName(words []word) bool {
	words = nameWords(words)
	if len(words) < 2 || len(words) > 5 {
		return false
	}
	if letterCount(words) < 5 {
		return false
	}
	for _, w := range words {
		r := []rune(core(w.text))
		if len(r) == 0 || !unicode.IsUpper(r[0]) || len(r) > 1 && upperShare(string(r[1:])) > 0.3 || strings.ContainsFunc(core(w.text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			return false
		}
	}
	return true
}

// spellName is a person's name with the family name put right where there is only one like it.
func spellName(words []word) (name string, family bool) {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = core(w.text)
	}
	should, there := surnameLike(letters(texts[0]))
	if there && should != "" {
		texts[0] = respell(texts[0], should)
	}
	for i := 1; i < len(texts)-1; i++ {
		if texts[i] == "Thi" {
			texts[i] = "Thị"
		}
	}
	return tidy(strings.Join(texts, " ")), there
}

// surnameLike is the family name with these letters, or of the longer ones the one that differs by a letter.
func surnameLike(said string) (name string, there bool) {
	if name, there = surnames[said]; there || len(said) < 5 {
		return name, there
	}
	for other, n := range surnames {
		if len(other) >= 5 && distance(said, other, 1) <= 1 {
			if there {
				return "", true
			}
			name, there = n, true
		}
	}
	return name, there
}

func letterCount(words []word) (n int) {
	for _, w := range words {
		n += len(letters(w.text))
	}
	return n
}
