package layout

import (
	"cmp"
	"math"
	"slices"

	"sohoa/pipeline/page"
)

// piece is a run of words that the recognizer put on one line, within one column.
type piece struct {
	words []word
	base  float64 // mean
	box   page.Box
}

// lines puts the words of one column into printed lines, top to bottom.
func (a arranger) lines(words []word) []piece {
	byLine := make(map[int]*piece)
	var order []int
	for _, w := range words {
		p, ok := byLine[w.Line]
		if !ok {
			p = &piece{}
			byLine[w.Line] = p
			order = append(order, w.Line)
		}
		p.words = append(p.words, w)
		p.base += w.base
		p.box = p.box.Union(w.Box)
	}
	pieces := make([]piece, 0, len(order))
	for _, l := range order {
		p := byLine[l]
		p.base /= float64(len(p.words))
		pieces = append(pieces, *p)
	}
	slices.SortStableFunc(pieces, func(p, q piece) int { return cmp.Compare(p.base, q.base) })
	lines := a.join(pieces)
	for i := range lines {
		slices.SortStableFunc(lines[i].words, func(v, w word) int { return cmp.Compare(v.Box.X0, w.Box.X0) })
	}
	return lines
}

// join puts together pieces that stand side by side on one baseline: the halves of a line that the recognizer tore apart.
func (a arranger) join(pieces []piece) []piece {
	var lines []piece
	for _, p := range pieces {
		joined := false
		for i := len(lines) - 1; i >= 0 && i >= len(lines)-4; i-- {
			l := &lines[i]
			overlap := min(l.box.X1, p.box.X1) - max(l.box.X0, p.box.X0)
			if math.Abs(l.base-p.base) > 0.4*a.unit || float64(overlap) > 0.5*a.unit {
				continue
			}
			n, m := float64(len(l.words)), float64(len(p.words))
			l.base = (l.base*n + p.base*m) / (n + m)
			l.words = append(l.words, p.words...)
			l.box = l.box.Union(p.box)
			joined = true
			break
		}
		if !joined {
			lines = append(lines, p)
		}
	}
	slices.SortStableFunc(lines, func(p, q piece) int { return cmp.Compare(p.base, q.base) })
	return lines
}

// blocks parts lines where the white between them is wider than a blank line would be.
func (a arranger) blocks(lines []piece) []page.Block {
	var blocks []page.Block
	for i, l := range lines {
		if i == 0 || l.base-lines[i-1].base > 3*a.unit {
			blocks = append(blocks, page.Block{Kind: page.BlockText})
		}
		b := &blocks[len(blocks)-1]
		b.Lines = append(b.Lines, l.line(0))
		b.Box = b.Box.Union(l.box)
	}
	return blocks
}

// line is the piece as the page keeps it.
func (p piece) line(cell int) page.Line {
	first, last := p.words[0], p.words[len(p.words)-1]
	out := page.Line{
		Box: p.box, Cell: cell,
		Baseline: [2]page.Point{{X: float64(first.Box.X0), Y: first.base}, {X: float64(last.Box.X1), Y: last.base}},
	}
	for _, w := range p.words {
		out.Words = append(out.Words, page.Word{Text: w.Text, Box: w.Box, Quad: w.Box.Quad(), Confidence: w.Confidence})
	}
	return out
}
