package gallery

import (
	"strings"

	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
)

// Mend puts the words that stand on a page now into its reading, and keeps beside each what was read there. Corrections leave lines
// where they are, so that a line of the text is the same line of the reading.
func Mend(pg *page.Page, now *catalogue.PageText) {
	lines := linesOf(now, pg.Turned)
	at := 0
	var last *page.Line
	for b := range pg.Blocks {
		block := &pg.Blocks[b]
		for l := range block.Lines {
			line := &block.Lines[l]
			if len(line.Words) == 0 || at == len(lines) {
				continue
			}
			mendLine(line, lines[at])
			block.Box, last = block.Box.Union(line.Box), line
			at++
		}
	}
	for _, rest := range lines[min(at, len(lines)):] { // nothing was read, and somebody typed it all
		if last == nil && len(rest) > 0 {
			pg.Blocks = append(pg.Blocks, page.Block{Kind: page.BlockText, Lines: []page.Line{{}}})
			last = &pg.Blocks[len(pg.Blocks)-1].Lines[0]
		}
		for _, w := range rest {
			set(&w, []page.Word{})
			last.Words = append(last.Words, w)
			last.Box = last.Box.Union(w.Box)
		}
	}
	pg.Confidence = pg.MeanConfidence()
}

// linesOf are the words of a text, line by line.
func linesOf(now *catalogue.PageText, turned int) (lines [][]page.Word) {
	lines = append(lines, nil)
	from := 0
	for _, w := range now.Words {
		for ; from < w.Start; from++ {
			if now.Text[from] == '\n' {
				lines = append(lines, nil)
			}
		}
		box := page.Box{X0: w.X0, Y0: w.Y0, X1: w.X1, Y1: w.Y1}
		word := page.Word{Text: now.Text[w.Start:w.End], Box: box, Quad: box.ReadAs(turned), Confidence: float64(w.Confidence)}
		lines[len(lines)-1] = append(lines[len(lines)-1], word)
	}
	// Lines behind the last word have none any more.
	return append(lines, make([][]page.Word, strings.Count(now.Text[from:], "\n"))...)
}

// sameWord is what tells words of a line apart.
type sameWord struct {
	text       string
	box        page.Box
	confidence int
}

func whichWord(w *page.Word) sameWord { return sameWord{w.Text, w.Box, int(w.Confidence)} }

// mendLine makes words those of a line.
func mendLine(line *page.Line, words []page.Word) {
	read := line.Words
	places := make(map[sameWord][]int)
	for i := range read {
		which := whichWord(&read[i])
		places[which] = append(places[which], i)
	}
	line.Words = nil
	from, fresh := 0, 0 // of what was read, and of words: the first that is not done with
	for i := range words {
		at := places[whichWord(&words[i])]
		for len(at) > 0 && at[0] < from {
			at = at[1:]
		}
		if len(at) == 0 {
			continue
		}
		mendRun(line, read[from:at[0]], words[fresh:i])
		line.Words = append(line.Words, read[at[0]])
		from, fresh = at[0]+1, i+1
	}
	mendRun(line, read[from:], words[fresh:])
	for i := range line.Words {
		line.Box = line.Box.Union(line.Words[i].Box)
	}
}

// mendRun appends words that stand in the place of what was read. As many as those are have each its own beside it; else the first has
// all.
func mendRun(line *page.Line, read, words []page.Word) {
	if len(words) == 0 {
		line.Removed = append(line.Removed, read...)
		return
	}
	for i := range words {
		w := words[i]
		switch {
		case len(read) == len(words):
			if w.Box == read[i].Box {
				w.Quad = read[i].Quad
			}
			set(&w, read[i:i+1])
		case i == 0:
			set(&w, read)
		default:
			set(&w, nil)
		}
		line.Words = append(line.Words, w)
	}
}

// set marks a word as one that somebody set.
func set(w *page.Word, read []page.Word) { w.Read = append([]page.Word{}, read...) }
