package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"sohoa/pipeline/clean"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
)

// faults are what scanners do, by how often in a hundred: most desks have a good one.
func faults() []struct {
	fault corpus.Fault
	share int
} {
	return []struct {
		fault corpus.Fault
		share int
	}{
		{corpus.Clean, 14},
		{corpus.Skew, 6},
		{corpus.Noise, 5},
		{corpus.DPI150, 10},
		{corpus.DPI100, 10},
		{corpus.Fax, 9},
		{corpus.Dark, 6},
		{corpus.Faded, 6},
		{corpus.Bleed, 5},
		{corpus.JPEG, 8},
		{corpus.Photo, 3},
		{corpus.Edges, 1},
		{corpus.LyingDPI, 1},
		{corpus.Copied, 15},
		{corpus.Screen, 5},
	}
}

// maker makes lines: pages of text, printed, scanned badly, decoded and cleaned by the pipeline's own steps, and cut up where the
// truth says that lines are.
type maker struct {
	fonts    *corpus.Fonts
	families []corpus.Family
	text     []string
	letters  map[rune]bool
	dir      string // for files on their way
}

// paragraphsAPage is how many a page is offered: more than find room.
const paragraphsAPage = 60

// page makes the lines of one page.
func (m *maker) page(seed uint64) ([]Line, error) {
	rng := rand.New(rand.NewPCG(seed, 0x7A1)) //nolint:gosec // made lines must come out the same every time
	from := rng.IntN(len(m.text) - paragraphsAPage)
	paper := corpus.Typeset(m.text[from:from+paragraphsAPage], seed, corpus.Options{Family: m.families[rng.IntN(len(m.families))]})
	// Draw at less than 300 dpi comes out as coarser print, as a bad original does.
	dpi := []float64{300, 300, 300, 250, 200}[rng.IntN(5)]
	drawn, truth, err := paper.Draw(m.fonts, dpi)
	if err != nil {
		return nil, err
	}
	sheet := corpus.Sheet{Image: drawn, DPI: dpi}
	fault := pick(rng)
	if rng.IntN(3) == 0 && (fault == corpus.DPI100 || fault == corpus.DPI150) {
		sheet.DPI *= 1 + 0.4*rng.Float64() // and coarser still: 71 dpi at the least
	}
	scan, err := corpus.Apply(sheet, fault, seed)
	if err != nil {
		return nil, err
	}
	b := scan.Image.Bounds()
	truth = truth.Through(scan.Transform, b.Dx(), b.Dy(), scan.DPI)
	cleaned, onClean, err := m.cleaned(scan, seed)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", seed, err)
	}
	var lines []Line
	for _, line := range truth.Lines {
		for _, run := range runs(line, onClean) {
			if made, ok := m.cut(cleaned, run, rng); ok && (!bare(made.Text) || rng.IntN(5) == 0) {
				lines = append(lines, made)
			}
		}
	}
	return lines, nil
}

// bare tells of the short words and numbers of cells and heads: too many of them, and recognition takes letters for digits.
func bare(text string) bool {
	figures := strings.Count(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, text), "0")
	return len(text) <= 15 || 2*figures > len(text)
}

func pick(rng *rand.Rand) corpus.Fault {
	n := rng.IntN(100)
	for _, f := range faults() {
		if n -= f.share; n < 0 {
			return f.fault
		}
	}
	return corpus.Clean
}

// cleaned writes the scan as its device would, reads it back and cleans it. The transform leads from the scan to what it gives.
func (m *maker) cleaned(scan corpus.Scan, seed uint64) (*image.Gray, page.Transform, error) {
	none := page.Identity()
	path := filepath.Join(m.dir, fmt.Sprintf("page-%d.%s", seed, scan.Format))
	defer os.Remove(path)     //nolint:errcheck // the folder goes at the end
	f, err := os.Create(path) //nolint:gosec // our own folder
	if err != nil {
		return nil, none, err
	}
	err = corpus.Encode(f, scan)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, none, err
	}
	sheet, err := decode.Decode(path, 0, decode.Options{Limits: decode.Limits{}})
	if err != nil {
		return nil, none, err
	}
	upright := 0
	c := clean.Clean(clean.Scan{Pixels: sheet.Pixels, Bilevel: sheet.Bilevel, DPI: sheet.DPI}, clean.Options{Turn: &upright})
	px := sheet.Pixels.Bounds()
	shrunk := page.Scale(float64(px.Dx())/float64(sheet.Width), float64(px.Dy())/float64(sheet.Height))
	return c.Gray, shrunk.Then(c.ToScan.Inverse()), nil
}

// word is a word and its ink's box on the cleaned page.
type word struct {
	text string
	box  page.Box
}

// runs parts a line of the truth where recognition would see two: at wide gaps, between the cells of a table and the lines in them.
func runs(line corpus.Line, onClean page.Transform) [][]word {
	var out [][]word
	for _, w := range line.Words {
		box := onClean.Quad(w.Quad).Box()
		if n := len(out); n > 0 {
			last := out[n-1][len(out[n-1])-1].box
			height := max(last.Y1-last.Y0, box.Y1-box.Y0)
			overlap := min(last.Y1, box.Y1) - max(last.Y0, box.Y0)
			gap := box.X0 - last.X1
			if 3*overlap > height && gap > -height/2 && gap < 3*height/2 {
				out[n-1] = append(out[n-1], word{w.Text, box})
				continue
			}
		}
		out = append(out, []word{{w.Text, box}})
	}
	return out
}

// cut cuts a run out of the page as Tesseract does: from descender to ascender, with four pixels around (kImagePadding of
// ccmain/linerec.cpp), and as inexactly. Some runs are cut short, as cells and numbers stand alone.
func (m *maker) cut(g *image.Gray, run []word, rng *rand.Rand) (Line, bool) {
	box := page.Box{}
	for _, w := range run {
		box = box.Union(w.box)
	}
	tall := box.Y1 - box.Y0
	if len(run) > 3 && rng.IntN(6) == 0 {
		from := rng.IntN(len(run) - 1)
		run = run[from:min(len(run), from+1+rng.IntN(4))]
		box.X0, box.X1 = run[0].box.X0, run[len(run)-1].box.X1
	}
	words := make([]string, len(run))
	for i, w := range run {
		words[i] = w.text
	}
	text := written(strings.Join(words, " "))
	if tall < 9 || tall > 100 || box.X1-box.X0 < 6 || !m.known(text) {
		return Line{}, false
	}
	if !strings.ContainsAny(text, "gpqyj,;()/|QÇ@") {
		box.Y1 += tall * (10 + rng.IntN(20)) / 100
	}
	const padding = 4
	slack := func() int { return padding + rng.IntN(5) - 2 }
	r := image.Rect(box.X0-slack(), box.Y0-slack(), box.X1+slack(), box.Y1+slack()).Intersect(g.Rect)
	if r.Empty() {
		return Line{}, false
	}
	strip := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(strip.Pix[y*strip.Stride:][:r.Dx()], g.Pix[g.PixOffset(r.Min.X, r.Min.Y+y):])
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, strip); err != nil {
		return Line{}, false
	}
	return Line{PNG: buf.Bytes(), Text: text}, true
}

// known tells whether the model has all letters of a text.
func (m *maker) known(text string) bool {
	for _, r := range text {
		if r != ' ' && !m.letters[r] {
			return false
		}
	}
	return text != ""
}
