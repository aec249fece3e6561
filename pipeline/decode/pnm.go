package decode

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
)

// pnmDecoder reads binary PBM, PGM and PPM (P4, P5, P6) of up to 8 bits: what pdftoppm writes.
type pnmDecoder struct {
	path string
	kind byte
}

// open gives the file, its header read and filled in.
func (d *pnmDecoder) open(r *raster) (*os.File, *bufio.Reader, error) {
	f, err := os.Open(d.path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file: %w", err)
	}
	in := bufio.NewReaderSize(f, 1<<18)
	if d.kind, r.width, r.height, err = pnmHeader(in); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, in, nil
}

func (d *pnmDecoder) header(r *raster) error {
	f, _, err := d.open(r)
	if err != nil {
		return err
	}
	return f.Close()
}

// rowBytes is the length of a row in the file.
func (d *pnmDecoder) rowBytes(w int) int {
	switch d.kind {
	case '4':
		return (w + 7) / 8
	case '6':
		return 3 * w
	}
	return w
}

func (d *pnmDecoder) pixels(r *raster, _ Options) (err error) {
	f, in, err := d.open(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, h := r.width, r.height
	row := d.rowBytes(w)
	if info, err := f.Stat(); err == nil && int64(row)*int64(h) > info.Size() {
		return fmt.Errorf("decode the PNM: it claims %d×%d pixels in %d bytes", w, h, info.Size())
	}
	gray, color := &image.Gray{}, &image.NRGBA{}
	if d.kind == '6' {
		color = image.NewNRGBA(image.Rect(0, 0, w, h))
		r.pixels = color
	} else {
		gray = image.NewGray(image.Rect(0, 0, w, h))
		r.pixels = gray
	}
	buf := make([]byte, row)
	for y := range h {
		if _, err := io.ReadFull(in, buf); err != nil {
			return fmt.Errorf("decode the PNM: row %d of %d: %w", y, h, err)
		}
		switch d.kind {
		case '4':
			dst := gray.Pix[y*gray.Stride:][:w]
			for x := range dst {
				dst[x] = buf[x/8]>>(7-x%8)&1 - 1 // 1 is black
			}
		case '5':
			copy(gray.Pix[y*gray.Stride:], buf)
		case '6':
			dst := color.Pix[y*color.Stride:][:4*w]
			for x := range w {
				p, q := dst[4*x:4*x+4:4*x+4], buf[3*x:3*x+3:3*x+3]
				p[0], p[1], p[2], p[3] = q[0], q[1], q[2], 255
			}
		}
	}
	return nil
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
