package corpus

import (
	"image"
	"image/color"
	"math"

	"sohoa/pipeline/page"
)

// addNoise adds a sensor's noise: of brightness and of colour, standard deviations in levels.
func addNoise(img *image.NRGBA, g *grain, light, tint float64) {
	l, t := float32(light), float32(tint)
	for i := 0; i+3 < len(img.Pix); i += 4 {
		n := g.normal() * l
		for c := range 3 {
			v := float32(img.Pix[i+c]) + n + g.normal()*t + 0.5
			img.Pix[i+c] = uint8(max(0, min(255, v)))
		}
	}
}

// specks strews dirt over the page and holes into the toner: so many a hundred square centimetres, 0.05–0.4 mm large.
func specks(img *image.NRGBA, g *grain, dpi, density float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	area := float64(w) * float64(h) / (dpi / 2.54) / (dpi / 2.54)
	for range int(area / 100 * density) {
		// Small ones are far more frequent than large ones.
		u := g.uniform()
		r := dpi / 25.4 * (0.04 + 0.16*u*u*u)
		level := g.between(0, 110)
		if g.uniform() < 0.4 {
			level = g.between(225, 255)
		}
		dot(img, g.between(0, float64(w)), g.between(0, float64(h)), r, g.between(0.6, 1.6), level)
	}
}

// dot paints an ellipse of one level with a soft edge.
func dot(img *image.NRGBA, cx, cy, r, stretch, level float64) {
	rx, ry := r*stretch, r/stretch
	for y := max(0, int(cy-ry-1)); y <= min(img.Rect.Dy()-1, int(cy+ry+1)); y++ {
		for x := max(0, int(cx-rx-1)); x <= min(img.Rect.Dx()-1, int(cx+rx+1)); x++ {
			d := math.Hypot((float64(x)+0.5-cx)/rx, (float64(y)+0.5-cy)/ry)
			cover := max(0, min(1, (1-d)*min(rx, ry)+0.5))
			p := img.Pix[y*img.Stride+4*x:]
			for c := range 3 {
				p[c] = clamp(float64(p[c])*(1-cover) + level*cover)
			}
		}
	}
}

// fax scans at 200 dpi, thickens a little and keeps black or white: no greys, no dither.
func fax(s Sheet, out *Scan, g *grain) {
	const dpi = 200
	w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy()
	nw, nh := int(math.Round(float64(w)*dpi/s.DPI)), int(math.Round(float64(h)*dpi/s.DPI))
	grey := luma(shrink(s.Image, nw, nh))
	threshold := g.between(165, 200)
	img := image.NewPaletted(grey.Rect, color.Palette{color.White, color.Black})
	for i, v := range grey.Pix {
		if float64(v)+float64(g.normal())*9 < threshold {
			img.Pix[i] = 1
		}
	}
	// Dust on the feeder's glass draws a thin line, and here and there a dot.
	for range int(g.between(20, 90)) {
		img.Pix[int(g.between(0, float64(nh)))*img.Stride+int(g.between(0, float64(nw)))] = 1
	}
	out.Image, out.Format, out.DPI, out.ClaimDPI = img, FormatTIFF, dpi, dpi
	out.Transform = page.Scale(float64(nw)/float64(w), float64(nh)/float64(h))
}

// faded leaves 35–50 % of the toner's darkness, less in streaks along the paper's way through the printer.
func faded(s Sheet, g *grain) *image.NRGBA {
	img := clone(s.Image)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	keep := g.between(0.35, 0.50)
	streaks, patches := newGrain(g.next()), newGrain(g.next())
	cols := make([]float64, w)
	for x := range cols {
		n := streaks.smooth(float64(x)/(s.DPI/6), 0.5)*0.6 + streaks.smooth(float64(x)/(s.DPI/40), 9.5)*0.4
		cols[x] = keep * (0.80 + 0.35*n)
	}
	white := rgb{246, 246, 243}
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		part := 1.0
		for x := range w {
			if x%16 == 0 {
				part = 0.85 + 0.3*patches.smooth(float64(x)/s.DPI, float64(y)/s.DPI)
			}
			k := cols[x] * part
			for c := range 3 {
				row[4*x+c] = clamp(white[c] - (white[c]-float64(row[4*x+c]))*k)
			}
		}
	}
	addNoise(img, g, 3.5, 1)
	return img
}

