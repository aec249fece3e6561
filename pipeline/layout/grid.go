package layout

import (
	"slices"

	"sohoa/pipeline/page"
)

const (
	// leastGridRows is how many rows of three cells or more make a table without rules: two may be a chance, or the
	// titles of three people who sign.
	leastGridRows = 3
	// gridPitch is the white, in em, that two rows of such a table are at most apart.
	gridPitch = 3.5
)

// river is the white between two columns.
type river struct{ x0, x1 float64 }

// openGrid is a table without rules while it grows.
type openGrid struct {
	rivers []river
	rows   [][]*segment
	full   int // rows with three cells or more
}

// findGrids replaces runs of rows that stand in three columns or more, tables without rules, by one segment each.
func findGrids(segments []*segment, m metrics) []*segment {
	rows := byRow(segments)
	out := make([]*segment, 0, len(segments))
	for i := 0; i < len(rows); i++ {
		g := growGrid(rows[i:], m)
		if g == nil {
			out = append(out, rows[i]...)
			continue
		}
		block := g.block()
		first := rows[i][0]
		out = append(out, &segment{
			row: first.row, order: first.order, base: first.base,
			x0: float64(block.Box.X0), x1: float64(block.Box.X1), table: &block,
		})
		i += len(g.rows) - 1
	}
	return out
}

// byRow groups neighbouring segments of one row; they come sorted.
func byRow(segments []*segment) [][]*segment {
	var rows [][]*segment
	for i, s := range segments {
		if i > 0 && segments[i-1].row == s.row {
			rows[len(rows)-1] = append(rows[len(rows)-1], s)
			continue
		}
		rows = append(rows, []*segment{s})
	}
	return rows
}

// growGrid is the table that begins with the first of the rows; nil if none does.
func growGrid(rows [][]*segment, m metrics) *openGrid {
	if len(rows) < leastGridRows || len(rows[0]) < 3 {
		return nil
	}
	g := &openGrid{}
	for i := 1; i < len(rows[0]); i++ {
		g.rivers = append(g.rivers, river{rows[0][i-1].x1, rows[0][i].x0})
	}
	for i, r := range rows {
		if i > 0 && r[0].order-rows[i-1][0].order > gridPitch*m.em || !g.take(r, m) {
			break
		}
	}
	for len(g.rows) > 0 && len(g.rows[len(g.rows)-1]) < 2 {
		g.rows = g.rows[:len(g.rows)-1] // a short line of the text below
	}
	if g.full < leastGridRows {
		return nil
	}
	return g
}

// take adds a row if it leaves two rivers at least. A row of its own three cells may close a river, which then was only a
// wide space within a cell of the rows above.
func (g *openGrid) take(r []*segment, m metrics) bool {
	var left []river
	for _, v := range g.rivers {
		for _, s := range r {
			if s.table != nil || isStateName(s.words) {
				return false
			}
			if s.centre() < (v.x0+v.x1)/2 {
				v.x0 = max(v.x0, s.x1)
			} else {
				v.x1 = min(v.x1, s.x0)
			}
		}
		if v.x1-v.x0 >= 0.4*m.em {
			left = append(left, v)
		}
	}
	if len(left) < 2 || len(left) < len(g.rivers) && len(r) < 3 {
		return false
	}
	g.rivers = left
	g.rows = append(g.rows, r)
	if len(r) >= 3 {
		g.full++
	}
	return true
}

// column is the column of a segment.
func (g *openGrid) column(s *segment) int {
	return len(g.rivers) - len(slices.DeleteFunc(slices.Clone(g.rivers), func(v river) bool { return v.x1 <= s.x0+1 }))
}

// block reads the table row by row, cell by cell. A line without a first cell that fills less than half of the columns
// continues the row above it.
func (g *openGrid) block() page.Block {
	columns := len(g.rivers) + 1
	var t tableBuilder
	var cells [][]*row
	index := 0
	flush := func() {
		for c, lines := range cells {
			t.cell(index, c, lines)
		}
		index++
		cells = nil
	}
	for _, r := range g.rows {
		filled := map[int][]*word{}
		for _, s := range r {
			c := g.column(s)
			filled[c] = append(filled[c], s.words...)
		}
		if cells != nil && (len(filled[0]) > 0 || 2*len(filled) >= columns) {
			flush()
		}
		if cells == nil {
			cells = make([][]*row, columns)
		}
		for c := range columns {
			if words := filled[c]; len(words) > 0 {
				cells[c] = append(cells[c], &row{words: words})
			}
		}
	}
	flush()
	return t.block
}
