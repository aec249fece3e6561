package corpus

import (
	"image"
	"math"

	"sohoa/pipeline/page"
)

// dark photographs the page from above in bad light: perspective up to 2 %, light falling to 35–40 % across the page, a
// shadow, the dark desk around the paper's edges.
func dark(s Sheet, out *Scan, g *grain) {
	w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	inset := func(size float64) float64 { return size * g.between(0.005, 0.02) }
	quad := page.Quad{
		{X: inset(w), Y: inset(h)},
		{X: w - inset(w), Y: inset(h)},
		{X: w - inset(w), Y: h - inset(h)},
		{X: inset(w), Y: h - inset(h)},
	}
	out.Transform = onto(w, h, quad)
	img := warp(s.Image, int(w), int(h), out.Transform, desk(g))
	blur(img, g.between(0.8, 1.2)*s.DPI/300)
	light(img, g, g.between(0.78, 0.92), g.between(0.35, 0.40))
	addNoise(img, g, 4, 2)
	out.Image = img
}

// photo photographs the page on a desk from the side with a telephone, which knows no resolution: perspective of 5–8 %,
// turned by up to 8°, a shadow.
func photo(s Sheet, out *Scan, g *grain) {
	w, h := math.Round(2448*s.DPI/300), math.Round(3264*s.DPI/300) // 8 megapixels for a page of 300 dpi
	pw, ph := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	scale := min(w/pw, h/ph) * 0.80
	hw, hh := pw*scale/2, ph*scale/2
	quad := page.Quad{{X: -hw, Y: -hh}, {X: hw, Y: -hh}, {X: hw, Y: hh}, {X: -hw, Y: hh}}
	// The far edge is shorter.
	far := g.between(0.05, 0.08) * hw
	side := g.between(-0.02, 0.02) * hh
	quad[0].X, quad[1].X = quad[0].X+far, quad[1].X-far
	quad[0].Y, quad[1].Y = quad[0].Y+side, quad[1].Y-side
	quad = page.Rotate(g.between(-8, 8)).Then(page.Translate(w/2, h/2)).Quad(quad)
	out.Transform = onto(pw, ph, quad)
	// A page much larger than its picture must be shrunk first or bilinear samples would skip pixels.
	src, m := s.Image, out.Transform
	if scale < 0.7 {
		sw, sh := int(pw*scale), int(ph*scale)
		src = shrink(s.Image, sw, sh)
		m = page.Scale(pw/float64(sw), ph/float64(sh)).Then(m)
	}
	img := warp(src, int(w), int(h), m, desk(g))
	blur(img, g.between(0.6, 0.9)*s.DPI/300)
	light(img, g, g.between(0.85, 0.97), g.between(0.45, 0.6))
	addNoise(img, g, 3.5, 2)
	out.Image, out.DPI, out.ClaimDPI, out.Quality = img, s.DPI*scale, 72, 85
}

// desk is a dark table top with a grain.
func desk(g *grain) backdrop {
	wood := newGrain(g.next())
	base := rgb{g.between(45, 95), 0, 0}
	base[1], base[2] = base[0]*g.between(0.75, 1), base[0]*g.between(0.55, 0.95)
	return func(x, y int) rgb {
		n := 0.75 + 0.5*wood.smooth(float64(x)/220, float64(y)/14)
		return rgb{base[0] * n, base[1] * n, base[2] * n}
	}
}

// light lays light of uneven strength over an image: from hi in one corner down to lo in the opposite, and a soft-edged
// shadow, with a lamp's warm tint. Nowhere is it under lo.
func light(img *image.NRGBA, g *grain, hi, lo float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	angle := g.between(0, 2*math.Pi)
	dx, dy := math.Cos(angle), math.Sin(angle)
	edgeAngle, edge, soft := g.between(-0.6, 0.6), g.between(0.35, 0.7), g.between(0.02, 0.06)
	depth := g.between(0.25, 0.4)
	tint := rgb{1, g.between(0.94, 0.99), g.between(0.84, 0.95)}
	at := func(x, y int) float64 {
		u, v := float64(x)/float64(w)-0.5, float64(y)/float64(h)-0.5
		t := max(0, min(1, 0.5+(u*dx+v*dy)/(math.Abs(dx)+math.Abs(dy)))) // across the page
		shadow := 1 / (1 + math.Exp(-(u*math.Sin(edgeAngle)+v*math.Cos(edgeAngle)+0.5-edge)/soft))
		return lo + (hi-lo)*math.Pow(1-t, 0.8)*(1-depth*shadow)
	}
	const step = 16
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		for x0 := 0; x0 < w; x0 += step {
			a, b := at(x0, y), at(x0+step, y)
			for i := range min(step, w-x0) {
				k := a + (b-a)*float64(i)/step
				p := row[4*(x0+i) : 4*(x0+i)+3 : 4*(x0+i)+3]
				for c := range 3 {
					p[c] = uint8(float64(p[c])*k*tint[c] + 0.5)
				}
			}
		}
	}
}
