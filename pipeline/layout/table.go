package layout

import (
	"cmp"
	"math"
	"slices"

	"sohoa/pipeline/page"
)

// mostRules bounds the rules of each direction that are looked at, longest first: a page of tables has fewer.
const mostRules = 400

// ruledTables takes the words that stand in tables framed by rules out of the flow. Each table is a segment of its own.
func ruledTables(words []*word, rules Rules, m metrics) (tables []*segment, rest []*word) {
	rest = words
	for _, g := range framedGrids(rules, m) {
		var inside, outside []*word
		for _, w := range rest {
			if g.contains(w) {
				inside = append(inside, w)
			} else {
				outside = append(outside, w)
			}
		}
		block, ok := g.block(inside, m)
		if !ok {
			continue
		}
		rest = outside
		tables = append(tables, tableSegment(block, len(tables), m))
	}
	return tables, rest
}

// tableSegment is a table as a part of the flow; its first line decides its place.
func tableSegment(b page.Block, index int, m metrics) *segment {
	base := float64(b.Box.Y0) + m.em
	return &segment{
		row: -1 - index, order: base, base: base, x0: float64(b.Box.X0), x1: float64(b.Box.X1), table: &b,
	}
}

// frame is a grid of rules that touch each other: the lines between its columns and between its rows, outer ones included.
type frame struct {
	xs, ys []float64
	// rightOpen[r][c] tells that no rule parts cell c of row r from the next one, belowOpen the same downwards.
	rightOpen, belowOpen [][]bool
	slack                float64
}

// framedGrids finds the grids among the rules, smallest first, so that a table within a frame comes before the frame.
func framedGrids(rules Rules, m metrics) []*frame {
	horizontal, vertical := longest(rules.Horizontal, true), longest(rules.Vertical, false)
	slack := max(3, 0.4*m.em)
	all := append(slices.Clone(horizontal), vertical...)
	group := touching(horizontal, vertical, slack)
	var frames []*frame
	for g := range all {
		if group[g] != g {
			continue
		}
		var h, v []page.Box
		for i := range all {
			if group[i] == g && i < len(horizontal) {
				h = append(h, all[i])
			} else if group[i] == g {
				v = append(v, all[i])
			}
		}
		if f := newFrame(h, v, slack); f != nil {
			frames = append(frames, f)
		}
	}
	slices.SortStableFunc(frames, func(a, b *frame) int { return cmp.Compare(a.area(), b.area()) })
	return frames
}

// longest are the longest rules of one direction, without impossible boxes.
func longest(rules []page.Box, horizontal bool) []page.Box {
	length := func(b page.Box) int {
		if horizontal {
			return b.Width()
		}
		return b.Height()
	}
	var out []page.Box
	for _, b := range rules {
		if !b.Empty() && b.X0 > -far && b.Y0 > -far && b.X1 < far && b.Y1 < far {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b page.Box) int { return cmp.Compare(length(b), length(a)) })
	return out[:min(len(out), mostRules)]
}

// touching gives each rule (horizontal ones first) the index of the first rule that it is connected with.
func touching(horizontal, vertical []page.Box, slack float64) []int {
	group := make([]int, len(horizontal)+len(vertical))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	s := int(slack)
	for i, h := range horizontal {
		for j, v := range vertical {
			if h.X0-s < v.X1 && v.X0 < h.X1+s && v.Y0-s < h.Y1 && h.Y0 < v.Y1+s {
				a, b := root(i), root(len(horizontal)+j)
				group[max(a, b)] = min(a, b)
			}
		}
	}
	for i := range group {
		group[i] = root(i)
	}
	return group
}

// newFrame makes a grid of connected rules; nil if they are too few to make cells.
func newFrame(horizontal, vertical []page.Box, slack float64) *frame {
	if len(horizontal) == 0 || len(vertical) == 0 || len(horizontal)+len(vertical) < 3 {
		return nil
	}
	f := &frame{slack: slack}
	var xs, ys []float64
	var outer page.Box
	for _, v := range vertical {
		xs = append(xs, float64(v.X0+v.X1)/2)
		outer = outer.Union(v)
	}
	for _, h := range horizontal {
		ys = append(ys, float64(h.Y0+h.Y1)/2)
		outer = outer.Union(h)
	}
	// A table may be open at its sides, or go on from the page before: the ends of its rules are its edges.
	xs = append(xs, float64(outer.X0), float64(outer.X1))
	ys = append(ys, float64(outer.Y0), float64(outer.Y1))
	f.xs, f.ys = cluster(xs, 2*slack), cluster(ys, slack)
	if len(f.xs) < 2 || len(f.ys) < 2 {
		return nil
	}
	f.open(horizontal, vertical)
	return f
}

// cluster joins values that are no further apart than slack into their mean.
func cluster(values []float64, slack float64) []float64 {
	slices.Sort(values)
	var out []float64
	sum, n := 0.0, 0
	for i, v := range values {
		if i > 0 && v-values[i-1] > slack {
			out = append(out, sum/float64(n))
			sum, n = 0, 0
		}
		sum, n = sum+v, n+1
	}
	if n > 0 {
		out = append(out, sum/float64(n))
	}
	return out
}

