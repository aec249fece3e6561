package corpus

import (
	"errors"
	"fmt"
	"image"
	"strings"
)

// rowsMark stands in a list's text for the number of its rows.
const rowsMark = "{rows}"

// errFull says that a paper does not fit its page even without what may be left out.
var errFull = errors.New("the text does not fit on the page")

// layout sets a paper: the head, the body with as many optional blocks as there is room for, the foot, the marks.
func (s *sheet) layout(paper *Paper) error {
	set := *paper
	p := &set
	s.dry = true
	body, err := s.fit(p)
	if err != nil {
		return fmt.Errorf("set %s %d: %w", p.Kind, p.Seed, err)
	}
	s.dry = false
	s.toner = image.NewAlpha(image.Rect(0, 0, s.w, s.h))
	s.all(p, body)
	return s.err
}

// fit chooses the blocks: all that must stand, then, in order, those of the optional ones that still find room. Where even
// the first do not, tables lose rows and the page is set closer.
func (s *sheet) fit(p *Paper) ([]block, error) {
	keep := make([]bool, len(p.body))
	for i, b := range p.body {
		keep[i] = !b.optional
	}
	for !s.fits(p, kept(p.body, keep)) {
		if shorter, ok := fewerRows(p.body); ok {
			p.body = shorter
		} else if !p.sizes.tighten() {
			return nil, errFull
		}
	}
	full := false // a numbered block that is left out leaves out those after it
	for i, b := range p.body {
		if !b.optional || b.numbered && full {
			continue
		}
		keep[i] = true
		if !s.fits(p, kept(p.body, keep)) {
			keep[i], full = false, full || b.numbered
		}
	}
	return kept(p.body, keep), nil
}

// fits tells whether a body ends above the lower margin.
func (s *sheet) fits(p *Paper, body []block) bool {
	return s.all(p, body) <= float64(s.h)-p.sizes.bottom*s.mm
}

// kept are the chosen blocks.
func kept(body []block, keep []bool) []block {
	var out []block
	for i, b := range body {
		if keep[i] {
			out = append(out, b)
		}
	}
	return out
}

// fewerRows leaves out the last row of a table of more than twelve.
func fewerRows(body []block) ([]block, bool) {
	for i := range body {
		if n := len(body[i].rows); n > 12 {
			out := append([]block{}, body...)
			out[i].rows = out[i].rows[:n-1]
			return out, true
		}
	}
	return nil, false
}

// tighten makes a page that is still too full closer, one step at a time, as a clerk would to save a sheet.
func (z *sizes) tighten() bool {
	for _, step := range []struct {
		value *float64
		least float64
	}{{&z.after, 2}, {&z.leading, 1.12}, {&z.body, 13}, {&z.top, 15}, {&z.bottom, 12}, {&z.small, 11}, {&z.leading, 1.05}, {&z.body, 12.5}, {&z.table, 10}, {&z.table, 9.5}} {
		if *step.value > step.least {
			*step.value = step.least
			return true
		}
	}
	return false
}

// all sets the whole page and returns where it ends.
func (s *sheet) all(p *Paper, body []block) float64 {
	y := s.header(p)
	s.headEnd = y
	rows := 0
	for _, b := range body {
		rows += len(b.rows)
	}
	for _, b := range body {
		b.text = strings.ReplaceAll(b.text, rowsMark, fmt.Sprintf("%02d", rows))
		y = s.block(p, b, y+b.before*s.pt)
	}
	return s.footer(p, y)
}

// left and width are the body's column.
func (s *sheet) column(p *Paper) (left, width float64) {
	left = p.sizes.left * s.mm
	return left, float64(s.w) - left - p.sizes.right*s.mm
}

// pitch is the distance of two baselines.
func (s *sheet) pitch(p *Paper, size float64) float64 { return size * s.pt * p.sizes.leading }

// text sets lines of one alignment and returns the y after the last. y is the top of the first line.
func (s *sheet) text(p *Paper, markup string, x, y, width, size float64, style Style, how align) float64 {
	pitch := s.pitch(p, size)
	for _, line := range s.wrap(s.tokens(markup, size, style), width, width, size) {
		s.put(line, x, y+0.8*pitch, width, size, how)
		y += pitch
	}
	return y
}

