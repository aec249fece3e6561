package clean

import "image"

// After the light is even, paper is white and ink has the darkness that the toner had. Stretching between the two makes
// faded print black; cutting the bright end makes what shines through from the back of the sheet paper again.

// inkLevel is the darkness of the page's print: the darkest pixels of tiles that have print in them. Tiles with only what
// shines through are brighter and more are empty, so the darkest quarter decides.
func inkLevel(g *image.Gray, size int) int {
	var darkest [256]int
	n := 0
	tileHistograms(g, size, func(_ int, hist *[256]int) {
		v := percentileOf(hist, 0.02)
		if v < 215 {
			darkest[v]++
			n++
		}
	})
	if n == 0 {
		return 0
	}
	return percentileOf(&darkest, 0.25)
}

// stretch makes the print's darkness black and cuts off all that is brighter than share of the way from print to paper.
func stretch(g *image.Gray, ink int, share float64) {
	low := float64(ink) * 0.8
	high := float64(ink) + share*(255-float64(ink))
	var table [256]uint8
	for v := range table {
		table[v] = uint8(min(255, max(0, 255*(float64(v)-low)/(high-low))))
	}
	w := g.Rect.Dx()
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		for x, v := range row {
			row[x] = table[v]
		}
	}
}
