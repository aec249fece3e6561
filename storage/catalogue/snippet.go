package catalogue

import (
	"unicode/utf8"

	"sohoa/storage/catalogue/fold"
)

const (
	// snippetBytes is about how long a snippet is.
	snippetBytes = 240
	// mostBoxes is how many words of a page are lit at most.
	mostBoxes = 200
)

// show fills a hit with the part of the text that has most of what was looked for, and where that stands on the page.
func (h Hit) show(text string, words []WordBox, s *search) Hit {
	var matches []fold.Token
	for _, t := range fold.Tokens(text) {
		if s.folded[t.Folded] {
			matches = append(matches, t)
		}
	}
	w := 0
	for _, m := range matches {
		for w < len(words) && words[w].End <= m.Start {
			w++
		}
		if w < len(words) && words[w].Start < m.End && len(h.Boxes) < mostBoxes && (len(h.Boxes) == 0 || h.Boxes[len(h.Boxes)-1] != words[w]) {
			h.Boxes = append(h.Boxes, words[w])
		}
	}
	start, end := window(text, s.best(matches))
	h.Snippet = text[start:end]
	for _, m := range matches {
		if m.Start >= start && m.End <= end {
			h.Marks = append(h.Marks, [2]int{m.Start - start, m.End - start})
		}
	}
	return h
}

// best is where a snippet should begin to have most different words of the query, and of those the ones as they were typed.
func (s *search) best(matches []fold.Token) (from int) {
	most := -1
	for i, first := range matches {
		different := make(map[string]bool)
		score := 0
		for _, m := range matches[i:] {
			if m.End > first.Start+snippetBytes*2/3 {
				break
			}
			if !different[m.Folded] {
				different[m.Folded] = true
				score += 2
				if s.exact[m.Exact] {
					score++
				}
			}
		}
		if score > most {
			most, from = score, first.Start
		}
	}
	return from
}

// window is a part of the text about a place, from the beginning of a word to the end of one.
func window(text string, at int) (start, end int) {
	start = max(0, at-snippetBytes/6)
	for start > 0 && start < at && text[start-1] != ' ' && text[start-1] != '\n' {
		start++
	}
	end = min(len(text), start+snippetBytes)
	for end < len(text) && text[end] != ' ' && text[end] != '\n' {
		end++
	}
	for start < end && !utf8.RuneStart(text[start]) {
		start++
	}
	return start, end
}
