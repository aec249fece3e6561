package repair

import (
	"strings"
	"unicode/utf8"

	"sohoa/pipeline/language/ngram"
	"sohoa/pipeline/layout"
	"sohoa/pipeline/page"
)

// Choices gives what the recognizer held possible for each character of the word in a box.
type Choices map[page.Box][][]layout.Choice

// ChoicesOf takes them from what the recognizer read.
func ChoicesOf(words []layout.Fragment) Choices {
	c := make(Choices, len(words))
	for i := range words {
		if words[i].Choices != nil {
			c[words[i].Box] = words[i].Choices
		}
	}
	return c
}

// of gives those of a word, nil where they do not fit its text.
func (c Choices) of(w *page.Word) [][]layout.Choice {
	of := c[w.Box]
	if len(of) != utf8.RuneCountInString(w.Text) {
		return nil
	}
	return of
}

// slot is a run of letters and digits on the page, or a break between runs.
type slot struct {
	word       *page.Word // nil for a break
	start, end int        // in bytes of the word's text
	inner      bool       // not the first of its sentence
}

// Blocks repairs what was read, in place and in reading order, and gives the number of words that it changed. The boxes must be
// those of the recognizer still.
func Blocks(m *ngram.Model, blocks []page.Block, choices Choices) int {
	changed := 0
	for b := range blocks {
		for l := range blocks[b].Lines {
			line := &blocks[b].Lines[l]
			changed += joinNumbers(line, choices) + mendOnes(line, choices)
		}
		changed += repairBlock(m, &blocks[b], choices)
	}
	return changed
}

func repairBlock(m *ngram.Model, b *page.Block, choices Choices) int {
	slots, candidates := list(m, b, choices)
	screen(m, candidates)
	likely := best(m, candidates)
	changed := 0
	for i := len(slots) - 1; i >= 0; i-- { // backwards: what stands before in the word keeps its place
		top := 0
		for c := range candidates[i] {
			if likely[i][c] > likely[i][top] {
				top = c
			}
		}
		s := &slots[i]
		need := margin
		if s.inner && isTitle(candidates[i][0].text) {
			need += nameMargin
		}
		if top == 0 || likely[i][top]-likely[i][0] < need {
			continue
		}
		if s.word.Recognized == "" {
			s.word.Recognized = s.word.Text
			changed++
		}
		s.word.Text = s.word.Text[:s.start] + candidates[i][top].text + s.word.Text[s.end:]
	}
	return changed
}

// lister gathers the runs of a block.
type lister struct {
	model      *ngram.Model
	choices    Choices
	slots      []slot
	candidates [][]candidate
}

// list gives the runs of a block in reading order, with the breaks between them, and what each may be.
func list(m *ngram.Model, b *page.Block, choices Choices) ([]slot, [][]candidate) {
	in := lister{model: m, choices: choices}
	for l := range b.Lines {
		line := &b.Lines[l]
		if b.Kind == page.BlockTable && l > 0 && line.Cell != b.Lines[l-1].Cell {
			in.addBreak()
		}
		for w := range line.Words {
			in.add(&line.Words[w])
		}
	}
	return in.slots, in.candidates
}

func (in *lister) add(word *page.Word) {
	of := in.choices.of(word)
	for _, t := range ngram.Tokens(word.Text) {
		if t.Key == ngram.Break {
			in.addBreak()
			continue
		}
		text := word.Text[t.Start:t.End]
		var choices [][]layout.Choice
		if of != nil {
			first := utf8.RuneCountInString(word.Text[:t.Start])
			choices = of[first : first+utf8.RuneCountInString(text)]
		}
		in.slots = append(in.slots, slot{word: word, start: t.Start, end: t.End, inner: in.inSentence()})
		in.candidates = append(in.candidates, spelled(in.model, text, strings.Contains(word.Text, "/"), choices))
	}
}

func (in *lister) addBreak() {
	if in.inSentence() {
		in.slots = append(in.slots, slot{})
		in.candidates = append(in.candidates, []candidate{{id: in.model.Break()}})
	}
}

// inSentence tells whether the last slot is a run.
func (in *lister) inSentence() bool {
	return len(in.slots) > 0 && in.slots[len(in.slots)-1].word != nil
}
