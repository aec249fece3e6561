package layout

import (
	"cmp"
	"image"
	"slices"

	"sohoa/pipeline/page"
)

// Fragment is a word as it was recognized.
type Fragment struct {
	Text       string
	Box        page.Box
	Confidence float64 // 0–100
	// Line and Block are the recognizer's own, numbered over the page in its order.
	Line, Block int
	// Baseline is the recognizer's line's, from its start to its end.
	Baseline [2]page.Point
	XHeight  float64 // of its line; 0 where it is not known
}

// Rules are the ruled lines of the page.
type Rules struct{ Horizontal, Vertical []page.Box }

// Arrange gives the page's blocks in reading order, and how many fragments were nonsense and dropped. No other word is lost
// or doubled.
func Arrange(fragments []Fragment, rules Rules, size image.Point) ([]page.Block, int) {
	words, dropped := newWords(fragments, size)
	if len(words) == 0 {
		return nil, dropped
	}
	a := arranger{unit: lineHeight(words)}
	tables, rest := a.takeTables(words, rules)
	// A table stands in the text as one piece: it is placed by where it begins.
	slices.SortFunc(tables, func(s, t table) int { return cmp.Compare(s.box.Y0, t.box.Y0) })
	var blocks []page.Block
	for _, t := range tables {
		above := take(&rest, func(w word) bool { return w.middle() < float64(t.box.Y0) })
		blocks = append(blocks, a.read(above, 0)...)
		blocks = append(blocks, t.block())
	}
	return append(blocks, a.read(rest, 0)...), dropped
}

// take moves the words that ok accepts out of words.
func take(words *[]word, ok func(word) bool) []word {
	var taken, left []word
	for _, w := range *words {
		if ok(w) {
			taken = append(taken, w)
		} else {
			left = append(left, w)
		}
	}
	*words = left
	return taken
}

// word is a fragment with what ordering needs of it.
type word struct {
	Fragment
	base float64 // where its letters stand, at the middle of the word
}

// middle is the height at which the word's small letters have their middle.
func (w word) middle() float64 {
	if w.XHeight > 0 {
		return w.base - w.XHeight/2
	}
	return float64(w.Box.Y0+w.Box.Y1) / 2
}

// newWords drops nonsense and settles each word's baseline.
func newWords(fragments []Fragment, size image.Point) ([]word, int) {
	words := make([]word, 0, len(fragments))
	for _, f := range fragments {
		if !nonsense(f) && !f.Box.Empty() {
			words = append(words, word{Fragment: f, base: baseline(f)})
		}
	}
	dropped := len(fragments) - len(words)
	words, strays := dropStrays(words, size)
	return words, dropped + strays
}

func baseline(f Fragment) float64 {
	from, to := f.Baseline[0], f.Baseline[1]
	middle := float64(f.Box.X0+f.Box.X1) / 2
	base := from.Y
	if to.X > from.X {
		base += (to.Y - from.Y) * (middle - from.X) / (to.X - from.X)
	}
	// A baseline outside of the word is not its own.
	slack := float64(f.Box.Height()) * 0.3
	if base < float64(f.Box.Y0) || base > float64(f.Box.Y1)+slack {
		return float64(f.Box.Y1)
	}
	return base
}

// lineHeight is the usual height of a word on the page, in pixels.
func lineHeight(words []word) float64 {
	heights := make([]int, 0, len(words))
	for _, w := range words {
		heights = append(heights, w.Box.Height())
	}
	slices.Sort(heights)
	return max(4, float64(heights[len(heights)/2]))
}

// arranger holds the page's measure.
type arranger struct {
	unit float64 // the usual height of a word
}

// deepest is how often a page is cut: a head, a signature and a form inside need three or four.
const deepest = 8

// read gives the blocks of words that are in no table.
func (a arranger) read(words []word, depth int) []page.Block {
	if len(words) == 0 {
		return nil
	}
	if depth < deepest {
		if c, found := a.bestCut(words); found {
			above, left, right, below := a.split(c, words)
			if len(left) > 0 && len(right) > 0 {
				blocks := a.read(above, depth+1)
				blocks = append(blocks, a.read(left, depth+1)...)
				blocks = append(blocks, a.read(right, depth+1)...)
				return append(blocks, a.read(below, depth+1)...)
			}
		}
	}
	return a.blocks(a.lines(words))
}
