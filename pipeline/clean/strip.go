package clean

import "image"

// Turn gives the image turned clockwise by a multiple of 90 degrees.
func Turn(g *image.Gray, degrees int) *image.Gray {
	if degrees%360 == 0 {
		return g
	}
	return turnGray(g, degrees)
}

// DensestStrip cuts out the band of about six lines that has the most print: enough to compare how two directions read,
// at a tenth of the cost of a page.
func DensestStrip(g *image.Gray) *image.Gray {
	const height = 240 // pixels: six lines whose letters are TargetXHeight high
	if g.Rect.Dy() <= height {
		return g
	}
	// Edges along a row tell print from filled areas.
	edges := make([]int, g.Rect.Dy()+1) // running sum
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()]
		n := 0
		for x := 1; x < len(row); x++ {
			if (row[x-1] < dark) != (row[x] < dark) {
				n++
			}
		}
		edges[y+1] = edges[y] + n
	}
	best := 0
	for y := 0; y+height < len(edges); y++ {
		if edges[y+height]-edges[y] > edges[best+height]-edges[best] {
			best = y
		}
	}
	// A copy, so that the strip's pixels begin at its first row.
	strip := image.NewGray(image.Rect(0, 0, g.Rect.Dx(), height))
	for y := range height {
		copy(strip.Pix[y*strip.Stride:y*strip.Stride+strip.Rect.Dx()], g.Pix[(best+y)*g.Stride:])
	}
	return strip
}
