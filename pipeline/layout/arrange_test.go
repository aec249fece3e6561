package layout

import (
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"sohoa/pipeline/page"
)

// typed is a page of words on a grid of columns×rows, each word in the line of its row.
func typed(columns, rows, pitch int) ([]Fragment, image.Point) {
	var frags []Fragment
	for r := range rows {
		for c := range columns {
			x, base := 150+c*110, 100+r*pitch
			// Paragraphs of seven lines: the last is short.
			if r%7 == 6 && c > columns/3 {
				continue
			}
			frags = append(frags, Fragment{
				Text: fmt.Sprintf("từ%d", c), Confidence: 90, Line: r, Block: r / 7, XHeight: 16,
				Box:      page.Box{X0: x, Y0: base - 26, X1: x + 98, Y1: base + 8},
				Baseline: [2]page.Point{{X: 150, Y: float64(base)}, {X: 1500, Y: float64(base)}},
			})
		}
	}
	return frags, image.Pt(300+columns*110, 200+rows*pitch)
}

// scattered is words without any order at all, crowded on a page.
func scattered(n int) ([]Fragment, image.Point) {
	rng := rand.New(rand.NewPCG(1, 2))
	frags := make([]Fragment, n)
	for i := range frags {
		x, y := rng.IntN(1600), rng.IntN(2300)
		frags[i] = Fragment{
			Text: "chữ", Confidence: float64(rng.IntN(101)), Line: i, XHeight: 16,
			Box: page.Box{X0: x, Y0: y, X1: x + 20 + rng.IntN(80), Y1: y + 34},
		}
	}
	return frags, image.Pt(1654, 2339)
}

func TestManyWordsTakeNoMoreThanTheirShare(t *testing.T) {
	t.Parallel()
	const n = 50_000
	twoColumns := func() ([]Fragment, image.Point) {
		frags, size := typed(2, n/2, 45)
		for i := range frags {
			if frags[i].Box.X0 > 200 {
				frags[i].Box.X0 += 300
				frags[i].Box.X1 += 300
			}
		}
		return frags, size
	}
	oneLine := func() ([]Fragment, image.Point) {
		frags, size := scattered(n)
		for i := range frags {
			frags[i].Box.Y0, frags[i].Box.Y1 = 100, 134
		}
		return frags, size
	}
	oneSpot := func() ([]Fragment, image.Point) {
		frags, size := scattered(n)
		for i := range frags {
			frags[i].Box = page.Box{X0: 10, Y0: 10, X1: 60, Y1: 44}
		}
		return frags, size
	}
	for name, make := range map[string]func() ([]Fragment, image.Point){
		"text":       func() ([]Fragment, image.Point) { return typed(12, n/12, 45) },
		"wide":       func() ([]Fragment, image.Point) { return typed(n/20, 20, 45) },
		"scattered":  func() ([]Fragment, image.Point) { return scattered(n) },
		"columns":    twoColumns,
		"one line":   oneLine,
		"one spot":   oneSpot,
		"far apart":  func() ([]Fragment, image.Point) { return typed(3, n/3, 400) },
		"on a point": func() ([]Fragment, image.Point) { return typed(100, n/100, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frags, size := make()
			// Were the time to grow with the square of the words, this would not come to an end within the tests' own limit.
			blocks, dropped := Arrange(frags, Rules{}, size)
			if err := kept(frags, blocks, dropped); err != nil {
				t.Error(err)
			}
		})
	}
}