// header sets the two columns of the head and returns where the lower one ends.
func (s *sheet) header(p *Paper) float64 {
	h, y := p.header, p.sizes.top*s.mm
	left, width := s.column(p)
	small := min(p.sizes.body, 13) - 0.5
	if h.centred {
		return s.motto(p, "", left, y, width, small)
	}
	// The left column reaches into the margin as the tables of word processors do.
	lx, lw := left-6*s.mm, 0.40*(width+6*s.mm)
	ly := y
	for _, line := range strings.Split(h.parent, "|") {
		ly = s.text(p, line, lx, ly, lw, small, Style{}, alignCentre)
	}
	ly = s.text(p, h.agency, lx, ly, lw, small, Style{Bold: true}, alignCentre)
	s.fillBox(lx+0.34*lw, ly+2*s.pt, lx+0.66*lw, ly+2.75*s.pt)
	ly += 7 * s.pt
	ly = s.number(p, lx, ly, lw)
	if h.subject != "" {
		ly = s.text(p, h.subject, lx+0.04*lw, ly, 0.92*lw, 12, Style{}, alignCentre)
	}
	ry := s.motto(p, h.place, lx+lw, y, width+6*s.mm-lw, small)
	if p.marks.stamp && p.Kind == Letter {
		return max(ly, ry) + 14*s.pt
	}
	return max(ly, ry) + 4*s.pt
}

// number sets Số: …, with the figure written in by hand where the paper says so.
func (s *sheet) number(p *Paper, x, y, width float64) float64 {
	size, text := 13.0, p.header.number
	if !p.marks.handwritten {
		return s.text(p, text, x, y, width, size, Style{}, alignCentre)
	}
	figure := strings.TrimPrefix(text[:strings.IndexByte(text, '/')], "Số: ")
	pitch, gap := s.pitch(p, size), 12*s.mm
	head, tail := s.tokens("Số:", size, Style{}), s.tokens(text[strings.IndexByte(text, '/'):], size, Style{})
	used := head[0].width + gap
	for _, t := range tail {
		used += t.width
	}
	x0 := x + (width-used)/2
	words, after := s.place(head, x0, y+0.8*pitch, width, size, alignLeft)
	more, _ := s.place(tail, after+gap, y+0.8*pitch, width, size, alignLeft)
	s.addLine(append(words, more...))
	s.handwriting(p, figure, after+1.2*s.mm, y+0.8*pitch, size)
	return y + pitch
}

// motto sets the state's name and motto, the rule under it, and the place and date.
func (s *sheet) motto(p *Paper, place string, x, y, width, small float64) float64 {
	y = s.text(p, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", x, y, width, small, Style{Bold: true}, alignCentre)
	motto := s.tokens("Độc lập - Tự do - Hạnh phúc", small+1, Style{Bold: true})
	pitch := s.pitch(p, small+1)
	used := -s.space(small + 1)
	for _, t := range motto {
		used += t.width + s.space(small+1)
	}
	s.put(motto, x, y+0.8*pitch, width, small+1, alignCentre)
	y += pitch
	s.fillBox(x+(width-used)/2, y+0.5*s.pt, x+(width+used)/2, y+1.25*s.pt)
	y += 6 * s.pt
	if place != "" {
		y = s.text(p, place, x, y, width, 13, Style{Italic: true}, alignCentre)
	}
	return y
}

// footer sets Nơi nhận and the signer, and returns where the page ends.
func (s *sheet) footer(p *Paper, y float64) float64 {
	f := p.footer
	left, width := s.column(p)
	y += 8 * s.pt
	lw, rx := 0.46*width, left+0.48*width
	rw := width - 0.48*width
	ly, ry := y, y
	if len(f.recipients) > 0 {
		lines := f.recipients
		if p.Kind != Form {
			ly = s.text(p, "_*Nơi nhận:*_", left, ly, lw, 12, Style{}, alignLeft)
		}
		for _, r := range lines {
			ly = s.text(p, r, left, ly, lw, p.sizes.small-0.5, Style{}, alignLeft)
		}
	}
	if f.date != "" {
		ry = s.text(p, f.date, rx, ry, rw, p.sizes.body-0.5, Style{Italic: true}, alignCentre)
	}
	for _, t := range f.titles {
		ry = s.text(p, t, rx, ry, rw, p.sizes.body, Style{Bold: true}, alignCentre)
	}
	if f.hint != "" {
		ry = s.text(p, f.hint, rx, ry, rw, p.sizes.body-1, Style{Italic: true}, alignCentre)
	}
	room := 27 * s.mm
	s.markSigned(p, rx, ry, rw, room)
	ry = s.text(p, f.name, rx, ry+room, rw, p.sizes.body, Style{Bold: true}, alignCentre)
	return max(ly, ry)
}
