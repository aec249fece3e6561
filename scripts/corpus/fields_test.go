package corpus

import (
	"slices"
	"testing"

	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
)

// readTruth is the page as a recognizer without a fault reads it.
func readTruth(t Truth) *page.Page {
	p := &page.Page{Number: 1, Width: t.Width, Height: t.Height, DPI: t.DPI}
	for _, l := range t.Lines {
		line := page.Line{Box: l.Box}
		kind := page.BlockText
		for _, w := range l.Words {
			if w.Cell > 0 {
				kind = page.BlockTable
			}
			line.Words = append(line.Words, page.Word{Text: w.Text, Box: w.Box, Quad: w.Quad, Confidence: 96})
		}
		p.Blocks = append(p.Blocks, page.Block{Kind: kind, Box: l.Box, Lines: []page.Line{line}})
	}
	return p
}

// What made papers say as data is found on them where every letter was read.
func TestFieldsOfMadePapers(t *testing.T) {
	t.Parallel()
	fonts := testFonts(t)
	for _, kind := range Kinds() {
		for seed := range uint64(12) {
			paper := Compose(kind, seed, Options{})
			_, truth, err := paper.Draw(fonts, 100)
			if err != nil {
				t.Fatal(err)
			}
			said := paper.Fields()
			got := make(map[extract.Name]extract.Field)
			for _, f := range extract.Page(readTruth(truth)) {
				got[f.Name] = f
			}
			for name, want := range said.Fields {
				f := got[name]
				value := f.Value
				if name == extract.Title || name == extract.Issued {
					value = f.Normal
				}
				if slices.Contains(said.Written, name) {
					if value != "" || len(f.Boxes) == 0 {
						t.Errorf("%s %d: %s was written in by hand: %+v", kind, seed, name, f)
					}
				} else if value != want {
					t.Errorf("%s %d: %s is %q, want %q", kind, seed, name, value, want)
				}
			}
			for name, f := range got {
				if _, there := said.Fields[name]; !there && !slices.Contains(said.Untold, name) {
					t.Errorf("%s %d: %s is not on the paper, and was found: %q", kind, seed, name, f.Value)
				}
			}
		}
	}
}
