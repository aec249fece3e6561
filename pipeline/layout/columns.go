package layout

import (
	"cmp"
	"slices"

	"sohoa/pipeline/page"
)

// cut is a white gap between two columns, as high as no word crosses it.
type cut struct {
	x0, x1 int     // the gap
	y0, y1 float64 // no word whose middle is between them crosses the gap
	score  float64
}

// split sorts words by where they stand: above the gap, left and right of it, below.
func (a arranger) split(c cut, words []word) (above, left, right, below []word) {
	for _, w := range words {
		m := w.middle()
		switch {
		case m <= c.y0:
			above = append(above, w)
		case m >= c.y1:
			below = append(below, w)
		case side(w, c) == 0:
			left = append(left, w)
		default:
			right = append(right, w)
		}
	}
	left, below = a.continued(left, below)
	return above, left, right, below
}

// continued moves the lines below that go on with the left column's list: the Nơi nhận list may have entries so long that
// they reach under the signer's title.
func (a arranger) continued(left, below []word) (list, rest []word) {
	lines, next := a.lines(left), a.lines(below)
	const least = 2 // lines that show where the list's entries begin and how far apart they stand
	for len(lines) >= least && len(next) > 0 {
		last, line := lines[len(lines)-1], next[0]
		pitch := last.base - lines[len(lines)-2].base
		aligned := abs(line.box.X0-last.box.X0) < int(0.6*a.unit) && abs(last.box.X0-lines[len(lines)-2].box.X0) < int(0.6*a.unit)
		if !aligned || line.base-last.base > 1.4*pitch || line.base-last.base > 2.5*a.unit {
			break
		}
		lines, next = append(lines, line), next[1:]
	}
	for _, l := range lines {
		list = append(list, l.words...)
	}
	for _, l := range next {
		rest = append(rest, l.words...)
	}
	return list, rest
}

func abs(v int) int { return max(v, -v) }

// bestCut finds the gap that parts the most lines, if any parts columns at all.
func (a arranger) bestCut(words []word) (cut, bool) {
	area := page.Box{}
	for _, w := range words {
		area = area.Union(w.Box)
	}
	width := int(1.6 * a.unit) // a justified line's widest gaps are narrower, and never one above the other
	step := max(1, int(a.unit/3))
	sorted := slices.Clone(words)
	slices.SortFunc(sorted, func(v, w word) int { return cmp.Compare(v.middle(), w.middle()) })
	var best cut
	for x := area.X0 + step; x+width < area.X1; x += step {
		a.cutsAt(sorted, x, x+width, func(c cut) {
			if c.score > best.score {
				best = c
			}
		})
	}
	return best, best.score > 0
}

// cutsAt weighs the gaps between x0 and x1: from one word that crosses to the next. sorted is by middle.
func (a arranger) cutsAt(sorted []word, x0, x1 int, offer func(cut)) {
	// Words of one line differ a little in height; the whole line of a word that crosses is outside.
	line := 0.6 * a.unit
	start, from := 0, float64(-far)
	end := func(to int, until float64) {
		between := sorted[start:to]
		for len(between) > 0 && between[0].middle() <= from {
			between = between[1:]
		}
		for len(between) > 0 && between[len(between)-1].middle() >= until {
			between = between[:len(between)-1]
		}
		if len(between) < 2 {
			return
		}
		c := a.trim(between, cut{x0: x0, x1: x1, y0: from, y1: until})
		if c.score = a.weigh(between, c); c.score > 0 {
			offer(c)
		}
	}
	for i, w := range sorted {
		if w.Box.X0 < x1 && w.Box.X1 > x0 {
			end(i, w.middle()-line)
			start, from = i+1, w.middle()+line
		}
	}
	end(len(sorted), far)
}

// far is beyond every page.
const far = 1 << 30

// trim takes off the gap's ends where only one side has words and white lies between them and the rest: they are lines of
// their own, not parts of a column.
func (a arranger) trim(words []word, c cut) cut {
	const blankLine = 3.2
	sides := [2][2]float64{} // top and bottom of each side
	var seen [2]bool
	for _, w := range words {
		s, m := side(w, c), w.middle()
		if !seen[s] {
			sides[s], seen[s] = [2]float64{m, m}, true
		}
		sides[s][1] = m
	}
	if !seen[0] || !seen[1] {
		return c
	}
	top, bottom := max(sides[0][0], sides[1][0]), min(sides[0][1], sides[1][1])
	for i := len(words) - 1; i > 0; i-- {
		if m := words[i].middle(); m > top && words[i-1].middle() < bottom+a.unit*blankLine && m-words[i-1].middle() > blankLine*a.unit && words[i-1].middle() >= bottom-a.unit {
			c.y1 = (m + words[i-1].middle()) / 2
		}
	}
	for i := 1; i < len(words); i++ {
		m, before := words[i].middle(), words[i-1].middle()
		if before < top-a.unit && m-before > blankLine*a.unit {
			c.y0 = (m + before) / 2
		}
	}
	return c
}

func side(w word, c cut) int {
	if w.Box.X0+w.Box.X1 < c.x0+c.x1 {
		return 0
	}
	return 1
}

// weigh gives how good a gap is: the number of lines that it parts, 0 where it is no gap between columns. Columns have at
// least two lines on one side and one on the other beside them; a table without rules, which has more gaps than one in the
// same rows, is no pair of columns.
func (a arranger) weigh(words []word, c cut) float64 {
	var heights [2][]float64
	for _, w := range words {
		if m := w.middle(); m > c.y0 && m < c.y1 {
			heights[side(w, c)] = append(heights[side(w, c)], m)
		}
	}
	left, right := a.rows(heights[0]), a.rows(heights[1])
	if len(left) == 0 || len(right) == 0 {
		return 0
	}
	beside := 0 // lines of either side within the other side's height
	for _, y := range left {
		if y > right[0]-a.unit && y < right[len(right)-1]+a.unit {
			beside++
		}
	}
	for _, y := range right {
		if y > left[0]-a.unit && y < left[len(left)-1]+a.unit {
			beside++
		}
	}
	if beside < 3 || max(len(left), len(right)) < 2 {
		return 0
	}
	return float64(beside)
}

// rows counts heights that are a line apart; heights are sorted.
func (a arranger) rows(heights []float64) []float64 {
	var rows []float64
	for _, h := range heights {
		if len(rows) == 0 || h-rows[len(rows)-1] > 0.6*a.unit {
			rows = append(rows, h)
		}
	}
	return rows
}