// copied blurs the page and sets black and white apart too hard, at a level that thickens strokes or lets thin ones break.
func copied(s Sheet, out *Scan, g *grain) {
	img := clone(s.Image)
	blur(img, g.between(0.7, 1.9)*s.DPI/300)
	addNoise(img, g, g.between(1, 7), 0.5)
	level, gain := g.between(95, 205), g.between(1.2, 4)
	for i := 0; i+3 < len(img.Pix); i += 4 {
		for c := range 3 {
			img.Pix[i+c] = clamp((float64(img.Pix[i+c])-level)*gain + 128)
		}
	}
	specks(img, g, s.DPI, g.between(2, 60))
	out.Image = img
	if g.uniform() < 0.35 {
		grey := luma(img)
		bits := image.NewPaletted(grey.Rect, color.Palette{color.White, color.Black})
		for i, v := range grey.Pix {
			if v < 128 {
				bits.Pix[i] = 1
			}
		}
		out.Image, out.Format = bits, FormatTIFF
	}
}

// screen shrinks the page to what a screen shows.
func screen(s Sheet, out *Scan, g *grain) {
	dpi := g.between(72, 96)
	w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy()
	nw, nh := int(math.Round(float64(w)*dpi/s.DPI)), int(math.Round(float64(h)*dpi/s.DPI))
	out.Image, out.DPI, out.ClaimDPI, out.Quality = shrink(s.Image, nw, nh), dpi, 96, 70+int(g.between(0, 25))
	out.Transform = page.Scale(float64(nw)/float64(w), float64(nh)/float64(h))
}

// showThrough lets the mirror image of another page shine through, blurred by the paper.
func showThrough(img *image.NRGBA, s Sheet, g *grain, strength float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	back := luma(s.Behind)
	a := &image.Alpha{Pix: back.Pix, Stride: back.Stride, Rect: back.Rect}
	blurAlpha(a, g.between(1.2, 2.2)*s.DPI/300)
	bw, bh := back.Rect.Dx(), back.Rect.Dy()
	dx, dy := int(g.between(-40, 40)), int(g.between(-40, 40))
	thickness := newGrain(g.next())
	for y := range h {
		sy := y + dy
		if sy < 0 || sy >= bh {
			continue
		}
		k := strength
		for x := range w {
			sx := bw - 1 - x + dx
			if sx < 0 || sx >= bw {
				continue
			}
			if x%32 == 0 {
				k = strength * (0.8 + 0.4*thickness.smooth(float64(x)/500, float64(y)/500))
			}
			v := a.Pix[sy*a.Stride+sx]
			if v > 240 {
				continue
			}
			shade := 1 - k*(1-float64(v)/245)
			p := img.Pix[y*img.Stride+4*x:]
			for c := range 3 {
				p[c] = uint8(float64(p[c])*shade + 0.5)
			}
		}
	}
}

// blank is the back of a page that nobody wrote on.
func blank(s Sheet, out *Scan, g *grain) {
	img := image.NewNRGBA(s.Image.Rect)
	paper(img, [3]float64{249, 249, 246}, g)
	showThrough(img, s, g, g.between(0.04, 0.10))
	specks(img, g, s.DPI, 6)
	out.Image, out.NoText = img, true
}

// edges darkens the borders as a lid left open does, and punches two holes.
func edges(s Sheet, g *grain) *image.NRGBA {
	img := clone(s.Image)
	w, h, mm := img.Rect.Dx(), img.Rect.Dy(), s.DPI/25.4
	reach := [4]float64{g.between(2, 6) * mm, g.between(1, 5) * mm, g.between(2, 7) * mm, g.between(0, 4) * mm}
	rough := newGrain(g.next())
	for y := range h {
		for x := range w {
			wave := 1 + 0.5*rough.smooth(float64(x+y)/(20*mm), 0)
			d := min(float64(x)/(reach[0]*wave), float64(w-1-x)/(reach[1]*wave+1), float64(y)/(reach[2]*wave), float64(h-1-y)/(reach[3]*wave+1))
			if d >= 1.6 {
				continue
			}
			shade := 0.12 + 0.88/(1+math.Exp(-(d-0.9)*9))
			p := img.Pix[y*img.Stride+4*x:]
			for c := range 3 {
				p[c] = clamp(float64(p[c]) * shade)
			}
		}
	}
	for _, at := range []float64{-40, 40} { // two holes 80 mm apart, 12 mm from the edge
		dot(img, 12*mm, float64(h)/2+at*mm, 2.75*mm, 1, g.between(20, 60))
	}
	addNoise(img, g, 2, 1)
	return img
}
