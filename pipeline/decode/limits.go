package decode

import (
	"errors"
	"fmt"
)

// Limits is how large a file's pages may be. A zero field sets no limit.
type Limits struct {
	Pixels int64 // of a page
	Pages  int   // of a file
}

// The things that are limited.
const (
	limitPixels = "pixels"
	limitPages  = "pages"
	limitMemory = "bytes of working memory"
)

// LimitError says which limit a file goes beyond.
type LimitError struct {
	What string // "pixels", "pages" or "bytes of working memory"
	Has  int64  // 0 where counting stopped at the limit
	Most int64
}

// Error names the figure and the flag that changes the limit.
func (e *LimitError) Error() string {
	figure := "more than"
	if e.Has > 0 {
		figure = fmt.Sprintf("%d %s, more than", e.Has, e.What)
	}
	switch e.What {
	case limitPixels:
		return fmt.Sprintf("the page has %s the %d %s that a page may have (--max-pixels)", figure, e.Most, e.What)
	case limitPages:
		return fmt.Sprintf("the file has %s the %d %s that a file may have (--max-pages)", figure, e.Most, e.What)
	}
	return fmt.Sprintf("the page needs %s the %d %s that a page may use", figure, e.Most, e.What)
}

// The errors of files that cannot be read at all.
var (
	ErrEmpty   = errors.New("the file is empty")
	ErrUnknown = errors.New("it is not a TIFF, JPEG, PNG, WebP, BMP or PDF file")
	ErrPDF     = errors.New("it is a PDF, whose pages package decode/pdf gives")
	ErrNoPage  = errors.New("there is no such page in the file")
)

// checkPixels refuses a page before room is made for it.
func (l Limits) checkPixels(w, h int) error {
	if w < 1 || h < 1 {
		return fmt.Errorf("the page claims a size of %d×%d pixels", w, h)
	}
	const mostSide = 1 << 30 // products of two sides and a pixel's bytes stay inside 64 bits
	if w > mostSide || h > mostSide {
		return &LimitError{What: limitPixels, Most: l.Pixels}
	}
	if n := int64(w) * int64(h); l.Pixels > 0 && n > l.Pixels {
		return &LimitError{What: limitPixels, Has: n, Most: l.Pixels}
	}
	return nil
}
