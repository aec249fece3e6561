package bind

import (
	"fmt"

	"sohoa/pipeline/page"
)

// FacsimileError says why a picture cannot stand in a PDF/A.
type FacsimileError struct{ Reason string }

func (e *FacsimileError) Error() string { return "facsimile: " + e.Reason }

// maxImageSide is far above any scan and keeps every figure inside PDF's integers.
const maxImageSide = 1 << 20

// check tells whether the picture's description holds together; its packed samples are taken on trust.
func check(f *page.Facsimile) error {
	fail := func(format string, args ...any) error { return &FacsimileError{fmt.Sprintf(format, args...)} }
	switch {
	case f == nil:
		return fail("none given")
	case f.Width < 1 || f.Height < 1 || f.Width > maxImageSide || f.Height > maxImageSide:
		return fail("%d × %d pixels", f.Width, f.Height)
	case f.Orientation < 0 || f.Orientation > 8:
		return fail("orientation %d", f.Orientation)
	case len(f.Data) == 0:
		return fail("no data")
	case f.Bits != 1 && f.Bits != 2 && f.Bits != 4 && f.Bits != 8:
		return fail("%d bits a sample", f.Bits)
	case f.Filter == page.DCT && f.Bits != 8:
		return fail("JPEG of %d bits", f.Bits)
	case (f.Filter == page.CCITT || f.Filter == page.JBIG2) && (f.Bits != 1 || f.ColorSpace == page.RGB):
		return fail("%s with %d bits in %s", f.Filter, f.Bits, f.ColorSpace)
	}
	switch f.Filter {
	case page.DCT, page.CCITT, page.JBIG2, page.Flate:
	default:
		return fail("filter %q", f.Filter)
	}
	switch f.ColorSpace {
	case page.Gray, page.RGB:
	case page.Indexed:
		if n := len(f.Palette); n == 0 || n%3 != 0 || n > 3<<f.Bits {
			return fail("palette of %d bytes for %d bits", n, f.Bits)
		}
	default:
		return fail("colour space %q", f.ColorSpace)
	}
	return nil
}

// writeImage embeds the picture as it is: not a byte of its data is touched.
func writeImage(w *objectWriter, id int, f *page.Facsimile) {
	space, colors := "/"+string(f.ColorSpace), 1
	switch f.ColorSpace {
	case page.RGB:
		colors = 3
	case page.Indexed:
		space = fmt.Sprintf("[/Indexed/DeviceRGB %d <%x>]", len(f.Palette)/3-1, f.Palette)
	}
	entries := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace%s/BitsPerComponent %d/Filter/%s",
		f.Width, f.Height, space, f.Bits, f.Filter)
	if f.Inverted {
		entries += decodeInverted(f, colors)
	}
	switch {
	case f.Filter == page.CCITT:
		entries += fmt.Sprintf("/DecodeParms<</K %d/Columns %d/Rows %d/BlackIs1 %t/EncodedByteAlign %t/EndOfLine %t>>",
			f.K, f.Width, f.Height, f.BlackIs1, f.ByteAlign, f.EndOfLine)
	case f.Filter == page.JBIG2 && len(f.Globals) > 0:
		globals := w.reserve()
		w.stream(globals, "", f.Globals)
		entries += fmt.Sprintf("/DecodeParms<</JBIG2Globals %d 0 R>>", globals)
	case f.Filter == page.Flate && f.PNGPredictor:
		entries += fmt.Sprintf("/DecodeParms<</Predictor 15/Colors %d/BitsPerComponent %d/Columns %d>>",
			colors, f.Bits, f.Width)
	}
	w.stream(id, entries, f.Data)
}

// decodeInverted is the /Decode array that turns the samples round.
func decodeInverted(f *page.Facsimile, colors int) string {
	if f.ColorSpace == page.Indexed { // samples are numbers in the palette, not parts of one
		return fmt.Sprintf("/Decode[%d 0]", 1<<f.Bits-1)
	}
	s := "/Decode["
	for range colors {
		s += "1 0 "
	}
	return s + "]"
}

// The eight EXIF orientations as maps of the unit square, y downwards: where a point of the stored raster is shown.
var orientations = [9]page.Transform{
	0: page.Identity(),
	1: page.Identity(),
	2: {-1, 0, 1, 0, 1, 0, 0, 0, 1},  // mirrored left to right
	3: {-1, 0, 1, 0, -1, 1, 0, 0, 1}, // turned by 180°
	4: {1, 0, 0, 0, -1, 1, 0, 0, 1},  // mirrored top to bottom
	5: {0, 1, 0, 1, 0, 0, 0, 0, 1},   // mirrored along the main diagonal
	6: {0, -1, 1, 1, 0, 0, 0, 0, 1},  // to be turned clockwise
	7: {0, -1, 1, -1, 0, 1, 0, 0, 1}, // mirrored along the other diagonal
	8: {0, 1, 0, -1, 0, 1, 0, 0, 1},  // to be turned counter-clockwise
}

// image is the matrix, in PDF's order, that lays an image's unit square (y upwards) onto the sheet.
func (s sheet) image(orientation, turned int) [6]float64 {
	upright := page.Transform{1, 0, 0, 0, -1, 1, 0, 0, 1} // y upwards to y downwards
	t := upright.Then(orientations[orientation]).Then(page.Turn(90*quarters(turned), 1, 1)).
		Then(page.Transform{s.width, 0, 0, 0, -s.height, s.height, 0, 0, 1})
	return [6]float64{t[0], t[3], t[1], t[4], t[2], t[5]}
}
