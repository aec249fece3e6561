package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Table is what is written. A cell is a string, an int64, a Percent, or nil for none.
type Table struct {
	Name string // of the sheet
	// Notes stand above the table, a line each; in XLSX alone.
	Notes []string
	Head  []string
	Rows  [][]any
}

// Percent is hundredths of a percent: 8315 is 83.15 %.
type Percent int64

// String is 83.15 for 8315, and -0.50 for -50.
func (p Percent) String() string {
	if p < 0 {
		return "-" + (-p).String()
	}
	return fmt.Sprintf("%d.%02d", int64(p)/100, int64(p)%100)
}

// MediaXLSX and MediaCSV are the media types of what is written.
const (
	MediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	MediaCSV  = "text/csv; charset=utf-8"
)

// WriteCSV writes a table as CSV.
func WriteCSV(w io.Writer, t Table) error {
	out := NewCSV(w, t.Head)
	for _, row := range t.Rows {
		out.Row(row)
	}
	return out.End()
}

// CSV is written row by row, in UTF-8 with a byte order mark, by which Excel knows that; numbers have a point, as programs expect
// them.
type CSV struct {
	out *csv.Writer
	err error
}

// NewCSV begins one.
func NewCSV(w io.Writer, head []string) *CSV {
	_, err := io.WriteString(w, mark)
	c := &CSV{csv.NewWriter(w), err}
	c.out.UseCRLF = true
	c.write(harmlessAll(head))
	return c
}

// Row adds a row. End says what went wrong.
func (c *CSV) Row(row []any) {
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = csvCell(v)
	}
	c.write(cells)
}

func (c *CSV) write(cells []string) {
	if c.err == nil {
		c.err = c.out.Write(cells)
	}
}

// End writes what is left.
func (c *CSV) End() error {
	c.out.Flush()
	if err := errors.Join(c.err, c.out.Error()); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func csvCell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case int64:
		return strconv.FormatInt(v, 10)
	case Percent:
		return v.String()
	}
	return harmless(fmt.Sprint(v))
}

func harmlessAll(all []string) []string {
	out := make([]string, len(all))
	for i, text := range all {
		out[i] = harmless(text)
	}
	return out
}

// harmless puts an apostrophe before a text that a program would take for a formula (OWASP, CSV injection), also where it stands
// behind what such a program passes over.
func harmless(text string) string {
	first := strings.TrimLeft(text, " \t\r\n\u00a0\ufeff")
	if text != "" && strings.ContainsRune("\t\r\n", rune(text[0])) || first != "" && strings.ContainsAny(first[:1], "=+-@|%") ||
		strings.HasPrefix(first, "＝") || strings.HasPrefix(first, "＋") || strings.HasPrefix(first, "－") || strings.HasPrefix(first, "＠") {
		return "'" + text
	}
	return text
}

// WriteXLSX writes a table as the one sheet of a workbook. Texts are cells of type string, which are never formulas.
func WriteXLSX(w io.Writer, t Table) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	const name = "Sheet1"
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	bold, err1 := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true}})
	whole, err2 := f.NewStyle(&excelize.Style{NumFmt: 3})   // #,##0
	percent, err3 := f.NewStyle(&excelize.Style{NumFmt: 4}) // #,##0.00
	if err := errors.Join(err1, err2, err3, out.SetColWidth(1, max(1, len(t.Head)), 18)); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	line := 0
	put := func(cells []any) {
		line++
		err = errors.Join(err, out.SetRow("A"+strconv.Itoa(line), cells))
	}
	for _, note := range t.Notes {
		put([]any{note})
	}
	head := make([]any, len(t.Head))
	for i, text := range t.Head {
		head[i] = excelize.Cell{StyleID: bold, Value: text}
	}
	put(head)
	for _, row := range t.Rows {
		cells := make([]any, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case int64:
				cells[i] = excelize.Cell{StyleID: whole, Value: v}
			case Percent:
				cells[i] = excelize.Cell{StyleID: percent, Value: float64(v) / 100}
			default:
				cells[i] = v
			}
		}
		put(cells)
	}
	if err = errors.Join(err, out.Flush(), f.SetSheetName(name, sheetName(t.Name))); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	return nil
}

// sheetName is a name as a sheet may have it.
func sheetName(name string) string {
	const most = 31
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, name)
	runes := []rune(strings.TrimSpace(clean))
	if len(runes) == 0 {
		return "Sohoa"
	}
	return string(runes[:min(most, len(runes))])
}
