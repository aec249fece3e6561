package clean

import (
	"image"
	"math"

	"sohoa/pipeline/page"
)

// mostSkew is the greatest slope looked for, in degrees: a sheet that slipped in the feeder, not one laid across.
const mostSkew = 12

// findSkew gives the slope of the text lines in degrees, clockwise positive, and how sure it is, 0–1.
func findSkew(g *image.Gray) (degrees, sure float64) {
	blobs, _ := findBlobs(g)
	degrees, standOut := lineSlope(blobs, g.Rect.Max)
	// Text stands out at least by half; dust and pictures are as uneven one way as the other.
	return degrees, min(1, max(0, standOut-1.2))
}

// lineSlope gives the slope along which the blobs of an image of the given size stand in lines, and how far it stands out:
// 1 is not at all.
//
// The bottoms of letters stand on few heights when seen along the lines: for each angle the bottoms are counted by the
// height at which a line of that slope through them meets the margin, and the angle wins whose counts are most uneven.
func lineSlope(blobs []blob, size image.Point) (degrees, standOut float64) {
	const longest = 1200 // pixels: enough for a tenth of a degree
	factor := min(1, longest/float64(max(size.X, size.Y)))
	var feet []page.Point
	for _, b := range blobs {
		w, h := factor*float64(b.box.Dx()), factor*float64(b.box.Dy())
		if h >= 2.5 && h < 40 && w < 60 {
			feet = append(feet, page.Point{X: factor * float64(b.box.Min.X+b.box.Max.X) / 2, Y: factor * float64(b.box.Max.Y)})
		}
	}
	const few = 30
	if len(feet) < few {
		return 0, 0
	}
	margin := factor * float64(size.X)
	counts := make([]float64, int(factor*float64(size.Y)+2*margin)+2)
	unevenness := func(angle float64) float64 {
		clear(counts)
		slope := math.Tan(angle * math.Pi / 180)
		for _, p := range feet {
			if i := int(p.Y - slope*p.X + margin); i >= 0 && i < len(counts) {
				counts[i]++
			}
		}
		sum := 0.0
		for i := 1; i < len(counts); i++ {
			pair := counts[i] + counts[i-1] // feet a pixel apart are on one line
			sum += pair * pair
		}
		return sum
	}
	most, total, n := -1.0, 0.0, 0
	look := func(from, to, step float64) {
		for a := from; a <= to; a += step {
			v := unevenness(a)
			total += v
			n++
			if v > most {
				degrees, most = a, v
			}
		}
	}
	look(-mostSkew, mostSkew, 0.5)
	usual := total / float64(n)
	look(degrees-0.5, degrees+0.5, 0.05)
	return degrees, most / usual
}

// turnGray turns an image clockwise by a multiple of 90 degrees.
func turnGray(g *image.Gray, degrees int) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	turn := ((degrees % 360) + 360) % 360
	size := image.Rect(0, 0, w, h)
	if turn == 90 || turn == 270 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewGray(size)
	for y := range h {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		switch turn {
		case 90:
			for x, v := range row {
				out.Pix[x*out.Stride+h-1-y] = v
			}
		case 180:
			for x, v := range row {
				out.Pix[(h-1-y)*out.Stride+w-1-x] = v
			}
		case 270:
			for x, v := range row {
				out.Pix[(w-1-x)*out.Stride+y] = v
			}
		default:
			copy(out.Pix[y*out.Stride:], row)
		}
	}
	return out
}

// rotateGray turns an image clockwise by any angle about its middle; the canvas grows so that nothing is cut off, and what
// is new has the brightness fill. The Transform maps the old pixels to the new ones.
func rotateGray(g *image.Gray, degrees float64, fill uint8) (*image.Gray, page.Transform) {
	w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	nw := int(math.Ceil(math.Abs(w*cos) + math.Abs(h*sin)))
	nh := int(math.Ceil(math.Abs(w*sin) + math.Abs(h*cos)))
	t := page.Translate(-w/2, -h/2).Then(page.Rotate(degrees)).Then(page.Translate(float64(nw)/2, float64(nh)/2))
	back := t.Inverse()
	src := padded(g, fill)
	out := image.NewGray(image.Rect(0, 0, nw, nh))
	// Fixed point, 16 fraction bits: a step along a row is the same vector everywhere.
	const one = 1 << 16
	stepX, stepY := int64(back[0]*one), int64(back[3]*one)
	limitX, limitY := int64(src.Rect.Dx()-3), int64(src.Rect.Dy()-3)
	for y := range nh {
		// Pixel centres are half a pixel in; the padding moves all by its width.
		p := back.Apply(page.Point{X: 0.5, Y: float64(y) + 0.5})
		x, yy := int64((p.X-0.5+padding)*one), int64((p.Y-0.5+padding)*one)
		row := out.Pix[y*out.Stride : y*out.Stride+nw]
		for i := range row {
			ix, iy := x>>16, yy>>16
			if ix < 1 || iy < 1 || ix > limitX || iy > limitY {
				row[i] = fill
			} else {
				row[i] = cubic(src.Pix[int(iy-1)*src.Stride+int(ix-1):], src.Stride, int(x>>8)&255, int(yy>>8)&255)
			}
			x += stepX
			yy += stepY
		}
	}
	return out, t
}

const padding = 3

// padded puts a margin around the image, so that sampling needs no special case at its edges.
func padded(g *image.Gray, fill uint8) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w+2*padding, h+2*padding))
	for i := range out.Pix {
		out.Pix[i] = fill
	}
	for y := range h {
		copy(out.Pix[(y+padding)*out.Stride+padding:], g.Pix[y*g.Stride:y*g.Stride+w])
	}
	return out
}

// cubicWeights are Catmull-Rom's for 256 positions between two pixels, in 256ths.
var cubicWeights = func() (table [256][4]int) {
	for i := range table {
		t := float64(i) / 256
		w := [4]float64{
			-0.5*t + t*t - 0.5*t*t*t,
			1 - 2.5*t*t + 1.5*t*t*t,
			0.5*t + 2*t*t - 1.5*t*t*t,
			-0.5*t*t + 0.5*t*t*t,
		}
		sum := 0
		for k, v := range w {
			table[i][k] = int(math.Round(256 * v))
			sum += table[i][k]
		}
		table[i][1] += 256 - sum
	}
	return table
}()

// cubic samples between the middle four of the 4×4 pixels at p.
func cubic(p []uint8, stride, fx, fy int) uint8 {
	wx, wy := &cubicWeights[fx], &cubicWeights[fy]
	sum := 0
	for k := range 4 {
		r := p[k*stride : k*stride+4 : k*stride+4]
		sum += wy[k] * (wx[0]*int(r[0]) + wx[1]*int(r[1]) + wx[2]*int(r[2]) + wx[3]*int(r[3]))
	}
	return uint8(min(255, max(0, (sum+1<<15)>>16)))
}
