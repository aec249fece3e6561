package corpus

import (
	"fmt"
	"image"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// subpixels is on how many places within a pixel a glyph can stand.
const subpixels = 4

// inkLevel is the coverage (0–255) from which a pixel counts as ink in a word's box.
const inkLevel = 48

// glyph is a drawn letter: its mask relative to the pen and the box of its ink.
type glyph struct {
	mask *image.Alpha
	ink  image.Rectangle
}

// face is a cut at one size with what was measured and drawn so far.
type face struct {
	face     font.Face
	advances map[rune]float64
	kerns    map[[2]rune]float64
	glyphs   map[glyphKey]glyph
	accents  *accents // nil leaves them to the typeface
	size     float64  // pixels
	tracking float64  // pixels between letters beyond the typeface's own
}

type glyphKey struct {
	r   rune
	sub int
}

// typesetter measures and draws text of one family at one resolution. Not for several goroutines.
type typesetter struct {
	fonts  *Fonts
	family Family
	dpi    float64
	faces  map[faceKey]*face
	cut    map[cutKey][]token // layout measures the same text again and again
	err    error              // the first failure; Draw reports it

	accents  *accents
	tracking float64 // of the type size
}

type faceKey struct {
	style Style
	size  int // hundredths of a point
}

func newTypesetter(fonts *Fonts, family Family, dpi float64) *typesetter {
	return &typesetter{fonts: fonts, family: family, dpi: dpi, faces: map[faceKey]*face{}, cut: map[cutKey][]token{}}
}

type cutKey struct {
	markup string
	size   float64
	style  Style
}

// face gives a cut at a size in points.
func (t *typesetter) face(style Style, size float64) *face {
	key := faceKey{style, int(size*100 + 0.5)}
	if f := t.faces[key]; f != nil {
		return f
	}
	px := size * t.dpi / 72
	f := &face{
		advances: map[rune]float64{}, kerns: map[[2]rune]float64{}, glyphs: map[glyphKey]glyph{},
		accents: t.accents, size: px, tracking: t.tracking * px,
	}
	ff, err := opentype.NewFace(t.fonts.cut(t.family, style), &opentype.FaceOptions{Size: size, DPI: t.dpi, Hinting: font.HintingNone})
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("open %s at %.1f pt: %w", t.family, size, err)
	}
	f.face = ff
	t.faces[key] = f
	return f
}

// advance is a letter's width in pixels.
func (f *face) advance(r rune) float64 {
	a, ok := f.advances[r]
	if !ok {
		raw, _ := f.face.GlyphAdvance(r)
		a = float64(raw)/64 + f.tracking
		f.advances[r] = a
	}
	return a
}

// kern is what two neighbours move together.
func (f *face) kern(a, b rune) float64 {
	key := [2]rune{a, b}
	k, ok := f.kerns[key]
	if !ok {
		k = float64(f.face.Kern(a, b)) / 64
		f.kerns[key] = k
	}
	return k
}

// glyph draws a letter at a place within the pixel.
func (f *face) glyph(r rune, sub int) glyph {
	key := glyphKey{r, sub}
	if g, ok := f.glyphs[key]; ok {
		return g
	}
	g, ok := glyph{}, false
	if f.accents != nil {
		g, ok = f.compose(r, sub, f.accents, f.size)
	}
	if !ok {
		g = f.drawn(r, sub)
	}
	f.glyphs[key] = g
	return g
}

// drawn is a letter as the typeface has it.
func (f *face) drawn(r rune, sub int) glyph {
	dot := fixed.Point26_6{X: fixed.Int26_6(sub * 64 / subpixels)}
	rect, mask, at, _, ok := f.face.Glyph(dot, r)
	g := glyph{}
	if alpha, isAlpha := mask.(*image.Alpha); ok && isAlpha && !rect.Empty() {
		// The face draws every glyph into the same mask: keep a copy.
		g.mask = image.NewAlpha(rect)
		for y := range rect.Dy() {
			copy(g.mask.Pix[y*g.mask.Stride:][:rect.Dx()], alpha.Pix[alpha.PixOffset(at.X, at.Y+y):])
		}
		g.ink = inkBox(g.mask)
	}
	return g
}