// Accents over capitals make the recognizer's boxes reach over the next words, and a line put together of two columns has
// a baseline that is right for one of them only: the words of a line stay together all the same.
func TestWordsOfALineStayTogether(t *testing.T) {
	t.Parallel()
	at := func(text string, line, x0, y0, x1, y1 int, base float64) Fragment {
		return Fragment{
			Text: text, Confidence: 95, Line: line, XHeight: 16, Box: page.Box{X0: x0, Y0: y0, X1: x1, Y1: y1},
			Baseline: [2]page.Point{{X: 100, Y: base}, {X: 1500, Y: base}},
		}
	}
	for want, frags := range map[string][]Fragment{
		"CỘNG HOÀ XÃ HỘI": {
			at("CỘNG", 1, 100, 145, 200, 185, 177), at("HOÀ", 1, 206, 143, 410, 184, 177),
			at("XÃ", 1, 290, 140, 330, 190, 177), at("HỘI", 1, 350, 143, 410, 184, 177),
		},
		"SỞ GIAO THÔNG VẬN TẢI": {
			at("SỞ", 1, 100, 145, 145, 177, 177), at("GIAO", 1, 154, 150, 240, 177, 177),
			at("THÔNG", 1, 250, 147, 375, 178, 177), at("TẢI", 1, 465, 145, 525, 178, 177),
			at("VẬN", 2, 385, 150, 456, 184, 196),
		},
		"Thực hiện Công văn": {
			at("Thực", 1, 154, 142, 236, 190, 159), at("hiện", 2, 253, 157, 317, 191, 184),
			at("Công", 2, 335, 157, 416, 193, 184), at("văn", 2, 434, 158, 486, 185, 184),
		},
	} {
		blocks, _ := Arrange(frags, Rules{}, image.Pt(1654, 2339))
		if got := shown(blocks); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNothingGivesNothing(t *testing.T) {
	t.Parallel()
	blocks, dropped := Arrange(nil, Rules{Horizontal: []page.Box{{X1: 500, Y1: 2}}}, image.Pt(600, 800))
	if len(blocks) != 0 || dropped != 0 {
		t.Errorf("%d blocks, %d dropped", len(blocks), dropped)
	}
}

// The recognizer's order of words must not matter, only their places and lines.
func TestOrderOfInputDoesNotMatter(t *testing.T) {
	t.Parallel()
	f := readFixture(t, "testdata/header-interleaved.txt")
	want, _ := Arrange(f.frags, f.rules, f.size)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		rng.Shuffle(len(f.frags), func(i, j int) { f.frags[i], f.frags[j] = f.frags[j], f.frags[i] })
		if got, _ := Arrange(f.frags, f.rules, f.size); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", shown(got), shown(want))
		}
	}
}

func TestNonsense(t *testing.T) {
	t.Parallel()
	const left, right, both = 1, 2, 3
	for _, tt := range []struct {
		text       string
		confidence float64
		height     int
		beside     int
		drop       bool
	}{
		{"giấy", 3, 34, both, false}, // a true word under a seal
		{"giấy", 3, 34, 0, false},
		{"123/QĐ-UBND", 0, 34, 0, false},
		{"Số:383", 20, 34, 0, false},
		{"(7;P,", 6, 34, both, false},
		{"7", 0, 20, 0, false}, // a number in its cell
		{"-", 40, 4, right, false},
		{"-", 93, 4, 0, false}, // a cell without a value
		{"&", 92, 30, both, false},
		{"§", 0, 30, both, true},
		{"|", 95, 40, both, true},
		{".", 12, 4, both, true},
		{"...........", 90, 4, left, true},
		{"vtÁ", 27, 34, 0, true},
		{"a", 0, 6, both, true}, // no letter is that small
		{"Xe", 0, 6, 0, true},
		{"”;/h—", 0, 30, 0, true},
		{"-", 20, 4, 0, true},
	} {
		text := func(s string, x int, conf float64, height int) Fragment {
			return Fragment{
				Text: s, Confidence: conf, Line: 1, XHeight: 16, Box: page.Box{X0: x, Y0: 200 - height, X1: x + 80, Y1: 200},
				Baseline: [2]page.Point{{X: 100, Y: 200}, {X: 900, Y: 200}},
			}
		}
		frags := []Fragment{text(tt.text, 500, tt.confidence, tt.height)}
		if tt.beside&left != 0 {
			frags = append(frags, text("trái", 410, 95, 34))
		}
		if tt.beside&right != 0 {
			frags = append(frags, text("phải", 590, 95, 34))
		}
		for i := range 5 { // the page's text, elsewhere
			f := text("chữ", 100+90*i, 95, 34)
			f.Line, f.Box.Y0, f.Box.Y1 = 2, 600, 634
			f.Baseline = [2]page.Point{}
			frags = append(frags, f)
		}
		_, dropped := Arrange(frags, Rules{}, image.Pt(1654, 2339))
		if got := dropped == 1; got != tt.drop {
			t.Errorf("%q at %v, %d high, beside %d: dropped %d", tt.text, tt.confidence, tt.height, tt.beside, dropped)
		}
	}
}

