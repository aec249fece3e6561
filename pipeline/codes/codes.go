package codes

import (
	"cmp"
	"image"
	"math"
	"slices"
	"unicode/utf8"

	"sohoa/pipeline/page"
)

const (
	// qrDPI is the least resolution at which QR codes are looked for: a 2 cm code of 45 modules has 2.6 pixels each. Larger scans
	// are brought to less than twice of it.
	qrDPI = 150
	// mostText is how many bytes of a code are kept; the largest QR code holds 2,953.
	mostText = 3000
	// mostCodes is how many codes are kept of a page.
	mostCodes = 32
)

// Find gives the codes on a page, from the top to the bottom. dpi is the page's resolution, 0 where it is not known. What boxes
// count in are the pixels of img.
func Find(img image.Image, dpi float64) []page.Code {
	g := gray(img)
	w, h := g.Rect.Dx(), g.Rect.Dy()
	const least = 32 // pixels: nothing smaller is a page
	if w < least || h < least {
		return nil
	}
	const a4Long = 11.69 // inches
	if long := float64(max(w, h)); dpi <= 0 || long/dpi > 3*a4Long || long/dpi < 2 {
		dpi = long / a4Long
	}
	found := findQR(g, max(1, int(dpi/qrDPI)))
	found = append(found, findBars(g)...)
	slices.SortFunc(found, func(a, b page.Code) int {
		return cmp.Or(cmp.Compare(a.Box.Y0, b.Box.Y0), cmp.Compare(a.Box.X0, b.Box.X0))
	})
	return found[:min(len(found), mostCodes)]
}

// keepable tells whether a code's text can be shown and kept: UTF-8 without control characters but line ends.
func keepable(text string) bool {
	if text == "" || len(text) > mostText || !utf8.ValidString(text) {
		return false
	}
	return !slices.ContainsFunc([]rune(text), func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f })
}

// gray is the page in grey; the same where it is grey already.
func gray(img image.Image) *image.Gray {
	switch p := img.(type) {
	case *image.Gray:
		if p.Rect.Min == (image.Point{}) {
			return p
		}
	case *image.NRGBA:
		w, h := p.Rect.Dx(), p.Rect.Dy()
		g := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			src, dst := p.Pix[y*p.Stride:y*p.Stride+4*w], g.Pix[y*g.Stride:y*g.Stride+w]
			for x := range dst {
				s := src[4*x : 4*x+3 : 4*x+3]
				dst[x] = uint8((int(s[0]) + 2*int(s[1]) + int(s[2])) / 4) //nolint:gosec // a mean of bytes
			}
		}
		return g
	}
	b := img.Bounds()
	g := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			g.Set(x, y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return g
}

// shrink makes each factor × factor pixels one: their mean.
func shrink(g *image.Gray, factor int) *image.Gray {
	if factor == 1 && g.Stride == g.Rect.Dx() {
		return g
	}
	w, h := g.Rect.Dx()/factor, g.Rect.Dy()/factor
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]int, w)
	for y := range h {
		clear(sums)
		for dy := range factor {
			row := g.Pix[(y*factor+dy)*g.Stride:]
			for x := range sums {
				for _, v := range row[x*factor : x*factor+factor] {
					sums[x] += int(v)
				}
			}
		}
		for x, sum := range sums {
			out.Pix[y*out.Stride+x] = uint8(sum / (factor * factor)) //nolint:gosec // a mean of bytes
		}
	}
	return out
}

// boxAround is the smallest box around points, grown by a margin, on a page of w × h.
func boxAround(points []page.Point, margin float64, w, h int) page.Box {
	if len(points) == 0 {
		return page.Box{}
	}
	x0, y0, x1, y1 := points[0].X, points[0].Y, points[0].X, points[0].Y
	for _, p := range points[1:] {
		x0, y0, x1, y1 = min(x0, p.X), min(y0, p.Y), max(x1, p.X), max(y1, p.Y)
	}
	b := page.Box{
		X0: int(math.Floor(x0 - margin)), Y0: int(math.Floor(y0 - margin)),
		X1: int(math.Ceil(x1 + margin)), Y1: int(math.Ceil(y1 + margin)),
	}
	return b.Intersect(page.Box{X1: w, Y1: h})
}
