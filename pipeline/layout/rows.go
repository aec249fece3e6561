package layout

import (
	"cmp"
	"math"
	"slices"

	"sohoa/pipeline/page"
)

// row is words on one baseline across the whole page, from left to right, whatever columns they belong to.
type row struct {
	words []*word
	base  float64 // the median of its words' baselines
}

func (r *row) x0() float64 { return r.words[0].x0 }
func (r *row) x1() float64 { return r.words[len(r.words)-1].x1 }

func (r *row) findBase() {
	b := make([]float64, len(r.words))
	for i, w := range r.words {
		b[i] = w.base
	}
	r.base = median(b)
}

const (
	// lookBack bounds how many rows above are tried for a run, so that absurd pages cost no more than others.
	lookBack = 24
	// longestRow bounds the words of a row for the same reason; a line of print has thirty.
	longestRow = 1000
)

// buildRows puts words into rows, topmost first. It starts from the recognizer's lines, whose words stand on one baseline,
// cuts them where a word does not, and joins those that continue each other: the recognizer's blocks are not trusted.
func buildRows(words []*word, m metrics) []*row {
	runs := lineRuns(words)
	sortRows(runs)
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
	sortRows(rows)
	return rows
}

// sortRows puts rows in order from top to bottom and finds their baselines.
func sortRows(rows []*row) {
	for _, r := range rows {
		r.findBase()
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.x0(), b.x0()))
	})
}

// lineRuns are the recognizer's lines, cut where a word leaves the baseline of its neighbours.
func lineRuns(words []*word) []*row {
	byLine := slices.Clone(words)
	slices.SortStableFunc(byLine, func(a, b *word) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.x0, b.x0), cmp.Compare(a.x1, b.x1))
	})
	var runs []*row
	for i, w := range byLine {
		if i == 0 || byLine[i-1].Line != w.Line || math.Abs(byLine[i-1].base-w.base) > 0.6*w.xh {
			runs = append(runs, &row{words: []*word{w}})
			continue
		}
		last := runs[len(runs)-1]
		last.words = append(last.words, w)
		// Capitals with accents make the recognizer's boxes reach into the next word or over two of them.
		byLine[i-1].x1 = max(byLine[i-1].x0, min(byLine[i-1].x1, w.x0))
	}
	return runs
}

// join takes the words of a run in if they stand on the same baseline and fill a gap or an end of this row.
func (r *row) join(run *row, m metrics) bool {
	if len(r.words) > longestRow {
		return false
	}
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
	row    int     // index of its row; negative for a table
	order  float64 // the row's baseline, by which segments are sorted
	words  []*word
	x0, x1 float64
	base   float64
	table  *page.Block // a table stands here instead of words
}

func newSegment(rowIndex int, order float64, words []*word) *segment {
	s := &segment{row: rowIndex, order: order, words: words, x0: words[0].x0, x1: words[0].x1}
	base := make([]float64, len(words))
	for i, w := range words {
		base[i] = w.base
		s.x1 = max(s.x1, w.x1)
	}
	s.base = median(base)
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
		usual = quartile(slices.Clone(gaps))
		if slices.Max(gaps) <= 1.3*slices.Min(gaps) {
			return []*segment{newSegment(index, r.base, r.words)} // justified: columns are never so even
		}
	}
	var out []*segment
	start, order := 0, r.base
	for i, g := range gaps {
		// The recognizer takes capitals for large small letters at times.
		em := emPerXHeight * max(m.xh, min(r.words[i].xh, 1.25*m.xh))
		wide := g >= max(leastRiver*em, 2*usual) || g >= 2*em
		if wide && !(i == start && isLabel(r.words[i].Text) && g < 4*em) {
			out = append(out, newSegment(index, order, r.words[start:i+1]))
			start = i + 1
		}
	}
	return append(out, newSegment(index, order, r.words[start:]))
}

// leastRiver is the narrowest gap between columns, in em: three times a word space.
const leastRiver = 0.75
