package corpus

import (
	"image"
	"math"

	"sohoa/pipeline/page"
)

// align says where a line stands within its width.
type align int

const (
	alignLeft align = iota
	alignCentre
	alignJustify
)

// sheet is a page being set: the toner, other inks, and the truth about what was printed. All lengths are pixels.
type sheet struct {
	*typesetter
	w, h  int
	pt    float64 // pixels in a point
	mm    float64 // pixels in a millimetre
	toner *image.Alpha
	inks  []inkLayer
	lines []Line
	// headEnd is where the head ends: stamps go under it.
	headEnd float64
	dry     bool // measure only
}

// inkLayer is a seal, stamp or signature: coverage and colour.
type inkLayer struct {
	mask  *image.Alpha
	color [3]float64 // 0–1
}

// newSheet is an empty A4 page.
func newSheet(t *typesetter) *sheet {
	s := &sheet{typesetter: t, pt: t.dpi / 72, mm: t.dpi / 25.4}
	s.w, s.h = int(math.Round(210*s.mm)), int(math.Round(297*s.mm))
	return s
}

// put sets one line of tokens with its baseline at base and adds it to the truth. It returns the x after the last token.
func (s *sheet) put(tokens []token, x, base, width, size float64, how align) float64 {
	words, end := s.place(tokens, x, base, width, size, how)
	s.addLine(words)
	return end
}

// place sets tokens without adding a line to the truth.
func (s *sheet) place(tokens []token, x, base, width, size float64, how align) ([]Word, float64) {
	space, used, gaps := s.space(size), 0.0, 0
	for i, t := range tokens {
		used += t.width
		if i > 0 && !t.glued {
			gaps++
		}
	}
	switch how {
	case alignCentre:
		x += (width - used - float64(gaps)*space) / 2
	case alignJustify:
		if gaps > 0 {
			space = max(space*0.8, (width-used)/float64(gaps))
		}
	}
	var words []Word
	for i, t := range tokens {
		if i > 0 && !t.glued {
			x += space
		}
		box := s.drawToken(t, x, base)
		x += t.width
		if t.glued && len(words) > 0 {
			last := &words[len(words)-1]
			last.Text += t.text()
			last.Box = last.Box.Union(box)
			continue
		}
		words = append(words, Word{Text: t.text(), Box: box})
	}
	return words, x
}

// addLine puts words into the truth as one line.
func (s *sheet) addLine(words []Word) {
	if s.dry || len(words) == 0 {
		return
	}
	l := Line{Words: words}
	for i := range l.Words {
		l.Words[i].Quad = l.Words[i].Box.Quad()
		l.Box = l.Box.Union(l.Words[i].Box)
	}
	s.lines = append(s.lines, l)
}

// drawToken draws a token's letters and returns the box of their ink.
func (s *sheet) drawToken(t token, x, base float64) page.Box {
	var box image.Rectangle
	if s.dry {
		return page.Box{}
	}
	y := int(math.Round(base))
	for _, p := range t.pieces {
		f, prev := s.face(p.style, p.size), rune(0)
		if f.face == nil {
			continue
		}
		for _, r := range p.text {
			if prev != 0 {
				x += f.kern(prev, r)
			}
			whole, part := math.Modf(x + 0.5/subpixels)
			g := f.glyph(r, int(part*subpixels))
			if g.mask != nil {
				at := image.Pt(int(whole), y)
				blot(s.toner, g.mask, at)
				box = box.Union(g.ink.Add(at))
			}
			x, prev = x+f.advance(r), r
		}
	}
	return page.Box{X0: box.Min.X, Y0: box.Min.Y, X1: box.Max.X, Y1: box.Max.Y}
}

// blot lays a mask onto a layer, the darker winning.
func blot(dst, mask *image.Alpha, at image.Point) {
	r := mask.Rect.Add(at).Intersect(dst.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		d := dst.Pix[dst.PixOffset(r.Min.X, y):][:r.Dx()]
		m := mask.Pix[mask.PixOffset(r.Min.X-at.X, y-at.Y):][:r.Dx()]
		for i, v := range m {
			d[i] = max(d[i], v)
		}
	}
}

// fillBox draws a rectangle of toner with soft edges.
func (s *sheet) fillBox(x0, y0, x1, y1 float64) {
	if s.dry {
		return
	}
	cover := func(i int, lo, hi float64) float64 {
		return max(0, min(float64(i+1), hi)-max(float64(i), lo))
	}
	for y := max(0, int(y0)); y < min(s.h, int(math.Ceil(y1))); y++ {
		for x := max(0, int(x0)); x < min(s.w, int(math.Ceil(x1))); x++ {
			p := &s.toner.Pix[s.toner.PixOffset(x, y)]
			*p = max(*p, uint8(255*cover(x, x0, x1)*cover(y, y0, y1)))
		}
	}
}

// frame draws the outline of a box with a line of a width.
func (s *sheet) frame(x0, y0, x1, y1, line float64) {
	s.fillBox(x0, y0, x1, y0+line)
	s.fillBox(x0, y1-line, x1, y1)
	s.fillBox(x0, y0, x0+line, y1)
	s.fillBox(x1-line, y0, x1, y1)
}
