package pdf

import "math"

// rect is an upright rectangle; x0 ≤ x1, y0 ≤ y1 unless it is empty.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) intersect(o rect) rect {
	return rect{max(r.x0, o.x0), max(r.y0, o.y0), min(r.x1, o.x1), min(r.y1, o.y1)}
}

func (r rect) area() float64 {
	if !(r.x1 > r.x0) || !(r.y1 > r.y0) { // also for what is no number
		return 0
	}
	return (r.x1 - r.x0) * (r.y1 - r.y0)
}

func (r rect) add(x, y float64) rect {
	return rect{min(r.x0, x), min(r.y0, y), max(r.x1, x), max(r.y1, y)}
}

// nothing is the rectangle to which points are added.
func nothing() rect { return rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)} }

// matrix is PDF's [a b c d e f]: x' = ax + cy + e, y' = bx + dy + f.
type matrix [6]float64

func identity() matrix { return matrix{1, 0, 0, 1, 0, 0} }

// then is m followed by n.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// bounds is the upright rectangle around r mapped by m.
func (m matrix) bounds(r rect) rect {
	b := nothing()
	for _, p := range [4][2]float64{{r.x0, r.y0}, {r.x1, r.y0}, {r.x1, r.y1}, {r.x0, r.y1}} {
		b = b.add(m.apply(p[0], p[1]))
	}
	return b
}

// shown maps user space to the page as shown: points times unit, the origin at the top left, y downwards, turned clockwise
// by rotate degrees.
func shown(box rect, rotate int, unit float64) matrix {
	var m matrix
	switch rotate {
	case 90:
		m = matrix{0, 1, 1, 0, -box.y0, -box.x0}
	case 180:
		m = matrix{-1, 0, 0, 1, box.x1, -box.y0}
	case 270:
		m = matrix{0, -1, -1, 0, box.y1, box.x1}
	default:
		m = matrix{1, 0, 0, -1, -box.x0, box.y1}
	}
	return m.then(matrix{unit, 0, 0, unit, 0, 0})
}

// maxSkew is how much an image's side may lean, as a share of its length, and still count as upright: a tenth of a degree.
const maxSkew = 0.002

// orientation gives the EXIF orientation, 1–8, in which an image with matrix m (onto the page as shown, y downwards) shows
// its raster; 0 where it stands askew or is squeezed to a line.
func orientation(m matrix) int {
	// The raster's rows run along the unit square's x axis; its columns run down, against the y axis.
	rx, ry, dx, dy := m[0], m[1], -m[2], -m[3]
	switch {
	case math.Abs(ry) <= maxSkew*math.Abs(rx) && math.Abs(dx) <= maxSkew*math.Abs(dy) && rx != 0 && dy != 0:
		switch {
		case rx > 0 && dy > 0:
			return 1
		case rx < 0 && dy > 0:
			return 2
		case rx < 0:
			return 3
		}
		return 4
	case math.Abs(rx) <= maxSkew*math.Abs(ry) && math.Abs(dy) <= maxSkew*math.Abs(dx) && ry != 0 && dx != 0:
		switch {
		case ry > 0 && dx > 0:
			return 5
		case ry > 0:
			return 6
		case dx < 0:
			return 7
		}
		return 8
	}
	return 0
}
