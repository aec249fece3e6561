package layout

import (
	"bufio"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"sohoa/pipeline/page"
)

// A fixture is a page typed by hand (testdata/*.txt): what the recognizer found above "===", what a person reads below.
//
//	size W H          of the page in pixels; 13 pt at 200 dpi are 36 pixels
//	skew D            all lines slope by D degrees
//	rule X0 Y0 X1 Y1  a ruled line
//	X Y TEXT          a line of the recognizer that begins at X and stands on Y; "~20" after a word is its confidence
//	+X TEXT           more words of the same line: what the recognizer merged
//	X Y >X1 TEXT      a line justified to end at X1
//	cX, +cX           instead of X: the words are centred at X
//
// Below, a line is a line; the cells of a table row are joined by " | ", a cell's lines by " / ".
type fixture struct {
	frags []Fragment
	rules Rules
	size  image.Point
	skew  float64
	want  string
	line  int
	at    float64
}

func readFixture(t *testing.T, path string) *fixture {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, want, ok := strings.Cut(string(data), "===\n")
	if !ok {
		t.Fatalf("%s has no ===", path)
	}
	f := &fixture{want: strings.TrimSpace(want)}
	for sc := bufio.NewScanner(strings.NewReader(head)); sc.Scan(); {
		if err := f.add(sc.Text()); err != nil {
			t.Fatalf("%s: %q: %v", path, sc.Text(), err)
		}
	}
	return f
}

func (f *fixture) add(text string) error {
	fields := strings.Fields(text)
	if len(fields) == 0 || strings.HasPrefix(text, "#") {
		return nil
	}
	var err error
	number := func(s string) float64 {
		v, e := strconv.ParseFloat(s, 64)
		if e != nil {
			err = e
		}
		return v
	}
	switch first := fields[0]; {
	case first == "size":
		f.size = image.Pt(int(number(fields[1])), int(number(fields[2])))
	case first == "skew":
		f.skew = number(fields[1])
	case first == "rule":
		b := page.Box{X0: int(number(fields[1])), Y0: int(number(fields[2])), X1: int(number(fields[3])), Y1: int(number(fields[4]))}
		if b.Width() > b.Height() {
			f.rules.Horizontal = append(f.rules.Horizontal, b)
		} else {
			f.rules.Vertical = append(f.rules.Vertical, b)
		}
	case strings.HasPrefix(first, "+"):
		f.typeset(place(first[1:], fields[1:], number), f.at, 0, fields[1:])
	default:
		f.line++
		f.at = number(fields[1])
		if end, ok := strings.CutPrefix(fields[2], ">"); ok {
			f.typeset(number(first), f.at, number(end), fields[3:])
		} else {
			f.typeset(place(first, fields[2:], number), f.at, 0, fields[2:])
		}
	}
	return err
}

// place is where words begin: at X, or centred at cX.
func place(x string, words []string, number func(string) float64) float64 {
	at, centred := strings.CutPrefix(x, "c")
	v := number(at)
	if !centred {
		return v
	}
	used := float64(len(words)-1) * 0.25 * em
	for _, w := range words {
		text, _, _ := strings.Cut(w, "~")
		used += width(text)
	}
	return v - used/2
}

// The fixtures' text: 13 points at 200 dpi.
const em, xHeight = 36, 16

// width is about that of Times New Roman.
func width(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			w += 0.68 * em
		case strings.ContainsRune(".,:;-ilIj/'", r):
			w += 0.3 * em
		default:
			w += 0.47 * em
		}
	}
	return w
}

// typeset sets words from x on, on the baseline y, up to end where that is not 0.
func (f *fixture) typeset(x, y, end float64, words []string) {
	space := 0.25 * em
	if end > 0 {
		used := 0.0
		for _, w := range words {
			used += width(w)
		}
		space = (end - x - used) / float64(len(words)-1)
	}
	slope := math.Tan(f.skew * math.Pi / 180)
	for _, w := range words {
		text, conf := w, 92.0
		if head, c, ok := strings.Cut(w, "~"); ok {
			text = head
			conf, _ = strconv.ParseFloat(c, 64)
		}
		base := y + slope*(x-float64(f.size.X)/2)
		f.frags = append(f.frags, Fragment{
			Text: text, Confidence: conf, Line: f.line, Block: 1, XHeight: xHeight,
			Box:      page.Box{X0: int(x), Y0: int(base - 26), X1: int(x + width(text)), Y1: int(base + 8)},
			Baseline: [2]page.Point{{X: x, Y: base}, {X: x + 400, Y: base + 400*slope}},
		})
		x += width(text) + space
	}
}

// shown is blocks as the fixtures write them.
func shown(blocks []page.Block) string {
	var lines []string
	for _, b := range blocks {
		cell := 0
		for i, l := range b.Lines {
			var words []string
			for _, w := range l.Words {
				words = append(words, w.Text)
			}
			text := strings.Join(words, " ")
			switch {
			case b.Kind == page.BlockTable && i > 0 && l.Cell > cell:
				lines[len(lines)-1] += strings.Repeat(" | ", l.Cell-cell) + text
			case b.Kind == page.BlockTable && i > 0 && l.Cell == cell && l.Cell > 0:
				lines[len(lines)-1] += " / " + text
			default:
				lines = append(lines, text)
			}
			cell = l.Cell
		}
	}
	return strings.Join(lines, "\n")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			f := readFixture(t, path)
			blocks, dropped := Arrange(f.frags, f.rules, f.size)
			if got := shown(blocks); got != f.want {
				t.Errorf("got\n%s\n\nwant\n%s", got, f.want)
			}
			if err := kept(f.frags, blocks, dropped); err != nil {
				t.Error(err)
			}
			again := refragment(blocks, f.frags)
			twice, _ := Arrange(again, f.rules, f.size)
			if got := shown(twice); got != f.want {
				t.Errorf("a second time\n%s", got)
			}
		})
	}
}

// refragment gives the words of blocks as a recognizer that had them in this order, line by line, would.
func refragment(blocks []page.Block, frags []Fragment) []Fragment {
	byBox := map[page.Box]Fragment{}
	for _, f := range frags {
		byBox[f.Box] = f
	}
	var out []Fragment
	line := 0
	for b := range blocks {
		for _, l := range blocks[b].Lines {
			line++
			for _, w := range l.Words {
				f := byBox[w.Box]
				f.Line, f.Block = line, b
				out = append(out, f)
			}
		}
	}
	return out
}

// kept checks that each word came out once, as it was, or was counted as dropped.
func kept(frags []Fragment, blocks []page.Block, dropped int) error {
	type key struct {
		text string
		box  page.Box
		conf float64
	}
	count := map[key]int{}
	for _, f := range frags {
		count[key{f.Text, f.Box, f.Confidence}]++
	}
	n := 0
	for _, b := range blocks {
		for _, l := range b.Lines {
			for _, w := range l.Words {
				k := key{w.Text, w.Box, w.Confidence}
				if count[k]--; count[k] < 0 {
					return fmt.Errorf("%q came out too often", w.Text)
				}
				n++
			}
		}
	}
	if n+dropped != len(frags) {
		return fmt.Errorf("%d of %d words came out, %d dropped", n, len(frags), dropped)
	}
	return nil
}
