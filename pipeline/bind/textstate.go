package bind

import "math"

// textState writes text operators and leaves out those that would change nothing.
type textState struct {
	font    *font
	variant int
	size    float64
	stretch float64
	started bool
}

// appendRow writes one line: a matrix for the whole, then each word at its place, a space stretched over the gap behind
// it, so that copied text has its spaces and a highlight of several words has no holes.
func (t *textState) appendRow(b []byte, r row) []byte {
	first := r.words[0]
	// The matrix puts the first word's start at the origin; Td then moves along the line.
	x := r.x + first.u0*r.cos - first.base*r.sin
	y := r.y + first.u0*r.sin + first.base*r.cos
	for _, v := range []float64{r.cos, r.sin, -r.sin, r.cos} {
		b = append(appendNumber(b, v, 5), ' ')
	}
	b = append(appendNumber(b, x, 2), ' ')
	b = append(appendNumber(b, y, 2), " Tm\n"...)
	// What was rounded away in one move is made up for in the next.
	atU, atBase := first.u0, first.base
	for i, w := range r.words {
		if i > 0 {
			du, dv := math.Round((w.u0-atU)*100)/100, math.Round((w.base-atBase)*100)/100
			atU, atBase = atU+du, atBase+dv
			b = append(appendNumber(b, du, 2), ' ')
			b = append(appendNumber(b, dv, 2), " Td"...)
		}
		b = t.appendFont(b, w)
		b = t.appendGlyphs(b, w.text, w.u1-w.u0, w.size)
		if i+1 < len(r.words) {
			if gap := r.words[i+1].u0 - w.u1; gap > 0 {
				b = t.appendGlyphs(b, []rune{' '}, gap, w.size)
			} else {
				b = t.appendGlyphs(b, []rune{' '}, 0.01, w.size)
			}
		}
		b = append(b, '\n')
	}
	return b
}

// appendFont chooses the font dictionary whose box is the word's.
func (t *textState) appendFont(b []byte, w placed) []byte {
	v := t.font.variant(w.ascent/w.size, w.descent/w.size)
	if t.started && v == t.variant && w.size == t.size {
		return b
	}
	t.started, t.variant, t.size = true, v, w.size
	b = append(b, "/F"...)
	b = append(appendNumber(b, float64(v), 0), ' ')
	return append(appendNumber(b, w.size, 2), " Tf"...)
}

// appendGlyphs shows letters, stretched to be together width points wide.
func (t *textState) appendGlyphs(b []byte, text []rune, width, size float64) []byte {
	stretch := math.Round(width/(float64(len(text))*size*advance/1000)*1000) / 10
	stretch = min(max(stretch, 0.1), 30000)
	if stretch != t.stretch {
		t.stretch = stretch
		b = append(appendNumber(append(b, ' '), stretch, 1), " Tz"...)
	}
	b = append(b, '(')
	for _, r := range text {
		id := t.font.glyph(r)
		b = appendBytes(b, byte(id>>8), byte(id)) //nolint:gosec // the two bytes of a code
	}
	return append(b, ")Tj"...)
}
