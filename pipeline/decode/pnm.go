package decode

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
)

// decodePNM reads binary PBM, PGM and PPM (P4, P5, P6) of up to 8 bits: what pdftoppm writes.
func decodePNM(path string, lim Limits) (r *raster, err error) {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in := bufio.NewReaderSize(f, 1<<18)
	kind, w, h, err := pnmHeader(in)
	if err != nil {
		return nil, err
	}
	if err := lim.checkPixels(w, h); err != nil {
		return nil, err
	}
	row := map[byte]int{'4': (w + 7) / 8, '5': w, '6': 3 * w}[kind]
	if info, err := f.Stat(); err == nil && int64(row)*int64(h) > info.Size() {
		return nil, fmt.Errorf("decode the PNM: it claims %d×%d pixels in %d bytes", w, h, info.Size())
	}
	r = &raster{width: w, height: h}
	buf := make([]byte, row)
	var gray *image.Gray
	var color *image.NRGBA
	if kind == '6' {
		color = image.NewNRGBA(image.Rect(0, 0, w, h))
		r.pixels = color
	} else {
		gray = image.NewGray(image.Rect(0, 0, w, h))
		r.pixels = gray
	}
	for y := range h {
		if _, err := io.ReadFull(in, buf); err != nil {
			return nil, fmt.Errorf("decode the PNM: row %d of %d: %w", y, h, err)
		}
		switch kind {
		case '4':
			for x := range w {
				gray.Pix[y*gray.Stride+x] = 255 * (1 - buf[x/8]>>(7-x%8)&1)
			}
		case '5':
			copy(gray.Pix[y*gray.Stride:], buf)
		case '6':
			dst := color.Pix[y*color.Stride : y*color.Stride+4*w]
			for x := range w {
				p := dst[4*x : 4*x+4 : 4*x+4]
				p[0], p[1], p[2], p[3] = buf[3*x], buf[3*x+1], buf[3*x+2], 255
			}
		}
	}
	return r, nil
}

// pnmHeader reads "P5 width height maxval" with its comments.
func pnmHeader(in *bufio.Reader) (kind byte, w, h int, err error) {
	magic := make([]byte, 2)
	if _, err := io.ReadFull(in, magic); err != nil {
		return 0, 0, 0, fmt.Errorf("open the PNM: %w", err)
	}
	figures := []int{0, 0, 255}
	n := 3
	if magic[1] == '4' {
		n = 2
	}
	for i := range n {
		if figures[i], err = pnmFigure(in); err != nil {
			return 0, 0, 0, err
		}
	}
	if figures[2] != 255 || magic[0] != 'P' || magic[1] < '4' || magic[1] > '6' {
		return 0, 0, 0, fmt.Errorf("open the PNM: kind %q with a greatest value of %d is not read", magic, figures[2])
	}
	return magic[1], figures[0], figures[1], nil
}

// pnmFigure reads one number and the byte after it.
func pnmFigure(in *bufio.Reader) (int, error) {
	v, digits := 0, 0
	for {
		b, err := in.ReadByte()
		switch {
		case err != nil:
			return 0, fmt.Errorf("open the PNM: %w", err)
		case b == '#' && digits == 0:
			if _, err := in.ReadString('\n'); err != nil {
				return 0, fmt.Errorf("open the PNM: %w", err)
			}
		case b >= '0' && b <= '9' && digits < 9:
			v = 10*v + int(b-'0')
			digits++
		case isSpace(b) && digits == 0:
		case isSpace(b):
			return v, nil
		default:
			return 0, errors.New("open the PNM: its header is broken")
		}
	}
}
