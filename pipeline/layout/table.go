package layout

import (
	"cmp"
	"slices"

	"sohoa/pipeline/page"
)

// table is a grid of ruled lines with the words in it.
type table struct {
	box   page.Box
	cells []cell
}

// cell is the words between one pair of rules above and to the left.
type cell struct {
	top, left int
	lines     []piece
}

// takeTables finds the grids and gives the words in them and the others.
func (a arranger) takeTables(words []word, rules Rules) ([]table, []word) {
	var tables []table
	for _, box := range a.grids(rules) {
		var in []word
		in = take(&words, func(w word) bool {
			x, y := (w.Box.X0+w.Box.X1)/2, int(w.middle())
			return x >= box.X0 && x < box.X1 && y >= box.Y0 && y < box.Y1
		})
		if len(in) > 0 {
			tables = append(tables, table{box: box, cells: a.cells(in, rules, box)})
		}
	}
	return tables, words
}

// grids are the boxes around rules that touch each other: at least two of each direction.
func (a arranger) grids(rules Rules) []page.Box {
	type group struct {
		box                  page.Box
		horizontal, vertical int
	}
	var groups []group
	add := func(b page.Box, horizontal bool) {
		slack := int(a.unit / 2)
		one := group{box: b}
		if horizontal {
			one.horizontal = 1
		} else {
			one.vertical = 1
		}
		rest := groups[:0]
		for _, g := range groups {
			wide := page.Box{X0: one.box.X0 - slack, Y0: one.box.Y0 - slack, X1: one.box.X1 + slack, Y1: one.box.Y1 + slack}
			if wide.Intersect(g.box).Empty() {
				rest = append(rest, g)
				continue
			}
			one.box = one.box.Union(g.box)
			one.horizontal += g.horizontal
			one.vertical += g.vertical
		}
		groups = append(rest, one)
	}
	for _, b := range rules.Vertical {
		add(b, false)
	}
	for _, b := range rules.Horizontal {
		add(b, true)
	}
	var boxes []page.Box
	for _, g := range groups {
		if g.horizontal >= 2 && g.vertical >= 2 {
			boxes = append(boxes, g.box)
		}
	}
	return boxes
}

// cells sorts a table's words by the rule above and the rule to the left of each.
func (a arranger) cells(words []word, rules Rules, box page.Box) []cell {
	type key struct{ top, left int }
	content := make(map[key][]word)
	slack := int(a.unit / 2)
	for _, w := range words {
		x, y := (w.Box.X0+w.Box.X1)/2, int(w.middle())
		k := key{box.Y0, box.X0}
		for _, h := range rules.Horizontal {
			if h.X0-slack <= x && x < h.X1+slack && h.Y0 <= y {
				k.top = max(k.top, h.Y0)
			}
		}
		for _, v := range rules.Vertical {
			if v.Y0-slack <= y && y < v.Y1+slack && v.X0 <= x {
				k.left = max(k.left, v.X0)
			}
		}
		content[k] = append(content[k], w)
	}
	// Rules of one row or column differ by a pixel or two.
	cells := make([]cell, 0, len(content))
	for k, in := range content {
		cells = append(cells, cell{top: k.top, left: k.left, lines: a.lines(in)})
	}
	slices.SortFunc(cells, func(c, d cell) int { return cmp.Or(cmp.Compare(c.top, d.top), cmp.Compare(c.left, d.left)) })
	row := 0
	for i := range cells {
		if i > 0 && cells[i].top-row <= slack {
			cells[i].top = row
			continue
		}
		row = cells[i].top
	}
	slices.SortStableFunc(cells, func(c, d cell) int { return cmp.Or(cmp.Compare(c.top, d.top), cmp.Compare(c.left, d.left)) })
	return cells
}

// block gives the table row by row, in a row cell by cell, a cell's lines whole.
func (t table) block() page.Block {
	b := page.Block{Kind: page.BlockTable, Box: t.box}
	row, n := -1, 0
	for _, c := range t.cells {
		if c.top != row {
			row, n = c.top, 0
		}
		for _, l := range c.lines {
			b.Lines = append(b.Lines, l.line(n))
		}
		n++
	}
	return b
}
