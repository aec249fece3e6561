package extract

import (
	"slices"
	"strings"

	"sohoa/pipeline/page"
)

// word is a word of the page on a sheet that stands upright and level.
type word struct {
	text       string
	confidence float64
	box        page.Box // upright, to measure by
	printed    page.Box // on the page as it was scanned, to show
}

// line is a run of words of one column. A printed line that runs through both columns of a head is two of them.
type line struct {
	words []word
	box   page.Box
	fold  folded
	block int
	table bool
}

func newLine(words []word, block int, table bool) *line {
	l := &line{words: words, block: block, table: table, fold: foldWords(words)}
	for _, w := range words {
		l.box = l.box.Union(w.box)
	}
	return l
}

func (l *line) text() string {
	var b strings.Builder
	for i, w := range l.words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

func (l *line) centre() int { return (l.box.X0 + l.box.X1) / 2 }

// sheet is a page's lines with the marks by which official papers are known.
type sheet struct {
	number        int // of the page
	width, height int // upright
	lines         []line
	codes         []page.Code
	// The marks' places among lines; -1 where they are not.
	state, motto, day, code int
	footDay                 int // place and day above a form's signature
	left, right             int // the column of the text
	kind                    *kind
	kindLine, kindEnd       int // the lines of the kind or title; -1 without
}

// What is more than any paper has is a stranger's joke: it is not looked at.
const (
	mostLines   = 1000 // of a page
	mostWords   = 80   // of a line
	mostLetters = 60   // of a word
)

func cutOff(s string) string {
	if len(s) <= mostLetters {
		return s
	}
	r := []rune(s)
	return string(r[:min(len(r), mostLetters)])
}

// newSheet lays a page's words out upright.
func newSheet(p *page.Page) *sheet {
	s := &sheet{number: p.Number, codes: p.Codes, state: -1, motto: -1, day: -1, code: -1, footDay: -1, kindLine: -1, kindEnd: -1}
	t := page.Turn(p.Turned, p.Width, p.Height).Then(page.Rotate(-p.Skew))
	s.width, s.height = p.Width, p.Height
	if p.Turned%180 != 0 {
		s.width, s.height = p.Height, p.Width
	}
	for b := range p.Blocks {
		for i := range p.Blocks[b].Lines {
			var words []word
			for _, w := range p.Blocks[b].Lines[i].Words {
				if w.Text == "" {
					continue
				}
				quad := w.Quad
				if quad == (page.Quad{}) {
					quad = w.Box.Quad()
				}
				if len(words) == mostWords || len(s.lines) == mostLines {
					break
				}
				words = append(words, word{text: cutOff(w.Text), confidence: w.Confidence, box: t.Quad(quad).Box(), printed: w.Box})
			}
			s.add(words, b, p.Blocks[b].Kind == page.BlockTable)
		}
	}
	s.measure()
	s.findMarks()
	return s
}

// add cuts a printed line where the other column of a head begins in it.
func (s *sheet) add(words []word, block int, table bool) {
	if len(words) == 0 {
		return
	}
	l := newLine(words, block, table)
	cut := 0
	if !table {
		cut = columnStart(l)
	}
	if cut > 0 {
		s.add(words[:cut], block, table)
		s.add(words[cut:], block, table)
		return
	}
	s.lines = append(s.lines, *l)
}

// The state's name and its motto, which open the right column of a head.
const (
	stateName = "conghoaxahoichunghiavietnam"
	mottoText = "doclaptudohanhphuc"
)

// columnStart is the word of a line with which the right column of a head begins behind the left one; 0 where it does not.
func columnStart(l *line) int {
	if first, ok := find(&l.fold, stateName); ok {
		return first
	}
	if first, ok := find(&l.fold, mottoText); ok {
		return first
	}
	d, ok := findDay(l)
	if !ok || d.place == 0 || !opensNumber(&l.fold) {
		return 0
	}
	return d.place
}

// measure finds the column in which the text stands: most lines of the body begin and end at its edges.
func (s *sheet) measure() {
	var lefts, rights []int
	for i := range s.lines {
		if l := &s.lines[i]; len(l.words) >= 6 {
			lefts, rights = append(lefts, l.box.X0), append(rights, l.box.X1)
		}
	}
	if len(lefts) < 4 {
		s.left, s.right = s.width/7, s.width*13/14
		return
	}
	slices.Sort(lefts)
	slices.Sort(rights)
	s.left, s.right = lefts[len(lefts)/5], rights[len(rights)*4/5]
}

// findMarks looks for what every official paper has in its head: the state's name and motto, place and day, the number.
func (s *sheet) findMarks() {
	for i := range s.lines {
		l := &s.lines[i]
		if l.table || l.box.Y0 > s.height/2 {
			continue
		}
		if s.state < 0 && stands(l, stateName) {
			s.state = i
			continue
		}
		if s.motto < 0 && stands(l, mottoText) {
			s.motto = i
			continue
		}
		if _, ok := findDay(l); ok && s.day < 0 && len(l.words) <= 12 && !strings.HasPrefix(l.fold.text, "(") && s.nearHead(i) {
			s.day = i
		}
		if s.code < 0 && s.nearHead(i) {
			if _, ok := readNumber(l); ok {
				s.code = i
			}
		}
	}
	s.findKind()
	if s.day < 0 && s.kind != nil && s.kind.family == form {
		s.footDay = s.dayAtFoot()
	}
}

// dayAtFoot is the line of place and day above a form's signature, on the right; -1 without.
func (s *sheet) dayAtFoot() int {
	for i := len(s.lines) - 1; i > s.kindEnd; i-- {
		l := &s.lines[i]
		if d, ok := findDay(l); ok && !l.table && l.centre() > s.width/2 && d.last == len(l.words)-1 && len(l.words) <= 12 {
			return i
		}
	}
	return -1
}

func stands(l *line, pattern string) bool {
	_, ok := find(&l.fold, pattern)
	return ok && len(l.words) <= 12
}

// nearHead tells whether a line may belong to a head: it is above the kind, near the top, or just below the motto.
func (s *sheet) nearHead(i int) bool {
	y := s.lines[i].box.Y0
	if s.motto >= 0 {
		return y < s.lines[s.motto].box.Y1+s.height/8
	}
	if s.state >= 0 {
		return y < s.lines[s.state].box.Y1+s.height/7
	}
	return y < s.height*3/10
}

// head tells whether the page opens a paper: it has the state's name or motto, or a number and a day where they belong.
func (s *sheet) head() bool {
	return s.state >= 0 || s.motto >= 0 || s.code >= 0 && s.day >= 0
}

// divide is where the right column of the head begins.
func (s *sheet) divide() int {
	x := s.width
	for _, i := range []int{s.state, s.motto, s.day} {
		if i >= 0 {
			x = min(x, s.lines[i].box.X0)
		}
	}
	if x == s.width {
		return s.width / 2
	}
	return x
}

// boxes are the places of words on the page as it was scanned, one a printed line.
func boxes(words []word) []page.Box {
	var all []page.Box
	for _, w := range words {
		if n := len(all); n > 0 && w.printed.X0 >= all[n-1].X0 && overlapY(all[n-1], w.printed) {
			all[n-1] = all[n-1].Union(w.printed)
			continue
		}
		if !w.printed.Empty() {
			all = append(all, w.printed)
		}
	}
	return all
}

func overlapY(a, b page.Box) bool {
	return min(a.Y1, b.Y1)-max(a.Y0, b.Y0) > min(a.Height(), b.Height())/2
}
