package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// headSize is how much of a file is looked at before it is read.
const headSize = 4096

// mark is the byte order mark that Excel puts before UTF-8.
const mark = "\ufeff"

func readCSV(r *bufio.Reader, head []byte, keep func(int, []string) error) error {
	if bytes.HasPrefix(head, []byte(mark)) {
		head = head[len(mark):]
		if _, err := r.Discard(len(mark)); err != nil {
			return fmt.Errorf("read CSV: %w", err)
		}
	}
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.LazyQuotes, in.Comma = -1, true, separator(head)
	within := 0 // ends of lines within cells so far: a spreadsheet does not number these
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			return fmt.Errorf("%w: %w", ErrNotSheet, err)
		}
		if err != nil {
			return fmt.Errorf("read CSV: %w", err)
		}
		line, _ := in.FieldPos(0)
		number := line - within
		for _, cell := range row {
			if !utf8.ValidString(cell) || strings.IndexByte(cell, 0) >= 0 {
				return ErrNotUTF8
			}
			within += strings.Count(cell, "\n")
		}
		if err := keep(number, row); err != nil {
			return err
		}
	}
}

// separator is what stands between cells: Excel writes what the machine's settings say. It is what most lines have, and of two of
// which this is true what is there more often: titles above the names of the columns, and texts, have commas, too.
func separator(head []byte) rune {
	best, mostLines, mostAll := ',', 0, 0
	for _, c := range []rune{',', ';', '\t'} {
		lines, all := 0, 0
		for line := range strings.SplitSeq(string(head), "\n") {
			if n := strings.Count(line, string(c)); n > 0 {
				lines++
				all += n
			}
		}
		if lines > mostLines || lines == mostLines && all > mostAll {
			best, mostLines, mostAll = c, lines, all
		}
	}
	return best
}
