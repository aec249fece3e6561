package decode

import (
	"image"
	"math"
)

// warn adds what a library had to say.
func (r *raster) warn(what string, said []string) {
	for _, s := range said {
		r.warnings = append(r.warnings, what+": "+s)
	}
}

// shape is a page as it is shown.
type shape struct {
	orientation   int
	width, height int // with square pixels
	stretched     bool
	dpi           float64
}

// shape works out how the page is shown. Fax machines scan 204×98 or 204×196 dots to the inch; beyond a tenth letters lose
// their shape, so the coarser axis is stretched, unless that goes beyond the limit.
func (r *raster) shape(lim Limits) shape {
	s := shape{orientation: r.orientation, width: r.width, height: r.height}
	if s.orientation < 1 || s.orientation > 8 {
		s.orientation = 1
	}
	x, y := believable(r.xDPI), believable(r.yDPI)
	if s.orientation >= 5 {
		s.width, s.height, x, y = s.height, s.width, y, x
	}
	if x == 0 || y == 0 {
		s.dpi = max(x, y)
		return s
	}
	s.dpi = (x + y) / 2
	const square, lie = 1.1, 4
	if ratio := max(x/y, y/x); ratio <= square || ratio >= lie {
		return s
	}
	w, h := int(math.Round(float64(s.width)*max(1, y/x))), int(math.Round(float64(s.height)*max(1, x/y)))
	if lim.checkPixels(w, h) != nil {
		return s
	}
	s.width, s.height, s.stretched, s.dpi = w, h, true, max(x, y)
	return s
}

// believable is a resolution that a number can be worked out with; 0 for none.
func believable(dpi float64) float64 {
	if !(dpi >= 1 && dpi <= 100_000) { // also not a number
		return 0
	}
	return dpi
}

// sheet turns the page as it is shown and makes its pixels square.
func (r *raster) sheet(format Format, lim Limits) *Sheet {
	shown := r.shape(lim)
	s := &Sheet{
		Orientation: shown.orientation, Format: format, Warnings: r.warnings, Incomplete: r.incomplete,
		Width: shown.width, Height: shown.height, DPI: shown.dpi, Scale: 1,
	}
	if r.eighths > 0 {
		s.Scale = float64(r.eighths) / 8
	}
	s.Stored = oriented(collapsed(r.pixels), shown.orientation)
	r.pixels = nil // turned, the stored one is not needed any more
	s.Pixels = s.Stored
	if g, ok := s.Stored.(*image.Gray); ok {
		s.Bilevel = bilevel(g)
	}
	if shown.stretched {
		s.Pixels = stretched(s.Stored, int(math.Ceil(float64(s.Width)*s.Scale)), int(math.Ceil(float64(s.Height)*s.Scale)))
	}
	return s
}

// collapsed makes colour grey where no pixel has any: scanners often store grey as three equal samples.
func collapsed(img image.Image) image.Image {
	c, ok := img.(*image.NRGBA)
	if !ok {
		return img
	}
	for i := 0; i+3 < len(c.Pix); i += 4 {
		if p := c.Pix[i : i+4 : i+4]; p[0] != p[1] || p[1] != p[2] {
			return img
		}
	}
	g := image.NewGray(c.Rect)
	for i := range g.Pix {
		g.Pix[i] = c.Pix[4*i]
	}
	return g
}

// bilevel tells whether all pixels are black or white.
func bilevel(g *image.Gray) bool {
	for _, v := range g.Pix {
		if v+1 > 1 { // 255+1 is 0
			return false
		}
	}
	return true
}

// oriented turns an image as EXIF orientation o says (TIFF 6.0, tag 274).
func oriented(img image.Image, o int) image.Image {
	if o <= 1 {
		return img
	}
	switch p := img.(type) {
	case *image.Gray:
		w, h := p.Rect.Dx(), p.Rect.Dy()
		out := image.NewGray(shownRect(w, h, o))
		turn(p.Pix, out.Pix, p.Stride, out.Stride, w, h, o, 1)
		return out
	case *image.NRGBA:
		w, h := p.Rect.Dx(), p.Rect.Dy()
		out := image.NewNRGBA(shownRect(w, h, o))
		turn(p.Pix, out.Pix, p.Stride, out.Stride, w, h, o, 4)
		return out
	}
	return img
}

func shownRect(w, h, o int) image.Rectangle {
	if o >= 5 {
		w, h = h, w
	}
	return image.Rect(0, 0, w, h)
}

// turn copies a w×h image of 1 or 4 bytes a pixel to where orientation o shows each pixel, tile by tile: whole rows that
// become columns would miss the cache at every pixel.
func turn(from, to []byte, fromStride, toStride, w, h, o, size int) {
	const tile = 64
	for y0 := 0; y0 < h; y0 += tile {
		for x0 := 0; x0 < w; x0 += tile {
			n := min(tile, w-x0)
			for y := y0; y < min(h, y0+tile); y++ {
				at, step := place(x0, y, w, h, o, toStride, size)
				row := from[y*fromStride+x0*size:][:n*size]
				if size == 1 {
					for _, v := range row {
						to[at] = v
						at += step
					}
					continue
				}
				for x := 0; x+3 < len(row); x += 4 {
					*(*[4]byte)(to[at:]) = *(*[4]byte)(row[x:])
					at += step
				}
			}
		}
	}
}

// place gives where pixel x, y of a w×h image lands in the turned one, as an index into its bytes, and the step from there
// to where the next pixel of the same row lands.
func place(x, y, w, h, o, stride, size int) (at, step int) {
	switch o {
	case 2:
		return y*stride + (w-1-x)*size, -size
	case 3:
		return (h-1-y)*stride + (w-1-x)*size, -size
	case 4:
		return (h-1-y)*stride + x*size, size
	case 5:
		return x*stride + y*size, stride
	case 6:
		return x*stride + (h-1-y)*size, stride
	case 7:
		return (w-1-x)*stride + (h-1-y)*size, -stride
	case 8:
		return (w-1-x)*stride + y*size, -stride
	}
	return y*stride + x*size, size
}

// stretched repeats rows or columns until the image has the new size: black and white stay what they are.
func stretched(img image.Image, w, h int) image.Image {
	b := img.Bounds()
	w, h = max(1, w), max(1, h)
	from := make([]int, w)
	for x := range from {
		from[x] = min(b.Dx()-1, x*b.Dx()/w)
	}
	switch p := img.(type) {
	case *image.Gray:
		out := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			row := p.Pix[min(b.Dy()-1, y*b.Dy()/h)*p.Stride:]
			dst := out.Pix[y*out.Stride:][:w]
			for x, f := range from {
				dst[x] = row[f]
			}
		}
		return out
	case *image.NRGBA:
		out := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			row := p.Pix[min(b.Dy()-1, y*b.Dy()/h)*p.Stride:]
			dst := out.Pix[y*out.Stride:]
			for x, f := range from {
				*(*[4]byte)(dst[4*x:]) = *(*[4]byte)(row[4*f:])
			}
		}
		return out
	}
	return img
}
