package facsimile

import (
	"fmt"
	"os"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// growth is how much larger than its source a picture may become.
const growth = 1.15

// Make gives the picture of page index of the image file at path, which was decoded as sheet, and notes on what is not as
// it was. A JPEG passes byte for byte; black and white becomes CCITT G4, which loses nothing; the rest becomes JPEG, or
// stays lossless where that is smaller.
func Make(path string, index int, sheet *decode.Sheet) (*page.Facsimile, []string, error) {
	switch {
	case sheet.Format == decode.JPEG:
		return fromJPEG(path, sheet)
	case sheet.Bilevel:
		f, err := packG4(sheet.Stored)
		return f, nil, err
	}
	room, err := sourceSize(path, sheet.Format)
	if err != nil {
		return nil, nil, err
	}
	f, note, err := packJPEG(sheet.Stored, int(growth*room))
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	if note != "" {
		notes = append(notes, note)
	}
	if sheet.Format == decode.PNG {
		if own, ok := passPNG(path); ok && len(own.Data) < len(f.Data) {
			return own, nil, nil
		}
	}
	return f, notes, nil
}

// sourceSize is how many bytes of the file one page has, on average.
func sourceSize(path string, format decode.Format) (float64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("look at the file: %w", err)
	}
	n := 1
	if format == decode.TIFF {
		if n, err = decode.Count(path, decode.Limits{}); err != nil {
			return 0, err
		}
	}
	return float64(info.Size()) / float64(n), nil
}

func fromJPEG(path string, sheet *decode.Sheet) (*page.Facsimile, []string, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	head, err := decode.JPEGHeader(data)
	if err != nil {
		return nil, nil, err
	}
	if head.CMYK || head.Arithmetic {
		// PDF/A-1 with a screen's colours as output intent cannot hold inks (ISO 19005-1, 6.2.3.3), nor arithmetic coding.
		f, _, err := packJPEG(sheet.Stored, int(growth*float64(len(data))))
		return f, []string{"the JPEG's colours or coding cannot stand in a PDF/A; its picture was packed anew"}, err
	}
	f := &page.Facsimile{
		Width: head.Width, Height: head.Height, Orientation: sheet.Orientation,
		Filter: page.DCT, Data: data, ColorSpace: page.RGB, Bits: 8,
	}
	if head.Gray {
		f.ColorSpace = page.Gray
	}
	return f, nil, nil
}

