package pdf

import (
	"fmt"

	"sohoa/pipeline/language"
)

// The bounds between classes, in shares of the page's area unless said otherwise.
const (
	pageWide     = 0.95 // an image that covers so much is the page
	significant  = 0.01 // a further image of this size is more than a speck or a logo's corner
	heavyDrawing = 0.02 // drawings over a scan that cover so much are more than a stamp's frame
	picturePage  = 0.5  // pictures of this size on a page with text of its own may hold text themselves
	// stampBytes is the most visible text over a scan, in bytes of strings, that still is a stamp or a page number.
	stampBytes = 400
	// fewestInLayer is how many words a layer must have to be trusted: reading a page of fewer costs little.
	fewestInLayer = 20
	// blankBytes is the text, in bytes of strings, of a page that holds an empty paragraph: spaces.
	blankBytes = 8
	// outlineCurves is the number of curves from which a page with hardly any text may have its text drawn as outlines.
	outlineCurves = 1000
)

// classify fills in what a page's content makes of it. judge gives the judgement of its words; it is called only where
// there is text.
func (s *summary) classify(info *PageInfo, judge func() language.Judgement, redo bool) {
	size := info.Width * info.Height
	info.Coloured = s.coloured
	if s.truncated {
		info.Class = Mixed
		info.Warnings = append(info.Warnings, "the page's content is too large to be understood; it is rendered and read")
		return
	}
	switch main := s.main(size); {
	case main != nil:
		s.classifyScan(info, main, judge, redo)
	case s.visibleText+s.stampText+s.hiddenText > 0:
		s.classifyText(info, size, judge, redo)
	case len(s.pictures) > 0 || s.drawings > 0:
		info.Class = Mixed
	case s.damaged:
		info.Class = Mixed
		info.Warnings = append(info.Warnings, "the page's content is damaged; it is rendered and read")
	default:
		info.Class = Empty
	}
}

// main is the one opaque image that covers the page, if nothing but it and what may lie over a scan is seen.
func (s *summary) main(size float64) *picture {
	var main *picture
	for i := range s.pictures {
		p := &s.pictures[i]
		switch {
		case p.visible.area() >= pageWide*size && !p.annot && (!p.soft || p.stencil):
			if main != nil {
				return nil // layers
			}
			main = p
		case !p.annot && p.visible.area() >= significant*size:
			return nil
		}
	}
	if main == nil || s.skipped > 0 {
		return nil
	}
	after := s.minus(main.before)
	if after.visibleText > stampBytes || after.covers > heavyDrawing*size || after.curves > outlineCurves {
		return nil
	}
	// A stencil covers nothing: what was drawn below it is seen.
	if main.stencil && (main.before.visibleText > 0 || main.before.drawings > 0) {
		return nil
	}
	return main
}

func (t tally) minus(o tally) tally {
	return tally{
		t.visibleText - o.visibleText, t.hiddenText - o.hiddenText, t.stampText - o.stampText, t.drawings - o.drawings,
		t.drawnArea - o.drawnArea, t.covers - o.covers, t.curves - o.curves,
	}
}

func (s *summary) classifyScan(info *PageInfo, main *picture, judge func() language.Judgement, redo bool) {
	after := s.minus(main.before)
	info.Class = Scan
	info.Overlay = after.visibleText > 0 || after.drawings > 0 || after.covers > 0 || after.stampText > 0 || len(s.pictures) > 1
	info.Image = s.imageOf(info, main)
	if s.hiddenText == 0 && main.before.visibleText == 0 {
		return
	}
	info.Class, info.Text = ScanWithText, ReadAnew
	if redo {
		return
	}
	j := judge()
	// The words include a stamp's, which are good: they must not outvote the layer's.
	layer := s.hiddenText + main.before.visibleText
	if j.Vietnamese() && j.Words >= fewestInLayer && layer > 3*(after.visibleText+after.stampText) {
		info.Text = KeepText
		return
	}
	info.Warnings = append(info.Warnings, fmt.Sprintf(
		"the scan's text layer is no good Vietnamese (%.0f %% of %d words are syllables); it is read anew", 100*j.Share(), j.Words))
}

// imageOf describes the picture; the caller knows the size of its raster.
func (s *summary) imageOf(info *PageInfo, main *picture) *Image {
	b := main.bounds
	return &Image{
		Orientation: orientation(main.matrix),
		Area:        Area{b.x0 / info.Width, b.y0 / info.Height, b.x1 / info.Width, b.y1 / info.Height},
		ref:         main.ref,
		stencil:     main.stencil,
	}
}

// classifyText sorts pages that carry text and have no image that covers them.
func (s *summary) classifyText(info *PageInfo, size float64, judge func() language.Judgement, redo bool) {
	pictures := 0.0
	for _, p := range s.pictures {
		if !p.soft {
			pictures += p.visible.area()
		}
	}
	j := judge()
	info.Class, info.Text = Digital, ReadAnew
	// All of the text is hidden, or a stamp's beside pictures. A form whose fields alone hold text is none of that.
	layer := s.visibleText == 0 && (s.hiddenText > 0 || len(s.pictures) > 0)
	switch {
	case layer, pictures >= picturePage*size, s.skipped > 0, s.curves >= outlineCurves && j.Words*outlineCurves < s.curves*20:
		info.Class = Mixed
	case j.Words == 0 && len(s.pictures) == 0 && s.drawings == 0 && s.visibleText <= blankBytes:
		info.Class, info.Text = Empty, NoText // spaces
		return
	case j.Words == 0:
		info.Class = Mixed
	}
	good := j.Readable()
	if info.Class == Mixed {
		// Tiles or layers with a hidden text over them are a scan by another name; pictures may hold text of their own.
		good = layer && s.hiddenText > 0 && j.Vietnamese()
	}
	switch {
	case redo:
	case good:
		info.Text = KeepText
	case info.Class == Digital:
		info.Class = Mixed
		info.Warnings = append(info.Warnings, fmt.Sprintf(
			"the page's own text cannot be read (%d of %d words make no sense); it is rendered and read", j.Senseless+j.Foreign, j.Words))
	}
}
