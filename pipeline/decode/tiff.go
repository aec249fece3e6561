package decode

import (
	"fmt"
	"image"

	"sohoa/pipeline/decode/internal/clib"
)

// tiffDecoder reads one page of a TIFF.
type tiffDecoder struct {
	path   string
	index  int
	offset uint64 // of its directory
	info   clib.TIFFInfo
}

func (d *tiffDecoder) header(r *raster) error {
	pages, err := tiffPages(d.path, 0, d.index+1)
	if err != nil {
		return err
	}
	if d.index >= len(pages) {
		return ErrNoPage
	}
	d.offset = pages[d.index]
	if d.info, err = clib.TIFFPage(d.path, d.offset); err != nil {
		return d.failed(err)
	}
	r.width, r.height, r.orientation = d.info.Width, d.info.Height, d.info.Orientation
	r.xDPI, r.yDPI = d.info.XDPI, d.info.YDPI
	return nil
}

func (d *tiffDecoder) failed(err error) error {
	return fmt.Errorf("page %d of the TIFF: %w", d.index+1, err)
}

// pixels reads the usual pages row by row: exact, cheap, and what cannot be decoded stays white. libtiff itself puts
// together the others: palettes, other depths, inks, transparency, tiles and separate planes.
func (d *tiffDecoder) pixels(r *raster, _ Options) error {
	i, bounds := d.info, image.Rect(0, 0, d.info.Width, d.info.Height)
	gray := i.Samples == 1 && (i.Bits == 1 || i.Bits == 8) && (i.Photometric == clib.MinIsWhite || i.Photometric == clib.MinIsBlack)
	color := i.Samples == 3 && i.Bits == 8 && !i.Separate && (i.Photometric == clib.RGB || i.Photometric == clib.YCbCr && i.JPEG)
	switch {
	case gray && !i.Tiled:
		g := image.NewGray(bounds)
		r.pixels = g
		return d.rows(r, clib.Gray, g.Pix, g.Stride)
	case color && !i.Tiled:
		c := image.NewNRGBA(bounds)
		r.pixels = c
		return d.rows(r, clib.RGBA, c.Pix, c.Stride)
	}
	c := image.NewNRGBA(bounds)
	r.pixels = c
	warns, err := clib.TIFFRGBA(d.path, d.offset, c.Pix)
	if err != nil {
		return d.failed(err)
	}
	r.warn("the TIFF is damaged", warns)
	if i.Samples != 1 && i.Samples != 3 {
		addPaper(c.Pix)
	}
	return nil
}

func (d *tiffDecoder) rows(r *raster, f clib.Format, out []byte, stride int) error {
	bad, warns, err := clib.TIFFRows(d.path, d.offset, f, out, stride)
	if err != nil {
		return d.failed(err)
	}
	if bad > 0 {
		r.incomplete = true
		r.warnings = append(r.warnings, fmt.Sprintf("the TIFF is damaged: %d of %d rows could not be decoded", bad, d.info.Height))
	}
	r.warn("the TIFF is not as it should be", warns)
	return nil
}

// addPaper lays colours that were multiplied by their transparency onto white. Where all is transparent the fourth sample
// was never meant as transparency: scanner software leaves it 0.
func addPaper(pix []byte) {
	transparent := true
	for i := 3; i < len(pix) && transparent; i += 4 {
		transparent = pix[i] == 0
	}
	for i := 0; i+3 < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		if white := 255 - p[3]; white != 0 && !transparent {
			p[0], p[1], p[2] = addByte(p[0], white), addByte(p[1], white), addByte(p[2], white)
		}
		p[3] = 255
	}
}

func addByte(a, b uint8) uint8 { return uint8(min(255, int(a)+int(b))) } //nolint:gosec // clamped
