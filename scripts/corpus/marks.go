package corpus

import (
	"image"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"golang.org/x/image/font/sfnt"

	"sohoa/pipeline/page"
)

// The inks of seals and pens, as a scanner sees them.
var (
	redInks = [][3]float64{{0.86, 0.13, 0.16}, {0.80, 0.10, 0.22}, {0.92, 0.28, 0.27}}
	penInks = [][3]float64{{0.10, 0.17, 0.55}, {0.16, 0.24, 0.70}, {0.08, 0.08, 0.12}}
)

// random is a paper's own source for its marks.
func (p *Paper) random(what uint64) *rand.Rand {
	return rand.New(rand.NewPCG(p.marks.seed, what)) //nolint:gosec // made papers must come out the same every time
}

// mark adds an ink layer drawn by draw within a square of millimetres around a centre, turned by an angle.
func (s *sheet) mark(centre page.Point, half, degrees float64, color [3]float64, wear float64, seed uint64, draw func(*pen)) {
	if s.dry {
		return
	}
	reach := half * s.mm * 1.3
	rect := image.Rect(int(centre.X-reach), int(centre.Y-reach), int(centre.X+reach), int(centre.Y+reach)).
		Intersect(image.Rect(0, 0, s.w, s.h))
	if rect.Empty() {
		return
	}
	p := newPen(rect, page.Rotate(degrees).Then(page.Scale(s.mm, s.mm)).Then(page.Translate(centre.X, centre.Y)))
	draw(p)
	m := p.mask()
	wearOff(m, wear, s.mm, seed)
	s.inks = append(s.inks, inkLayer{mask: m, color: color})
}

// wearOff makes ink uneven as a rubber stamp leaves it.
func wearOff(m *image.Alpha, wear, mm float64, seed uint64) {
	coarse, fine := newGrain(seed), newGrain(seed+1)
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:m.Rect.Dx()]
		for x, v := range row {
			if v == 0 {
				continue
			}
			n := 0.6*coarse.smooth(float64(x)/(4*mm), float64(y)/(4*mm)) + 0.4*fine.smooth(float64(x)/(0.25*mm), float64(y)/(0.25*mm))
			row[x] = uint8(float64(v) * (1 - wear*n))
		}
	}
}

// markSigned puts seal, signature and, on incoming papers, the ĐẾN stamp around the signer's block.
func (s *sheet) markSigned(p *Paper, x, y, width, room float64) {
	rng := p.random(1)
	centre := page.Point{X: x + width*(0.28+0.08*rng.Float64()), Y: y + room*(0.42+0.12*rng.Float64())}
	degrees, red, pen := -18+36*rng.Float64(), redInks[rng.IntN(len(redInks))], penInks[rng.IntN(len(penInks))]
	if p.marks.signature {
		s.signature(p, page.Point{X: x + width*0.52, Y: y + room*0.5}, pen)
	}
	if p.marks.seal {
		s.seal(p, centre, degrees, red)
	}
	if p.marks.stamp {
		s.arrival(p, red)
	}
}

// seal draws the round seal of a department.
func (s *sheet) seal(p *Paper, centre page.Point, degrees float64, red [3]float64) {
	font := s.fonts.cut(LiberationSans, Style{Bold: true})
	rng := p.random(2)
	withName := rng.IntN(2) == 0
	s.mark(centre, 18, degrees, red, 0.42, p.marks.seed, func(pn *pen) {
		var o page.Point
		pn.ring(o, 18, 17.1)
		pn.ring(o, 16.6, 16.3)
		pn.ring(o, 11.4, 11.1)
		onCircle(pn, font, "U.B.N.D TỈNH QUẢNG TRỊ", 3.1, 12.6, 250)
		pn.star(page.Point{Y: 13.9}, 1.9)
		if !withName {
			pn.star(o, 7)
			return
		}
		words := strings.Fields(strings.ToUpper(strings.TrimSuffix(p.marks.agency, " Quảng Trị")))
		lines := []string{words[0], strings.Join(words[1:3], " "), strings.Join(words[3:], " ")}
		for i, l := range lines {
			half := pn.letters(font, l, 3.2, nil) / 2
			pn.letters(font, l, 3.2, func(along float64) page.Transform { return page.Translate(along-half, -3+float64(i)*4.4) })
		}
	})
}

