package bind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
)

func madeReading(tb testing.TB, meta any, pages ...*page.Page) []byte {
	tb.Helper()
	var b bytes.Buffer
	j, err := NewJSON(&b, page.Reading{File: "a.tif", SHA256: "00ff", Format: "tiff", Engine: "e", Revision: "r"}, meta)
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range pages {
		if err := j.Page(p); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := j.Close(); err != nil {
		tb.Fatal(err)
	}
	if !json.Valid(b.Bytes()) {
		tb.Fatalf("not JSON: %s", b.Bytes())
	}
	return b.Bytes()
}

func TestJSONRoundTrip(t *testing.T) {
	skewed := newLayout(2, 90)
	skewed.tabled()
	upright := newLayout(0, 0)
	upright.signed()
	for w := range upright.page.Words { // as upright pages come: whole pixels
		w.Quad = w.Box.Quad()
	}
	pages := []*page.Page{
		&skewed.page,
		{Number: 2, Source: page.Failed, Error: "không đọc được \x00", DPI: math.NaN(), Seconds: math.Inf(1), Blocks: []page.Block{}},
		&upright.page,
		{Number: 4, Source: page.Blank, Warnings: []string{"w"}, Cleaning: []page.Step{{Name: "skew", Detail: "2°"}}, Seconds: 0.5, Blocks: []page.Block{}},
	}
	data := madeReading(t, map[string]int{"b": 2, "a": 1}, pages...)
	if want := `{"file":"a.tif","sha256":"00ff","format":"tiff","engine":"e","revision":"r","version":2,"meta":{"a":1,"b":2},` + "\n" +
		`"pages":[` + "\n" + `{"number":1,"source":"recognized","width":3508,"height":2480,"dpi":300,"turned":90,"skew":2,`; !strings.HasPrefix(string(data), want) {
		t.Errorf("starts with %s", data[:300])
	}
	var got []*page.Page
	head, sum, err := ReadJSON(bytes.NewReader(data), func(p *page.Page) error { got = append(got, p); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if head.File != "a.tif" || head.Revision != "r" || string(head.Meta) != `{"a":1,"b":2}` {
		t.Errorf("head %+v", head)
	}
	if sum.Pages != 4 || sum.Failed != 1 || sum.Blank != 1 || sum.Seconds != 0.5 || sum.Confidence != 93.5 {
		t.Errorf("summary %+v", sum)
	}
	if len(got) != 4 || got[1].DPI != 0 || got[1].Source != page.Failed {
		t.Fatalf("pages %+v", got)
	}
	if n := bytes.Count(data, []byte(`"quad"`)); n != len(wordsOf(&skewed.page)) {
		t.Errorf("%d quads for %d skewed words", n, len(wordsOf(&skewed.page)))
	}
	// Written again, what was read gives the same bytes; and but for rounding it is what it was.
	if again := madeReading(t, head.Meta, got...); !bytes.Equal(again, data) {
		t.Errorf("the second writing differs")
	}
	if !reflect.DeepEqual(roundedWords(got[0]), roundedWords(&skewed.page)) || !reflect.DeepEqual(roundedWords(got[2]), roundedWords(&upright.page)) {
		t.Error("words differ")
	}
}

func wordsOf(p *page.Page) []page.Word {
	var out []page.Word
	for w := range p.Words {
		out = append(out, *w)
	}
	return out
}

func roundedWords(p *page.Page) []page.Word {
	out := wordsOf(p)
	for i := range out {
		for k, c := range out[i].Quad {
			out[i].Quad[k] = page.Point{X: round(c.X), Y: round(c.Y)}
		}
	}
	return out
}

func TestJSONHasFields(t *testing.T) {
	fields := []extract.Field{
		{Name: extract.Number, Page: 1, Boxes: []page.Box{{X0: 1, Y0: 2, X1: 3, Y1: 4}}, Origin: extract.Recognized},
		{Name: extract.DossierCode, Value: "H50-250101-0001", Normal: "H50-250101-0001", Confidence: 45, Page: 2, Origin: extract.Code, Differs: "H50-250101-0007"},
	}
	var b bytes.Buffer
	j, err := NewJSON(&b, page.Reading{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	j.Fields(fields)
	if _, err := j.Close(); err != nil {
		t.Fatal(err)
	}
	head, _, err := ReadJSON(&b, nil)
	if err != nil || head.Version != FormVersion || !reflect.DeepEqual(head.Fields, fields) {
		t.Errorf("%+v, %v", head, err)
	}
	// Documents of the first form have none.
	head, _, err = ReadJSON(strings.NewReader(`{"file":"a","pages":[],"summary":{}}`), nil)
	if err != nil || head.Version != 0 || head.Fields != nil {
		t.Errorf("of the first form: %+v, %v", head, err)
	}
}

func TestJSONWithoutPages(t *testing.T) {
	if _, sum, err := ReadJSON(bytes.NewReader(madeReading(t, nil)), nil); err != nil || sum != (Summary{}) {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestReadJSONRefusesOthers(t *testing.T) {
	for _, s := range []string{"", "[]", "{", `{"pages":{}}`, `{"pages":[]}`, `{"summary":{},"pages":[1]}`, `{"file":1,"summary":{}}`} {
		if _, _, err := ReadJSON(strings.NewReader(s), nil); err == nil {
			t.Errorf("%s: no error", s)
		}
	}
	if _, _, err := ReadJSON(strings.NewReader("[]"), nil); !errors.Is(err, ErrNotReading) {
		t.Errorf("a list: %v", err)
	}
	stop := errors.New("stop")
	data := madeReading(t, nil, &page.Page{Number: 1})
	if _, _, err := ReadJSON(bytes.NewReader(data), func(*page.Page) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("yield's error: %v", err)
	}
}

func FuzzReadJSON(f *testing.F) {
	l := newLayout(1, 0)
	l.tabled()
	f.Add(madeReading(f, nil, &l.page))
	f.Add([]byte(`{"file":"a","pages":[{"blocks":[{"lines":[{"words":[{"text":"a","quad":[[1,2]]}]}]}]}],"summary":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var pages []*page.Page
		head, _, err := ReadJSON(bytes.NewReader(data), func(p *page.Page) error { pages = append(pages, p); return nil })
		if err != nil {
			return
		}
		var meta any
		if head.Meta != nil {
			meta = head.Meta
		}
		// Whatever was read can be written: as JSON, as text, as PDF.
		madeReading(t, meta, pages...)
		plainText(t, pages...)
		makePDF(t, Meta{Title: head.File}, func(p *PDF) {
			for _, pg := range pages {
				if err := p.Overlay(pg, 100, 100); err != nil {
					t.Fatal(fmt.Errorf("overlay: %w", err))
				}
			}
		})
	})
}