// open finds out between which cells there is no rule.
func (f *frame) open(horizontal, vertical []page.Box) {
	rows, cols := len(f.ys)-1, len(f.xs)-1
	right := covered(rows, cols, f.ys, f.xs, vertical, f.slack, func(b page.Box) (along0, along1, across float64) {
		return float64(b.Y0), float64(b.Y1), float64(b.X0+b.X1) / 2
	})
	below := covered(cols, rows, f.xs, f.ys, horizontal, f.slack, func(b page.Box) (along0, along1, across float64) {
		return float64(b.X0), float64(b.X1), float64(b.Y0+b.Y1) / 2
	})
	f.rightOpen, f.belowOpen = make([][]bool, rows), make([][]bool, rows)
	for r := range rows {
		f.rightOpen[r], f.belowOpen[r] = make([]bool, cols), make([]bool, cols)
		for c := range cols {
			f.rightOpen[r][c] = c+1 < cols && right[r][c+1] < 0.5
			f.belowOpen[r][c] = r+1 < rows && below[c][r+1] < 0.5
		}
	}
}

// covered gives for each band (between two of along) and each line of across the part of the band that rules run along.
func covered(bands, lines int, along, across []float64, rules []page.Box, slack float64, of func(page.Box) (a0, a1, at float64)) [][]float64 {
	out := make([][]float64, bands)
	for i := range out {
		out[i] = make([]float64, lines+1)
	}
	for _, b := range rules {
		a0, a1, at := of(b)
		line := nearest(across, at)
		if math.Abs(across[line]-at) > 2*slack {
			continue
		}
		for i := range bands {
			if common := min(a1, along[i+1]) - max(a0, along[i]); common > 0 {
				out[i][line] += common / (along[i+1] - along[i])
			}
		}
	}
	return out
}

// nearest is the index of the value of a sorted list that is closest to v.
func nearest(sorted []float64, v float64) int {
	i, _ := slices.BinarySearch(sorted, v)
	if i == len(sorted) || i > 0 && v-sorted[i-1] < sorted[i]-v {
		i--
	}
	return i
}

func (f *frame) area() float64 {
	return (f.xs[len(f.xs)-1] - f.xs[0]) * (f.ys[len(f.ys)-1] - f.ys[0])
}

func (f *frame) contains(w *word) bool {
	x, y := float64(w.Box.X0)/2+float64(w.Box.X1)/2, float64(w.Box.Y0)/2+float64(w.Box.Y1)/2
	return x >= f.xs[0] && x <= f.xs[len(f.xs)-1] && y >= f.ys[0] && y <= f.ys[len(f.ys)-1]
}

// cell is where a word stands, as row·columns+column of the first of the cells that are open to each other.
func (f *frame) cells() []int {
	rows, cols := len(f.ys)-1, len(f.xs)-1
	first := make([]int, rows*cols)
	for i := range first {
		first[i] = i
	}
	root := func(i int) int {
		for first[i] != i {
			i = first[i]
		}
		return i
	}
	join := func(i, j int) {
		a, b := root(i), root(j)
		first[max(a, b)] = min(a, b)
	}
	for r := range rows {
		for c := range cols {
			if f.rightOpen[r][c] {
				join(r*cols+c, r*cols+c+1)
			}
			if f.belowOpen[r][c] {
				join(r*cols+c, (r+1)*cols+c)
			}
		}
	}
	for i := range first {
		first[i] = root(i)
	}
	return first
}

// block reads the words of a grid row by row, cell by cell; false if it is no table: a stamp, a box for a photograph, a
// frame around the page.
func (f *frame) block(words []*word, m metrics) (page.Block, bool) {
	cols := len(f.xs) - 1
	cells := f.cells()
	byCell := map[int][]*word{}
	for _, w := range words {
		x, y := float64(w.Box.X0)/2+float64(w.Box.X1)/2, float64(w.Box.Y0)/2+float64(w.Box.Y1)/2
		c := cells[band(f.ys, y)*cols+band(f.xs, x)]
		byCell[c] = append(byCell[c], w)
	}
	rows, columns := map[int]bool{}, map[int]bool{}
	var order []int
	for c := range byCell {
		order = append(order, c)
		rows[c/cols], columns[c%cols] = true, true
	}
	if len(byCell) < 3 || len(columns) < 2 || len(rows) < 2 && len(columns) < 3 {
		return page.Block{}, false
	}
	slices.Sort(order)
	var t tableBuilder
	for _, c := range order {
		lines := buildRows(byCell[c], m)
		if holdsGrid(lines, m) {
			return page.Block{}, false // faint rules were missed; the text's own columns know better
		}
		t.cell(c/cols, c%cols, lines)
	}
	return t.block, true
}

// holdsGrid tells whether the lines of one cell stand in columns themselves.
func holdsGrid(lines []*row, m metrics) bool {
	var segments []*segment
	for i, l := range lines {
		segments = append(segments, l.split(i, m)...)
	}
	return slices.ContainsFunc(findGrids(segments, m), func(s *segment) bool { return s.table != nil })
}

// band is the index of the interval between sorted values in which v lies.
func band(sorted []float64, v float64) int {
	i, _ := slices.BinarySearch(sorted, v)
	return max(0, min(i-1, len(sorted)-2))
}

// tableBuilder puts cells into a block.
type tableBuilder struct {
	block page.Block
	row   int
	begun bool
}

// cell adds the lines of a cell. Cells come row by row; rows and columns count from 0.
func (t *tableBuilder) cell(rowIndex, column int, lines []*row) {
	t.block.Kind = page.BlockTable
	if (!t.begun || rowIndex != t.row) && column > 0 && len(lines) > 0 {
		// Without a line of its own the empty first cell would make this row continue the one above.
		w := lines[0].words[0]
		at := page.Box{X0: t.block.Box.X0, Y0: w.Box.Y0, X1: t.block.Box.X0, Y1: w.Box.Y1}
		t.block.Lines = append(t.block.Lines, page.Line{Box: at})
	}
	t.row, t.begun = rowIndex, true
	for _, l := range lines {
		line := pageLine(l.words, column)
		t.block.Lines = append(t.block.Lines, line)
		t.block.Box = t.block.Box.Union(line.Box)
	}
}
