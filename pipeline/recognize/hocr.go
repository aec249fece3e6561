package recognize

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"sohoa/pipeline/layout"
	"sohoa/pipeline/page"
)

// parseHOCR reads Tesseract's hOCR (https://kba.github.io/hocr-spec): ocr_carea is a block, ocr_line and its like a line,
// ocrx_word a word; the title attribute holds "bbox x0 y0 x1 y1; baseline slope offset; x_size …; x_wconf …".
func parseHOCR(hocr []byte) ([]layout.Fragment, error) {
	in := markup{rest: hocr}
	p := hocrParser{}
	for {
		e, err := in.next()
		if err != nil {
			return nil, fmt.Errorf("parse tesseract's hOCR: %w", err)
		}
		p.write(e.text)
		if e.name == "" {
			return p.words, nil
		}
		if e.start {
			if err := p.start(&e); err != nil {
				return nil, err
			}
		}
		if e.end {
			p.end()
		}
	}
}

type hocrParser struct {
	words    []layout.Fragment
	block    int
	line     int
	baseline [2]page.Point
	xHeight  float64
	word     layout.Fragment
	text     strings.Builder
	depth    int // of elements inside the word being read (it may hold <strong> or <em>); 0 outside words
	choice   choiceParser
}

// write takes text as it stands between two tags.
func (p *hocrParser) write(text []byte) {
	switch {
	case p.choice.depth > 0:
		p.choice.write(text)
	case p.depth > 0 && len(bytes.TrimSpace(text)) > 0:
		p.text.WriteString(plainText(text))
	}
}

func (p *hocrParser) start(e *element) error {
	if p.depth > 0 {
		p.depth++
		return p.choice.start(e)
	}
	class := string(e.attribute("class"))
	switch class {
	case "ocr_carea":
		p.block++
	case "ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat":
		return p.startLine(plainText(e.attribute("title")))
	case "ocrx_word":
		title := plainText(e.attribute("title"))
		box, err := bbox(title)
		if err != nil {
			return err
		}
		conf, err := figures(title, "x_wconf", 1)
		if err != nil {
			return err
		}
		p.word = layout.Fragment{
			Box: box, Confidence: conf[0], Line: p.line, Block: p.block,
			Baseline: p.baseline, XHeight: p.xHeight,
		}
		p.text.Reset()
		p.depth = 1
		p.choice = choiceParser{}
	}
	return nil
}

func (p *hocrParser) startLine(title string) error {
	box, err := bbox(title)
	if err != nil {
		return err
	}
	p.line++
	x0, x1, bottom := float64(box.X0), float64(box.X1), float64(box.Y1)
	// baseline: slope and offset of a line through the box's bottom left corner; absent on vertical text.
	slope, offset := 0.0, 0.0
	if b, err := figures(title, "baseline", 2); err == nil {
		slope, offset = b[0], b[1]
	}
	p.baseline = [2]page.Point{{X: x0, Y: bottom + offset}, {X: x1, Y: bottom + offset + slope*(x1-x0)}}
	p.xHeight = 0
	// x_size is the whole line from descender to ascender; Tesseract derives it from the x-height it found.
	if size, err := figures(title, "x_size", 1); err == nil {
		up, errUp := figures(title, "x_ascenders", 1)
		down, errDown := figures(title, "x_descenders", 1)
		if errUp == nil && errDown == nil {
			p.xHeight = size[0] - up[0] - down[0]
		}
	}
	return nil
}

func (p *hocrParser) end() {
	if p.depth == 0 {
		return
	}
	p.depth--
	if p.depth > 0 {
		p.choice.end()
		return
	}
	p.word.Text = strings.TrimSpace(p.text.String())
	p.word.Choices = p.choice.of(p.word.Text)
	if p.word.Text != "" && !p.word.Box.Empty() {
		p.words = append(p.words, p.word)
	}
}

func bbox(title string) (page.Box, error) {
	f, err := figures(title, "bbox", 4)
	if err != nil {
		return page.Box{}, err
	}
	return page.Box{X0: int(f[0]), Y0: int(f[1]), X1: int(f[2]), Y1: int(f[3])}, nil
}

// figures are the n numbers of one property of an hOCR title.
func figures(title, property string, n int) ([]float64, error) {
	for part := range strings.SplitSeq(title, ";") {
		fields := strings.Fields(part)
		if len(fields) != n+1 || fields[0] != property {
			continue
		}
		out := make([]float64, n)
		for i, f := range fields[1:] {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return nil, fmt.Errorf("hOCR property %s in %q: %w", property, title, err)
			}
			out[i] = v
		}
		return out, nil
	}
	return nil, fmt.Errorf("hOCR title %q has no %s with %d figures", title, property, n)
}