// inkBox is the smallest rectangle around a mask's ink.
func inkBox(m *image.Alpha) image.Rectangle {
	var box image.Rectangle
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		row := m.Pix[m.PixOffset(m.Rect.Min.X, y):][:m.Rect.Dx()]
		for x, v := range row {
			if v >= inkLevel {
				box = box.Union(image.Rect(m.Rect.Min.X+x, y, m.Rect.Min.X+x+1, y+1))
			}
		}
	}
	return box
}

// piece is text of one style.
type piece struct {
	text  string
	style Style
	size  float64
	width float64 // pixels
}

// token is what must stay on one line. A glued token follows the one before without a space (after a hyphen).
type token struct {
	pieces []piece
	width  float64
	glued  bool
}

// text is the token's letters.
func (t token) text() string {
	var b strings.Builder
	for _, p := range t.pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// tokens cuts marked-up text: *bold*, _italic_. The caller must not change them.
func (t *typesetter) tokens(markup string, size float64, base Style) []token {
	key := cutKey{markup, size, base}
	if _, ok := t.cut[key]; !ok {
		t.cut[key] = t.cutTokens(markup, size, base)
	}
	return t.cut[key]
}

func (t *typesetter) cutTokens(markup string, size float64, base Style) []token {
	var (
		out   []token
		cur   token
		style = base
		run   strings.Builder
	)
	endRun := func() {
		if run.Len() > 0 {
			p := piece{text: run.String(), style: style, size: size}
			p.width = t.measure(p)
			cur.pieces, cur.width = append(cur.pieces, p), cur.width+p.width
			run.Reset()
		}
	}
	endToken := func(glueNext bool) {
		endRun()
		if len(cur.pieces) > 0 {
			out = append(out, cur)
		}
		cur = token{glued: glueNext && len(out) > 0}
	}
	runes := []rune(markup)
	for i, r := range runes {
		switch r {
		case '*':
			endRun()
			style.Bold = !style.Bold
		case '_':
			endRun()
			style.Italic = !style.Italic
		case ' ':
			endToken(false)
		default:
			run.WriteRune(r)
			if r == '-' && breaksAfter(runes, i) {
				endToken(true)
			}
		}
	}
	endToken(false)
	return out
}

// breaksAfter tells whether a word processor would break the line after the hyphen at i: between two letters.
func breaksAfter(runes []rune, i int) bool {
	return i > 1 && i+2 < len(runes) && runes[i-1] > '9' && runes[i+1] > '9' && runes[i+1] != '_' && runes[i+1] != '*'
}

// measure is a piece's width in pixels.
func (t *typesetter) measure(p piece) float64 {
	f, w, prev := t.face(p.style, p.size), 0.0, rune(0)
	if f.face == nil {
		return 0
	}
	for _, r := range p.text {
		if prev != 0 {
			w += f.kern(prev, r)
		}
		w, prev = w+f.advance(r), r
	}
	return w
}

// space is the width of a word space.
func (t *typesetter) space(size float64) float64 {
	f := t.face(Style{}, size)
	if f.face == nil {
		return 0
	}
	return f.advance(' ')
}

// wrap breaks tokens into lines: the first of one width, the others of another.
func (t *typesetter) wrap(tokens []token, first, width, size float64) [][]token {
	var (
		lines [][]token
		cur   []token
		used  float64
		room  = first
		space = t.space(size)
	)
	for _, tok := range tokens {
		gap := space
		if tok.glued || len(cur) == 0 {
			gap = 0
		}
		if len(cur) > 0 && used+gap+tok.width > room {
			lines = append(lines, cur)
			cur, used, gap, room = nil, 0, 0, width
		}
		cur, used = append(cur, tok), used+gap+tok.width
	}
	if len(cur) > 0 {
		lines = append(lines, cur)
	}
	return lines
}
