package layout

import (
	"cmp"
	"math"
	"slices"
)

// row is words on one baseline across the whole page, from left to right, whatever columns they belong to.
type row struct{ words []*word }

func (r *row) x0() float64 { return r.words[0].x0 }
func (r *row) x1() float64 { return r.words[len(r.words)-1].x1 }

// base is the row's baseline: the median of its words.
func (r *row) base() float64 {
	b := make([]float64, len(r.words))
	for i, w := range r.words {
		b[i] = w.base
	}
	return median(b)
}

// lookBack bounds how many rows above are tried for a run, so that absurd pages cost no more than others.
const lookBack = 24

// buildRows puts words into rows, topmost first. It starts from the recognizer's lines, whose words stand on one baseline,
// cuts them where a word does not, and joins those that continue each other: the recognizer's blocks are not trusted.
func buildRows(words []*word, m metrics) []*row {
	runs := lineRuns(words)
	slices.SortStableFunc(runs, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.base(), b.base()), cmp.Compare(a.x0(), b.x0()))
	})
	var rows []*row
	for _, run := range runs {
		joined := false
		for i := len(rows) - 1; i >= max(0, len(rows)-lookBack) && !joined; i-- {
			joined = rows[i].join(run, m)
		}
		if !joined {
			rows = append(rows, run)
		}
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.base(), b.base()), cmp.Compare(a.x0(), b.x0()))
	})
	return rows
}

// lineRuns are the recognizer's lines, cut where a word leaves the baseline of its neighbours.
func lineRuns(words []*word) []*row {
	byLine := slices.Clone(words)
	slices.SortStableFunc(byLine, func(a, b *word) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.x0, b.x0), cmp.Compare(a.x1, b.x1))
	})
	var runs []*row
	for i, w := range byLine {
		if i > 0 && byLine[i-1].Line == w.Line && math.Abs(byLine[i-1].base-w.base) <= 0.6*w.xh && overlap(byLine[i-1], w) < 0.7 {
			last := runs[len(runs)-1]
			last.words = append(last.words, w)
			continue
		}
		runs = append(runs, &row{words: []*word{w}})
	}
	return runs
}

// overlap is the part of the narrower word that the other one covers from side to side.
func overlap(a, b *word) float64 {
	common := min(a.x1, b.x1) - max(a.x0, b.x0)
	return common / max(1, min(a.x1-a.x0, b.x1-b.x0))
}

// join takes the words of a run in if they stand on the same baseline and fill a gap or an end of this row.
func (r *row) join(run *row, m metrics) bool {
	slack := 0.35 * m.em
	at, _ := slices.BinarySearchFunc(r.words, run.x0(), func(w *word, x float64) int { return cmp.Compare(w.x0, x) })
	// The run must fit between the words around its start.
	if at > 0 {
		left := r.words[at-1]
		if left.x1 > run.x0()+slack || !sameBaseline(left, run.words[0]) {
			return false
		}
	}
	if at < len(r.words) {
		right := r.words[at]
		if run.x1() > right.x0+slack || !sameBaseline(run.words[len(run.words)-1], right) {
			return false
		}
	}
	r.words = slices.Insert(r.words, at, run.words...)
	return true
}

// sameBaseline compares two words that face each other. A third of a small letter is the recognizer's own uncertainty; half
// a line, the usual offset of two columns, is more than one.
func sameBaseline(a, b *word) bool { return math.Abs(a.base-b.base) <= 0.5*min(a.xh, b.xh) }

// segment is a part of a row without a gap that could be one between columns.
type segment struct {
	row    int // index of its row
	words  []*word
	x0, x1 float64
	base   float64
	xh     float64
}

func newSegment(rowIndex int, words []*word) *segment {
	s := &segment{row: rowIndex, words: words, x0: words[0].x0, x1: words[0].x1}
	base, xh := make([]float64, len(words)), make([]float64, len(words))
	for i, w := range words {
		base[i], xh[i] = w.base, w.xh
		s.x1 = max(s.x1, w.x1)
	}
	s.base, s.xh = median(base), median(xh)
	return s
}

func (s *segment) centre() float64 { return (s.x0 + s.x1) / 2 }

// split cuts a row at the gaps that could lie between columns. In a justified line all gaps are wide alike, so a gap must
// stand out among those of its own row; a list's label stays with its text.
func (r *row) split(index int, m metrics) []*segment {
	gaps := make([]float64, 0, len(r.words))
	for i := 1; i < len(r.words); i++ {
		gaps = append(gaps, r.words[i].x0-r.words[i-1].x1)
	}
	usual := 0.0
	if len(gaps) >= 3 {
		usual = median(slices.Clone(gaps))
	}
	var out []*segment
	start := 0
	for i, g := range gaps {
		em := emPerXHeight * max(m.xh, r.words[i].xh)
		wide := g >= max(leastRiver*em, 2*usual) || g >= 3*em
		if wide && !(i == start && isLabel(r.words[i].Text) && g < 4*em) {
			out = append(out, newSegment(index, r.words[start:i+1]))
			start = i + 1
		}
	}
	return append(out, newSegment(index, r.words[start:]))
}

// leastRiver is the narrowest gap between columns, in em: three times a word space.
const leastRiver = 0.75
