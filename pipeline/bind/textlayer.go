package bind

import (
	"math"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/pipeline/page"
)

// Readers decide from distances, measured in font sizes, what is a word and what a line (the figures are poppler's,
// the strictest known): a gap below minGap is no space, letters narrower than minPitch are taken for a shadow.
const (
	minGap   = 0.17
	minPitch = 0.13
)

// placed is a word in its line's frame: u along the baseline, v upwards from it, in points.
type placed struct {
	text            []rune
	u0, u1          float64
	base            float64 // v of its own baseline
	ascent, descent float64 // up and down from there, both positive
	size            float64 // font size
}

// row is a line ready to be written: an origin and a direction on the sheet, and its words.
type row struct {
	x, y     float64
	sin, cos float64
	words    []placed
	need     float64 // the font size that its words ask for
}

// appendText writes the page's words in invisible letters, in reading order.
func (p *PDF) appendText(b []byte, pg *page.Page, s sheet) []byte {
	began := false
	st := textState{font: p.font}
	for i := range pg.Blocks {
		rows := make([]row, 0, len(pg.Blocks[i].Lines))
		for j := range pg.Blocks[i].Lines {
			if r, ok := s.row(&pg.Blocks[i].Lines[j]); ok {
				rows = append(rows, r)
			}
		}
		setSizes(rows)
		for _, r := range rows {
			if !began {
				b = append(b, "BT 3 Tr\n"...)
				began = true
			}
			b = st.appendRow(b, r)
		}
	}
	if began {
		b = append(b, "ET\n"...)
	}
	return b
}

// letters are the characters of a word that can be written: NFC, no controls; white space inside becomes a space.
func letters(s string) []rune {
	return []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == unicode.ReplacementChar, r == 0xFEFF, r&0xFFFE == 0xFFFE:
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))))
}

// corners are the word's corners on the sheet in reading order.
func (s sheet) corners(w *page.Word) ([4]page.Point, bool) {
	q := w.Quad
	if q == (page.Quad{}) {
		q = w.Box.Quad()
	}
	q = s.toPoints.Quad(q)
	for _, c := range q {
		// A reader of files may hand us anything; far outside the largest page nothing is to be seen.
		if !(math.Abs(c.X) <= 2*maxSide && math.Abs(c.Y) <= 2*maxSide) {
			return q, false
		}
	}
	return q, true
}

// row brings a line into its own frame. It is false where there is nothing to write.
func (s sheet) row(l *page.Line) (row, bool) {
	quads := make([][4]page.Point, 0, len(l.Words))
	texts := make([][]rune, 0, len(l.Words))
	var along page.Point // the sum of the words' directions
	for i := range l.Words {
		text := letters(l.Words[i].Text)
		q, ok := s.corners(&l.Words[i])
		if !ok || len(text) == 0 {
			continue
		}
		if l.Words[i].Quad != (page.Quad{}) {
			along.X, along.Y = along.X+q[1].X-q[0].X, along.Y+q[1].Y-q[0].Y
		}
		quads, texts = append(quads, q), append(texts, text)
	}
	if len(quads) == 0 {
		return row{}, false
	}
	from, direction, known := s.baseline(l, along)
	return upright(quads, texts, from, direction, known), true
}

// baseline is a point of the line's baseline and the angle of reading on the sheet, counter-clockwise from the right.
// Where the line has no baseline, or one that contradicts its words, the words' own direction counts and known is false.
func (s sheet) baseline(l *page.Line, along page.Point) (from page.Point, angle float64, known bool) {
	if along != (page.Point{}) {
		angle = math.Atan2(along.Y, along.X)
	}
	a, b := s.toPoints.Apply(l.Baseline[0]), s.toPoints.Apply(l.Baseline[1])
	length := math.Hypot(b.X-a.X, b.Y-a.Y)
	if !(length > 0.01 && length < 4*maxSide && math.Abs(a.X) < 2*maxSide && math.Abs(a.Y) < 2*maxSide) {
		return page.Point{}, angle, false
	}
	own := math.Atan2(b.Y-a.Y, b.X-a.X)
	const contradiction = 20 * math.Pi / 180
	if along != (page.Point{}) && math.Abs(math.Remainder(own-angle, 2*math.Pi)) > contradiction {
		return page.Point{}, angle, false
	}
	return a, own, true
}
