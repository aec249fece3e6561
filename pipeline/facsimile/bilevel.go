package facsimile

import (
	"fmt"
	"image"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// fromBilevel packs black and white as CCITT G4. Halftone and noise make G4 grow; there Flate, the source's own or new, is
// taken if it is smaller.
func (s *source) fromBilevel() (*page.Facsimile, error) {
	g, ok := s.sheet.Stored.(*image.Gray)
	if !ok {
		return nil, fmt.Errorf("pack %T as black and white: not grey", s.sheet.Stored)
	}
	best, err := packG4(g)
	if err != nil {
		return nil, err
	}
	if int64(len(best.Data)) <= s.bytes {
		return best, nil
	}
	exact, err := packFlate(twoColors(g))
	if err != nil {
		return nil, err
	}
	if len(exact.Data) < len(best.Data) {
		best = exact
	}
	if own, ok := s.passPNG(); ok && len(own.Data) < len(best.Data) {
		best = own
	}
	return best, nil
}

// packG4 packs a black and white image without loss.
func packG4(g *image.Gray) (*page.Facsimile, error) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	row := (w + 7) / 8
	bits := make([]byte, row*h)
	for y := range h {
		dst := bits[y*row : (y+1)*row]
		for x, v := range g.Pix[y*g.Stride : y*g.Stride+w] {
			dst[x>>3] |= (^v >> 7) << (7 - x&7)
		}
	}
	data, err := decode.EncodeG4(bits, w, h)
	if err != nil {
		return nil, err
	}
	f := described(g, page.CCITT, data)
	f.K, f.Bits = -1, 1
	return f, nil
}
