package bind

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sohoa/pipeline/page"
)

// WriteText writes one page as plain text, UTF-8 in NFC: blocks in reading order with an empty line between them, a
// printed line a line, the cells of a table row joined by " | " (a cell's own lines by spaces). Like pdftotext it ends every
// page, a blank one too, with a form feed. The bars stand for the page's rules and are no words: the PDF's invisible text,
// whose words are these, has none (tried: in the gaps between cells they upset pdftotext's order on skewed tables).
func WriteText(w io.Writer, p *page.Page) error {
	out := bufio.NewWriter(w)
	first := true
	for i := range p.Blocks {
		text := blockText(&p.Blocks[i])
		if text == "" {
			continue
		}
		if !first {
			text = "\n" + text
		}
		first = false
		// A bufio.Writer's first error comes back from Flush.
		_, _ = out.WriteString(text)
	}
	_ = out.WriteByte('\f')
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write text of page %d: %w", p.Number, err)
	}
	return nil
}

// blockText is a block's lines; it is empty or ends with a line feed.
func blockText(b *page.Block) string {
	var s strings.Builder
	cell := 0      // of what was written last
	begun := false // any line yet
	for i := range b.Lines {
		l := &b.Lines[i]
		text := lineText(l)
		continued := i+1 < len(b.Lines) && b.Lines[i+1].Cell > 0
		if l.Cell <= 0 && text == "" && !continued {
			continue
		}
		switch {
		case begun && l.Cell > 0 && l.Cell == cell:
			s.WriteByte(' ') // a cell of several lines
		case begun && l.Cell > cell:
			// An empty cell between two others is a line that is not there: its bar is still due.
			s.WriteString(strings.Repeat(" "+cellBar, barsBefore(l, cell)))
			s.WriteString(" ")
		default:
			if begun {
				s.WriteByte('\n')
			}
			s.WriteString(strings.Repeat(cellBar+" ", barsBefore(l, 0)))
		}
		begun, cell = true, max(l.Cell, 0)
		s.WriteString(text)
	}
	if !begun {
		return ""
	}
	return s.String() + "\n"
}

// cellBar stands between the cells of a table row.
const cellBar = "|"

// barsBefore is how many bars stand between the cell that was written last and a line's.
func barsBefore(l *page.Line, cell int) int { return min(max(l.Cell-cell, 0), maxCells) }

// maxCells bounds the bars between two cells, should a line claim to stand in cell one million.
const maxCells = 64

// lineText is a line's words with a space between them.
func lineText(l *page.Line) string {
	var s strings.Builder
	for i := range l.Words {
		if text := string(letters(l.Words[i].Text)); text != "" {
			if s.Len() > 0 {
				s.WriteByte(' ')
			}
			s.WriteString(text)
		}
	}
	return norm.NFC.String(s.String())
}
