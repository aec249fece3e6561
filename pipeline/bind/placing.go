package bind

import (
	"math"
	"slices"

	"sohoa/pipeline/page"
)

// span is a word in a frame: u along the line, v upwards from it.
type span struct{ u0, u1, bottom, top float64 }

func spans(quads [][4]page.Point, sin, cos float64) []span {
	out := make([]span, len(quads))
	for i, q := range quads {
		w := span{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
		for _, c := range q {
			u, v := c.X*cos+c.Y*sin, c.Y*cos-c.X*sin
			w = span{min(w.u0, u), max(w.u1, u), min(w.bottom, v), max(w.top, v)}
		}
		out[i] = w
	}
	return out
}

// upright sets a line whose words all stand upright, though the line itself may slope. Readers take words that stand
// level for a line, and a font's box may lie anywhere about the baseline that runs through it; so each word's baseline is
// drawn towards one level for the whole line as far as the word's box allows. On a full line of A4 that makes slopes of up
// to some 1.3° vanish; letters turned along the line, the other way, are read as words of one letter each.
func upright(quads [][4]page.Point, texts [][]rune, from page.Point, angle float64, known bool) row {
	level := math.Round(angle/(math.Pi/2)) * (math.Pi / 2)
	sin, cos := math.Round(math.Sin(level)), math.Round(math.Cos(level))
	words := spans(quads, sin, cos)
	own := make([]float64, len(words)) // each word's own baseline
	for i, w := range words {
		own[i] = w.bottom
		if known { // its height at the middle of the word
			own[i] = from.Y*cos - from.X*sin + math.Tan(angle-level)*((w.u0+w.u1)/2-(from.X*cos+from.Y*sin))
		}
	}
	if !known { // most words have no tails: their bottoms' middle one is the baseline
		sorted := slices.Clone(own)
		slices.Sort(sorted)
		for i := range own {
			own[i] = sorted[len(sorted)/2]
		}
	}
	limits := levels(words, own)
	base := commonLevel(words, own, limits)
	r := row{sin: sin, cos: cos, x: -base * sin, y: base * cos, words: make([]placed, len(words))}
	for i, w := range words {
		w.bottom, w.top = w.bottom-base, w.top-base
		r.words[i] = place(texts[i], w, min(max(0, limits[i].low-base), limits[i].high-base))
	}
	return r
}

// limit is the lowest and the highest baseline that a word's box can do with.
type limit struct{ low, high float64 }

func levels(words []span, own []float64) []limit {
	tall := make([]float64, len(words))
	for i, w := range words {
		tall[i] = w.top - min(own[i], w.bottom)
	}
	slices.Sort(tall)
	// The font size that the line will get; its descent bounds how far down a box reaches.
	size := roomy * tall[len(tall)*9/10]
	out := make([]limit, len(words))
	for i, w := range words {
		slack := beside * (w.top - w.bottom)
		out[i] = limit{w.bottom - slack, min(w.top, w.bottom+(maxDescent-0.02)*size) + slack}
	}
	return out
}

// commonLevel is the line's mean baseline, moved to where it suits every word if there is such a place. Dashes, dots and
// quotation marks, told by their height, have no say: they hang beside the line.
func commonLevel(words []span, own []float64, limits []limit) float64 {
	tallest, mean := 0.0, 0.0
	for i, w := range words {
		tallest = max(tallest, w.top-w.bottom)
		mean += own[i] / float64(len(words))
	}
	low, high := math.Inf(-1), math.Inf(1)
	for i, w := range words {
		if w.top-w.bottom >= 0.4*tallest {
			low, high = max(low, limits[i].low), min(high, limits[i].high)
		}
	}
	if low > high {
		return mean
	}
	return min(max(mean, low), high)
}

// beside is by how much of its height a word's box may be stretched or cut to reach its line's baseline.
const beside = 0.15

// place sets a word on its baseline.
func place(text []rune, w span, base float64) placed {
	p := placed{text: text, u0: w.u0, u1: max(w.u1, w.u0+0.05), base: base}
	p.ascent, p.descent = max(w.top-p.base, 0), max(p.base-w.bottom, 0)
	if p.ascent+p.descent < 0.05 {
		p.ascent = 0.05
	}
	return p
}

// roomy is by how much a font's size exceeds the tallest word, as it does in print: readers judge by it whether a line
// belongs to the column above. Measured with pdftotext on made pages: with 1.0 a signature block falls apart, with 1.4
// the rows of a table of 1° slope mix.
const roomy = 1.2

// need is the font size at which a font can reach so far up and down.
func (p *placed) need() float64 { return max(p.ascent, p.descent/(maxDescent-0.02)) }

// setSizes gives all lines of a block one font size where they can share it (readers build columns from lines of one
// size), and the words that cannot their own.
func setSizes(rows []row) {
	const (
		outlier = 1.6 // a word that needs so many times the middle one's size is not what the line is set in
		share   = 0.6 // of the block's size: a line that needs less is set in another type
	)
	whole := 0.0
	for i := range rows {
		needs := make([]float64, len(rows[i].words))
		for j := range needs {
			needs[j] = rows[i].words[j].need()
		}
		slices.Sort(needs)
		limit := outlier * needs[len(needs)/2]
		for _, n := range needs {
			if n <= limit {
				rows[i].need = n
			}
		}
		whole = max(whole, rows[i].need)
	}
	for i := range rows {
		size := rows[i].need
		if size > share*whole {
			size = whole
		}
		size = max(math.Ceil(size*roomy*2)/2, 1) // in half points, so that lines come out alike
		for j := range rows[i].words {
			w := &rows[i].words[j]
			w.size = size
			if n := w.need(); n > maxAscent*size {
				w.size = n
			}
		}
		openGaps(rows[i].words)
		for j := range rows[i].words {
			w := &rows[i].words[j]
			w.size = max(min(w.size, (w.u1-w.u0)/float64(len(w.text))/minPitch), 0.1)
		}
	}
}

// openGaps narrows words that stand so close that readers would see no space between them.
func openGaps(words []placed) {
	for i := 1; i < len(words); i++ {
		a, b := &words[i-1], &words[i]
		lack := minGap*a.size - (b.u0 - a.u1)
		if lack <= 0 || b.u0 < a.u0 {
			continue
		}
		// Each gives by its height, as that is what a highlight's slips are felt against.
		const most = 0.35 // of a word's width
		tallA, tallB := a.ascent+a.descent, b.ascent+b.descent
		fromA := min(lack*tallA/(tallA+tallB), most*(a.u1-a.u0))
		fromB := min(lack-fromA, most*(b.u1-b.u0))
		a.u1 -= min(lack-fromB, most*(a.u1-a.u0))
		b.u0 += fromB
	}
}
