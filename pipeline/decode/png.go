package decode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
)

func decodePNG(path string, lim Limits) (r *raster, err error) {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := png.DecodeConfig(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("open the PNG: %w", err)
	}
	if err := lim.checkPixels(size.Width, size.Height); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	img, err := png.Decode(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("decode the PNG: %w", err)
	}
	r = &raster{pixels: flat(img), width: size.Width, height: size.Height}
	if _, err := f.Seek(8, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	r.xDPI, r.yDPI = pngDensity(f)
	return r, nil
}

// pngDensity is the resolution of the pHYs chunk (PNG specification, 11.3.4.3), 0 where there is none.
func pngDensity(f io.ReadSeeker) (x, y float64) {
	var head [8]byte
	for {
		if _, err := io.ReadFull(f, head[:]); err != nil {
			return 0, 0
		}
		n := int64(binary.BigEndian.Uint32(head[:4]))
		switch string(head[4:]) {
		case "pHYs":
			var b [9]byte
			if _, err := io.ReadFull(f, b[:]); err != nil || b[8] != 1 { // 1: per metre
				return 0, 0
			}
			const inch = 0.0254
			return inch * float64(binary.BigEndian.Uint32(b[:4])), inch * float64(binary.BigEndian.Uint32(b[4:8]))
		case "IDAT", "IEND":
			return 0, 0
		}
		if _, err := f.Seek(n+4, io.SeekCurrent); err != nil {
			return 0, 0
		}
	}
}
