package extract

import (
	_ "embed" // the kinds
	"strings"

	"sohoa/pipeline/page"
)

//go:embed kinds.txt
var kindTable string

type family string

// The families of kinds; kinds.txt says what they are.
const (
	official family = "official"
	form     family = "form"
	card     family = "card"
)

// kind is what a paper may be.
type kind struct {
	name, letters, abbreviation string
	family                      family
	code                        bool // a QR code or barcode says what it says, too
}

var kinds = readKinds(kindTable) // read only

func readKinds(table string) (all []kind) {
	for row := range strings.Lines(table) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		cells := strings.Split(strings.TrimRight(row, "\n"), "\t")
		all = append(all, kind{name: cells[0], letters: letters(cells[0]), abbreviation: cells[1], family: family(cells[2]), code: len(cells) > 3})
	}
	return all
}

// holds tells of a form's kind whether it is itself a paper that holds until some day: a licence or certificate.
func (k *kind) holds() bool {
	for _, lead := range []string{"GIẤY PHÉP", "GIẤY CHỨNG NHẬN", "CHỨNG CHỈ", "GIẤY KHÁM", "GIẤY XÁC NHẬN"} {
		if strings.HasPrefix(k.name, lead) {
			return true
		}
	}
	return false
}

// letterKind is the letter (công văn), which has no line that says so.
var letterKind = kind{name: "CÔNG VĂN", family: official}

// MayHaveCode tells whether a page, which was read, is of a kind that carries a QR code or barcode: an identity card, a receipt. To look
// for one on every page would cost more than it gives.
func MayHaveCode(p *page.Page) bool {
	k := newSheet(p).kind
	return k != nil && k.code
}

// findKind looks for the line that says what the paper is, below the head, and for a form's title on a page without one.
func (s *sheet) findKind() {
	top, bottom := s.kindRoom()
	for i := range s.lines {
		l := &s.lines[i]
		if l.table || i == s.state || i == s.motto || i == s.code || l.box.Y0 < top || l.box.Y0 > bottom {
			continue
		}
		if s.endsHead(l) {
			break
		}
		if k, from := s.kindOf(l); k != nil {
			if from > 0 { // a stamp beside it
				*l = *newLine(l.words[from:], l.block, l.table)
			}
			s.kind, s.kindLine, s.kindEnd = k, i, i
			s.growTitle()
			return
		}
	}
}

// kindRoom is where the line of the kind may stand.
func (s *sheet) kindRoom() (top, bottom int) {
	bottom = s.height * 11 / 20
	for _, i := range []int{s.state, s.motto, s.day, s.code} {
		if i >= 0 {
			top = max(top, s.lines[i].box.Y0)
		}
	}
	if !s.head() {
		bottom = s.height * 2 / 5
	}
	return top, bottom
}

// endsHead tells that a line belongs to the text already.
func (s *sheet) endsHead(l *line) bool {
	t := l.fold.text
	return strings.HasPrefix(t, "can cu ") || strings.HasPrefix(t, "dieu 1") || strings.HasPrefix(t, "- can cu")
}

// kindOf is the kind that a line says, and the word with which it begins.
func (s *sheet) kindOf(l *line) (*kind, int) {
	if upperShare(l.text()) < 0.75 && upperShare(l.words[len(l.words)-1].text) < 1 {
		return nil, 0
	}
	var all strings.Builder
	for from := range l.words {
		if from > 0 && (!s.head() || l.words[from].box.X0-l.words[from-1].box.X1 < l.box.Height()/2) {
			continue
		}
		all.Reset()
		for _, w := range l.words[from:] {
			all.WriteString(strings.TrimLeft(letters(w.text), "0123456789"))
		}
		if k := kindNamed(all.String(), s.head(), strings.HasSuffix(l.text(), ":")); k != nil {
			return k, from
		}
	}
	return nil, 0
}

// kindNamed finds the kind that letters say or, of forms and cards, begin with: the one that is spelled most like them, and of those
// the longest.
func kindNamed(said string, head, colon bool) (found *kind) {
	least := 0
	for i := range kinds {
		k := &kinds[i]
		text := said
		if k.family == official && (!head || colon) {
			continue
		}
		if k.family != official {
			text = said[:min(len(said), len(k.letters))]
		}
		d := differ(text, k.letters)
		if d < 0 {
			continue
		}
		if found == nil || d < least || d == least && len(k.letters) > len(found.letters) {
			found, least = k, d
		}
	}
	return found
}

// growTitle takes the further lines of a form's title: they are in capitals, too.
func (s *sheet) growTitle() {
	if s.kind.family == official {
		return
	}
	for i := s.kindEnd + 1; i < len(s.lines) && i <= s.kindLine+2; i++ {
		l, above := &s.lines[i], &s.lines[i-1]
		if l.table || upperShare(l.text()) < 0.9 || len(letters(l.text())) < 4 || l.box.Y0-above.box.Y1 > l.box.Height() || l.box.Y0 < above.box.Y0 {
			return
		}
		s.kindEnd = i
	}
}

// title gives the kind of the paper. A letter (công văn) has none in print: it is known by its number, V/v and Kính gửi.
func (s *sheet) title() []Field {
	if s.kind != nil {
		var words []word
		for i := s.kindLine; i <= s.kindEnd; i++ {
			words = append(words, s.lines[i].words...)
		}
		p := known
		if s.kind.family != official {
			p = chance(words, knownWord) // the rest of the title is not known
		}
		return []Field{{
			Name: Title, Value: s.titleText(words), Normal: s.kind.name, Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized,
		}}
	}
	if !s.head() || s.code < 0 && s.day < 0 {
		return nil
	}
	f := Field{Name: Title, Page: s.number, Origin: Recognized}
	n, ok := number{}, false
	if s.code >= 0 {
		n, ok = readNumber(&s.lines[s.code])
		f.Boxes = boxes(s.lines[s.code].words)
	}
	about, to := s.about() >= 0, s.addressed()
	switch k := kindAbbreviated(n.first()); {
	case ok && k != nil && !about:
		f.Value, f.Normal, f.Confidence = k.name, k.name, percent(lone)
	case about:
		f.Value, f.Normal, f.Confidence = letterKind.name, letterKind.name, percent(known)
	case ok && to:
		f.Value, f.Normal, f.Confidence = letterKind.name, letterKind.name, percent(lone)
	default:
		return nil
	}
	return []Field{f}
}

// titleText is the title as printed; the letters of the kind are known.
func (s *sheet) titleText(words []word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, w.text)
	}
	if s.kind.family == official {
		return s.kind.name
	}
	should := strings.Fields(s.kind.name)
	for i := range should {
		if i < len(texts) && near(letters(texts[i]), letters(should[i])) {
			texts[i] = respell(texts[i], should[i])
		}
	}
	return strings.Trim(tidy(strings.Join(texts, " ")), " .,;:")
}

// addressed tells whether the page says to whom it goes.
func (s *sheet) addressed() bool {
	for i := range s.lines {
		if strings.HasPrefix(letters(s.lines[i].text()), "kinhgui") {
			return true
		}
	}
	return false
}

// kindAbbreviated is the kind that the first part of a notation stands for.
func kindAbbreviated(first string) *kind {
	if first == "" {
		return nil
	}
	for i := range kinds {
		if k := &kinds[i]; k.abbreviation != "" && k.family == official && alike(first) == alike(k.abbreviation) {
			return k
		}
	}
	return nil
}
