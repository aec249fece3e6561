package bind

import (
	"encoding/json"
	"fmt"
	"io"

	"sohoa/pipeline/page"
)

// ReadJSON reads what JSON wrote, handing each page to yield as it comes (and keeping none); yield may be nil. Words
// without a quad get their box's. An error of yield comes back wrapped, a document of another kind is ErrNotReading.
func ReadJSON(r io.Reader, yield func(*page.Page) error) (Head, Summary, error) {
	return readJSON(r, func(d *json.Decoder) error {
		var p pageJSON
		if err := d.Decode(&p); err != nil || yield == nil {
			return err
		}
		return yield(decodePage(&p))
	})
}

// readJSON is ReadJSON that leaves the decoding of each page to its caller.
func readJSON(r io.Reader, next func(*json.Decoder) error) (Head, Summary, error) {
	var (
		head    Head
		sum     Summary
		summary bool
	)
	d := json.NewDecoder(r)
	if err := expect(d, json.Delim('{')); err != nil {
		return head, sum, err
	}
	// The head's fields come one by one; they are gathered and decoded together.
	fields := make(map[string]json.RawMessage)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return head, sum, fmt.Errorf("read JSON: %w", err)
		}
		switch key {
		case "pages":
			err = readPages(d, next)
		case "summary":
			summary = true
			err = d.Decode(&sum)
		default:
			var raw json.RawMessage
			if err = d.Decode(&raw); err == nil {
				fields[fmt.Sprint(key)] = raw
			}
		}
		if err != nil {
			return head, sum, fmt.Errorf("read JSON %v: %w", key, err)
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return head, sum, err
	}
	if !summary {
		return head, sum, fmt.Errorf("%w: no summary", ErrNotReading)
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return head, sum, fmt.Errorf("read JSON head: %w", err)
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return head, sum, fmt.Errorf("read JSON head: %w", err)
	}
	return head, sum, nil
}

func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err != nil {
		return fmt.Errorf("read JSON: %w", err)
	}
	if got != want {
		return fmt.Errorf("%w: %v where %v is due", ErrNotReading, got, want)
	}
	return nil
}

func readPages(d *json.Decoder, next func(*json.Decoder) error) error {
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		if err := next(d); err != nil {
			return err
		}
	}
	return expect(d, json.Delim(']'))
}

func decodePage(p *pageJSON) *page.Page {
	out := p.Page
	out.Blocks = make([]page.Block, len(p.Blocks))
	for i, b := range p.Blocks {
		out.Blocks[i] = b.Block
		out.Blocks[i].Lines = make([]page.Line, len(b.Lines))
		for k, l := range b.Lines {
			line := l.Line
			for n, pt := range l.Baseline {
				line.Baseline[n] = page.Point{X: pt[0], Y: pt[1]}
			}
			line.Words = make([]page.Word, len(l.Words))
			for n, w := range l.Words {
				line.Words[n] = w.Word
				line.Words[n].Quad = w.Box.Quad()
				if w.Quad != nil {
					for c, pt := range w.Quad {
						line.Words[n].Quad[c] = page.Point{X: pt[0], Y: pt[1]}
					}
				}
			}
			out.Blocks[i].Lines[k] = line
		}
	}
	return &out
}