// FuzzArrange makes words and rules of any bytes: nothing is lost or doubled, twice gives the same, nothing panics.
func FuzzArrange(f *testing.F) {
	for _, name := range []string{"table-ruled", "recipients-signer", "header-skewed"} {
		t := &testing.T{}
		f.Add(packed(readFixture(t, "testdata/"+name+".txt")))
	}
	f.Add([]byte("\x00\x00\xff\xff\x7f\xff\x80\x00 absurd boxes follow \xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frags, rules := unpacked(data)
		size := image.Pt(1654, 2339)
		blocks, dropped := Arrange(frags, rules, size)
		if err := kept(frags, blocks, dropped); err != nil {
			t.Fatal(err)
		}
		again, droppedAgain := Arrange(frags, rules, size)
		if shown(blocks) != shown(again) || dropped != droppedAgain {
			t.Fatal("a second time gave something else")
		}
		for _, b := range blocks {
			for i, l := range b.Lines {
				if len(l.Words) == 0 && (b.Kind != page.BlockTable || i+1 == len(b.Lines) || b.Lines[i+1].Cell == 0) {
					t.Fatal("an empty line that opens no row")
				}
			}
		}
	})
}

var fuzzTexts = []string{"chữ", "-", "1.", "CỘNG", "HÒA", "XÃ", "HỘI", "Nơi", "nhận:", "", "⁄", "|", "Số:", "....."}

// packed writes a fixture as FuzzArrange reads it: ten bytes a word or rule.
func packed(f *fixture) []byte {
	var out []byte
	put := func(kind, more byte, b page.Box) {
		out = append(out, kind, more)
		for _, v := range []int{b.X0, b.Y0, b.X1, b.Y1} {
			out = binary.BigEndian.AppendUint16(out, uint16(int16(v))) //nolint:gosec // fixtures are small
		}
	}
	for i, w := range f.frags {
		put(byte(i%len(fuzzTexts)), byte(w.Line), w.Box)
	}
	for _, r := range f.rules.Horizontal {
		put(254, 0, r)
	}
	for _, r := range f.rules.Vertical {
		put(255, 0, r)
	}
	return out
}

func unpacked(data []byte) (frags []Fragment, rules Rules) {
	for ; len(data) >= 10 && len(frags) < 400; data = data[10:] {
		var v [4]int
		for i := range v {
			v[i] = int(int16(binary.BigEndian.Uint16(data[2+2*i:]))) //nolint:gosec // any bits will do
		}
		kind, more := data[0], data[1]
		if kind == 253 { // the largest numbers there are
			for i := range v {
				v[i] *= math.MaxInt / (1 << 15)
			}
		}
		box := page.Box{X0: v[0], Y0: v[1], X1: v[2], Y1: v[3]}
		switch kind {
		case 254:
			rules.Horizontal = append(rules.Horizontal, box)
		case 255:
			rules.Vertical = append(rules.Vertical, box)
		default:
			w := Fragment{
				Text: fuzzTexts[int(kind)%len(fuzzTexts)], Box: box, Confidence: float64(more) / 2.5,
				Line: int(more), XHeight: float64(kind % 32),
				Baseline: [2]page.Point{{X: float64(v[0]), Y: float64(v[3])}, {X: float64(v[2]), Y: float64(v[3] + int(kind) - 120)}},
			}
			if kind == 252 {
				w.XHeight, w.Confidence, w.Baseline[1].Y = math.NaN(), math.Inf(-1), math.Inf(1)
			}
			frags = append(frags, w)
		}
	}
	return frags, rules
}

func BenchmarkArrange(b *testing.B) {
	for _, n := range []int{1_000, 50_000} {
		frags, size := typed(12, n/12, 45)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Arrange(frags, Rules{}, size)
			}
		})
	}
}
