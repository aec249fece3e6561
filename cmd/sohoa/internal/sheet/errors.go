package sheet

import (
	"errors"
	"fmt"
)

var (
	// ErrNotSheet is the answer for a file that is neither XLSX nor CSV, or a damaged one.
	ErrNotSheet = errors.New("the file is no XLSX or CSV that can be read")
	// ErrNotUTF8 is the answer for a CSV in another encoding.
	ErrNotUTF8 = errors.New("the CSV is not UTF-8")
)

// LargeError says what of a file is more than is read.
type LargeError struct {
	What Bound
	Most int64
}

// Bound is what of a file has a limit.
type Bound string

// The bounds.
const (
	Bytes    Bound = "bytes"
	Unpacked Bound = "unpacked bytes"
	Rows     Bound = "rows"
	Columns  Bound = "columns"
	CellSize Bound = "bytes of a cell"
)

func (e *LargeError) Error() string {
	return fmt.Sprintf("the sheet has more than %d %s", e.Most, e.What)
}
