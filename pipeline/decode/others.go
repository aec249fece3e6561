package decode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

func decodeOther(path string, format Format, lim Limits) (r *raster, err error) {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	config, decode := webp.DecodeConfig, webp.Decode
	if format == BMP {
		config, decode = bmp.DecodeConfig, bmp.Decode
	}
	size, err := config(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("open the %s: %w", format, err)
	}
	if err := lim.checkPixels(size.Width, size.Height); err != nil {
		return nil, err
	}
	// An uncompressed image cannot be larger than its file.
	if info, statErr := f.Stat(); format == BMP && statErr == nil && int64(size.Width)*int64(size.Height) > 16*info.Size() {
		return nil, fmt.Errorf("decode the bmp: it claims %d×%d pixels in %d bytes", size.Width, size.Height, info.Size())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	img, err := decode(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("decode the %s: %w", format, err)
	}
	r = &raster{pixels: flat(img), width: size.Width, height: size.Height}
	if format == BMP {
		r.xDPI, r.yDPI = bmpDensity(f)
	}
	return r, nil
}

// bmpDensity is the resolution in a BITMAPINFOHEADER, in pixels per metre at bytes 38 and 42.
func bmpDensity(f io.ReaderAt) (x, y float64) {
	var b [8]byte
	if _, err := f.ReadAt(b[:], 38); err != nil {
		return 0, 0
	}
	const inch = 0.0254
	return inch * float64(binary.LittleEndian.Uint32(b[:4])), inch * float64(binary.LittleEndian.Uint32(b[4:]))
}
