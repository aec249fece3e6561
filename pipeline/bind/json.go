package bind

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
)

// Summary closes a paper's JSON.
type Summary struct {
	Pages  int `json:"pages"`
	Failed int `json:"failed"`
	Blank  int `json:"blank"`
	// Confidence is the mean over all words, weighted by their letters; 0 without words.
	Confidence float64 `json:"confidence"`
	Seconds    float64 `json:"seconds"` // of one core, over all pages
}

// Head opens a paper's JSON.
type Head struct {
	page.Reading
	// Version is that of the document's form: FormVersion. Documents of the first one do not say it.
	Version int `json:"version,omitempty"`
	// Meta is whatever the caller has to say about the paper or the run; null without.
	Meta json.RawMessage `json:"meta,omitempty"`
	// Fields are what the paper says as data. They are known when all pages are, and stand behind them.
	Fields []extract.Field `json:"fields,omitempty"`
}

// FormVersion is the form of the documents that JSON writes: 2 has fields.
const FormVersion = 2

// JSON writes a paper's reading page by page: a head, "pages", one a line, fields, and a summary. Points are arrays [x, y]; a
// word has a "quad" of four where its corners say more than its box.
type JSON struct {
	out     *bufio.Writer
	sum     Summary
	letters float64
	closed  bool
	fields  []extract.Field
}

// NewJSON starts a paper. meta may be nil; else it is whatever encoding/json can write.
func NewJSON(w io.Writer, reading page.Reading, meta any) (*JSON, error) {
	head := Head{Reading: reading, Version: FormVersion}
	if meta != nil {
		raw, err := json.Marshal(meta)
		if err != nil {
			return nil, fmt.Errorf("write JSON head: %w", err)
		}
		head.Meta = raw
	}
	b, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("write JSON head: %w", err)
	}
	j := &JSON{out: bufio.NewWriterSize(w, 1<<16)}
	// The object stays open: pages and summary go into the same one.
	if _, err := fmt.Fprintf(j.out, "%s,\n\"pages\":[", b[:len(b)-1]); err != nil {
		return nil, fmt.Errorf("write JSON head: %w", err)
	}
	return j, nil
}

// Page adds a page, a failed one too. Nothing is written when it cannot be encoded.
func (j *JSON) Page(p *page.Page) error {
	if j.closed {
		return ErrClosed
	}
	b, err := json.Marshal(encodePage(p))
	if err != nil {
		return fmt.Errorf("write JSON of page %d: %w", p.Number, err)
	}
	separator := ",\n"
	if j.sum.Pages == 0 {
		separator = "\n"
	}
	// A bufio.Writer keeps its first error and gives it back again.
	_, _ = j.out.WriteString(separator)
	if _, err := j.out.Write(b); err != nil {
		return fmt.Errorf("write JSON of page %d: %w", p.Number, err)
	}
	j.count(p)
	return nil
}

func (j *JSON) count(p *page.Page) {
	j.sum.Pages++
	switch p.Source {
	case page.Failed:
		j.sum.Failed++
	case page.Blank:
		j.sum.Blank++
	}
	j.sum.Seconds += finite(p.Seconds)
	for w := range p.Words {
		n := float64(utf8.RuneCountInString(w.Text))
		j.letters += n
		j.sum.Confidence += n * finite(w.Confidence)
	}
}

// Fields says what the paper says as data; before Close.
func (j *JSON) Fields(fields []extract.Field) { j.fields = fields }

// Close writes the fields and the summary, and gives the summary back.
func (j *JSON) Close() (Summary, error) {
	if j.closed {
		return Summary{}, ErrClosed
	}
	j.closed = true
	if j.letters > 0 {
		j.sum.Confidence /= j.letters
	}
	j.sum.Confidence, j.sum.Seconds = round(j.sum.Confidence), round(j.sum.Seconds)
	b, err := json.Marshal(j.sum)
	if err != nil {
		return Summary{}, fmt.Errorf("write JSON summary: %w", err)
	}
	fields, err := json.Marshal(append([]extract.Field{}, j.fields...))
	if err != nil {
		return Summary{}, fmt.Errorf("write JSON fields: %w", err)
	}
	if _, err := fmt.Fprintf(j.out, "\n],\n\"fields\":%s,\n\"summary\":%s}\n", fields, b); err != nil {
		return Summary{}, fmt.Errorf("write JSON summary: %w", err)
	}
	if err := j.out.Flush(); err != nil {
		return Summary{}, fmt.Errorf("write JSON summary: %w", err)
	}
	return j.sum, nil
}

// The encoded forms shadow what the page package's own tags would write otherwise; all other fields pass through, new
// ones too.
type (
	pageJSON struct {
		page.Page
		Blocks []blockJSON `json:"blocks"`
	}
	blockJSON struct {
		page.Block
		Lines []lineJSON `json:"lines"`
	}
	lineJSON struct {
		page.Line
		Baseline [2]pointJSON `json:"baseline"`
		Words    []wordJSON   `json:"words"`
	}
	wordJSON struct {
		page.Word
		Quad *[4]pointJSON `json:"quad,omitempty"`
	}
	pointJSON [2]float64
)

func encodePage(p *page.Page) pageJSON {
	out := pageJSON{Page: *p, Blocks: make([]blockJSON, len(p.Blocks))}
	for _, v := range []*float64{&out.DPI, &out.Skew, &out.Confidence, &out.Seconds} {
		*v = round(*v)
	}
	for i := range p.Blocks {
		out.Blocks[i] = blockJSON{Block: p.Blocks[i], Lines: make([]lineJSON, len(p.Blocks[i].Lines))}
		for k := range p.Blocks[i].Lines {
			out.Blocks[i].Lines[k] = encodeLine(&p.Blocks[i].Lines[k])
		}
	}
	return out
}

func encodeLine(l *page.Line) lineJSON {
	out := lineJSON{Line: *l, Words: make([]wordJSON, len(l.Words))}
	for i, p := range l.Baseline {
		out.Baseline[i] = pointJSON{round(p.X), round(p.Y)}
	}
	for i, w := range l.Words {
		w.Confidence = round(w.Confidence)
		out.Words[i] = wordJSON{Word: w}
		if saysMore(&w) {
			var q [4]pointJSON
			for k, p := range w.Quad {
				q[k] = pointJSON{round(p.X), round(p.Y)}
			}
			out.Words[i].Quad = &q
		}
	}
	return out
}

// saysMore tells whether the corners are elsewhere than the box's, by more than what rounding to pixels makes.
func saysMore(w *page.Word) bool {
	if w.Quad == (page.Quad{}) {
		return false
	}
	for i, c := range w.Box.Quad() {
		if !(math.Abs(c.X-w.Quad[i].X) <= 1 && math.Abs(c.Y-w.Quad[i].Y) <= 1) {
			return true
		}
	}
	return false
}

// finite keeps what JSON cannot write out of it.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// round keeps two decimals: a hundredth of a pixel, of a degree, of a point of confidence.
func round(v float64) float64 { return finite(math.Round(v*100) / 100) }

// ErrNotReading says that a JSON document is not one of ours.
var ErrNotReading = errors.New("not the JSON of a reading")
