package decode

import (
	"fmt"
	"image"

	"sohoa/pipeline/decode/internal/clib"
)

// The most pixels to which a JPEG is decoded; a larger one is decoded smaller, which libjpeg does at less cost. A page of
// A4 at 600 dpi is whole (35 million), and the pixels fill at most 160 MB, so that with its cleaned copies a page stays
// inside a child's 350 MiB.
const (
	mostColor = 40_000_000
	mostGray  = 80_000_000
)

// mostCoefficients is what a JPEG of several scans may need besides its pixels, in bytes.
const mostCoefficients = 640 << 20

// jpegDecoder reads a JPEG.
type jpegDecoder struct {
	path string
	info clib.JPEGInfo
}

func (d *jpegDecoder) header(r *raster) error {
	var err error
	if d.info, err = clib.JPEGHeader(d.path); err != nil {
		return err
	}
	r.width, r.height = d.info.Width, d.info.Height
	e := readEXIF(d.path)
	r.orientation = e.orientation
	r.xDPI, r.yDPI = d.info.XDPI, d.info.YDPI
	if r.xDPI == 0 {
		r.xDPI, r.yDPI = e.xDPI, e.yDPI
	}
	return nil
}

func (d *jpegDecoder) pixels(r *raster, opt Options) error {
	if d.info.Coefficients > mostCoefficients {
		return &LimitError{What: limitMemory, Has: d.info.Coefficients, Most: mostCoefficients}
	}
	most := int64(mostColor)
	if d.info.Gray {
		most = mostGray
	}
	r.eighths = eighths(r.width, r.height, opt.ScaleNum, most)
	w, h := scaled(r.width, r.eighths), scaled(r.height, r.eighths)
	var format clib.Format
	var pix []byte
	var stride int
	if d.info.Gray {
		g := image.NewGray(image.Rect(0, 0, w, h))
		r.pixels, format, pix, stride = g, clib.Gray, g.Pix, g.Stride
	} else {
		c := image.NewNRGBA(image.Rect(0, 0, w, h))
		r.pixels, format, pix, stride = c, clib.RGBA, c.Pix, c.Stride
	}
	if d.info.CMYK {
		format = clib.CMYK
	}
	rows, warns, err := clib.DecodeJPEG(d.path, r.eighths, format, pix, w, h, stride, mostCoefficients+64<<20)
	if err != nil {
		return err
	}
	if d.info.CMYK {
		mixInks(pix, d.info.Adobe)
	}
	if rows < h {
		r.incomplete = true
		r.warnings = append(r.warnings, fmt.Sprintf("the JPEG is cut or damaged: %d of %d rows are there", rows, h))
	}
	r.warn("the JPEG is not as it should be", warns)
	return nil
}

// eighths is the scale to decode at: what was asked for, or less where that is more than most pixels.
func eighths(w, h, asked int, most int64) int {
	if asked < 1 || asked > 8 {
		asked = 8
	}
	for asked > 1 && int64(scaled(w, asked))*int64(scaled(h, asked)) > most {
		asked--
	}
	return asked
}

func scaled(n, eighths int) int { return (n*eighths + 7) / 8 }

// mixInks makes opaque colours of inks in place, four bytes a pixel. Adobe stores the light that an ink leaves.
func mixInks(pix []byte, adobe bool) {
	var flip byte = 255
	if adobe {
		flip = 0
	}
	for i := 0; i+3 < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		k := uint32(p[3] ^ flip)
		p[0], p[1], p[2], p[3] = darkened(p[0]^flip, k), darkened(p[1]^flip, k), darkened(p[2]^flip, k), 255
	}
}

func darkened(v byte, k uint32) byte { return byte(uint32(v) * k / 255) } //nolint:gosec // a share of a byte
