package clean

import (
	"cmp"
	"image"
	"slices"

	"sohoa/pipeline/page"
)

// A table read as whole lines loses points and digits: between cells the recognizer sees gaps as wide as words and takes
// the row for one odd line (on made lists, "2.003963" became "2003963" in every row, and one row in ten lost a cell). Read
// column by column, as blocks of their own, the same cells come out right. So a ruled table is cut into strips: a column
// each, over as many rows as have the same columns.

// tableStrips gives the strips of all ruled tables, each inside its rules, in pixels of the page that the rules are on.
func tableStrips(horizontal, vertical []page.Box, letter float64) []image.Rectangle {
	var strips []image.Rectangle
	for _, g := range ruleGrids(horizontal, vertical, int(letter)) {
		for _, band := range g.bands(int(letter)) {
			for i := 1; i < len(band.edges); i++ {
				s := image.Rect(band.edges[i-1]+2, band.top+2, band.edges[i]-1, band.bottom-1)
				if s.Dx() >= int(letter) && s.Dy() >= int(letter) {
					strips = append(strips, s)
				}
			}
		}
	}
	return strips
}

// ruleGrid is a group of rules that touch each other.
type ruleGrid struct {
	box                  page.Box
	horizontal, vertical []page.Box
}

// ruleGrids groups rules by touch, within slack pixels, and keeps the groups that can be tables.
func ruleGrids(horizontal, vertical []page.Box, slack int) []ruleGrid {
	var grids []ruleGrid
	add := func(one ruleGrid) {
		rest := grids[:0]
		for _, g := range grids {
			wide := page.Box{X0: one.box.X0 - slack, Y0: one.box.Y0 - slack, X1: one.box.X1 + slack, Y1: one.box.Y1 + slack}
			if wide.Intersect(g.box).Empty() {
				rest = append(rest, g)
				continue
			}
			one.box = one.box.Union(g.box)
			one.horizontal = append(one.horizontal, g.horizontal...)
			one.vertical = append(one.vertical, g.vertical...)
		}
		grids = append(rest, one)
	}
	for _, b := range vertical {
		add(ruleGrid{box: b, vertical: []page.Box{b}})
	}
	for _, b := range horizontal {
		add(ruleGrid{box: b, horizontal: []page.Box{b}})
	}
	return slices.DeleteFunc(grids, func(g ruleGrid) bool { return len(g.horizontal) < 2 || len(g.vertical) < 2 })
}

// tableBand is a run of rows with the same columns; edges are the columns' borders from left to right.
type tableBand struct {
	top, bottom int
	edges       []int
}

// bands cuts a table at the rules that go all the way across, and joins what has the same columns again.
func (g ruleGrid) bands(slack int) []tableBand {
	var cuts []int
	for _, h := range g.horizontal {
		if h.Width()*10 >= g.box.Width()*8 {
			cuts = append(cuts, (h.Y0+h.Y1)/2)
		}
	}
	cuts = distinct(append(cuts, g.box.Y0, g.box.Y1), slack)
	var bands []tableBand
	for i := 1; i < len(cuts); i++ {
		b := tableBand{top: cuts[i-1], bottom: cuts[i], edges: []int{g.box.X0, g.box.X1}}
		for _, v := range g.vertical {
			if inside := min(v.Y1, b.bottom) - max(v.Y0, b.top); inside*10 >= (b.bottom-b.top)*7 {
				b.edges = append(b.edges, (v.X0+v.X1)/2)
			}
		}
		b.edges = distinct(b.edges, slack)
		if n := len(bands); n > 0 && sameEdges(bands[n-1].edges, b.edges, slack) {
			bands[n-1].bottom = b.bottom
			continue
		}
		bands = append(bands, b)
	}
	return bands
}

// distinct sorts figures and keeps one of those closer than slack.
func distinct(v []int, slack int) []int {
	slices.SortFunc(v, cmp.Compare[int])
	return slices.CompactFunc(v, func(a, b int) bool { return max(a-b, b-a) < slack })
}

func sameEdges(a, b []int, slack int) bool {
	return slices.EqualFunc(a, b, func(x, y int) bool { return max(x-y, y-x) < slack })
}

// WithoutStrips gives a copy of the page with the tables' strips white: what is left to be read as a page.
func (c *Cleaned) WithoutStrips() *image.Gray {
	if len(c.Strips) == 0 {
		return c.Gray
	}
	g := *c.Gray
	g.Pix = slices.Clone(c.Gray.Pix)
	for _, s := range c.Strips {
		whiten(&g, s)
	}
	return &g
}

// CutOut copies a part of an image, with a white margin around it: the recognizer misses letters at an edge.
func CutOut(g *image.Gray, part image.Rectangle, margin int) *image.Gray {
	part = part.Intersect(g.Rect)
	out := image.NewGray(image.Rect(0, 0, part.Dx()+2*margin, part.Dy()+2*margin))
	whiten(out, out.Rect)
	for y := range part.Dy() {
		from := (part.Min.Y+y)*g.Stride + part.Min.X
		copy(out.Pix[(y+margin)*out.Stride+margin:], g.Pix[from:from+part.Dx()])
	}
	return out
}

// HasPrint tells whether a part of the cleaned page has anything on it that can be a letter.
func HasPrint(g *image.Gray, part image.Rectangle) bool {
	blobs, _ := findBlobs(CutOut(g, part, 0))
	return slices.ContainsFunc(blobs, letterSized)
}
