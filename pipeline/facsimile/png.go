package facsimile

import (
	"encoding/binary"
	"os"

	"sohoa/pipeline/page"
)

// passPNG gives a PNG's own packed rows: PDF's Flate with PNG predictors is the same thing. It does not work for what PDF/A-1
// cannot hold: transparency, interlacing, 16 bits.
func passPNG(path string) (*page.Facsimile, bool) {
	data, err := os.ReadFile(path) //nolint:gosec // the file that the caller names
	if err != nil || len(data) < 8 {
		return nil, false
	}
	f := &page.Facsimile{Orientation: 1, Filter: page.Flate, PNGPredictor: true}
	for rest := data[8:]; len(rest) >= 12; {
		n := int64(binary.BigEndian.Uint32(rest))
		if n > int64(len(rest)-12) {
			return nil, false
		}
		body := rest[8 : 8+n]
		switch string(rest[4:8]) {
		case "IHDR":
			if !headerPasses(f, body) {
				return nil, false
			}
		case "PLTE":
			f.Palette = body
		case "tRNS":
			return nil, false
		case "IDAT":
			f.Data = append(f.Data, body...)
		}
		rest = rest[12+n:]
	}
	passes := f.Width > 0 && len(f.Data) > 0 && (f.ColorSpace == page.Indexed) == (len(f.Palette) > 0)
	return f, passes
}

// headerPasses fills in size and colours (PNG specification, 11.2.2).
func headerPasses(f *page.Facsimile, head []byte) bool {
	if len(head) != 13 || head[8] > 8 || head[12] != 0 {
		return false
	}
	f.Width, f.Height = int(binary.BigEndian.Uint32(head)), int(binary.BigEndian.Uint32(head[4:]))
	f.Bits = int(head[8])
	switch head[9] {
	case 0:
		f.ColorSpace = page.Gray
	case 2:
		f.ColorSpace = page.RGB
	case 3:
		f.ColorSpace = page.Indexed
	default:
		return false
	}
	return true
}
