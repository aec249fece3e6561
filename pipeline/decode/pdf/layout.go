package pdf

import (
	"math"
	"unicode/utf8"

	"sohoa/pipeline/page"
)

// layout gives the words in pixels of the grid.
func (t *textPage) layout(g Grid) []page.Block {
	var out []page.Block
	for _, b := range t.blocks {
		block := page.Block{Kind: page.BlockText}
		for _, l := range b.lines {
			if line, ok := t.line(l, g); ok {
				block.Lines = append(block.Lines, line)
				block.Box = block.Box.Union(line.Box)
			}
		}
		if len(block.Lines) > 0 {
			out = append(out, block)
		}
	}
	return out
}

func (t *textPage) line(l textLine, g Grid) (page.Line, bool) {
	var line page.Line
	turn := l.turn()
	for _, w := range l.words {
		q := t.pixels(w.box, g)
		box := q.Box().Intersect(page.Box{X0: 0, Y0: 0, X1: g.Width, Y1: g.Height})
		if box.Empty() {
			continue // outside the image: a margin's
		}
		line.Words = append(line.Words, page.Word{Text: w.text, Box: box, Quad: turned(q, turn), Confidence: 100})
		line.Box = line.Box.Union(box)
	}
	if len(line.Words) == 0 {
		return line, false
	}
	// The extractor's boxes reach from ascender to descender; letters stand a fifth above the lower edge.
	first, last := line.Words[0].Quad, line.Words[len(line.Words)-1].Quad
	line.Baseline = [2]page.Point{onBaseline(first[3], first[0]), onBaseline(last[2], last[1])}
	return line, true
}

func onBaseline(low, high page.Point) page.Point {
	const descender = 0.2
	return page.Point{X: low.X + descender*(high.X-low.X), Y: low.Y + descender*(high.Y-low.Y)}
}

// pixels maps a box from the extractor's points to the grid.
func (t *textPage) pixels(r rect, g Grid) page.Quad {
	fx := func(x float64) float64 {
		return (x/t.width - g.Area.X0) / (g.Area.X1 - g.Area.X0) * float64(g.Width)
	}
	fy := func(y float64) float64 {
		return (y/t.height - g.Area.Y0) / (g.Area.Y1 - g.Area.Y0) * float64(g.Height)
	}
	x0, y0, x1, y1 := fx(r.x0), fy(r.y0), fx(r.x1), fy(r.y1)
	return page.Quad{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// turn tells in which direction a line runs: 0 to the right, 90 downwards, 180 to the left, 270 upwards. The extractor
// gives upright boxes alone; words of more than one letter that are all taller than wide run up or down.
func (l textLine) turn() int {
	tall, wide := 0.0, 0.0
	for _, w := range l.words {
		if utf8.RuneCountInString(w.text) > 1 {
			tall += w.box.y1 - w.box.y0
			wide += w.box.x1 - w.box.x0
		}
	}
	if len(l.words) < 2 {
		if tall > 2*wide && wide > 0 {
			return 270 // one word alone on its side mostly runs upwards: a margin's
		}
		return 0
	}
	first, last := l.words[0].box, l.words[len(l.words)-1].box
	dx, dy := last.x0+last.x1-first.x0-first.x1, last.y0+last.y1-first.y0-first.y1
	switch {
	case tall > wide && math.Abs(dy) > math.Abs(dx) && dy > 0:
		return 90
	case tall > wide && math.Abs(dy) > math.Abs(dx):
		return 270
	case tall <= wide && dx < 0 && math.Abs(dx) > math.Abs(dy):
		return 180
	}
	return 0
}

// turned gives the corners in the order of a reader of text that runs at turn degrees.
func turned(q page.Quad, turn int) page.Quad {
	switch turn {
	case 90:
		return page.Quad{q[1], q[2], q[3], q[0]}
	case 180:
		return page.Quad{q[2], q[3], q[0], q[1]}
	case 270:
		return page.Quad{q[3], q[0], q[1], q[2]}
	}
	return q
}
