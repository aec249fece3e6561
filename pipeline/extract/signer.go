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

// officeIn is the office that a line names and whether somebody signs on behalf of it.
func officeIn(l *line) (o *office, behalf bool) {
	if len(l.words) > 9 || upperShare(l.text()) < 0.85 {
		return nil, false
	}
	said := letters(l.text())
	for _, lead := range onBehalf {
		rest := strings.TrimLeft(l.fold.text, " '\".,*")
		if cut, ok := strings.CutPrefix(rest, lead); ok && cut != "" && !alphanumeric(cut[0]) {
			said, behalf = letters(cut), true
			break
		}
	}
	for i := range offices {
		c := &offices[i]
		if len(said) < len(c.letters)-1 || o != nil && len(o.letters) >= len(c.letters) {
			continue
		}
		if near(said[:min(len(said), len(c.letters))], c.letters) {
			o = c
		}
	}
	return o, behalf
}

// signature gives who signed and as what: capitals on the right, and a name below them with room for seal and hand between.
func (s *sheet) signature() []Field {
	for i := range s.lines {
		if !s.mayBeOffice(i) {
			continue
		}
		o, _ := officeIn(&s.lines[i])
		if o == nil {
			continue
		}
		titles := []*line{&s.lines[i]}
		last, at := o, i
		for j := i + 1; j < len(s.lines) && len(titles) < 3; j++ {
			l := &s.lines[j]
			if !s.sameColumn(titles[0], l) || l.box.Y0-titles[len(titles)-1].box.Y1 > 2*l.box.Height() {
				break
			}
			next, _ := officeIn(l)
			if next == nil {
				break
			}
			titles, last, at = append(titles, l), next, j
		}
		title := s.signerTitle(titles, last)
		if name, ok := s.signerName(titles, at); ok {
			return []Field{name, title}
		}
		return []Field{{Name: Signer, Page: s.number, Boxes: title.Boxes, Origin: Recognized}, title}
	}
	return nil
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

func (s *sheet) signerTitle(titles []*line, last *office) Field {
	var words []word
	var texts []string
	p := known
	for _, l := range titles {
		words = append(words, l.words...)
		text, sure := spellOffice(l)
		texts = append(texts, text)
		if !sure {
			p *= chance(l.words, knownWord)
		}
	}
	return Field{
		Name: SignerTitle, Value: tidy(strings.Join(texts, " ")), Normal: strings.ToUpper(last.name), Confidence: percent(p),
		Page: s.number, Boxes: boxes(words), Origin: Recognized,
	}
}

// spellOffice is a line of titles with its office put right; sure where it has nothing else but the letters before it.
func spellOffice(l *line) (text string, sure bool) {
	o, behalf := officeIn(l)
	texts := make([]string, len(l.words))
	for i, w := range l.words {
		texts[i] = w.text
	}
	should := strings.Fields(o.name)
	for from := range texts {
		if from+len(should) > len(texts) {
			break
		}
		if near(letters(strings.Join(texts[from:from+len(should)], "")), o.letters) {
			for k, w := range should {
				texts[from+k] = respell(texts[from+k], w)
			}
			sure = from+len(should) == len(texts) && (from == 0 || behalf && from == 1)
			break
		}
	}
	return strings.Trim(tidy(strings.Join(texts, " ")), " ,;:'\"*"), sure
}

// signerName looks for a name below the titles.
func (s *sheet) signerName(titles []*line, after int) (Field, bool) {
	top := titles[len(titles)-1]
	var best *line
	for i := after + 1; i < len(s.lines); i++ {
		l := &s.lines[i]
		if l.table || !s.sameColumn(top, l) || l.box.Y0 < top.box.Y1 || l.box.Y0 > top.box.Y1+s.height/4 {
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
	for _, w := range words {
		r := []rune(core(w.text))
		if len(r) == 0 || !unicode.IsUpper(r[0]) || len(r) > 1 && upperShare(string(r[1:])) > 0.3 || strings.ContainsAny(w.text, "0123456789/;:") {
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
	should, there := surnames[letters(texts[0])]
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
