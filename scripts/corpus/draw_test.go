package corpus

import (
	"bytes"
	"image"
	"testing"

	"sohoa/pipeline/page"
)

func TestEveryWordsBoxHoldsItsInk(t *testing.T) {
	fonts := testFonts(t)
	for _, kind := range Kinds() {
		img, truth, err := Compose(kind, 5, Options{Plain: true}).Draw(fonts, 150)
		if err != nil {
			t.Fatal(err)
		}
		if len(truth.Lines) < 20 {
			t.Errorf("%s: only %d lines", kind, len(truth.Lines))
		}
		grey, words := luma(img), 0
		for w := range truth.Words {
			words++
			if darkest(grey, w.Box) > 170 {
				t.Errorf("%s: no ink in the box of %q at %v", kind, w.Text, w.Box)
			}
			// The box is tight: each of its sides touches ink within two pixels.
			b := w.Box
			for _, side := range []page.Box{
				{X0: b.X0, Y0: b.Y0, X1: b.X0 + 2, Y1: b.Y1},
				{X0: b.X1 - 2, Y0: b.Y0, X1: b.X1, Y1: b.Y1},
				{X0: b.X0, Y0: b.Y0, X1: b.X1, Y1: b.Y0 + 2},
				{X0: b.X0, Y0: b.Y1 - 2, X1: b.X1, Y1: b.Y1},
			} {
				if darkest(grey, side) > 238 {
					t.Errorf("%s: the box of %q at %v is too large", kind, w.Text, w.Box)
					break
				}
			}
		}
		t.Logf("%s: %d words", kind, words)
	}
}

// darkest is the least level within a box.
func darkest(img *image.Gray, b page.Box) uint8 {
	least := uint8(255)
	for y := max(0, b.Y0); y < min(img.Rect.Dy(), b.Y1); y++ {
		for x := max(0, b.X0); x < min(img.Rect.Dx(), b.X1); x++ {
			least = min(least, img.Pix[y*img.Stride+x])
		}
	}
	return least
}

// No two words may lie over each other: neighbouring table cells, the two columns of the head, the foot.
func TestWordsDoNotOverlap(t *testing.T) {
	fonts := testFonts(t)
	for _, kind := range Kinds() {
		for seed := range uint64(6) {
			_, truth, err := Compose(kind, seed, Options{}).Draw(fonts, 72)
			if err != nil {
				t.Fatal(err)
			}
			var boxes []Word
			for w := range truth.Words {
				boxes = append(boxes, w)
			}
			for i, a := range boxes {
				for _, b := range boxes[i+1:] {
					// Accents of one line may touch the descenders of the line above by a hair.
					if o := a.Box.Intersect(b.Box); o.Width() > 1 && o.Height() > 2 {
						t.Errorf("%s %d: %q lies over %q by %d×%d", kind, seed, a.Text, b.Text, o.Width(), o.Height())
					}
				}
			}
		}
	}
}

func TestTruthTextIsItsWords(t *testing.T) {
	truth := Truth{Lines: []Line{
		{Words: []Word{{Text: "Số:"}, {Text: "1/QĐ"}}},
		{Words: []Word{{Text: "1"}, {Text: "Lê", Cell: 1}, {Text: "An", Cell: 1}, {Text: "Đạt", Cell: 2}}},
	}}
	if got, want := truth.Text(), "Số: 1/QĐ\n1 | Lê An | Đạt\n"; got != want {
		t.Errorf("Text() = %q, want %q", got, want)
	}
}

func TestDrawIsTheSameEachTime(t *testing.T) {
	fonts := testFonts(t)
	p := Compose(Letter, 3, Options{Stamp: true})
	a, ta, err := p.Draw(fonts, 100)
	if err != nil {
		t.Fatal(err)
	}
	b, tb, err := Compose(Letter, 3, Options{Stamp: true}).Draw(fonts, 100)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Pix, b.Pix) || ta.Text() != tb.Text() {
		t.Error("one seed gave two pages")
	}
	if a.Rect.Dx() != 827 || a.Rect.Dy() != 1169 {
		t.Errorf("A4 at 100 dpi is %v", a.Rect)
	}
}

// Seal and stamp are red, and the seal lies over the foot of the page, not elsewhere.
func TestSealIsRedAndBelow(t *testing.T) {
	fonts := testFonts(t)
	red := func(opt Options) (count, above int) {
		img, _, err := Compose(Decision, 4, opt).Draw(fonts, 72)
		if err != nil {
			t.Fatal(err)
		}
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				p := img.Pix[y*img.Stride+4*x:]
				if int(p[0]) > int(p[1])+60 && int(p[0]) > int(p[2])+60 {
					count++
					if y < img.Rect.Dy()/2 {
						above++
					}
				}
			}
		}
		return count, above
	}
	if count, above := red(Options{}); count < 500 || above > 0 {
		t.Errorf("a decision has %d red pixels, %d of them in the upper half", count, above)
	}
	if count, _ := red(Options{Plain: true}); count != 0 {
		t.Errorf("a plain decision has %d red pixels", count)
	}
	if _, above := red(Options{Stamp: true}); above < 200 {
		t.Errorf("the ĐẾN stamp has %d red pixels", above)
	}
}

func BenchmarkDraw(b *testing.B) {
	fonts := testFonts(b)
	for b.Loop() {
		if _, _, err := Compose(Decision, 1, Options{}).Draw(fonts, 300); err != nil {
			b.Fatal(err)
		}
	}
}
