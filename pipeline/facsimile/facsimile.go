package facsimile

import (
	"fmt"
	"image"
	"os"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// growth is how much larger than its source a picture may become.
const growth = 1.15

// mostBytes is the largest file whose bytes pass as they are: they stand in memory.
const mostBytes = 256 << 20

// Make gives the picture of page index of the image file at path, which was decoded as sheet, and notes on what is not as
// it was. A JPEG passes byte for byte; black and white stays black and white, without loss; the rest becomes JPEG, or stays
// lossless where that is smaller. Pictures packed anew are stored as shown, with Orientation 1.
func Make(path string, index int, sheet *decode.Sheet) (*page.Facsimile, []string, error) {
	s, err := newSource(path, index, sheet)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case sheet.Format == decode.JPEG:
		return s.fromJPEG()
	case sheet.Format == decode.TIFF && s.jpeg != nil && !sheet.Incomplete:
		if f, ok := passJPEGInTIFF(s.jpeg, sheet.Orientation); ok {
			return f, nil, nil
		}
	case sheet.Bilevel:
		f, err := s.fromBilevel()
		return f, nil, err
	}
	return s.fromPixels()
}

// source is what a picture is made from.
type source struct {
	path  string
	index int
	sheet *decode.Sheet
	bytes int64  // packed size of the page in its file
	jpeg  []byte // of a TIFF that holds the page as one
}

func newSource(path string, index int, sheet *decode.Sheet) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the file: %w", err)
	}
	s := &source{path: path, index: index, sheet: sheet, bytes: info.Size()}
	if sheet.Format != decode.TIFF {
		return s, nil
	}
	packed, jpeg, err := decode.TIFFPacked(path, index)
	if err != nil {
		return nil, err
	}
	s.jpeg = jpeg
	if packed > 0 && packed < s.bytes {
		s.bytes = packed
	}
	return s, nil
}

// room is how many bytes the picture may have.
func (s *source) room() int { return int(growth * float64(s.bytes)) }

// fromPixels packs grey or colour anew. Of what loses nothing and JPEG the smaller is taken; where JPEG does not fit but the
// source was packed without loss, the pixels are.
func (s *source) fromPixels() (*page.Facsimile, []string, error) {
	f, note, err := s.packJPEG(s.sheet.Stored)
	if err != nil {
		return nil, nil, err
	}
	if own, ok := s.passPNG(); ok && len(own.Data) <= len(f.Data) {
		return own, nil, nil
	}
	if note == "" {
		return f, nil, nil
	}
	if s.lossless() {
		exact, err := packFlate(s.sheet.Stored)
		if err != nil {
			return nil, nil, err
		}
		if len(exact.Data) <= s.room() {
			return exact, nil, nil
		}
	}
	return f, []string{note}, nil
}

// lossless tells whether the source may have been packed without loss: packing so again can then be as small.
func (s *source) lossless() bool {
	switch s.sheet.Format {
	case decode.PNG, decode.BMP, decode.PNM, decode.WebP:
		return true
	case decode.TIFF:
		return s.jpeg == nil
	case decode.JPEG, decode.PDF, decode.Unknown:
	}
	return false
}

// described is a facsimile of pixels that were packed as shown.
func described(img image.Image, filter page.Filter, data []byte) *page.Facsimile {
	f := &page.Facsimile{
		Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Orientation: 1,
		Filter: filter, Data: data, ColorSpace: page.RGB, Bits: 8,
	}
	if _, gray := img.(*image.Gray); gray {
		f.ColorSpace = page.Gray
	}
	return f
}
