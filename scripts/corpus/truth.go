package corpus

import (
	"strings"

	"sohoa/pipeline/page"
)

// Truth is what stands on a page, in reading order: the left block of the head, then the right one; Nơi nhận before the
// signer; a table row by row. Seals, stamps, signatures, handwriting, dotted lines and check boxes are no part of it.
type Truth struct {
	Width  int     `json:"width"` // of the page in pixels
	Height int     `json:"height"`
	DPI    float64 `json:"dpi"` // the true one; a faulty file may claim another
	Lines  []Line  `json:"lines"`
}

// Line is a printed line of one column, or a whole row of a table.
type Line struct {
	Words []Word   `json:"words"`
	Box   page.Box `json:"box"`
}

// Word is what stands between two spaces.
type Word struct {
	Text string   `json:"text"`
	Box  page.Box `json:"box"` // of the ink, upright, in pixels
	// Quad is the same box along the direction of reading; it differs on skewed and turned pages.
	Quad page.Quad `json:"quad"`
	// Cell counts the cells to the left in the same row of a table.
	Cell int `json:"cell,omitempty"`
}

// Text is the line as a person would type it: words joined by spaces, table cells by " | ".
func (l Line) Text() string {
	var b strings.Builder
	for i, w := range l.Words {
		switch {
		case i == 0:
		case w.Cell != l.Words[i-1].Cell:
			b.WriteString(" | ")
		default:
			b.WriteByte(' ')
		}
		b.WriteString(w.Text)
	}
	return b.String()
}

// Text is the whole page, a printed line a line, with a newline at the end.
func (t Truth) Text() string {
	var b strings.Builder
	for _, l := range t.Lines {
		b.WriteString(l.Text())
		b.WriteByte('\n')
	}
	return b.String()
}

// Words calls yield for each word until it returns false.
func (t Truth) Words(yield func(Word) bool) {
	for _, l := range t.Lines {
		for _, w := range l.Words {
			if !yield(w) {
				return
			}
		}
	}
}

// Through is the truth of the image that a transform made of this page.
func (t Truth) Through(m page.Transform, width, height int, dpi float64) Truth {
	out := Truth{Width: width, Height: height, DPI: dpi}
	for _, l := range t.Lines {
		moved := Line{Words: make([]Word, len(l.Words))}
		for i, w := range l.Words {
			w.Quad = m.Quad(w.Quad)
			w.Box = w.Quad.Box()
			moved.Words[i] = w
			moved.Box = moved.Box.Union(w.Box)
		}
		out.Lines = append(out.Lines, moved)
	}
	return out
}
