package page

import "math"

// Point is a position in pixels: x to the right, y downwards, the origin at the top left corner of the top left pixel.
type Point struct{ X, Y float64 }

// Box is an upright rectangle in whole pixels; X0, Y0 are inside, X1, Y1 are the first ones outside.
type Box struct {
	X0 int `json:"x0"`
	Y0 int `json:"y0"`
	X1 int `json:"x1"`
	Y1 int `json:"y1"`
}

// Width is the number of pixel columns.
func (b Box) Width() int { return b.X1 - b.X0 }

// Height is the number of pixel rows.
func (b Box) Height() int { return b.Y1 - b.Y0 }

// Empty tells whether no pixel is inside.
func (b Box) Empty() bool { return b.X1 <= b.X0 || b.Y1 <= b.Y0 }

// Union is the smallest box around both; an empty box adds nothing.
func (b Box) Union(o Box) Box {
	switch {
	case b.Empty():
		return o
	case o.Empty():
		return b
	}
	return Box{min(b.X0, o.X0), min(b.Y0, o.Y0), max(b.X1, o.X1), max(b.Y1, o.Y1)}
}

// Intersect is what both boxes cover; it may be empty.
func (b Box) Intersect(o Box) Box {
	return Box{max(b.X0, o.X0), max(b.Y0, o.Y0), min(b.X1, o.X1), min(b.Y1, o.Y1)}
}

// Quad is the box as its four corners in reading order: top left, top right, bottom right, bottom left as the reader sees
// the text. On a skewed or turned page its sides are not upright; the first side is the direction of reading.
type Quad [4]Point

// Quad gives the four corners of an upright box.
func (b Box) Quad() Quad {
	x0, y0, x1, y1 := float64(b.X0), float64(b.Y0), float64(b.X1), float64(b.Y1)
	return Quad{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

// ReadAs gives the four corners of an upright box in the order of reading, on a page that has to be turned clockwise by so many
// degrees to stand upright.
func (b Box) ReadAs(turned int) Quad {
	q := b.Quad()
	first := (4 - turned/90%4) % 4
	return Quad{q[first], q[(first+1)%4], q[(first+2)%4], q[(first+3)%4]}
}

// Box is the smallest upright box around the quad.
func (q Quad) Box() Box {
	x0, y0, x1, y1 := q[0].X, q[0].Y, q[0].X, q[0].Y
	for _, p := range q[1:] {
		x0, y0, x1, y1 = min(x0, p.X), min(y0, p.Y), max(x1, p.X), max(y1, p.Y)
	}
	// A millionth of a pixel of rounding error must not add a row.
	const slack = 1e-6
	return Box{
		int(math.Floor(x0 + slack)), int(math.Floor(y0 + slack)),
		int(math.Ceil(x1 - slack)), int(math.Ceil(y1 - slack)),
	}
}

// Transform maps points of one image to points of another: a projective 3×3 matrix, row by row. The zero value is not
// usable; start from Identity.
type Transform [9]float64

// Identity leaves every point where it is.
func Identity() Transform { return Transform{1, 0, 0, 0, 1, 0, 0, 0, 1} }

// Scale multiplies both coordinates.
func Scale(sx, sy float64) Transform { return Transform{sx, 0, 0, 0, sy, 0, 0, 0, 1} }

// Translate moves by dx, dy.
func Translate(dx, dy float64) Transform { return Transform{1, 0, dx, 0, 1, dy, 0, 0, 1} }

// Rotate turns about the origin, clockwise on the screen (y grows downwards), by so many degrees.
func Rotate(degrees float64) Transform {
	s, c := math.Sincos(degrees * math.Pi / 180)
	return Transform{c, -s, 0, s, c, 0, 0, 0, 1}
}

// Turn maps a point of a w×h image to its place after the image was turned clockwise by a multiple of 90 degrees.
func Turn(degrees, w, h int) Transform {
	switch ((degrees % 360) + 360) % 360 {
	case 90:
		return Transform{0, -1, float64(h), 1, 0, 0, 0, 0, 1}
	case 180:
		return Transform{-1, 0, float64(w), 0, -1, float64(h), 0, 0, 1}
	case 270:
		return Transform{0, 1, 0, -1, 0, float64(w), 0, 0, 1}
	}
	return Identity()
}

// Then is t followed by u.
func (t Transform) Then(u Transform) Transform {
	var m Transform
	for r := range 3 {
		for c := range 3 {
			m[3*r+c] = u[3*r]*t[c] + u[3*r+1]*t[3+c] + u[3*r+2]*t[6+c]
		}
	}
	return m
}

// Inverse undoes t. A matrix that cannot be undone (an image squeezed to a line) gives the identity.
func (t Transform) Inverse() Transform {
	a, b, c, d, e, f, g, h, i := t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]
	det := a*(e*i-f*h) - b*(d*i-f*g) + c*(d*h-e*g)
	if det == 0 || math.IsNaN(det) {
		return Identity()
	}
	return Transform{
		(e*i - f*h) / det, (c*h - b*i) / det, (b*f - c*e) / det,
		(f*g - d*i) / det, (a*i - c*g) / det, (c*d - a*f) / det,
		(d*h - e*g) / det, (b*g - a*h) / det, (a*e - b*d) / det,
	}
}

// Apply maps one point.
func (t Transform) Apply(p Point) Point {
	w := t[6]*p.X + t[7]*p.Y + t[8]
	if w == 0 {
		w = 1
	}
	return Point{(t[0]*p.X + t[1]*p.Y + t[2]) / w, (t[3]*p.X + t[4]*p.Y + t[5]) / w}
}

// Quad maps the four corners.
func (t Transform) Quad(q Quad) Quad {
	return Quad{t.Apply(q[0]), t.Apply(q[1]), t.Apply(q[2]), t.Apply(q[3])}
}
