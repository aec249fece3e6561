package clean

import (
	"image"
	"image/color"
	"math"
)

// A red seal is ink that a person looks through and recognition does not: its ring and letters become words, its colour
// hides the signer's title. In the red channel it is as bright as the paper, while black print stays black, also under the
// seal. JPEG stores colour at half resolution, so at the seal's edges the colour is blurred and its strokes stay dark in
// the red channel too; there brightness decides: nothing that is as bright as the seal's own ink is print.

const (
	redInk      = 40 // red minus the larger of green and blue, from which a pixel is red ink for certain
	sealZone    = 8  // pixels on a side of the cells in which a seal's neighbourhood is marked
	sealMinimum = 0.0003
	// More red than this is no seal but the colour of the print or the paper itself, which must be kept.
	sealMaximum = 0.25
)

// grayWithoutSeals gives the page in grey as recognition should see it and the share of its pixels that was red ink.
func grayWithoutSeals(c *image.NRGBA) (*image.Gray, float64) {
	w, h := c.Rect.Dx(), c.Rect.Dy()
	g := image.NewGray(image.Rect(0, 0, w, h))
	z := newSealZones(w, h)
	red := 0
	var inkLuma [256]int
	for y := range h {
		src := c.Pix[y*c.Stride : y*c.Stride+4*w]
		dst := g.Pix[y*g.Stride : y*g.Stride+w]
		for x := range dst {
			p := src[4*x : 4*x+3 : 4*x+3]
			r, gr, b := int(p[0]), int(p[1]), int(p[2])
			luma := (77*r + 150*gr + 29*b) >> 8
			dst[x] = uint8(luma) //nolint:gosec // a weighted mean of three bytes is a byte
			if r-max(gr, b) >= redInk {
				red++
				inkLuma[luma&255]++
				z.mark(x, y)
			}
		}
	}
	share := float64(red) / float64(max(1, w*h))
	switch {
	case share > sealMaximum:
		return g, 0
	case share > sealMinimum:
		z.brighten(g, c, percentileOf(&inkLuma, 0.35))
	}
	return g, share
}

// plainGray is the page's brightness as it is.
func plainGray(c image.Image) *image.Gray {
	b := c.Bounds()
	g := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	n, ok := c.(*image.NRGBA)
	if !ok {
		for y := range b.Dy() {
			for x := range b.Dx() {
				v, _ := color.GrayModel.Convert(c.At(b.Min.X+x, b.Min.Y+y)).(color.Gray)
				g.SetGray(x, y, v)
			}
		}
		return g
	}
	for y := range b.Dy() {
		src := n.Pix[y*n.Stride : y*n.Stride+4*b.Dx()]
		dst := g.Pix[y*g.Stride : y*g.Stride+b.Dx()]
		for x := range dst {
			p := src[4*x : 4*x+3 : 4*x+3]
			dst[x] = uint8((77*int(p[0]) + 150*int(p[1]) + 29*int(p[2])) >> 8) //nolint:gosec // a weighted mean of bytes
		}
	}
	return g
}

// sealZones marks cells of sealZone×sealZone pixels that have red ink in them or beside them.
type sealZones struct {
	w, h  int // in cells
	count []uint16
}

func newSealZones(w, h int) *sealZones {
	z := &sealZones{w: (w + sealZone - 1) / sealZone, h: (h + sealZone - 1) / sealZone}
	z.count = make([]uint16, z.w*z.h)
	return z
}

func (z *sealZones) mark(x, y int) { z.count[y/sealZone*z.w+x/sealZone]++ }

// near tells whether a cell or one of its neighbours holds a few red pixels: one alone is noise of the camera.
func (z *sealZones) near(cx, cy int) bool {
	for y := max(0, cy-1); y <= min(z.h-1, cy+1); y++ {
		for x := max(0, cx-1); x <= min(z.w-1, cx+1); x++ {
			if z.count[y*z.w+x] >= 4 {
				return true
			}
		}
	}
	return false
}

// brighten stretches the brightness of pixels in a seal's neighbourhood so that the seal's ink (and all that is brighter)
// becomes paper; what is as dark as print stays.
func (z *sealZones) brighten(g *image.Gray, c *image.NRGBA, ink int) {
	const printed = 50 // brightness of print under a seal
	ink = max(ink, printed+40)
	var stretch [256]uint8
	for v := range stretch {
		s := math.Round(255 * float64(v-printed) / float64(ink-printed))
		stretch[v] = uint8(min(255, max(0, s)))
	}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for cy := range z.h {
		for cx := range z.w {
			if !z.near(cx, cy) {
				continue
			}
			for y := cy * sealZone; y < min(h, (cy+1)*sealZone); y++ {
				for x := cx * sealZone; x < min(w, (cx+1)*sealZone); x++ {
					p := c.Pix[y*c.Stride+4*x:]
					// Only where the pixel has some of the seal's colour: print beside a seal keeps its soft edges.
					if int(p[0])-int(max(p[1], p[2])) < 8 {
						continue
					}
					at := y*g.Stride + x
					luma := (77*int(p[0]) + 150*int(p[1]) + 29*int(p[2])) >> 8
					g.Pix[at] = max(p[0], stretch[luma&255])
				}
			}
		}
	}
}

// percentileOf is the value below which the share p of a histogram lies.
func percentileOf(histogram *[256]int, p float64) int {
	total := 0
	for _, n := range histogram {
		total += n
	}
	want, seen := int(p*float64(total)), 0
	for v, n := range histogram {
		seen += n
		if seen > want {
			return v
		}
	}
	return 255
}
