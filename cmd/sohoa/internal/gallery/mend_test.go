package gallery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/workers"
)

// readPage is a page of these lines: words of 20 pixels beside each other, lines below each other.
func readPage(lines ...string) *page.Page {
	pg := &page.Page{Number: 1, Width: 400, Height: 200, DPI: 100, Blocks: []page.Block{{Kind: page.BlockText}}}
	for y, line := range lines {
		var words []page.Word
		for x, text := range strings.Fields(line) {
			box := page.Box{X0: 20 * x, Y0: 30 * y, X1: 20*x + 15, Y1: 30*y + 20}
			words = append(words, page.Word{Text: text, Box: box, Quad: box.Quad(), Confidence: 51.5})
		}
		pg.Blocks[0].Lines = append(pg.Blocks[0].Lines, page.Line{Words: words})
	}
	return pg
}

// told is a page's words, each that was set with what was read there.
func told(pg *page.Page) string {
	var b strings.Builder
	for _, block := range pg.Blocks {
		for _, line := range block.Lines {
			for _, w := range line.Words {
				b.WriteString(w.Text)
				if w.Read != nil {
					b.WriteString(read(w.Read))
				}
				b.WriteByte(' ')
			}
			if line.Removed != nil {
				fmt.Fprintf(&b, "-%s ", read(line.Removed))
			}
			b.WriteByte('/')
		}
	}
	return b.String()
}

func read(words []page.Word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, w.Text)
	}
	return "(" + strings.Join(texts, " ") + ")"
}

func TestMendKeepsWhatWasRead(t *testing.T) {
	t.Parallel()
	word := func(text *catalogue.PageText, i int) *catalogue.WordBox { return &text.Words[i] }
	for _, c := range []struct {
		name   string
		change func(now *catalogue.PageText)
		want   string
	}{
		{"nothing", func(*catalogue.PageText) {}, "a b a /c d /"},
		{"one for one", func(now *catalogue.PageText) {
			now.Text = "a x a\nc d"
			word(now, 1).Confidence = 100
		}, "a x(b) a /c d /"},
		{"confirmed", func(now *catalogue.PageText) { word(now, 4).Confidence = 100 }, "a b a /c d(d) /"},
		{"taken away", func(now *catalogue.PageText) {
			now.Text = "a a\nc d"
			now.Words = append(now.Words[:1:1], now.Words[2:]...)
			for i := 1; i < 4; i++ {
				now.Words[i].Start, now.Words[i].End = now.Words[i].Start-2, now.Words[i].End-2
			}
		}, "a a -(b) /c d /"},
		{"a line taken away", func(now *catalogue.PageText) {
			now.Text = "a b a\n"
			now.Words = now.Words[:3]
		}, "a b a /-(c d) /"},
		{"two for one", func(now *catalogue.PageText) {
			now.Text = "a b a\nc x y"
			now.Words[4] = catalogue.WordBox{Start: 8, End: 9, X0: 20, X1: 27, Y0: 30, Y1: 50, Confidence: 100}
			now.Words = append(now.Words, catalogue.WordBox{Start: 10, End: 11, X0: 28, X1: 35, Y0: 30, Y1: 50, Confidence: 100})
		}, "a b a /c x(d) y() /"},
	} {
		pg := readPage("a b a", "c d")
		now := workers.TextOf(pg)
		c.change(&now)
		Mend(pg, &now)
		if got := told(pg); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		var text strings.Builder
		if err := bind.WriteText(&text, pg); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(strings.Fields(text.String()), " "), strings.Join(strings.Fields(now.Text), " "); got != want {
			t.Errorf("%s: the text is %q, want %q", c.name, got, want)
		}
	}
	empty := &page.Page{Number: 1, Source: page.Blank, Width: 400, Height: 200, Turned: 90}
	Mend(empty, &catalogue.PageText{Text: "gõ tay", Words: []catalogue.WordBox{
		{Start: 0, End: 3, X0: 10, Y0: 50, X1: 30, Y1: 90, Confidence: 100}, {Start: 4, End: 7, X0: 10, Y0: 10, X1: 30, Y1: 45, Confidence: 100},
	}})
	if got := told(empty); got != "gõ() tay() /" {
		t.Errorf("typed: %s", got)
	}
	// Turned, the page is read from the bottom to the top.
	if q := empty.Blocks[0].Lines[0].Words[0].Quad; q[0] != (page.Point{X: 10, Y: 90}) || q[1] != (page.Point{X: 10, Y: 50}) {
		t.Errorf("its direction: %v", q)
	}
}

// What was read beside a word survives the way through JSON, also as nothing.
func TestTheJSONKeepsWhatWasRead(t *testing.T) {
	t.Parallel()
	pg := readPage("a b")
	now := workers.TextOf(pg)
	now.Text = "a x"
	now.Words[1].Confidence = 100
	Mend(pg, &now)
	pg.Blocks[0].Lines[0].Words[0].Read = []page.Word{}
	var out bytes.Buffer
	j, err := bind.NewJSON(&out, page.Reading{}, nil)
	if err == nil {
		err = j.Page(pg)
	}
	if err == nil {
		_, err = j.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()) || strings.Count(out.String(), `"read":[]`) != 1 || !strings.Contains(out.String(), `"read":[{"text":"b"`) {
		t.Errorf("%s", out.String())
	}
	pages, err := bind.IndexJSON(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	again, err := pages.Page(1)
	if err != nil || told(again) != told(pg) {
		t.Errorf("%s, want %s (%v)", told(again), told(pg), err)
	}
	if _, err := pages.Page(2); err == nil {
		t.Error("a page that is not there was found")
	}
}
