package bind

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sohoa/pipeline/page"
)

// misplaced is the part of the words that are not where they belong: 1 − longest common subsequence / length.
func misplaced(want, got []string) float64 {
	prev, cur := make([]int, len(got)+1), make([]int, len(got)+1)
	for i := range want {
		for j := range got {
			if want[i] == got[j] {
				cur[j+1] = prev[j] + 1
			} else {
				cur[j+1] = max(cur[j], prev[j+1])
			}
		}
		prev, cur = cur, prev
	}
	return 1 - float64(prev[len(got)])/float64(max(len(want), len(got), 1))
}

// offSides compares each word's highlight with its box on the sheet: the worst side, in parts of the word's height across
// its line or, where upright is set, of its box's, which on a steep line is more. Words that are not found count as
// infinitely off.
func offSides(p *page.Page, shown []shownWord, upright bool) (worst float64, where string) {
	w, h := shownSize(p)
	s := sheetOf(p, w, h)
	used := make([]bool, len(shown))
	for word := range p.Words {
		q := s.toPoints.Quad(word.Quad)
		height := max(math.Hypot(q[0].X-q[3].X, q[0].Y-q[3].Y), 2)
		x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, c := range q {
			x0, y0, x1, y1 = min(x0, c.X), min(y0, s.height-c.Y), max(x1, c.X), max(y1, s.height-c.Y)
		}
		if upright {
			height = max(y1-y0, 2)
		}
		best, at := math.Inf(1), -1
		for i, g := range shown {
			if used[i] || g.Text != word.Text {
				continue
			}
			d := max(math.Abs(g.XMin-x0), math.Abs(g.XMax-x1), math.Abs(g.YMin-y0), math.Abs(g.YMax-y1)) / height
			if d < best {
				best, at = d, i
			}
		}
		if at >= 0 {
			used[at] = true
		}
		if best > worst {
			worst, where = best, word.Text
		}
	}
	return worst, where
}

func TestTextLayerReadsBack(t *testing.T) {
	fills := map[string]func(*layout){"headed": (*layout).headed, "tabled": (*layout).tabled, "signed": (*layout).signed}
	cases := []struct {
		skew   float64
		turned int
		order  float64 // how much of pdftotext's own order may differ; with -raw nothing may
		off    float64
	}{
		{0, 0, 0, 0.2},
		{0, 90, 0, 0.2},
		{0, 180, 0, 0.2},
		{0, 270, 0, 0.2},
		{0.5, 0, 0, 0.33},
		{-1, 0, 0, 0.33},
		{1, 90, 0, 0.33},
		{2, 0, 0.06, 0.33},
		{3, 0, 0.15, 0.34},
		{-3, 180, 0.2, 0.34},
		{3, 270, 0.15, 0.34},
		{8, 0, 0.5, 0.33},
		{-8, 90, 0.6, 0.33},
	}
	for _, c := range cases {
		for name, fill := range fills {
			t.Run(fmt.Sprintf("%s skewed %g turned %d", name, c.skew, c.turned), func(t *testing.T) {
				l := newLayout(c.skew, c.turned)
				fill(l)
				file := save(t, overlays(t, &l.page))
				want := withoutBars(strings.Fields(plainText(t, &l.page)))
				if raw := strings.Fields(string(tool(t, "pdftotext", "-raw", file, "-"))); !slices.Equal(raw, want) {
					t.Errorf("raw order: got %q, want %q", raw, want)
				}
				plain := strings.Fields(string(tool(t, "pdftotext", file, "-")))
				if m := misplaced(want, plain); m > c.order {
					t.Errorf("%.1f %% of the words misplaced: %q", 100*m, plain)
				}
				if off, word := offSides(&l.page, shownWords(t, file), math.Abs(c.skew) > 3); off > c.off {
					t.Errorf("highlight of %q is off by %.2f of its height", word, off)
				}
			})
		}
	}
}

