//go:build cgo

package recognize

import (
	"errors"
	"fmt"
	"image"
	"strconv"

	"github.com/otiai10/gosseract/v2"

	"sohoa/pipeline/layout"
)

// Segmentation says what Tesseract is told about the image.
type Segmentation int

// The segmentations in use.
const (
	WholePage Segmentation = iota // columns, tables and pictures are possible
	OneBlock                      // one column of text, as in a strip cut out to compare two directions
)

// Engine is one Tesseract with its model loaded. It is not safe for concurrent use.
type Engine struct {
	client *gosseract.Client
}

// NewEngine makes an engine and loads the model.
func NewEngine(m Model) (*Engine, error) {
	client := gosseract.NewClient()
	e := &Engine{client: client}
	if err := client.SetTessdataPrefix(m.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("use models in %s: %w", m.Dir, err), e.Close())
	}
	if err := client.SetLanguage(m.Language); err != nil {
		return nil, errors.Join(fmt.Errorf("use model %s: %w", m.Language, err), e.Close())
	}
	for name, value := range settings() {
		if err := client.SetVariable(name, value); err != nil {
			return nil, errors.Join(fmt.Errorf("set %s: %w", name, err), e.Close())
		}
	}
	// gosseract reads the model's file with the first image. A model that is gone must not be the first page's fault.
	const side = 32 // pixels
	white := image.NewGray(image.Rect(0, 0, side, side))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	const dpi = 300
	if _, err := e.Read(white, dpi, OneBlock); err != nil {
		return nil, errors.Join(fmt.Errorf("load model %s: %w", m.Language, err), e.Close())
	}
	return e, nil
}

// settings are Tesseract's variables that differ from its defaults, each with its reason.
func settings() map[gosseract.SettableVariable]string {
	return map[gosseract.SettableVariable]string{
		// Its messages would land on the child's standard error, once a page.
		"debug_file": "/dev/null",
		// Cleaning already made every page dark on light; reading a doubtful line again inverted only costs time.
		"tessedit_do_invert": "0",
		// For each character also the others that it may be: repair by context chooses among them. On real scans 5 iterations (the
		// default) take the syllable error from 3.65 to 1.86 %, 2 to 2.05 %, 1 to 2.29 %; they cost 8, 5 and 4 % of Tesseract's time.
		"lstm_choice_mode":       "2",
		"lstm_choice_iterations": "2",
	}
}

// Version is the engine's name and version, e.g. "tesseract 5.3.0".
func Version() string { return "tesseract " + gosseract.Version() }

// Close frees the engine.
func (e *Engine) Close() error { return e.client.Close() }

// Read recognizes a grey image (dark text on white, upright) at the resolution given, in dots per inch, and returns its
// words in Tesseract's own order. A page without words gives none and no error.
func (e *Engine) Read(g *image.Gray, dpi int, seg Segmentation) ([]layout.Fragment, error) {
	if g.Rect.Dx() < 8 || g.Rect.Dy() < 8 {
		return nil, nil // Tesseract refuses images of a few pixels; there is nothing to read in them
	}
	if err := e.client.SetImageFromBytes(pgm(g)); err != nil {
		return nil, fmt.Errorf("hand a %d×%d image to tesseract: %w", g.Rect.Dx(), g.Rect.Dy(), err)
	}
	mode := gosseract.PSM_AUTO
	if seg == OneBlock {
		mode = gosseract.PSM_SINGLE_BLOCK
	}
	// As variables, not by SetPageSegMode: gosseract loads the model at the first image, and loading resets the mode, so that
	// this would be read in another mode than all the others.
	for name, value := range map[gosseract.SettableVariable]int{"user_defined_dpi": dpi, "tessedit_pageseg_mode": int(mode)} {
		if err := e.client.SetVariable(name, strconv.Itoa(value)); err != nil {
			return nil, fmt.Errorf("set %s to %d: %w", name, value, err)
		}
	}
	// gosseract repeats the whole recognition at each call for text, boxes or hOCR: hOCR has all of it.
	hocr, err := e.client.HOCRText()
	if err != nil {
		return nil, fmt.Errorf("recognize a %d×%d image: %w", g.Rect.Dx(), g.Rect.Dy(), err)
	}
	return parseHOCR([]byte(hocr))
}

// pgm wraps the pixels in the one header that Leptonica reads without decoding.
func pgm(g *image.Gray) []byte {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := make([]byte, 0, w*h+32)
	out = append(out, "P5\n"+strconv.Itoa(w)+" "+strconv.Itoa(h)+"\n255\n"...)
	for y := range h {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		out = append(out, row...)
	}
	return out
}

// Supported tells why nothing can be recognized: here it can.
func Supported() error { return nil }
