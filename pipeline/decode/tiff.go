package decode

import (
	"fmt"
	"image"

	"sohoa/pipeline/decode/internal/clib"
)

func decodeTIFF(path string, index int, lim Limits) (*raster, error) {
	info, err := clib.TIFFPage(path, index)
	if err != nil {
		return nil, err
	}
	if err := lim.checkPixels(info.Width, info.Height); err != nil {
		return nil, err
	}
	r := &raster{
		width: info.Width, height: info.Height, orientation: info.Orientation, xDPI: info.XDPI, yDPI: info.YDPI,
	}
	const minIsWhite, minIsBlack = 0, 1
	plain := info.Samples == 1 && (info.Bits == 1 || info.Bits == 8) && !info.Tiled &&
		(info.Photometric == minIsWhite || info.Photometric == minIsBlack)
	if !plain {
		return r, r.readRGBA(path, index, info)
	}
	g := image.NewGray(image.Rect(0, 0, info.Width, info.Height))
	for i := range g.Pix {
		g.Pix[i] = 255 // rows that cannot be read are paper
	}
	bad, err := clib.TIFFGray(path, index, info, g.Pix, g.Stride)
	if err != nil {
		return nil, err
	}
	if bad >= info.Height {
		return nil, fmt.Errorf("read page %d of the TIFF: none of its %d rows can be decoded", index+1, info.Height)
	}
	if bad > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("the TIFF is damaged; %d of %d rows could not be decoded", bad, info.Height))
	}
	r.pixels = g
	return r, nil
}

// readRGBA reads colour, palettes, other depths, tiles and separate planes, all as libtiff makes them RGBA.
func (r *raster) readRGBA(path string, index int, info clib.TIFFInfo) error {
	c := image.NewNRGBA(image.Rect(0, 0, info.Width, info.Height))
	if err := clib.TIFFRGBA(path, index, info, c.Pix); err != nil {
		return err
	}
	// libtiff multiplies colours by their alpha: laid on white, what is missing is white.
	for i := 0; i+3 < len(c.Pix); i += 4 {
		if a := c.Pix[i+3]; a != 255 {
			white := 255 - a
			c.Pix[i], c.Pix[i+1], c.Pix[i+2], c.Pix[i+3] = add(c.Pix[i], white), add(c.Pix[i+1], white), add(c.Pix[i+2], white), 255
		}
	}
	r.pixels = flat(c)
	return nil
}

func add(a, b uint8) uint8 { return uint8(min(255, int(a)+int(b))) } //nolint:gosec // clamped
