package corpus

import (
	"image"
	"math"

	"golang.org/x/text/unicode/norm"
)

// accents says where a paper's typeface puts the tone over â, ê, ô, ă, ơ, ư and over plain vowels. Typefaces differ in it more than in
// anything else – Times New Roman stacks what Liberation Serif sets side by side – and Debian has few of those that offices use.
// All lengths are parts of the type size.
type accents struct {
	beside float64 // 0: the tone stands over the circumflex or breve; 1: beside it, as high
	shift  float64 // to the right (a grave to the left)
	gap    float64 // between a letter and its tone
	scale  float64 // of the tone mark, 1 as in the typeface
}

// composed tells whether a letter is set as accents say, and of what.
func composed(r rune) (base, tone rune, ok bool) {
	marks := []rune(norm.NFD.String(string(r)))
	if len(marks) < 2 {
		return 0, 0, false
	}
	tone = marks[len(marks)-1]
	switch tone {
	case '\u0300', '\u0301', '\u0303', '\u0309':
		base := []rune(norm.NFC.String(string(marks[:len(marks)-1])))
		return base[0], tone, len(base) == 1
	}
	return 0, 0, false
}

// compose draws a letter and its tone mark by its own rule; without a glyph for the mark it reports so.
func (f *face) compose(r rune, sub int, a *accents, size float64) (glyph, bool) {
	base, tone, ok := composed(r)
	if !ok {
		return glyph{}, false
	}
	plain, mark := f.drawn(dotless(base), sub), f.drawn(tone, 0)
	if plain.mask == nil || mark.mask == nil || mark.ink.Empty() {
		return glyph{}, false
	}
	double := base != []rune(norm.NFD.String(string(base)))[0] && base != 'ơ' && base != 'ư' && base != 'Ơ' && base != 'Ư'
	m := scaled(mark, a.scale)
	dx, bottom := 0.0, float64(plain.ink.Min.Y)-a.gap*size
	side := 1.0
	switch tone {
	case '\u0300':
		side = -1
	case '\u0303':
		side = 0
	}
	if double {
		dx = side * (a.shift + 0.13*a.beside) * size
		if side != 0 {
			bottom += 0.13 * a.beside * size // down beside the circumflex
		}
	}
	x := int(math.Round(float64(plain.ink.Min.X+plain.ink.Max.X)/2 + dx - float64(m.ink.Dx())/2))
	at := image.Pt(x-m.ink.Min.X, int(math.Round(bottom))-m.ink.Max.Y)
	out := glyph{mask: image.NewAlpha(plain.mask.Rect.Union(m.mask.Rect.Add(at)))}
	blot(out.mask, plain.mask, image.Point{})
	blot(out.mask, m.mask, at)
	out.ink = inkBox(out.mask)
	return out, true
}

// dotless is the i that carries a mark.
func dotless(r rune) rune {
	if r == 'i' {
		return 'ı'
	}
	return r
}

// scaled is a glyph at another size about its pen.
func scaled(g glyph, by float64) glyph {
	if by == 1 {
		return g
	}
	r := g.mask.Rect
	to := image.Rect(int(math.Floor(float64(r.Min.X)*by)), int(math.Floor(float64(r.Min.Y)*by)),
		int(math.Ceil(float64(r.Max.X)*by)), int(math.Ceil(float64(r.Max.Y)*by)))
	out := image.NewAlpha(to)
	at := func(x, y int) float64 {
		if !(image.Point{X: x, Y: y}).In(r) {
			return 0
		}
		return float64(g.mask.Pix[g.mask.PixOffset(x, y)])
	}
	for y := to.Min.Y; y < to.Max.Y; y++ {
		for x := to.Min.X; x < to.Max.X; x++ {
			sx, sy := (float64(x)+0.5)/by-0.5, (float64(y)+0.5)/by-0.5
			x0, y0 := int(math.Floor(sx)), int(math.Floor(sy))
			fx, fy := sx-float64(x0), sy-float64(y0)
			v := (at(x0, y0)*(1-fx)+at(x0+1, y0)*fx)*(1-fy) + (at(x0, y0+1)*(1-fx)+at(x0+1, y0+1)*fx)*fy
			out.Pix[out.PixOffset(x, y)] = uint8(v + 0.5)
		}
	}
	return glyph{mask: out, ink: inkBox(out)}
}
