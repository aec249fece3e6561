package pdf

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sohoa/pipeline/confine"
	"sohoa/pipeline/language"
	"sohoa/pipeline/page"
)

// textPage is a page's words as the extractor gives them, in points of the page that it saw.
type textPage struct {
	width, height float64
	blocks        []textBlock
}

type textBlock struct{ lines []textLine }

type textLine struct{ words []textWord }

type textWord struct {
	text string
	box  rect
}

// mostWords is the most words of one page; a page of a book has 600.
const mostWords = 50_000

// judge judges the words of a page, having the words of the batch around it extracted if they are not yet. The error is the
// machine's.
func (d *Document) judge(ctx context.Context, n, from, to int) (language.Judgement, error) {
	t := d.texts[n]
	if t == nil {
		if err := d.extractTexts(ctx, from, to); err != nil {
			return language.Judgement{}, err
		}
		if t = d.texts[n]; t == nil {
			return language.Judgement{}, nil
		}
	}
	var words []string
	for _, b := range t.blocks {
		for _, l := range b.lines {
			for _, w := range l.words {
				words = append(words, w.text)
			}
		}
	}
	return language.Judge(words), nil
}

// extractTexts extracts the words of a batch; where that fails as a whole, page by page. The error is the machine's.
func (d *Document) extractTexts(ctx context.Context, from, to int) error {
	clear(d.texts)
	err := d.extractText(ctx, from, to)
	if err == nil || confine.MachineFault(err) {
		return err
	}
	for i := from; i <= to && ctx.Err() == nil; i++ {
		if d.texts[i] != nil {
			continue
		}
		err := d.extractText(ctx, i, i)
		if confine.MachineFault(err) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			d.texts[i] = &textPage{} // that page has no words; its neighbours may
		}
	}
	return nil
}

// extractText runs the extractor over some pages.
func (d *Document) extractText(ctx context.Context, from, to int) error {
	out, err := d.tools.run(ctx, mostText, mostText, "pdftotext", "-q", "-cropbox", "-bbox-layout",
		"-f", strconv.Itoa(from), "-l", strconv.Itoa(to), d.poppler, "-")
	pages := parseLayout(out)
	for i, p := range pages {
		if from+i <= to {
			p.fit(d.leaves[from+i-1].size())
			d.texts[from+i] = p
		}
	}
	if err != nil {
		return fmt.Errorf("extract the text of pages %d to %d: %w", from, to, err)
	}
	if len(pages) < to-from+1 {
		return fmt.Errorf("extract the text of pages %d to %d: only %d came", from, to, len(pages))
	}
	return nil
}

// parseLayout reads the XHTML of pdftotext -bbox-layout. It is lenient: what is no XML ends it, and what came is given.
func parseLayout(data []byte) []*textPage {
	dec := xml.NewDecoder(bytes.NewReader(withoutControls(data)))
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	p := &layoutParser{}
	for {
		t, err := dec.RawToken()
		if err != nil {
			return p.pages
		}
		switch t := t.(type) {
		case xml.StartElement:
			p.start(t)
		case xml.CharData:
			if p.inWord {
				p.text.Write(t)
			}
		case xml.EndElement:
			if t.Name.Local == "word" {
				p.endWord()
			}
		}
	}
}

// withoutControls drops bytes that XML forbids and mends UTF-8.
func withoutControls(data []byte) []byte {
	data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, data)
}

type layoutParser struct {
	pages  []*textPage
	words  int // on this page
	inWord bool
	box    rect
	text   strings.Builder
}

func (p *layoutParser) start(t xml.StartElement) {
	var at [6]float64
	for _, a := range t.Attr {
		v, err := strconv.ParseFloat(a.Value, 64)
		if err != nil || v != v || v > 1e9 || v < -1e9 {
			continue
		}
		switch a.Name.Local {
		case "xMin":
			at[0] = v
		case "yMin":
			at[1] = v
		case "xMax":
			at[2] = v
		case "yMax":
			at[3] = v
		case "width":
			at[4] = v
		case "height":
			at[5] = v
		}
	}
	if t.Name.Local == "page" {
		p.pages = append(p.pages, &textPage{width: at[4], height: at[5]})
		p.words = 0
	}
	if len(p.pages) == 0 {
		return
	}
	last := p.pages[len(p.pages)-1]
	switch t.Name.Local {
	case "block":
		last.blocks = append(last.blocks, textBlock{})
	case "line":
		if n := len(last.blocks); n > 0 {
			last.blocks[n-1].lines = append(last.blocks[n-1].lines, textLine{})
		}
	case "word":
		p.inWord, p.box = true, rect{at[0], at[1], at[2], at[3]}
		p.text.Reset()
	}
}

func (p *layoutParser) endWord() {
	p.inWord = false
	if len(p.pages) == 0 {
		return
	}
	last := p.pages[len(p.pages)-1]
	n := len(last.blocks)
	if n == 0 || len(last.blocks[n-1].lines) == 0 || p.words >= mostWords {
		return
	}
	// A glyph may stand for several words.
	text := strings.Join(strings.Fields(language.Normalize(p.text.String())), " ")
	if text == "" || p.box.area() == 0 {
		return
	}
	p.words++
	line := &last.blocks[n-1].lines[len(last.blocks[n-1].lines)-1]
	line.words = append(line.words, textWord{text: text, box: p.box})
}

// fit makes the size that of the page as shown, which has the shape w × h. The extractor turns the words of a page
// with /Rotate but says the page's size before it. Words off the page, which nobody sees, go.
func (t *textPage) fit(w, h float64) {
	if (t.width > t.height) != (w > h) {
		t.width, t.height = t.height, t.width
	}
	for b := range t.blocks {
		for l := range t.blocks[b].lines {
			line := &t.blocks[b].lines[l]
			line.words = slices.DeleteFunc(line.words, func(word textWord) bool {
				return word.box.intersect(rect{0, 0, t.width, t.height}).area() == 0
			})
		}
	}
}

// Words gives the words that page n carries itself, in the extractor's reading order, with boxes in pixels of the grid
// given: Image.Grid for a scan, Rendering.Grid for a page that was rendered, else GridAt. Their confidence is 100.
func (d *Document) Words(ctx context.Context, n int, grid Grid) ([]page.Block, error) {
	if n < 1 || n > len(d.leaves) {
		return nil, ErrNoPage
	}
	if grid.Width < 1 || grid.Height < 1 || !(grid.Area.X1 > grid.Area.X0) || !(grid.Area.Y1 > grid.Area.Y0) {
		return nil, errors.New("the words of a page need a grid of pixels")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.texts[n] == nil {
		ctx, cancel := confine.WithLimit(ctx, d.opt.Limits.Time)
		defer cancel()
		if err := d.extractText(ctx, n, n); err != nil {
			return nil, err
		}
	}
	return d.texts[n].layout(grid), nil
}
