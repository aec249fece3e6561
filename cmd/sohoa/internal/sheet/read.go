package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits are the most that is read of a file; each must be said.
type Limits struct {
	Bytes    int64 // of the file
	Unpacked int64 // bytes of an XLSX, which is a ZIP
	Rows     int
	Columns  int
	CellSize int // bytes
	// Folder is where the large parts of an XLSX are unpacked while it is read. "": they stay in memory.
	Folder string
	// Raw cells of an XLSX are what is kept, not what is shown: a day is a number (SerialDay), however a machine shows days.
	Raw bool
}

// zipMark is how each ZIP, and so each XLSX, begins.
const zipMark = "PK\x03\x04"

// Read reads the rows of a CSV, or of the first sheet of an XLSX, whatever the file is called; take gets each with its number, from
// 1, as a spreadsheet numbers it. What take answers ends the reading and is the answer; otherwise it is ErrNotSheet, ErrNotUTF8, a
// LargeError, or an error of r.
func Read(r io.Reader, limits Limits, take func(number int, row []string) error) error {
	in := bufio.NewReaderSize(&bounded{r: r, left: limits.Bytes, most: limits.Bytes}, headSize)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read a sheet: %w", err)
	}
	keep := func(number int, row []string) error {
		switch {
		case number > limits.Rows:
			return &LargeError{Rows, int64(limits.Rows)}
		case len(row) > limits.Columns:
			return &LargeError{Columns, int64(limits.Columns)}
		}
		for _, cell := range row {
			if len(cell) > limits.CellSize {
				return &LargeError{CellSize, int64(limits.CellSize)}
			}
		}
		return take(number, row)
	}
	if bytes.HasPrefix(head, []byte(zipMark)) {
		return readXLSX(in, limits, keep)
	}
	return readCSV(in, head, keep)
}

// ReadAll is Read for a sheet that fits into memory. Row n of it is the one with the number n + 1.
func ReadAll(r io.Reader, limits Limits) (rows [][]string, err error) {
	err = Read(r, limits, func(number int, row []string) error {
		for len(rows) < number-1 { // a CSV's empty lines
			rows = append(rows, nil)
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// bounded reads at most so many bytes.
type bounded struct {
	r    io.Reader
	left int64
	most int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &LargeError{Bytes, b.most}
	}
	return n, err
}
