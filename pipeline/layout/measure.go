package layout

import (
	"image"
	"math"
	"slices"
	"strings"

	"sohoa/pipeline/page"
)

// word is a fragment with its place on the page once the residual slope of the lines is taken out.
type word struct {
	*Fragment
	x0, x1 float64
	y0, y1 float64
	base   float64 // y of the baseline below the middle of the word
	xh     float64 // height of its small letters, believable
	shift  float64 // what levelling the page took from its y
}

// metrics are the page's own units. Nothing in this package is measured in plain pixels.
type metrics struct {
	xh     float64 // height of a small letter in the page's text
	em     float64 // size of the page's text
	width  float64
	height float64
}

const (
	// far bounds coordinates: absurd boxes must not overflow nor lose their order.
	far = 1 << 24
	// steepest is the residual slope that is believed (3°); cleaning straightens pages to much less.
	steepest = 0.05
	// emPerXHeight is that of Times New Roman, in which official papers are set.
	emPerXHeight = 2.2
)

// measure places the words on a level page and finds the size of its text.
func measure(frags []Fragment, size image.Point) ([]*word, metrics) {
	m := metrics{width: float64(size.X), height: float64(size.Y)}
	slope := pageSlope(frags)
	m.xh = pageXHeight(frags)
	m.em = emPerXHeight * m.xh
	words := make([]*word, 0, len(frags))
	all := make([]word, len(frags))
	for i := range frags {
		w := &all[i]
		w.Fragment = &frags[i]
		w.place(slope, m)
		words = append(words, w)
	}
	return words, m
}

// place fills the geometry of a word: level, ordered, finite.
func (w *word) place(slope float64, m metrics) {
	b := w.Box
	w.x0, w.x1 = clamp(float64(min(b.X0, b.X1))), clamp(float64(max(b.X0, b.X1)))
	w.y0, w.y1 = clamp(float64(min(b.Y0, b.Y1))), clamp(float64(max(b.Y0, b.Y1)))
	w.xh = m.xh
	if x := w.XHeight; x > 0.6*m.xh && x < 3*m.xh {
		w.xh = x
	}
	mid := (w.x0 + w.x1) / 2
	w.base = baselineAt(w.Baseline, mid)
	if math.IsNaN(w.base) || !w.standsOn(w.base) {
		w.base = w.y1
		if strings.ContainsAny(w.Text, belowBaseline) {
			w.base -= 0.35 * w.xh
		}
	}
	w.shift = slope * (mid - m.width/2)
	w.base -= w.shift
	w.y0 -= w.shift
	w.y1 -= w.shift
}

// belowBaseline are the letters and signs that reach below the baseline.
const belowBaseline = "gpqyjýỳỷỹỵạặậẹệịọộợụựQ,;()"

// standsOn tells whether a line is believable as the word's baseline. One that is not belongs to a line that was put
// together of two columns.
func (w *word) standsOn(base float64) bool {
	if countLetters(w.Text) == 0 {
		return base > w.y0-w.xh && base < w.y1+1.4*w.xh
	}
	low := w.y0 + 0.8*w.xh // a box that holds more than the word may go on far below
	if h := w.y1 - w.y0; h <= 3.2*w.xh {
		low = w.y0 + 0.4*h
	}
	return base >= low && base <= w.y1+0.3*w.xh // ink reaches the baseline
}

func clamp(v float64) float64 { return max(-far, min(far, v)) }

// baselineAt is the y of a baseline at x; NaN where the baseline says nothing.
func baselineAt(b [2]page.Point, x float64) float64 {
	dx := b[1].X - b[0].X
	if b == ([2]page.Point{}) || math.IsNaN(dx) || math.Abs(dx) < 1 {
		return math.NaN()
	}
	y := b[0].Y + (x-b[0].X)*(b[1].Y-b[0].Y)/dx
	if math.IsInf(y, 0) || math.Abs(y) > far {
		return math.NaN()
	}
	return y
}

// pageSlope is the median slope of the long lines' baselines: what straightening left over.
func pageSlope(frags []Fragment) float64 {
	var slopes []float64
	last := math.MinInt
	for i := range frags {
		b := frags[i].Baseline
		if frags[i].Line == last && i > 0 {
			continue
		}
		last = frags[i].Line
		dx := b[1].X - b[0].X
		// Twelve times the height of its words: a short line's slope says little.
		if s := (b[1].Y - b[0].Y) / dx; dx > 12*math.Abs(float64(frags[i].Box.Height())) && math.Abs(s) <= steepest {
			slopes = append(slopes, s)
		}
	}
	if len(slopes) < 3 {
		return 0
	}
	return median(slopes)
}

// pageXHeight is the height of the small letters of most words; at least 2 pixels.
func pageXHeight(frags []Fragment) float64 {
	var heights []float64
	for i := range frags {
		h := frags[i].XHeight
		if !(h > 1 && h < 1000) {
			// Accents above and tails below make a Vietnamese word's box about twice its small letters.
			h = 0.5 * math.Min(math.Abs(float64(frags[i].Box.Height())), 2000)
		}
		if countLetters(frags[i].Text) >= 2 && h > 1 {
			heights = append(heights, h)
		}
	}
	if len(heights) == 0 {
		return 12
	}
	return max(2, median(heights))
}

// median sorts values and gives the middle one; 0 for none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// quartile sorts values and gives the one that a quarter of them do not exceed; 0 for none.
func quartile(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/4]
}
