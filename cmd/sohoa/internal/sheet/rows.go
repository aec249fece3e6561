package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// What a sheet may have at most, besides its rows: a file that was made to fill the memory is refused.
const (
	mostUnpacked = 64 << 20 // bytes of an XLSX, which is a ZIP
	mostCells    = 64       // of a row
	mostInCell   = 4000     // bytes
)

// Why a sheet cannot be read.
var (
	ErrLarge = errors.New("the sheet is too large")
	ErrText  = errors.New("the sheet is not UTF-8")
	ErrKind  = errors.New("the file is neither XLSX nor CSV")
)

// Rows reads a sheet, XLSX (its first sheet) or CSV, whatever it is called, of at most so many rows: ErrLarge, ErrText or ErrKind
// where it cannot be read. Cells are as they are shown. Nothing of it touches a disk.
func Rows(content []byte, most int) (rows [][]string, err error) {
	keep := func(row []string) error {
		if len(row) > mostCells {
			return ErrLarge
		}
		for _, cell := range row {
			if len(cell) > mostInCell {
				return ErrLarge
			}
		}
		if rows = append(rows, row); len(rows) > most {
			return ErrLarge
		}
		return nil
	}
	read := csvRows
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		read = xlsxRows
	}
	if err := read(content, keep); err != nil {
		if !errors.Is(err, ErrLarge) && !errors.Is(err, ErrText) {
			err = fmt.Errorf("%w: %w", ErrKind, err)
		}
		return nil, err
	}
	return rows, nil
}

func csvRows(content []byte, keep func([]string) error) error {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return ErrText
	}
	in := csv.NewReader(bytes.NewReader(content))
	in.FieldsPerRecord, in.LazyQuotes, in.Comma = -1, true, separator(content)
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := keep(row); err != nil {
			return err
		}
	}
}

// separator is what stands between cells: Excel writes what the machine's settings say.
func separator(content []byte) rune {
	first, _, _ := strings.Cut(string(content[:min(len(content), 4096)]), "\n")
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		if n := strings.Count(first, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// xlsxRows reads the first sheet. The two limits are one, so that excelize keeps all of it in memory: nothing goes to /tmp.
func xlsxRows(content []byte, keep func([]string) error) (err error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked,
	})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") { // excelize has no value for it
			return ErrLarge
		}
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	names := f.GetSheetList()
	if len(names) == 0 {
		return errors.New("the workbook has no sheet")
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return err
		}
		if err := keep(row); err != nil {
			return err
		}
	}
	return rows.Error()
}
