package corpus

import (
	"image"
	"image/draw"
	"math"
)

// Draw sets the paper on A4 at a resolution (300 gives 2480×3508 pixels) and prints it: toner with slightly uneven edges,
// seal and pen ink over it, paper that is not quite white. The truth's boxes are those of the returned image.
func (p *Paper) Draw(fonts *Fonts, dpi float64) (*image.NRGBA, Truth, error) {
	t := newTypesetter(fonts, p.Family, dpi)
	t.accents, t.tracking = p.accents, p.tracking
	s := newSheet(t)
	if err := s.layout(p); err != nil {
		return nil, Truth{}, err
	}
	img := s.print(p.Seed)
	return img, Truth{Width: s.w, Height: s.h, DPI: dpi, Lines: s.lines}, nil
}

// Slip draws the head of a form alone, at 120 dpi: motto, title and a line or two, read in a fraction of the time that a page
// takes. It is for trials of what is around the reading, and has no truth.
func Slip(fonts *Fonts, seed uint64) (Sheet, error) {
	const dpi = 120
	img, _, err := Compose(Form, seed, Options{Plain: true}).Draw(fonts, dpi)
	if err != nil {
		return Sheet{}, err
	}
	head := image.NewNRGBA(image.Rect(0, 0, img.Rect.Dx(), img.Rect.Dy()/4))
	draw.Draw(head, head.Rect, img, img.Rect.Min, draw.Src)
	return Sheet{Image: head, DPI: dpi}, nil
}

// print lays the inks on the paper.
func (s *sheet) print(seed uint64) *image.NRGBA {
	g := newGrain(seed ^ 0x9A9E4)
	// Printer and optics blur by about half a dot at 300 dpi.
	blurAlpha(s.toner, g.between(0.45, 0.65)*s.dpi/300)
	roughen(s.toner, g)
	img := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	bright := g.between(247, 253)
	white := [3]float64{bright, bright - g.between(0, 1.5), bright - g.between(0, 4)}
	black := g.between(18, 44)
	paper(img, white, g)
	layInk(img, s.toner, [3]float64{black / 255, black / 255, black / 255 * 1.05})
	for _, ink := range s.inks {
		blurAlpha(ink.mask, 0.6*s.dpi/300)
		layInk(img, ink.mask, ink.color)
	}
	return img
}

// paper fills an image with the colour of paper: slow changes and fine grain.
func paper(img *image.NRGBA, white [3]float64, g *grain) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	slow := newGrain(g.next())
	strip := make([]float64, w)
	for y := range h {
		if y%8 == 0 {
			for x := range strip {
				if x%8 == 0 {
					strip[x] = 3 * (slow.smooth(float64(x)/700, float64(y)/700) - 0.5)
				} else {
					strip[x] = strip[x-1]
				}
			}
		}
		row := img.Pix[y*img.Stride:][:4*w]
		for x := range w {
			n := strip[x] + float64(g.normal())*1.2
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = clamp(white[0]+n), clamp(white[1]+n), clamp(white[2]+n), 255
		}
	}
}

// clamp rounds to a byte.
func clamp(v float64) uint8 { return uint8(max(0, min(255, v+0.5))) }

// layInk multiplies an image by an ink where its mask covers it, so that text under a seal stays dark.
func layInk(img *image.NRGBA, mask *image.Alpha, color [3]float64) {
	r := mask.Rect.Intersect(img.Rect)
	var through [3][256]uint32
	for c := range 3 {
		for a := range 256 {
			through[c][a] = uint32(65536 * (1 - float64(a)/255*(1-color[c])))
		}
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		m := mask.Pix[mask.PixOffset(r.Min.X, y):][:r.Dx()]
		row := img.Pix[img.PixOffset(r.Min.X, y):][:4*r.Dx()]
		for x, a := range m {
			if a == 0 {
				continue
			}
			for c := range 3 {
				row[4*x+c] = uint8(uint32(row[4*x+c]) * through[c][a] >> 16) //nolint:gosec // a byte times at most 1
			}
		}
	}
}

// roughen makes toner's edges and faces uneven.
func roughen(m *image.Alpha, g *grain) {
	for i, v := range m.Pix {
		if v == 0 {
			continue
		}
		edge := float32(v) * float32(255-v) / (255 * 64) // 0–1, largest at half coverage
		n := g.normal()
		m.Pix[i] = uint8(max(0, min(255, float32(v)+n*(4+18*edge))))
	}
}

// kernel is a Gaussian of a radius, in 1/65536.
func kernel(sigma float64) []uint32 {
	reach := max(1, int(math.Ceil(2.5*sigma)))
	weights, sum := make([]float64, 2*reach+1), 0.0
	for i := range weights {
		d := float64(i - reach)
		weights[i] = math.Exp(-d * d / (2 * sigma * sigma))
		sum += weights[i]
	}
	k, rest := make([]uint32, len(weights)), uint32(65536)
	for i, w := range weights {
		k[i] = uint32(65536 * w / sum)
		rest -= k[i]
	}
	k[reach] += rest
	return k
}

// blurAlpha blurs a mask in place; empty stretches cost little.
func blurAlpha(m *image.Alpha, sigma float64) {
	if sigma < 0.15 {
		return
	}
	w, h, k := m.Rect.Dx(), m.Rect.Dy(), kernel(sigma)
	reach := len(k) / 2
	tmp := make([]uint8, w*h)
	for y := range h {
		blurRow(tmp[y*w:][:w], m.Pix[y*m.Stride:][:w], k)
	}
	sums := make([]uint32, w)
	for y := range h {
		clear(sums)
		for i, weight := range k {
			sy := max(0, min(h-1, y+i-reach))
			for x, v := range tmp[sy*w:][:w] {
				sums[x] += uint32(v) * weight
			}
		}
		row := m.Pix[y*m.Stride:][:w]
		for x, v := range sums {
			row[x] = uint8((v + 32768) >> 16) //nolint:gosec // weights sum to 65536
		}
	}
}

// blurRow blurs one row into another.
func blurRow(dst, src []uint8, k []uint32) {
	reach, w := len(k)/2, len(src)
	for x := range w {
		var sum uint32
		for i, weight := range k {
			sum += uint32(src[max(0, min(w-1, x+i-reach))]) * weight
		}
		dst[x] = uint8((sum + 32768) >> 16) //nolint:gosec // weights sum to 65536
	}
}
