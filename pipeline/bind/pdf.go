package bind

import (
	"errors"
	"fmt"
	"io"
	"math"

	"sohoa/pipeline/page"
)

const (
	// maxSide and minSide bound a page's sides in points (PDF 1.4, appendix C).
	maxSide, minSide = 14400, 3
	// defaultDPI stands in where a page has no resolution that can be believed.
	defaultDPI = 300
	// kidsPerNode bounds the page tree's nodes: arrays of PDF/A-1 hold at most 8,191 elements.
	kidsPerNode = 256
)

// ErrClosed says that a page was added, or the file closed, after Close.
var ErrClosed = errors.New("PDF is closed")

// PDF writes one two-layer PDF/A-1b, a page at a time. Nothing of a page is kept once it is written but its place in
// the file. It is not safe for use by several goroutines at once.
type PDF struct {
	w         *objectWriter
	meta      Meta
	font      *font
	resources int   // object number of the font dictionary that all pages share
	root      int   // of the page tree
	nodes     []int // its children
	kids      []int // pages of the last node
	pages     int
	content   []byte // reused
	closed    bool
}

// NewPDF starts a file on w. Close must be called for it to be whole; closing w is left to the caller.
func NewPDF(w io.Writer, meta Meta) (*PDF, error) {
	p := &PDF{w: newObjectWriter(w), meta: meta.withDefaults(), font: newFont()}
	p.resources, p.root = p.w.reserve(), p.w.reserve()
	// The second line says to file transfer programs that this is no text; PDF/A wants four bytes above 127.
	p.w.printf("%%PDF-1.4\n%%\xe2\xe3\xcf\xd3\n")
	if p.w.err != nil {
		return nil, fmt.Errorf("start PDF: %w", p.w.err)
	}
	return p, nil
}

// Pages is how many pages were added.
func (p *PDF) Pages() int { return p.pages }

// Scan adds a page: the facsimile, standing as the page's reader sees it, under the page's words in invisible letters.
// A facsimile that no PDF/A can hold gives a *FacsimileError before anything is written, so that the caller can come
// back with another one; any other error is the writer's and final.
func (p *PDF) Scan(pg *page.Page, f *page.Facsimile) error {
	if p.closed {
		return ErrClosed
	}
	if err := check(f); err != nil {
		return fmt.Errorf("add page %d: %w", pg.Number, err)
	}
	sheet := newSheet(pg, f)
	xobject := p.w.reserve()
	writeImage(p.w, xobject, f)
	m := sheet.image(f.Orientation, pg.Turned)
	b := append(p.content[:0], 'q', ' ')
	for _, v := range m {
		b = append(appendNumber(b, v, 4), ' ')
	}
	b = append(b, "cm/Im Do Q\n"...)
	return p.add(pg, sheet, b, fmt.Sprintf("/XObject<</Im %d 0 R>>", xobject))
}

// Overlay adds a page of words alone, widthPt × heightPt points large as the reader sees it: /Rotate and Turned
// applied. Assemble lays it over a kept page.
func (p *PDF) Overlay(pg *page.Page, widthPt, heightPt float64) error {
	if p.closed {
		return ErrClosed
	}
	return p.add(pg, sheetOf(pg, widthPt, heightPt), p.content[:0], "")
}

// add writes a page whose content starts with head.
func (p *PDF) add(pg *page.Page, s sheet, head []byte, resources string) error {
	p.content = p.appendText(head, pg, s)
	contents, id := p.w.reserve(), p.w.reserve()
	p.w.deflated(contents, "", p.content)
	if len(p.nodes) == 0 || len(p.kids) == kidsPerNode {
		p.endNode()
		p.nodes = append(p.nodes, p.w.reserve())
	}
	p.kids = append(p.kids, id)
	p.w.object(id, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources<</Font %d 0 R%s>>>>",
		p.nodes[len(p.nodes)-1], number(s.width, 2), number(s.height, 2), contents, p.resources, resources))
	p.pages++
	if p.w.err != nil {
		return fmt.Errorf("write page %d: %w", pg.Number, p.w.err)
	}
	return nil
}

// endNode writes the page tree's last node.
func (p *PDF) endNode() {
	if len(p.kids) == 0 {
		return
	}
	p.w.object(p.nodes[len(p.nodes)-1], fmt.Sprintf("<</Type/Pages/Parent %d 0 R/Count %d/Kids%s>>",
		p.root, len(p.kids), references(p.kids)))
	p.kids = p.kids[:0]
}

func references(ids []int) string {
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ' ')
		}
		b = fmt.Appendf(b, "%d 0 R", id)
	}
	return string(append(b, ']'))
}

// Close writes what belongs to the whole file: font, page tree, metadata, output intent, cross-references.
func (p *PDF) Close() error {
	if p.closed {
		return ErrClosed
	}
	p.closed = true
	p.endNode()
	w := p.w
	p.font.write(w, p.resources)
	w.object(p.root, fmt.Sprintf("<</Type/Pages/Count %d/Kids%s>>", p.pages, references(p.nodes)))

	metadata, profile, catalog, info := w.reserve(), w.reserve(), w.reserve(), w.reserve()
	w.stream(metadata, "/Type/Metadata/Subtype/XML", p.meta.xmp()) // PDF/A-1 wants it unpacked
	w.deflated(profile, "/N 3", sRGBProfile())
	w.object(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/Lang%s/OutputIntents[<</Type/OutputIntent"+
		"/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB IEC61966-2.1)/DestOutputProfile %d 0 R>>]>>",
		p.root, metadata, textString(p.meta.Language), profile))
	w.object(info, p.meta.info())
	if err := w.finish(catalog, info); err != nil {
		return fmt.Errorf("finish PDF: %w", err)
	}
	return nil
}

// sheet is a page of the PDF and the way from the original page's pixels onto it.
type sheet struct {
	width, height float64 // points
	toPoints      page.Transform
}

// newSheet sizes a scanned page: its pixels at its resolution.
func newSheet(pg *page.Page, f *page.Facsimile) sheet {
	w, h := pg.Width, pg.Height
	if w <= 0 || h <= 0 { // a page that failed before it was measured
		w, h = f.Width, f.Height
		if f.Orientation >= 5 {
			w, h = h, w
		}
	}
	dpi := pg.DPI
	if !(dpi >= 1 && dpi <= 100_000) { // NaN too
		dpi = defaultDPI
	}
	if quarters(pg.Turned)%2 == 1 {
		w, h = h, w
	}
	return sheetOf(pg, float64(w)*72/dpi, float64(h)*72/dpi)
}

// sheetOf makes a sheet of this size, held within what PDF allows.
func sheetOf(pg *page.Page, width, height float64) sheet {
	long, short := max(width, height), min(width, height)
	switch {
	case !(short > 0) || math.IsInf(long, 0):
		width, height = 595, 842 // A4
	case long > maxSide:
		width, height = width*maxSide/long, height*maxSide/long
	}
	width, height = max(width, minSide), max(height, minSide)
	// The boxes are written with two decimals; what lies on the page must be measured against the same.
	width, height = math.Round(width*100)/100, math.Round(height*100)/100
	w, h := max(pg.Width, 1), max(pg.Height, 1)
	turn := page.Turn(pg.Turned, w, h)
	if quarters(pg.Turned)%2 == 1 {
		w, h = h, w
	}
	flip := page.Transform{width / float64(w), 0, 0, 0, -height / float64(h), height, 0, 0, 1}
	return sheet{width, height, turn.Then(flip)}
}

// quarters is how many quarter turns clockwise some degrees are, 0–3.
func quarters(degrees int) int { return ((degrees/90)%4 + 4) % 4 }
