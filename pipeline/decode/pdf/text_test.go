package pdf

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"sohoa/pipeline/page"
)

// TestWordsStandOnInk compares the words' boxes with the ink of the rendering, on pages turned, cropped and scaled.
func TestWordsStandOnInk(t *testing.T) {
	t.Parallel()
	m := newMaker()
	f := m.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	entries := []string{
		"", "/Rotate 90", "/Rotate 180", "/Rotate 270", "/CropBox [50 100 250 350]", "/CropBox [50 100 250 350] /Rotate 90", "/UserUnit 2",
	}
	for _, e := range entries {
		m.page("BT /F1 30 Tf 80 200 Td (Hxxo world) Tj ET", "/Font << /F1 "+f+" >>", e)
	}
	d := open(t, m.bytes(), Options{})
	for i, e := range entries {
		r, err := d.Render(t.Context(), i+1, 100)
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := d.Words(t.Context(), i+1, r.Grid)
		if err != nil {
			t.Fatal(err)
		}
		p := page.Page{Blocks: blocks}
		var all page.Box
		var words []string
		for w := range p.Words {
			all = all.Union(w.Box)
			words = append(words, w.Text)
			if w.Quad.Box() != w.Box {
				t.Errorf("%q: quad %v and box %v differ", e, w.Quad, w.Box)
			}
		}
		if got := strings.Join(words, " "); got != "Hxxo world" {
			t.Errorf("%q: %q", e, got)
		}
		ink := inkOf(readPGM(t, r.Path))
		if grown := (page.Box{X0: all.X0 - 3, Y0: all.Y0 - 3, X1: all.X1 + 3, Y1: all.Y1 + 3}); ink.Intersect(grown) != ink {
			t.Errorf("%q: ink %v, words %v", e, ink, all)
		}
		if all.Width()*all.Height() > 3*ink.Width()*ink.Height() {
			t.Errorf("%q: the words' box %v is far larger than the ink %v", e, all, ink)
		}
	}
}

func inkOf(img *image.Gray) page.Box {
	var b page.Box
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.GrayAt(x, y).Y < 128 {
				b = b.Union(page.Box{X0: x, Y0: y, X1: x + 1, Y1: y + 1})
			}
		}
	}
	return b
}

func TestWordsOfALayerAreInTheImagesPixels(t *testing.T) {
	t.Parallel()
	m := newMaker()
	img := m.jpegImage(t, 600, 800) // twice the points of the page
	good, encode := m.font(goodText)
	m.page(wholePage+lines(goodText, encode, "3 Tr"), "/XObject << /I1 "+img+" >> /Font << /F1 "+good+" >>", "")
	d := open(t, m.bytes(), Options{})
	info, err := d.Page(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := d.Words(t.Context(), 1, info.Image.Grid())
	if err != nil || len(blocks) == 0 {
		t.Fatalf("%d blocks, %v", len(blocks), err)
	}
	first := blocks[0].Lines[0].Words[0]
	if first.Text != "Căn" || first.Confidence != 100 || first.Box.X0 != 40 || first.Box.Y0 < 30 || first.Box.Y1 > 70 {
		t.Errorf("%+v", first)
	}
	if base := blocks[0].Lines[0].Baseline; base[0].Y < 55 || base[0].Y > 65 || base[1].X <= base[0].X {
		t.Errorf("baseline %v; the text stands at 60", base)
	}
}

const xhtml = `<html><body><doc><page width="100" height="50"><flow><block><line>%s</line></block></flow></page></doc></body></html>`

func TestParseLayoutIsLenient(t *testing.T) {
	t.Parallel()
	word := func(text string) string { return `<word xMin="1" yMin="1" xMax="9" yMax="9">` + text + `</word>` }
	for in, want := range map[string]string{
		word("A&amp;B"):                          "A&B",
		word("Vie\u0302\u0323t"):                 "Việt",
		word("\x01\x02x\x1fy"):                   "xy",
		word("ﬁ") + word("\u00ad"):               "fi",
		word("&nbsp;") + word("Ð"):               "Đ",
		word("&unknown;z"):                       "&unknown;z",
		word("\xff\xfe"):                         "\uFFFD",
		word("a") + `<word xMin="x">b</word>`:    "a",
		word("a") + "<word" + word("b") + "\x00": "a",
		`<word xMin="200" yMin="1" xMax="209" yMax="9">off</word>` + word("on"): "on",
	} {
		pages := parseLayout([]byte(fmt.Sprintf(xhtml, in)))
		var got []string
		for _, p := range pages {
			p.fit(100, 50)
			for _, b := range p.blocks {
				for _, l := range b.lines {
					for _, w := range l.words {
						got = append(got, w.text)
					}
				}
			}
		}
		if len(got) == 0 || got[0] != want {
			t.Errorf("%q: %q, want %q first", in, got, want)
		}
	}
}

func TestTurnedLines(t *testing.T) {
	t.Parallel()
	word := func(x0, y0, x1, y1 float64) textWord { return textWord{text: "word", box: rect{x0, y0, x1, y1}} }
	for want, l := range map[int]textLine{
		0:   {[]textWord{word(0, 0, 30, 10), word(40, 0, 70, 10)}},
		90:  {[]textWord{word(0, 0, 10, 30), word(0, 40, 10, 70)}},
		180: {[]textWord{word(40, 0, 70, 10), word(0, 0, 30, 10)}},
		270: {[]textWord{word(0, 40, 10, 70), word(0, 0, 10, 30)}},
	} {
		if got := l.turn(); got != want {
			t.Errorf("turn %d, want %d", got, want)
		}
		q := turned(l.words[0].quad(), l.turn())
		along := map[int]page.Point{0: {X: 30}, 90: {Y: 30}, 180: {X: -30}, 270: {Y: -30}}[want]
		if d := (page.Point{X: q[1].X - q[0].X, Y: q[1].Y - q[0].Y}); d != along {
			t.Errorf("turn %d reads along %v, want %v", want, d, along)
		}
	}
}

func (w textWord) quad() page.Quad {
	return page.Quad{{X: w.box.x0, Y: w.box.y0}, {X: w.box.x1, Y: w.box.y0}, {X: w.box.x1, Y: w.box.y1}, {X: w.box.x0, Y: w.box.y1}}
}
