package decode

import (
	"bytes"
	"fmt"
	"image"
	"os"

	"sohoa/pipeline/decode/internal/clib"
)

// mostDecoded is the most pixels to which a JPEG is decoded: libjpeg can decode at half, a quarter or an eighth of the size
// at a fraction of the cost, and a page needs no more than A4 at 600 dpi has.
const mostDecoded = 36_000_000

func decodeJPEG(path string, lim Limits) (*raster, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	info, err := clib.JPEGHeader(data)
	if err != nil {
		return nil, err
	}
	if err := lim.checkPixels(info.Width, info.Height); err != nil {
		return nil, err
	}
	r := &raster{width: info.Width, height: info.Height}
	eighths := 8
	for eighths > 1 && (info.Width*eighths/8)*(info.Height*eighths/8) > mostDecoded {
		eighths /= 2
	}
	w, h := (info.Width*eighths+7)/8, (info.Height*eighths+7)/8
	var warning string
	if info.Gray {
		g := image.NewGray(image.Rect(0, 0, w, h))
		r.pixels = g
		warning, err = clib.DecodeJPEG(data, g.Pix, w, h, g.Stride, clib.Gray)
	} else {
		c := image.NewNRGBA(image.Rect(0, 0, w, h))
		r.pixels = c
		format := clib.RGBX
		if info.CMYK {
			format = clib.CMYK
		}
		warning, err = clib.DecodeJPEG(data, c.Pix, w, h, c.Stride, format)
		if info.CMYK {
			cmykToRGB(c.Pix, adobeInverted(data))
		}
	}
	if err != nil {
		return nil, err
	}
	if warning != "" {
		r.warnings = append(r.warnings, "the JPEG is damaged; what could be decoded was read ("+warning+")")
	}
	r.xDPI, r.yDPI = jfifDensity(data)
	e := readEXIF(bytes.NewReader(data))
	r.orientation = e.orientation
	if r.xDPI == 0 {
		r.xDPI, r.yDPI = e.xDPI, e.yDPI
	}
	return r, nil
}

// cmykToRGB mixes inks in place, four bytes a pixel.
func cmykToRGB(pix []byte, inverted bool) {
	for i := 0; i+3 < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		if !inverted {
			p[0], p[1], p[2], p[3] = 255-p[0], 255-p[1], 255-p[2], 255-p[3]
		}
		k := uint32(p[3])                                                                                             // now each is the light that its ink leaves
		p[0], p[1], p[2], p[3] = uint8(uint32(p[0])*k/255), uint8(uint32(p[1])*k/255), uint8(uint32(p[2])*k/255), 255 //nolint:gosec // products of shares
	}
}

// segments calls f with the marker and content of each JPEG segment before the pixels until it returns false.
func segments(data []byte, f func(marker byte, content []byte) bool) {
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff {
			return
		}
		marker := data[i+1]
		if marker == 0xff { // padding
			i++
			continue
		}
		const startOfScan = 0xda
		n := int(data[i+2])<<8 | int(data[i+3])
		if marker == startOfScan || n < 2 || i+2+n > len(data) {
			return
		}
		if !f(marker, data[i+4:i+2+n]) {
			return
		}
		i += 2 + n
	}
}

// adobeInverted tells whether CMYK is stored as light instead of ink: Photoshop writes it so, with its own marker.
func adobeInverted(data []byte) (adobe bool) {
	segments(data, func(marker byte, content []byte) bool {
		adobe = adobe || marker == 0xee && bytes.HasPrefix(content, []byte("Adobe"))
		return !adobe
	})
	return adobe
}

// jfifDensity is the resolution in the JFIF header, 0 where it is only an aspect ratio.
func jfifDensity(data []byte) (x, y float64) {
	segments(data, func(marker byte, content []byte) bool {
		if marker != 0xe0 || len(content) < 12 || !bytes.HasPrefix(content, []byte("JFIF\x00")) {
			return true
		}
		x, y = float64(int(content[8])<<8|int(content[9])), float64(int(content[10])<<8|int(content[11]))
		switch content[7] {
		case 1: // dots per inch
		case 2: // per centimetre
			x, y = 2.54*x, 2.54*y
		default:
			x, y = 0, 0
		}
		return false
	})
	return x, y
}
