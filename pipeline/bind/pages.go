package bind

import (
	"encoding/json"
	"fmt"
	"io"

	"sohoa/pipeline/page"
)

// Pages gives the pages of what JSON wrote one by one, in whatever order they are asked for. It keeps where each stands, and
// none of them.
type Pages struct {
	Head Head

	file io.ReaderAt
	at   map[int]section // by the page's number
}

type section struct{ from, till int64 }

// IndexJSON looks where the pages stand. What is no reading is ErrNotReading.
func IndexJSON(file io.ReaderAt, size int64) (*Pages, error) {
	p := &Pages{file: file, at: make(map[int]section)}
	head, _, err := readJSON(io.NewSectionReader(file, 0, size), func(d *json.Decoder) error {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		var said struct {
			Number int `json:"number"`
		}
		if err := json.Unmarshal(raw, &said); err != nil {
			return err
		}
		till := d.InputOffset()
		p.at[said.Number] = section{till - int64(len(raw)), till}
		return nil
	})
	p.Head = head
	return p, err
}

// Page is the page of this number in its scan.
func (p *Pages) Page(number int) (*page.Page, error) {
	at, there := p.at[number]
	if !there {
		return nil, fmt.Errorf("%w: no page %d", ErrNotReading, number)
	}
	var said pageJSON
	if err := json.NewDecoder(io.NewSectionReader(p.file, at.from, at.till-at.from)).Decode(&said); err != nil {
		return nil, fmt.Errorf("read JSON of page %d: %w", number, err)
	}
	return decodePage(&said), nil
}
