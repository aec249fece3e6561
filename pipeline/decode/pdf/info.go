package pdf

import "sohoa/pipeline/page"

// Class says what a page is made of.
type Class string

// The classes of pages.
const (
	Scan         Class = "scan"           // one image covers the page, and there is no text layer
	ScanWithText Class = "scan-with-text" // one image covers the page, with text hidden in or under it
	Digital      Class = "digital"        // visible text of its own
	Mixed        Class = "mixed"          // several images, tiles, layers, drawings, unreadable text
	Empty        Class = "empty"          // nothing is drawn
)

// Text says what becomes of the text that a page carries.
type Text string

// The verdicts on a page's text.
const (
	NoText   Text = ""       // it carries none
	KeepText Text = "keep"   // good: the words of Document.Words are the page's words
	ReadAnew Text = "reread" // useless, or Options.Redo: the page is recognized
)

// Area is a part of the page as shown, in shares of its width and height from the top left corner. It may reach beyond 0
// and 1 where an image is larger than its page.
type Area struct{ X0, Y0, X1, Y1 float64 }

// WholePage is the area of a page.
func WholePage() Area { return Area{0, 0, 1, 1} }

// Grid is a raster of pixels over a part of the page as shown; boxes are given in its pixels.
type Grid struct {
	Width, Height int
	Area          Area
}

// Image is the one image that covers a scanned page.
type Image struct {
	Width, Height int // of the stored raster
	// Orientation is the EXIF orientation, 1–8, in which the page shows the raster: the image's own turn and the page's
	// /Rotate together. 0 where it stands askew and must be rendered.
	Orientation int
	Area        Area
	// PPIX and PPIY are the pixels per inch on paper along the page as shown.
	PPIX, PPIY float64
	JPEG       bool // the bytes of Document.Facsimile are a JPEG file
	ref        ref
	stencil    bool
}

// Grid is the image's own raster as shown, with square pixels: where the two resolutions differ (fax) the coarser axis is
// stretched, as package decode does.
func (im *Image) Grid() Grid {
	w, h := im.Width, im.Height
	if im.Orientation >= 5 {
		w, h = h, w
	}
	switch {
	case im.PPIX <= 0 || im.PPIY <= 0:
	case im.PPIX > 1.02*im.PPIY:
		h = int(float64(h)*im.PPIX/im.PPIY + 0.5)
	case im.PPIY > 1.02*im.PPIX:
		w = int(float64(w)*im.PPIY/im.PPIX + 0.5)
	}
	return Grid{Width: max(w, 1), Height: max(h, 1), Area: im.Area}
}

// PageInfo is what is known of a page before it is read.
type PageInfo struct {
	Number        int     // from 1
	Width, Height float64 // points (1/72 inch) as shown: crop box, /Rotate and UserUnit applied
	Rotate        int     // /Rotate: 0, 90, 180 or 270, already applied
	Class         Class
	Text          Text
	// Overlay is set where a scan has something else over it that can be seen: a signature's stamp, a comment, a number.
	Overlay bool
	// Coloured is set where something on the page may be in colour.
	Coloured bool
	Image    *Image // of Scan and ScanWithText
	Warnings []string
}

// Recognize tells whether the page's pixels have to be read.
func (p *PageInfo) Recognize() bool { return p.Class != Empty && p.Text != KeepText }

// Source is where the words come from if reading succeeds.
func (p *PageInfo) Source() page.Source {
	switch {
	case p.Class == Empty:
		return page.Blank
	case p.Recognize():
		return page.Recognized
	case p.Class == ScanWithText, p.Class == Mixed:
		return page.TextLayer
	}
	return page.Digital
}
