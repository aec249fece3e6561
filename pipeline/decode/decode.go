package decode

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"

	"sohoa/pipeline/decode/internal/clib"
)

// Limits is how large a file's pages may be. A zero field sets no limit.
type Limits struct {
	Pixels int64 // of a page
	Pages  int   // of a file
}

// LimitError says which limit a file goes beyond.
type LimitError struct {
	What string // "pixels" or "pages"
	Has  int64
	Most int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("it has %d %s, more than the %d allowed (--max-%s)", e.Has, e.What, e.Most, e.What)
}

// The errors of files that cannot be read at all.
var (
	ErrEmpty   = errors.New("the file is empty")
	ErrUnknown = errors.New("it is not a TIFF, JPEG, PNG, WebP, BMP or PDF file")
	ErrNoPage  = errors.New("there is no such page in the file")
)

// checkPixels refuses a page before room is made for it.
func (l Limits) checkPixels(w, h int) error {
	if w < 1 || h < 1 {
		return fmt.Errorf("the page claims a size of %d×%d pixels", w, h)
	}
	// Dividing does not overflow where multiplying may.
	if l.Pixels > 0 && int64(h) > l.Pixels/int64(w) {
		return &LimitError{What: "pixels", Has: int64(w) * int64(h), Most: l.Pixels}
	}
	return nil
}

// Sheet is one page as pixels.
type Sheet struct {
	// Pixels is *image.Gray for grey and black-and-white pages, else opaque *image.NRGBA; as shown (Orientation applied),
	// with square pixels, and where Scale is below 1 smaller than the page.
	Pixels image.Image
	// Stored is Pixels before non-square pixels were stretched; mostly the same image.
	Stored  image.Image
	Bilevel bool // nothing but black and white
	// Width and Height are those of the page as shown, with square pixels.
	Width, Height int
	Orientation   int     // EXIF's, 1–8, already applied to Pixels
	Scale         float64 // Pixels' size as a share of the page's, at most 1
	DPI           float64 // what the file says (of its finer axis); 0 for nothing
	Format        Format
	Warnings      []string
}

// Options says how a page is decoded.
type Options struct {
	Limits Limits
	// Orientation, 1–8, overrides the one in the file; 0 leaves it.
	Orientation int
}

// Open tells the format of a file.
func Open(path string) (Format, error) {
	head, err := readHead(path)
	if err != nil {
		return Unknown, err
	}
	f := Sniff(head)
	if f == Unknown {
		return Unknown, ErrUnknown
	}
	return f, nil
}

func readHead(path string) (head []byte, err error) {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head = make([]byte, SniffLen)
	n, err := io.ReadFull(f, head)
	switch {
	case n == 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return nil, ErrEmpty
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return head[:n], nil
}

// Count is the number of pages of an image file. More than the limit is a *LimitError.
func Count(path string, lim Limits) (int, error) {
	format, err := Open(path)
	if err != nil {
		return 0, err
	}
	if format != TIFF {
		return 1, nil
	}
	most := lim.Pages
	if most <= 0 {
		most = 1 << 16 // TIFF numbers its directories with 16 bits
	}
	n, err := clib.TIFFCount(path, most)
	if err != nil {
		return 0, err
	}
	if n > most {
		return 0, &LimitError{What: "pages", Has: int64(n), Most: int64(most)}
	}
	return n, nil
}

// Decode gives page index, from 0, of an image file.
func Decode(path string, index int, opt Options) (*Sheet, error) {
	format, err := Open(path)
	if err != nil {
		return nil, err
	}
	if index < 0 || index > 0 && format != TIFF {
		return nil, ErrNoPage
	}
	var r *raster
	switch format {
	case TIFF:
		r, err = decodeTIFF(path, index, opt.Limits)
	case JPEG:
		r, err = decodeJPEG(path, opt.Limits)
	case PNG:
		r, err = decodePNG(path, opt.Limits)
	case WebP, BMP:
		r, err = decodeOther(path, format, opt.Limits)
	case PNM:
		r, err = decodePNM(path, opt.Limits)
	case PDF, Unknown:
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	if opt.Orientation != 0 {
		r.orientation = opt.Orientation
	}
	return r.sheet(format), nil
}
