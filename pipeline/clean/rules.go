package clean

import (
	"image"
	"slices"

	"sohoa/pipeline/page"
)

// Ruled lines of tables, forms and headers glue letters together and read as dashes and bars. They are found as long thin
// runs of ink, reported (a table's cells are between them) and erased where no letter crosses.

// faint is the brightness below which a pixel can be of a rule: hairlines of a scan at 100 dpi are grey.
const faint = 200

// findRules gives the horizontal and vertical rules of an upright, straight page whose letters are letter pixels high.
func findRules(g *image.Gray, letter float64) (horizontal, vertical []page.Box) {
	long, thick := int(8*letter), max(3, int(letter/3))
	w, h := g.Rect.Dx(), g.Rect.Dy()
	horizontal = ruleRuns(w, h, long, thick, func(x, y int) bool { return g.Pix[y*g.Stride+x] < faint })
	vertical = ruleRuns(h, w, long, thick, func(y, x int) bool { return g.Pix[y*g.Stride+x] < faint })
	for i, b := range vertical {
		vertical[i] = page.Box{X0: b.Y0, Y0: b.X0, X1: b.Y1, Y1: b.X1}
	}
	// What runs along the border of the image is the sheet's edge.
	edge := func(b page.Box) bool {
		return b.X1 < w/40 || b.X0 > w-w/40 || b.Y1 < h/40 || b.Y0 > h-h/40
	}
	return slices.DeleteFunc(horizontal, edge), slices.DeleteFunc(vertical, edge)
}

// ruleRuns finds rules along the first coordinate of an image of length×breadth.
func ruleRuns(length, breadth, long, thick int, ink func(along, across int) bool) []page.Box {
	const gap = 3 // pixels of toner that may be missing within a rule
	var open, done []page.Box
	for across := range breadth {
		var still []page.Box
		for _, b := range open {
			if b.Y1 < across {
				done = append(done, b)
			} else {
				still = append(still, b)
			}
		}
		open = still
		for x := 0; x < length; x++ {
			if !ink(x, across) {
				continue
			}
			from, to := x, x+1
			for x = to; x < length && x-to <= gap; x++ {
				if ink(x, across) {
					to = x + 1
				}
			}
			if to-from >= long {
				open = addRun(open, page.Box{X0: from, Y0: across, X1: to, Y1: across + 1})
			}
		}
	}
	var rules []page.Box
	for _, b := range append(done, open...) {
		// Skew leaves a rule a little higher than it is thick; a filled area is not a rule.
		if b.Height() <= thick+b.Width()/150 {
			rules = append(rules, b)
		}
	}
	return rules
}

// addRun joins a run to the open rule that it touches.
func addRun(open []page.Box, r page.Box) []page.Box {
	for i, b := range open {
		if b.Y1 >= r.Y0 && b.X0 <= r.X1 && r.X0 <= b.X1 {
			open[i] = b.Union(r)
			return open
		}
	}
	return append(open, r)
}

// eraseRules paints the rules white but for the places where a stroke of a letter crosses.
func eraseRules(g *image.Gray, horizontal, vertical []page.Box, letter float64) {
	thick := max(4, int(letter*0.6))
	for _, b := range horizontal {
		for x := b.X0; x < b.X1; x++ {
			eraseAcross(g, x, b.Y0, b.Y1, 1, g.Stride, g.Rect.Dy(), thick)
		}
	}
	for _, b := range vertical {
		for y := b.Y0; y < b.Y1; y++ {
			eraseAcross(g, y, b.X0, b.X1, g.Stride, 1, g.Rect.Dx(), thick)
		}
	}
}

// eraseAcross whitens the ink between from and to at one place along a rule unless it belongs to something thicker than a
// rule. alongStep and acrossStep are the distances of neighbouring pixels in the two directions.
func eraseAcross(g *image.Gray, along, from, to, alongStep, acrossStep, breadth, thick int) {
	at := func(across int) *uint8 { return &g.Pix[along*alongStep+across*acrossStep] }
	for across := from; across < to; across++ {
		if *at(across) >= faint {
			continue
		}
		a, b := across, across+1
		for a > 0 && *at(a - 1) < faint {
			a--
		}
		for b < breadth && *at(b) < faint {
			b++
		}
		if b-a <= thick {
			for i := max(0, a-2); i < min(breadth, b+2); i++ {
				*at(i) = 255
			}
		}
		across = b
	}
}
