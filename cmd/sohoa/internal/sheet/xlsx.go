package sheet

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// inMemory is how many bytes a part of a workbook may have before it is unpacked into Limits.Folder.
const inMemory = 16 << 20

// readXLSX reads the first sheet of a workbook, row by row.
func readXLSX(r io.Reader, limits Limits, keep func(int, []string) error) (err error) {
	options := excelize.Options{
		UnzipSizeLimit: limits.Unpacked, UnzipXMLSizeLimit: limits.Unpacked, RawCellValue: limits.Raw,
	}
	if limits.Folder != "" {
		options.TmpDir, options.UnzipXMLSizeLimit = limits.Folder, min(inMemory, limits.Unpacked)
	}
	f, err := excelize.OpenReader(r, options)
	if err != nil {
		return openError(err, limits)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	names := f.GetSheetList()
	if len(names) == 0 {
		return fmt.Errorf("%w: the workbook has no sheet", ErrNotSheet)
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotSheet, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for number := 1; rows.Next(); number++ {
		row, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotSheet, err)
		}
		if err := keep(number, row); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSheet, err)
	}
	return nil
}

func openError(err error, limits Limits) error {
	if large := (*LargeError)(nil); errors.As(err, &large) {
		return err
	}
	if strings.Contains(err.Error(), "unzip size exceeds") { // excelize has no value for it
		return &LargeError{Unpacked, limits.Unpacked}
	}
	return fmt.Errorf("%w: %w", ErrNotSheet, err)
}

// SerialDay is the day that a spreadsheet keeps as a number: days since 30/12/1899, the time behind the point.
func SerialDay(serial float64) time.Time {
	return time.Date(1899, 12, 30+int(math.Floor(serial)), 0, 0, 0, 0, time.UTC)
}
