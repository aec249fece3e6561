package layout

import (
	"cmp"
	"slices"

	"sohoa/pipeline/page"
)

// deepest bounds how often columns are looked for within columns.
const deepest = 4

// arrangeFlow gives the blocks of a region: zones of two columns one column after the other, everything else row by row.
func arrangeFlow(segments []*segment, m metrics, depth int) []page.Block {
	slices.SortStableFunc(segments, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.row, b.row), cmp.Compare(a.x0, b.x0))
	})
	segments = findGrids(segments, m)
	var zones []*zone
	if depth < deepest {
		zones = findZones(segments, m)
	}
	var blocks []page.Block
	var plain []*segment
	flush := func() {
		blocks = append(blocks, paragraphs(plain, m)...)
		plain = nil
	}
	for i := 0; i < len(segments); i++ {
		switch {
		case len(zones) > 0 && zones[0].from == i:
			flush()
			z := zones[0]
			zones = zones[1:]
			blocks = append(blocks, arrangeFlow(z.left, m, depth+1)...)
			blocks = append(blocks, arrangeFlow(z.right, m, depth+1)...)
			i = z.to
		case segments[i].table != nil:
			flush()
			blocks = append(blocks, *segments[i].table)
		default:
			plain = append(plain, segments[i])
		}
	}
	flush()
	return blocks
}

// textLine is the segments of one row within one column.
type textLine struct {
	row    int
	words  []*word
	x0, x1 float64
	base   float64
}

// linesOf joins neighbouring segments of one row; the segments come in their order on the page.
func linesOf(segments []*segment) []textLine {
	var lines []textLine
	for i, s := range segments {
		if i > 0 && segments[i-1].row == s.row {
			l := &lines[len(lines)-1]
			l.words = append(l.words, s.words...)
			l.x0, l.x1 = min(l.x0, s.x0), max(l.x1, s.x1)
			continue
		}
		lines = append(lines, textLine{row: s.row, words: slices.Clone(s.words), x0: s.x0, x1: s.x1, base: s.base})
	}
	return lines
}

// paragraphs makes blocks of lines that follow each other: a wider distance or an indented line begins a new one.
func paragraphs(segments []*segment, m metrics) []page.Block {
	lines := linesOf(segments)
	if len(lines) == 0 {
		return nil
	}
	pitch := usualPitch(lines, m)
	right := lines[0].x1
	for _, l := range lines {
		right = max(right, l.x1)
	}
	var blocks []page.Block
	start := 0
	for i := 1; i <= len(lines); i++ {
		if i < len(lines) && !beginsParagraph(lines[i-1], lines[i], pitch, right, m) {
			continue
		}
		blocks = append(blocks, textBlock(lines[start:i]))
		start = i
	}
	return blocks
}

// usualPitch is the distance of two lines of one paragraph: the median of those that are no gaps.
func usualPitch(lines []textLine, m metrics) float64 {
	var d []float64
	for i := 1; i < len(lines); i++ {
		if v := lines[i].base - lines[i-1].base; v > 0.8*m.em && v < 2.4*m.em {
			d = append(d, v)
		}
	}
	if len(d) == 0 {
		return 1.3 * m.em
	}
	return median(d)
}

func beginsParagraph(prev, next textLine, pitch, right float64, m metrics) bool {
	if next.base-prev.base > 1.4*pitch {
		return true
	}
	indented := next.x0 > prev.x0+1.2*m.em
	ended := prev.x1 < right-2*m.em
	// A first line's indent, or the first entry of a list after a line that ended early.
	return indented && next.x1 > right-2*m.em || ended && isLabel(next.words[0].Text) && !isLabel(prev.words[0].Text)
}

func textBlock(lines []textLine) page.Block {
	b := page.Block{Kind: page.BlockText}
	for _, l := range lines {
		line := pageLine(l.words, 0)
		b.Lines = append(b.Lines, line)
		b.Box = b.Box.Union(line.Box)
	}
	return b
}

// pageLine is words from left to right as a line of the page.
func pageLine(words []*word, cell int) page.Line {
	l := page.Line{Cell: cell, Words: make([]page.Word, 0, len(words))}
	for _, w := range words {
		l.Words = append(l.Words, page.Word{Text: w.Text, Box: w.Box, Quad: w.Box.Quad(), Confidence: w.Confidence})
		l.Box = l.Box.Union(w.Box)
	}
	l.Baseline = [2]page.Point{words[0].baselineAt(words[0].x0), words[len(words)-1].baselineAt(words[len(words)-1].x1)}
	return l
}

// baselineAt is the point of the word's baseline at x, on the page as it is.
func (w *word) baselineAt(x float64) page.Point { return page.Point{X: x, Y: w.base + w.shift} }
