package facsimile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// passPNG gives the PNG file's own packed rows, as stored, unless PDF/A-1 cannot hold them.
func (s *source) passPNG() (*page.Facsimile, bool) {
	if s.sheet.Format != decode.PNG || s.bytes > mostBytes {
		return nil, false
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		return nil, false
	}
	f, ok := pngRows(data)
	f.Orientation = s.sheet.Orientation
	return f, ok
}

// pngRows takes the packed rows out of a PNG: PDF's Flate with PNG predictors is the same thing. It does not work for what
// PDF/A-1 cannot hold: transparency, interlacing, 16 bits.
func pngRows(data []byte) (*page.Facsimile, bool) {
	f := &page.Facsimile{Orientation: 1, Filter: page.Flate, PNGPredictor: true}
	if len(data) < 8 {
		return f, false
	}
	for rest := data[8:]; len(rest) >= 12; {
		n := int64(binary.BigEndian.Uint32(rest))
		if n > int64(len(rest)-12) {
			return f, false
		}
		body := rest[8 : 8+n]
		switch string(rest[4:8]) {
		case "IHDR":
			if !headerPasses(f, body) {
				return f, false
			}
		case "PLTE":
			f.Palette = bytes.Clone(body)
		case "tRNS":
			return f, false
		case "IDAT":
			f.Data = append(f.Data, body...)
		}
		rest = rest[12+n:]
	}
	if f.ColorSpace != page.Indexed {
		f.Palette = nil // only a suggestion for screens of few colours
	} else if len(f.Palette) == 0 || len(f.Palette)%3 != 0 || len(f.Palette) > 3<<f.Bits {
		return f, false
	}
	return f, f.Width > 0 && len(f.Data) > 0
}

// headerPasses fills in size and colours (PNG specification, 11.2.2).
func headerPasses(f *page.Facsimile, head []byte) bool {
	const gray, rgb, indexed = 0, 2, 3
	if len(head) != 13 || head[8] > 8 || head[12] != 0 {
		return false
	}
	f.Width, f.Height = int(binary.BigEndian.Uint32(head)), int(binary.BigEndian.Uint32(head[4:]))
	f.Bits = int(head[8])
	switch head[9] {
	case gray:
		f.ColorSpace = page.Gray
	case rgb:
		f.ColorSpace = page.RGB
	case indexed:
		f.ColorSpace = page.Indexed
	default:
		return false
	}
	return true
}

// packFlate packs an image without loss, black and white in single bits: as Go writes a PNG, whose rows then pass.
func packFlate(img image.Image) (*page.Facsimile, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("pack the picture without loss: %w", err)
	}
	f, ok := pngRows(out.Bytes())
	if !ok {
		return nil, fmt.Errorf("pack %T without loss: it came out as something PDF cannot hold", img)
	}
	return f, nil
}

// twoColors is a black and white image as a palette of two, which packFlate stores in single bits.
func twoColors(g *image.Gray) *image.Paletted {
	p := image.NewPaletted(g.Rect, color.Palette{color.Gray{}, color.Gray{Y: 255}})
	for i, v := range g.Pix {
		p.Pix[i] = v >> 7
	}
	return p
}
