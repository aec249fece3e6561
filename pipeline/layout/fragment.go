package layout

import (
	"image"

	"sohoa/pipeline/page"
)

// Fragment is one word as the recognizer found it on the cleaned page: upright, straight, in pixels of that image.
type Fragment struct {
	Text       string
	Box        page.Box
	Confidence float64       // 0–100
	Line       int           // the recognizer's line, unique on the page, in its order
	Block      int           // the recognizer's block
	Baseline   [2]page.Point // of the recognizer's line, from its start to its end
	XHeight    float64       // of the recognizer's line in pixels; 0 where it is not known
	// Choices are what the recognizer held possible for each character of Text, the best first; nil where it did not say.
	Choices [][]Choice
}

// Choice is one character that the recognizer held possible.
type Choice struct {
	Text       string
	Confidence float64 // 0–100; not a probability, but more is likelier
}

// Rules are the ruled lines that cleaning found on the page, each as the thin box around its ink.
type Rules struct{ Horizontal, Vertical []page.Box }

// Arrange gives the words as blocks, lines and words in the order in which a person reads them, and the number of marks
// that were left out because they are no words. Every other fragment comes out exactly once, with its box as it was.
//
// Tables that are framed by rules, and columns of three or more that are not, become blocks of kind BlockTable: row by
// row, cell by cell, each line carrying its cell. A row whose first cell is empty opens with a line without words.
func Arrange(frags []Fragment, rules Rules, size image.Point) (blocks []page.Block, dropped int) {
	words, m := measure(frags, size)
	if len(words) == 0 {
		return nil, 0
	}
	words, dropped = dropNonsense(words, m)
	tables, rest := ruledTables(words, rules, m)
	rows := buildRows(rest, m)
	var segments []*segment
	for r, row := range rows {
		segments = append(segments, row.split(r, m)...)
	}
	return arrangeFlow(append(segments, tables...), m, 0), dropped
}
