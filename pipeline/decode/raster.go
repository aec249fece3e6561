package decode

import (
	"image"
	"image/color"
	"math"
)

// raster is a page as it is stored in its file.
type raster struct {
	pixels        image.Image // *image.Gray or opaque *image.NRGBA
	width, height int         // of the page as stored; pixels may be smaller
	orientation   int
	xDPI, yDPI    float64
	warnings      []string
}

// sheet turns the page as it is shown and makes its pixels square.
func (r *raster) sheet(format Format) *Sheet {
	if r.orientation < 1 || r.orientation > 8 {
		r.orientation = 1
	}
	s := &Sheet{Orientation: r.orientation, Format: format, Warnings: r.warnings, Width: r.width, Height: r.height}
	s.Scale = min(1, float64(r.pixels.Bounds().Dx())/float64(r.width))
	s.Stored = oriented(r.pixels, r.orientation)
	x, y := r.xDPI, r.yDPI
	if r.orientation >= 5 {
		s.Width, s.Height, x, y = s.Height, s.Width, y, x
	}
	s.DPI = max(x, y)
	s.Pixels = s.Stored
	if g, ok := s.Stored.(*image.Gray); ok {
		s.Bilevel = bilevel(g)
	}
	// Fax machines scan 204×98 or 204×196 dots to the inch; beyond a tenth letters lose their shape.
	if x > 0 && y > 0 && (x/y > 1.1 || y/x > 1.1) && x/y < 4 && y/x < 4 {
		w, h := int(math.Round(float64(s.Width)*s.DPI/x)), int(math.Round(float64(s.Height)*s.DPI/y))
		s.Pixels = stretched(s.Stored, int(math.Round(float64(w)*s.Scale)), int(math.Round(float64(h)*s.Scale)))
		s.Width, s.Height = w, h
	}
	return s
}

// bilevel tells whether all pixels are black or white.
func bilevel(g *image.Gray) bool {
	w := g.Rect.Dx()
	for y := range g.Rect.Dy() {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+w] {
			if v+1 > 1 { // 255+1 is 0
				return false
			}
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
		for y := range h {
			start, step := place(0, y, w, h, o, out.Stride, 1)
			for x := range w {
				out.Pix[start+x*step] = p.Pix[y*p.Stride+x]
			}
		}
		return out
	case *image.NRGBA:
		w, h := p.Rect.Dx(), p.Rect.Dy()
		out := image.NewNRGBA(shownRect(w, h, o))
		for y := range h {
			start, step := place(0, y, w, h, o, out.Stride, 4)
			for x := range w {
				copy(out.Pix[start+x*step:start+x*step+4], p.Pix[y*p.Stride+4*x:])
			}
		}
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
			for x, f := range from {
				out.Pix[y*out.Stride+x] = row[f]
			}
		}
		return out
	case *image.NRGBA:
		out := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			row := p.Pix[min(b.Dy()-1, y*b.Dy()/h)*p.Stride:]
			for x, f := range from {
				copy(out.Pix[y*out.Stride+4*x:y*out.Stride+4*x+4], row[4*f:])
			}
		}
		return out
	}
	return img
}

// flat makes of any image a grey or an opaque colour one: what is transparent lies on white paper.
func flat(img image.Image) image.Image {
	b := img.Bounds()
	switch p := img.(type) {
	case *image.Gray:
		return p
	case *image.Gray16:
		out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
		for y := range b.Dy() {
			for x := range b.Dx() {
				out.Pix[y*out.Stride+x] = p.Pix[y*p.Stride+2*x] // the high byte
			}
		}
		return out
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	gray := true
	at := pixelReader(img)
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride : y*out.Stride+4*b.Dx()]
		for x := range b.Dx() {
			c := at(b.Min.X+x, b.Min.Y+y)
			white := uint32(255 - c.A)
			over := func(v uint8) uint8 {
				return uint8((uint32(v)*uint32(c.A) + 255*white + 127) / 255) //nolint:gosec // a mean of bytes
			}
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = over(c.R), over(c.G), over(c.B), 255
			gray = gray && p[0] == p[1] && p[1] == p[2]
		}
	}
	if !gray {
		return out
	}
	g := image.NewGray(out.Rect)
	for i := range g.Pix {
		g.Pix[i] = out.Pix[4*i]
	}
	return g
}

// pixelReader reads pixels without an allocation each for the kinds of image that files hold.
func pixelReader(img image.Image) func(x, y int) color.NRGBA {
	switch p := img.(type) {
	case *image.NRGBA:
		return p.NRGBAAt
	case *image.Paletted:
		colors := make([]color.NRGBA, len(p.Palette))
		for i, c := range p.Palette {
			colors[i], _ = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		return func(x, y int) color.NRGBA {
			if i := int(p.ColorIndexAt(x, y)); i < len(colors) {
				return colors[i]
			}
			return color.NRGBA{A: 255} // an index beyond the palette: decoders differ, black is the usual choice
		}
	case *image.RGBA:
		return func(x, y int) color.NRGBA {
			c, _ := color.NRGBAModel.Convert(p.RGBAAt(x, y)).(color.NRGBA)
			return c
		}
	}
	return func(x, y int) color.NRGBA {
		c, _ := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
		return c
	}
}
