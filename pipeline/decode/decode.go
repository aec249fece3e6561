package decode

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"
)

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
	Scale         float64 // Pixels have Width*Scale columns, rounded up, and rows alike; 1 but for JPEGs decoded smaller
	DPI           float64 // what the file says; 0 for nothing
	Format        Format
	Incomplete    bool // a part of the page could not be decoded and was left white
	Warnings      []string
}

// Config describes a page without its pixels.
type Config struct {
	Width, Height int // as shown, with square pixels
	Orientation   int
	DPI           float64
	Format        Format
}

// Options says how a page is decoded.
type Options struct {
	Limits Limits
	// Orientation, 1–8, overrides the one in the file; 0 leaves it.
	Orientation int
	// ScaleNum asks for a JPEG at ScaleNum eighths of its size, 1–8, which costs less; 0 counts as 8. Other formats, whose
	// decoders cannot, come whole. A JPEG that would fill the memory is decoded smaller in any case. Sheet.Scale tells.
	ScaleNum int
}

// raster is a page as it is stored in its file.
type raster struct {
	pixels        image.Image // *image.Gray or opaque *image.NRGBA
	width, height int         // of the page as stored; pixels may be smaller
	eighths       int         // of the page's size that pixels has; 0 counts as 8
	orientation   int
	xDPI, yDPI    float64
	incomplete    bool
	warnings      []string
}

// decoder reads one page. Its header comes first, so that sizes are checked before pixels have room.
type decoder interface {
	header(r *raster) error
	pixels(r *raster, opt Options) error
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
	case errors.Is(err, io.EOF):
		return nil, ErrEmpty
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return head[:n], nil
}

// Count is the number of pages of an image file. More than the limit is a *LimitError. A page of a TIFF whose description
// lies beyond the file's end counts, so that its loss is noticed when it is decoded; thumbnails do not.
func Count(path string, lim Limits) (int, error) {
	format, err := Open(path)
	switch {
	case err != nil:
		return 0, err
	case format == PDF:
		return 0, ErrPDF
	case format != TIFF:
		return 1, nil
	}
	pages, err := tiffPages(path, lim.Pages, 0)
	return len(pages), err
}

// Decode gives page index, from 0, of an image file.
func Decode(path string, index int, opt Options) (*Sheet, error) {
	r, d, format, err := open(path, index)
	if err != nil {
		return nil, err
	}
	if err := opt.Limits.checkPixels(r.width, r.height); err != nil {
		return nil, err
	}
	if opt.Orientation != 0 {
		r.orientation = opt.Orientation
	}
	if err := d.pixels(r, opt); err != nil {
		return nil, err
	}
	return r.sheet(format, opt.Limits), nil
}

// Describe describes page index, from 0, of an image file.
func Describe(path string, index int) (Config, error) {
	r, _, format, err := open(path, index)
	if err != nil {
		return Config{}, err
	}
	if err := (Limits{}).checkPixels(r.width, r.height); err != nil {
		return Config{}, err
	}
	s := r.shape(Limits{})
	return Config{Width: s.width, Height: s.height, Orientation: s.orientation, DPI: s.dpi, Format: format}, nil
}

// open reads the header of a page.
func open(path string, index int) (*raster, decoder, Format, error) {
	format, err := Open(path)
	if err != nil {
		return nil, nil, Unknown, err
	}
	if index < 0 || index > 0 && format != TIFF && format != PDF {
		return nil, nil, format, ErrNoPage
	}
	var d decoder
	switch format {
	case TIFF:
		d = &tiffDecoder{path: path, index: index}
	case JPEG:
		d = &jpegDecoder{path: path}
	case PNG, WebP, BMP:
		d = &goDecoder{path: path, format: format}
	case PNM:
		d = &pnmDecoder{path: path}
	case PDF:
		return nil, nil, format, ErrPDF
	case Unknown:
		return nil, nil, format, ErrUnknown
	}
	r := &raster{}
	if err := d.header(r); err != nil {
		return nil, nil, format, err
	}
	return r, d, format, nil
}