// onCircle sets text around a circle, its middle at the top, stretched to an arc of so many degrees.
func onCircle(pn *pen, font *sfnt.Font, text string, size, radius, arc float64) {
	length := pn.letters(font, text, size, nil)
	pn.letters(font, text, size, func(along float64) page.Transform {
		return page.Translate(0, -radius).Then(page.Rotate(arc * (along/length - 0.5)))
	})
}

// signature scribbles a name: loops that shrink to the right, and a long stroke.
func (s *sheet) signature(p *Paper, centre page.Point, ink [3]float64) {
	rng := p.random(3)
	r := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	var main []page.Point
	x, high := -14.0, r(6, 9)
	for i := range 6 + rng.IntN(4) {
		up := page.Point{X: x + r(0.5, 2), Y: -high * r(0.5, 1)}
		down := page.Point{X: x + r(1.5, 3.5), Y: high * r(0.1, 0.5)}
		if i%3 == 1 {
			down.X -= r(2, 4)
		}
		main = append(main, up, down)
		x, high = x+r(2, 4), high*r(0.7, 0.95)
	}
	tail := []page.Point{{X: -12, Y: r(3, 6)}, {X: r(-2, 4), Y: r(1, 3)}, {X: r(14, 20), Y: -r(3, 9)}, {X: r(22, 28), Y: -r(6, 12)}}
	thick := r(0.35, 0.6)
	s.mark(centre, 30, r(-8, 4), ink, 0.25, p.marks.seed+7, func(pn *pen) {
		wave := func(t float64) float64 { return thick * (0.75 + 0.35*math.Sin(t*23)) }
		pn.stroke(smooth(main, 12), wave)
		pn.stroke(smooth(tail, 16), func(t float64) float64 { return thick * (1.1 - 0.7*t) })
	})
}

// arrival draws the tilted ĐẾN stamp under the left column of the head.
func (s *sheet) arrival(p *Paper, red [3]float64) {
	rng := p.random(4)
	font := s.fonts.cut(LiberationSans, Style{Bold: true})
	thin := s.fonts.cut(LiberationSans, Style{})
	centre := page.Point{X: (25 + 5*rng.Float64()) * s.mm, Y: s.headEnd + (9+4*rng.Float64())*s.mm}
	if p.Kind == Form {
		centre.Y = (20 + 3*rng.Float64()) * s.mm
	}
	name := strings.ToUpper(strings.TrimSuffix(p.marks.agency, " Quảng Trị")) + " QUẢNG TRỊ"
	s.mark(centre, 24, -9+18*rng.Float64(), red, 0.5, p.marks.seed+9, func(pn *pen) {
		put := func(text string, size, x, y float64, bold, middle bool) {
			f := thin
			if bold {
				f = font
			}
			if middle {
				x -= pn.letters(f, text, size, nil) / 2
			}
			pn.letters(f, text, size, func(along float64) page.Transform { return page.Translate(x+along, y) })
		}
		pn.box(-20, -11, 20, 11, 0.5)
		put(name, 2.5*min(1, 37/pn.letters(font, name, 2.5, nil)), 0, -7.4, true, true)
		pn.stroke([]page.Point{{X: -20, Y: -5.6}, {X: 20, Y: -5.6}}, func(float64) float64 { return 0.3 })
		put("ĐẾN", 6, -11.5, 2.6, true, true)
		put("Số: ..................", 2.9, -3, -1.4, false, false)
		put("Ngày: ...../...../20....", 2.9, -3, 3.6, false, false)
		put("Chuyển: ...................................", 2.9, -18, 8.6, false, false)
	})
	s.scribble(p, strconv.Itoa(100+rng.IntN(900)), page.Point{X: centre.X + 4*s.mm, Y: centre.Y - 2*s.mm}, 3.2, 5)
}

// handwriting writes figures by hand into a printed line, starting at x on a baseline.
func (s *sheet) handwriting(p *Paper, figures string, x, base, size float64) {
	s.scribble(p, figures, page.Point{X: x, Y: base}, size*s.pt/s.mm*0.85, 6)
}

