package corpus

import (
	"image"
	"math"

	"sohoa/pipeline/page"
)

// rgb is a colour, 0–255.
type rgb [3]float64

// backdrop gives the colour of what lies around a moved page.
type backdrop func(x, y int) rgb

// warp moves an image: m maps its points to those of a new image of w×h pixels. Samples are bilinear; what m leaves bare
// is filled by back.
func warp(src *image.NRGBA, w, h int, m page.Transform, back backdrop) *image.NRGBA {
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	inv := m.Inverse()
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	for y := range h {
		row := dst.Pix[y*dst.Stride:][:4*w]
		for x := range w {
			px := row[4*x : 4*x+4 : 4*x+4]
			px[3] = 255
			p := inv.Apply(page.Point{X: float64(x) + 0.5, Y: float64(y) + 0.5})
			fx, fy := p.X-0.5, p.Y-0.5
			if fx <= -1 || fy <= -1 || fx >= float64(sw) || fy >= float64(sh) {
				c := back(x, y)
				px[0], px[1], px[2] = clamp(c[0]), clamp(c[1]), clamp(c[2])
				continue
			}
			bilinear(src, fx, fy, px)
		}
	}
	return dst
}

// bilinear samples an image between its pixels; outside, the nearest edge counts.
func bilinear(src *image.NRGBA, fx, fy float64, out []uint8) {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	x0, y0 := math.Floor(fx), math.Floor(fy)
	tx, ty := int32((fx-x0)*256), int32((fy-y0)*256)
	ix, iy := int(x0), int(y0)
	xa, xb := 4*max(0, min(sw-1, ix)), 4*max(0, min(sw-1, ix+1))
	ra, rb := src.Pix[max(0, min(sh-1, iy))*src.Stride:], src.Pix[max(0, min(sh-1, iy+1))*src.Stride:]
	for c := range 3 {
		top := int32(ra[xa+c])*(256-tx) + int32(ra[xb+c])*tx
		low := int32(rb[xa+c])*(256-tx) + int32(rb[xb+c])*tx
		out[c] = uint8((top*(256-ty) + low*ty + 32768) >> 16) //nolint:gosec // a mean of bytes
	}
}

// onto maps a w×h rectangle to a quadrilateral (Heckbert's closed form).
func onto(w, h float64, q page.Quad) page.Transform {
	dx1, dy1 := q[1].X-q[2].X, q[1].Y-q[2].Y
	dx2, dy2 := q[3].X-q[2].X, q[3].Y-q[2].Y
	sx, sy := q[0].X-q[1].X+q[2].X-q[3].X, q[0].Y-q[1].Y+q[2].Y-q[3].Y
	den := dx1*dy2 - dx2*dy1
	g, k := (sx*dy2-dx2*sy)/den, (dx1*sy-sx*dy1)/den
	unit := page.Transform{
		q[1].X - q[0].X + g*q[1].X, q[3].X - q[0].X + k*q[3].X, q[0].X,
		q[1].Y - q[0].Y + g*q[1].Y, q[3].Y - q[0].Y + k*q[3].Y, q[0].Y,
		g, k, 1,
	}
	return page.Scale(1/w, 1/h).Then(unit)
}

// share is how much of a source pixel an output pixel covers.
type share struct {
	at     int
	weight float32
}

// shares gives for each of n output pixels the source pixels under it, as a sensor sums the light.
func shares(from, n int) [][]share {
	out := make([][]share, n)
	step := float64(from) / float64(n)
	for i := range out {
		lo, hi := float64(i)*step, float64(i+1)*step
		for s := int(lo); s < min(from, int(math.Ceil(hi-1e-9))); s++ {
			cover := min(hi, float64(s+1)) - max(lo, float64(s))
			out[i] = append(out[i], share{s, float32(cover / (hi - lo))})
		}
	}
	return out
}

// shrink scales an image down to w×h by area.
func shrink(src *image.NRGBA, w, h int) *image.NRGBA {
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	xs, ys := shares(src.Rect.Dx(), w), shares(src.Rect.Dy(), h)
	sums := make([]float32, 3*w)
	for y, rows := range ys {
		clear(sums)
		for _, r := range rows {
			line := src.Pix[r.at*src.Stride:]
			for x, cols := range xs {
				for _, c := range cols {
					k, p := r.weight*c.weight, line[4*c.at:4*c.at+3:4*c.at+3]
					sums[3*x] += k * float32(p[0])
					sums[3*x+1] += k * float32(p[1])
					sums[3*x+2] += k * float32(p[2])
				}
			}
		}
		out := dst.Pix[y*dst.Stride:]
		for x := range w {
			for c := range 3 {
				out[4*x+c] = uint8(sums[3*x+c] + 0.5)
			}
			out[4*x+3] = 255
		}
	}
	return dst
}

// turn turns an image clockwise by 90, 180 or 270 degrees.
func turn(src *image.NRGBA, degrees int) *image.NRGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	if degrees != 180 {
		dst = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := w-1-x, h-1-y
			switch degrees {
			case 90:
				tx, ty = h-1-y, x
			case 270:
				tx, ty = y, w-1-x
			}
			copy(dst.Pix[ty*dst.Stride+4*tx:][:4], src.Pix[y*src.Stride+4*x:][:4])
		}
	}
	return dst
}

// blur blurs an image in place.
func blur(img *image.NRGBA, sigma float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	m := image.NewAlpha(image.Rect(0, 0, w, h))
	for c := range 3 {
		for i := range m.Pix {
			m.Pix[i] = img.Pix[4*i+c]
		}
		blurAlpha(m, sigma)
		for i, v := range m.Pix {
			img.Pix[4*i+c] = v
		}
	}
}

// luma is a grey copy.
func luma(img *image.NRGBA) *image.Gray {
	g := image.NewGray(img.Rect)
	for i := range g.Pix {
		p := img.Pix[4*i : 4*i+3 : 4*i+3]
		g.Pix[i] = uint8((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]) + 500) / 1000) //nolint:gosec // a mean of bytes
	}
	return g
}

// clone copies an image.
func clone(src *image.NRGBA) *image.NRGBA {
	return &image.NRGBA{Pix: append([]uint8(nil), src.Pix...), Stride: src.Stride, Rect: src.Rect}
}
