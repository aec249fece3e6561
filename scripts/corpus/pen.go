package corpus

import (
	"image"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"sohoa/pipeline/page"
)

// pen draws shapes of one ink: seals, stamps and strokes. Shapes that overlap do not cancel out.
type pen struct {
	rast *vector.Rasterizer
	rect image.Rectangle
	at   page.Transform // from the drawing's own units to the rasterizer's pixels
}

// newPen draws within a rectangle of the page; at maps the drawing's units to the page's pixels.
func newPen(rect image.Rectangle, at page.Transform) *pen {
	return &pen{
		rast: vector.NewRasterizer(rect.Dx(), rect.Dy()), rect: rect,
		at: at.Then(page.Translate(-float64(rect.Min.X), -float64(rect.Min.Y))),
	}
}

// mask is the coverage of everything drawn.
func (p *pen) mask() *image.Alpha {
	m := image.NewAlpha(p.rect)
	p.rast.Draw(m, p.rect, image.Opaque, image.Point{})
	return m
}

func (p *pen) move(q page.Point) {
	q = p.at.Apply(q)
	p.rast.MoveTo(float32(q.X), float32(q.Y))
}

func (p *pen) line(q page.Point) {
	q = p.at.Apply(q)
	p.rast.LineTo(float32(q.X), float32(q.Y))
}

// polygon fills a closed shape.
func (p *pen) polygon(points []page.Point) {
	p.move(points[0])
	for _, q := range points[1:] {
		p.line(q)
	}
	p.rast.ClosePath()
}

// circlePoints are points around a circle, against the clock on the screen, or with it where back is set.
func circlePoints(c page.Point, r float64, n int, back bool) []page.Point {
	out := make([]page.Point, n)
	for i := range out {
		a := -2 * math.Pi * float64(i) / float64(n)
		if back {
			a = -a
		}
		out[i] = page.Point{X: c.X + r*math.Cos(a), Y: c.Y + r*math.Sin(a)}
	}
	return out
}

// ring fills the space between two circles.
func (p *pen) ring(c page.Point, outer, inner float64) {
	p.polygon(circlePoints(c, outer, 180, false))
	p.polygon(circlePoints(c, inner, 180, true))
}

// star fills a five-pointed star.
func (p *pen) star(c page.Point, r float64) {
	var points []page.Point
	for i := range 10 {
		a, d := -math.Pi/2-float64(i)*math.Pi/5, r
		if i%2 == 1 {
			d = r * 0.382
		}
		points = append(points, page.Point{X: c.X + d*math.Cos(a), Y: c.Y + d*math.Sin(a)})
	}
	p.polygon(points)
}

// box draws the outline of a rectangle.
func (p *pen) box(x0, y0, x1, y1, width float64) {
	corners := []page.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}, {X: x0, Y: y0}}
	p.stroke(corners, func(float64) float64 { return width })
}

// stroke draws a line through points; width gives its width at each place from 0 to 1.
func (p *pen) stroke(points []page.Point, width func(float64) float64) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		wa, wb := width(float64(i-1)/float64(len(points)-1))/2, width(float64(i)/float64(len(points)-1))/2
		d := math.Hypot(b.X-a.X, b.Y-a.Y)
		if d == 0 {
			continue
		}
		nx, ny := -(b.Y-a.Y)/d, (b.X-a.X)/d
		p.polygon([]page.Point{
			{X: a.X + nx*wa, Y: a.Y + ny*wa},
			{X: b.X + nx*wb, Y: b.Y + ny*wb},
			{X: b.X - nx*wb, Y: b.Y - ny*wb},
			{X: a.X - nx*wa, Y: a.Y - ny*wa},
		})
		p.polygon(circlePoints(b, wb, 10, false))
	}
}

// smooth gives many points on a curve through the given ones (Catmull-Rom).
func smooth(points []page.Point, steps int) []page.Point {
	if len(points) < 3 {
		return points
	}
	at := func(i int) page.Point { return points[max(0, min(len(points)-1, i))] }
	var out []page.Point
	for i := range len(points) - 1 {
		p0, p1, p2, p3 := at(i-1), at(i), at(i+1), at(i+2)
		for s := range steps {
			t := float64(s) / float64(steps)
			f := func(a, b, c, d float64) float64 {
				return 0.5 * (2*b + (c-a)*t + (2*a-5*b+4*c-d)*t*t + (3*b-a-3*c+d)*t*t*t)
			}
			out = append(out, page.Point{X: f(p0.X, p1.X, p2.X, p3.X), Y: f(p0.Y, p1.Y, p2.Y, p3.Y)})
		}
	}
	return append(out, points[len(points)-1])
}

// letters draws text of a size (in the drawing's units) from a point on; turn gives the place of each letter instead where
// it is not nil: it maps a length along the text to a transform. It returns the text's length.
func (p *pen) letters(font *sfnt.Font, text string, size float64, turn func(along float64) page.Transform) float64 {
	var buf sfnt.Buffer
	const ppem = 1000
	along := 0.0
	for _, r := range text {
		index, err := font.GlyphIndex(&buf, r)
		if err != nil {
			continue
		}
		advance, err := font.GlyphAdvance(&buf, index, fixed.I(ppem), 0)
		if err != nil {
			continue
		}
		width := float64(advance) / 64 / ppem * size
		if turn != nil {
			p.outline(font, &buf, index, page.Scale(size/ppem/64, size/ppem/64).
				Then(page.Translate(-width/2, 0)).Then(turn(along+width/2)))
		}
		along += width
	}
	return along
}

// outline fills one glyph.
func (p *pen) outline(font *sfnt.Font, buf *sfnt.Buffer, index sfnt.GlyphIndex, m page.Transform) {
	segments, err := font.LoadGlyph(buf, index, fixed.I(1000), nil)
	if err != nil {
		return
	}
	m = m.Then(p.at)
	point := func(q fixed.Point26_6) (x, y float32) {
		r := m.Apply(page.Point{X: float64(q.X), Y: float64(q.Y)})
		return float32(r.X), float32(r.Y)
	}
	for i, s := range segments {
		x0, y0 := point(s.Args[0])
		x1, y1 := point(s.Args[1])
		x2, y2 := point(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				p.rast.ClosePath()
			}
			p.rast.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			p.rast.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			p.rast.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			p.rast.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	p.rast.ClosePath()
}
