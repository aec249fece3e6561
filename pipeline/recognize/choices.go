package recognize

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"sohoa/pipeline/layout"
)

// choiceParser reads what Tesseract writes into a word with lstm_choice_mode 2: for each character a span with an id that
// begins with lstm_choices, and in it one with an id that begins with choice for each character it held possible,
// x_confs in the title, the likeliest first.
type choiceParser struct {
	characters [][]layout.Choice
	depth      int  // of elements inside the spans of choices; 0 outside them
	open       bool // inside the span of one choice
}

func (p *choiceParser) start(e *element) error {
	id := e.attribute("id")
	if p.depth == 0 {
		if bytes.HasPrefix(id, []byte("lstm_choices")) {
			p.characters = append(p.characters, nil)
			p.depth = 1
		}
		return nil
	}
	p.depth++
	if !bytes.HasPrefix(id, []byte("choice")) {
		return nil
	}
	title := e.attribute("title")
	figure, found := bytes.CutPrefix(title, []byte("x_confs "))
	confidence, err := strconv.ParseFloat(string(bytes.TrimSpace(figure)), 64)
	if !found || err != nil {
		return fmt.Errorf("hOCR choice with the title %q has no x_confs with a figure", title)
	}
	last := len(p.characters) - 1
	p.characters[last] = append(p.characters[last], layout.Choice{Confidence: confidence})
	p.open = true
	return nil
}

// write takes text inside the spans of choices.
func (p *choiceParser) write(text []byte) {
	if !p.open {
		return
	}
	of := p.characters[len(p.characters)-1]
	of[len(of)-1].Text += plainText(text)
}

func (p *choiceParser) end() {
	if p.depth > 0 {
		p.depth--
		p.open = false
	}
}

// of gives the choices for the characters of a word, or nil where they do not fit it: Tesseract counts the space before a
// word as its first character, mostly, and where it split or joined words its choices belong to neighbours.
func (p *choiceParser) of(word string) [][]layout.Choice {
	letters := strings.Split(word, "")
	lead := len(p.characters) - len(letters)
	if lead < 0 || lead > 1 || len(letters) == 0 {
		return nil
	}
	fitting := p.characters[lead:]
	for i, letter := range letters {
		if !has(fitting[i], letter) {
			return nil
		}
	}
	return fitting
}

func has(choices []layout.Choice, text string) bool {
	for _, c := range choices {
		if c.Text == text {
			return true
		}
	}
	return false
}