func TestTextLayerWithoutQuadsAndBaselines(t *testing.T) {
	l := newLayout(0, 90)
	l.headed()
	for b := range l.page.Blocks {
		for i := range l.page.Blocks[b].Lines {
			ln := &l.page.Blocks[b].Lines[i]
			ln.Baseline = [2]page.Point{}
			for w := range ln.Words {
				ln.Words[w].Quad = page.Quad{}
			}
		}
	}
	file := save(t, overlays(t, &l.page))
	got, want := tool(t, "pdftotext", "-raw", file, "-"), plainText(t, &l.page)
	if !slices.Equal(strings.Fields(string(got)), strings.Fields(want)) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextLayerOfHostilePages(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	word := func(text string, q page.Quad) page.Word {
		return page.Word{Text: text, Quad: q, Box: page.Box{X1: 10, Y1: 10}}
	}
	line := func(words ...page.Word) page.Line {
		return page.Line{Words: words, Baseline: [2]page.Point{{X: nan, Y: inf}, {X: -inf, Y: 1e300}}}
	}
	pages := []page.Page{
		{},
		{Width: -5, Height: 1 << 40, DPI: nan, Turned: 45},
		{Width: 1 << 40, Height: 1, DPI: 1e-9},
		{Width: 100, Height: 100, DPI: inf, Blocks: []page.Block{{}, {Lines: []page.Line{{}, line()}}}},
		{Width: 100, Height: 100, DPI: 72, Turned: -90, Blocks: []page.Block{{Lines: []page.Line{line(
			word("nan", page.Quad{{X: nan}}),
			word("inf", page.Quad{{X: inf}, {Y: -inf}}),
			word("huge", page.Quad{{X: 1e18}, {Y: -1e18}}),
			word("point", page.Quad{{X: 5, Y: 5}, {X: 5, Y: 5}, {X: 5, Y: 5}, {X: 5, Y: 5}}),
			word("whole", page.Quad{{X: 0, Y: 0}, {X: 100, Y: 0}, {X: 100, Y: 100}, {X: 0, Y: 100}}),
			word("back", page.Quad{{X: 100, Y: 100}, {X: 0, Y: 100}, {X: 0, Y: 0}, {X: 100, Y: 0}}),
			word("\x00\xff\ufeff\uffff", page.Quad{{X: 1}, {X: 2}}),
			word("a\u00a0b\tc\U0001F600\u200b", page.Quad{{X: 1}, {X: 2}}),
			word(strings.Repeat("dài", 5000), page.Quad{{X: 1}, {X: 2}}),
		)}}}},
	}
	data := makePDF(t, Meta{Title: "a\x00b\xff<&>", Language: "vi\n"}, func(p *PDF) {
		for i := range pages {
			if err := p.Overlay(&pages[i], -1, nan); err != nil {
				t.Fatal(err)
			}
			f := page.Facsimile{
				Width: 1, Height: 1, Bits: 8, ColorSpace: page.Gray, Filter: page.Flate,
				Data: newObjectWriter(discard{}).deflate([]byte{200}),
			}
			if err := p.Scan(&pages[i], &f); err != nil {
				t.Fatal(err)
			}
		}
	})
	preflight(t, save(t, data))
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestFontHoldsNoMoreThanItCan(t *testing.T) {
	f := newFont()
	for r := rune(0x20); r < 0x20+70000; r++ {
		if utf8.ValidRune(r) {
			f.glyph(r)
		}
	}
	if len(f.runes) != maxGlyphs {
		t.Errorf("%d glyphs, want %d", len(f.runes), maxGlyphs)
	}
	if n := len(f.program()); n > 1<<20 {
		t.Errorf("a font of %d bytes", n)
	}
}

// The lone error that the layer may make is in how near a variant must be.
func TestVariantsStayFew(t *testing.T) {
	f := newFont()
	for i := range 1000 {
		for k := range 100 {
			up, down := float64(i)/500, float64(k)/100
			v := f.variants[f.variant(up, down)]
			up, down = min(max(up, minReach), maxAscent), min(max(down, minReach), maxDescent)
			if d := max(math.Abs(v.ascent-up), math.Abs(v.descent-down)); d > 0.13*(up+down)+0.01 {
				t.Fatalf("variant %v for %g, %g", v, up, down)
			}
		}
	}
	if n := len(f.variants); n > 400 {
		t.Errorf("%d variants", n)
	}
}

// withoutBars leaves out the bars between table cells, which stand for rules and are no words.
func withoutBars(words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return w == cellBar })
}