// scribble draws hand-written figures of a height in millimetres.
func (s *sheet) scribble(p *Paper, figures string, start page.Point, height float64, what uint64) {
	rng := p.random(what)
	ink := penInks[rng.IntN(len(penInks))]
	s.mark(page.Point{X: start.X + 6*s.mm, Y: start.Y - height/2*s.mm}, 10, -4+8*rng.Float64(), ink, 0.2, p.marks.seed+what, func(pn *pen) {
		x := -6.0
		for _, r := range figures {
			for _, raw := range digitStrokes(r) {
				var pts []page.Point
				for _, q := range raw {
					jx, jy := 0.08*rng.NormFloat64(), 0.06*rng.NormFloat64()
					// A slant to the right, as a hand has it.
					pts = append(pts, page.Point{X: x + height*(0.55*(q.X+jx)+0.25*(0.5-q.Y)), Y: height * (q.Y + jy - 0.5)})
				}
				pn.stroke(smooth(pts, 8), func(t float64) float64 { return 0.42 + 0.12*math.Sin(9*t) })
			}
			x += height * 0.66
		}
	})
}

// cross ticks a check box by hand.
func (s *sheet) cross(x, y, box float64) {
	for _, d := range []float64{0, 1} {
		x0, x1 := x+0.15*box, x+0.85*box
		for i := range 60 {
			t := float64(i) / 59
			py := y + box*(0.15+0.7*t)
			px := x0 + (x1-x0)*math.Abs(d-t)
			s.fillBox(px, py, px+0.9*s.pt, py+0.9*s.pt)
		}
	}
}

// digitStrokes are the strokes of a hand-written figure in a box of one by one, y downwards.
func digitStrokes(r rune) [][]page.Point {
	strokes := map[rune][][]page.Point{
		'0': {{{X: .5, Y: 0}, {X: .05, Y: .4}, {X: .2, Y: .95}, {X: .7, Y: .9}, {X: .95, Y: .4}, {X: .55, Y: .02}}},
		'1': {{{X: .2, Y: .3}, {X: .6, Y: 0}, {X: .55, Y: .5}, {X: .5, Y: 1}}},
		'2': {{{X: .05, Y: .25}, {X: .45, Y: 0}, {X: .85, Y: .25}, {X: .45, Y: .65}, {X: .05, Y: 1}, {X: .5, Y: .92}, {X: 1, Y: .97}}},
		'3': {{{X: .1, Y: .1}, {X: .6, Y: 0}, {X: .8, Y: .25}, {X: .35, Y: .45}, {X: .9, Y: .65}, {X: .6, Y: 1}, {X: .05, Y: .9}}},
		'4': {{{X: .5, Y: 0}, {X: .05, Y: .65}, {X: .95, Y: .6}}, {{X: .7, Y: .3}, {X: .65, Y: .7}, {X: .6, Y: 1.05}}},
		'5': {{{X: .3, Y: .02}, {X: .2, Y: .45}, {X: .75, Y: .45}, {X: .8, Y: .85}, {X: .1, Y: 1}}, {{X: .3, Y: .02}, {X: .6, Y: .04}, {X: .95, Y: 0}}},
		'6': {{{X: .75, Y: 0}, {X: .2, Y: .5}, {X: .15, Y: .9}, {X: .6, Y: 1}, {X: .8, Y: .7}, {X: .2, Y: .65}}},
		'7': {{{X: .05, Y: .08}, {X: .5, Y: .05}, {X: .95, Y: .02}, {X: .6, Y: .5}, {X: .4, Y: 1}}, {{X: .3, Y: .5}, {X: .6, Y: .5}, {X: .85, Y: .48}}},
		'8': {{{X: .8, Y: .1}, {X: .3, Y: .05}, {X: .25, Y: .35}, {X: .8, Y: .7}, {X: .5, Y: 1}, {X: .1, Y: .8}, {X: .5, Y: .45}, {X: .85, Y: .12}}},
		'9': {{{X: .8, Y: .3}, {X: .4, Y: .5}, {X: .15, Y: .2}, {X: .6, Y: 0}, {X: .85, Y: .3}, {X: .65, Y: 1}}},
	}
	return strokes[r]
}
