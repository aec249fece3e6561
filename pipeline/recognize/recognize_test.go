package recognize

import (
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sohoa/pipeline/layout"
	"sohoa/scripts/corpus"
	"sohoa/scripts/score"
)

func newEngine(tb testing.TB, name string) *Engine {
	tb.Helper()
	m, err := OpenModel(name, tb.TempDir())
	if err != nil {
		tb.Fatalf("open model %s: %v", name, err)
	}
	e, err := NewEngine(m)
	if err != nil {
		tb.Fatalf("make an engine: %v", err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return e
}

// letter draws a letter at 200 dpi, grey.
func letter(tb testing.TB) (*image.Gray, corpus.Truth) {
	tb.Helper()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		tb.Fatalf("load fonts: %v", err)
	}
	img, truth, err := corpus.Compose(corpus.Letter, 12, corpus.Options{Plain: true}).Draw(fonts, 200)
	if err != nil {
		tb.Fatalf("draw: %v", err)
	}
	g := image.NewGray(img.Bounds())
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			c, _ := color.GrayModel.Convert(img.At(x, y)).(color.Gray)
			g.SetGray(x, y, c)
		}
	}
	return g, truth
}

func textOf(words []layout.Fragment) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.Text + " ")
	}
	return b.String()
}

// Both models read a clean page, with boxes on the words and confidence in range; the first page reads as all later ones do.
func TestEnginesRead(t *testing.T) {
	t.Parallel()
	g, truth := letter(t)
	for name, most := range map[string]float64{"large": 0.05, "small": 0.06} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, name)
			first, err := e.Read(g, 200, WholePage)
			if err != nil {
				t.Fatalf("read: %v", err)
			}
			if s := score.Compare(truth.Text(), textOf(first)); s.SyllableError() > most {
				t.Errorf("syllable error %.3f", s.SyllableError())
			}
			for _, w := range first {
				if w.Box.Empty() || w.Box.X1 > g.Rect.Dx() || w.Box.Y1 > g.Rect.Dy() || w.Confidence < 0 || w.Confidence > 100 || w.Line < 1 {
					t.Errorf("word %+v", w)
				}
			}
			second, err := e.Read(g, 200, WholePage)
			if err != nil {
				t.Fatalf("read again: %v", err)
			}
			chosen := 0
			for _, w := range first {
				if w.Choices != nil {
					chosen++
				}
			}
			if chosen < len(first)*9/10 {
				t.Errorf("%d of %d words have choices", chosen, len(first))
			}
			if textOf(first) != textOf(second) {
				t.Error("the first page reads otherwise than the second")
			}
		})
	}
}

func TestNothingToRead(t *testing.T) {
	t.Parallel()
	e := newEngine(t, "large")
	for _, size := range []image.Point{{0, 0}, {1, 1}, {7, 7}, {300, 9}, {400, 600}} {
		g := image.NewGray(image.Rectangle{Max: size})
		for i := range g.Pix {
			g.Pix[i] = 255
		}
		words, err := e.Read(g, 200, WholePage)
		if err != nil || len(words) > 0 {
			t.Errorf("%v: %d words, %v", size, len(words), err)
		}
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m, err := OpenModel("large", dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(m.Dir, m.Language+".traineddata")
	// A damaged model is replaced, not used.
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := OpenModel("large", dir)
	if err != nil || again != m {
		t.Errorf("open again: %+v, %v", again, err)
	}
	if data, err := os.ReadFile(path); err != nil || digest(data) != m.SHA256 {
		t.Errorf("the damaged model stayed (%v)", err)
	}
	var unknown *UnknownModelError
	if _, err := OpenModel("medium", dir); !errors.As(err, &unknown) {
		t.Errorf("an unknown model: %v", err)
	}
}

const sampleHOCR = `<div class='ocr_page' id='page_1' title='image "unknown"; bbox 0 0 1654 2339; ppageno 0'>
 <div class='ocr_carea' id='block_1_1' title="bbox 200 150 700 200">
  <p class='ocr_par'><span class='ocr_line' title="bbox 200 150 700 200; baseline 0.01 -12; x_size 40; x_descenders 9; x_ascenders 11">
   <span class='ocrx_word' title='bbox 200 150 330 188; x_wconf 96'>Độc</span>
   <span class='ocrx_word' title='bbox 350 152 480 199; x_wconf 88'><strong>l&#7853;p &amp; co</strong></span>
   <span class='ocrx_word' title='bbox 500 152 510 199; x_wconf 12'> </span>
  </span></p>
 </div>
</div>`

func TestParseHOCR(t *testing.T) {
	t.Parallel()
	words, err := parseHOCR([]byte(sampleHOCR))
	if err != nil {
		t.Fatal(err)
	}
	if len(words) != 2 || words[0].Text != "Độc" || words[1].Text != "lập & co" {
		t.Fatalf("words %+v", words)
	}
	w := words[1]
	if w.Box.X0 != 350 || w.Box.Y1 != 199 || w.Confidence != 88 || w.Line != 1 || w.Block != 1 || w.XHeight != 20 {
		t.Errorf("word %+v", w)
	}
	if w.Baseline[0].Y != 188 || w.Baseline[1].Y != 193 {
		t.Errorf("baseline %v", w.Baseline)
	}
}

const choicesHOCR = `<!-- > --><span class='ocrx_word' title='bbox 200 150 330 188; x_wconf 79'>b&#7891;
 <span class='ocrx_cinfo' id='lstm_choices_1_1_1'><span class='ocrx_cinfo' id='choice_1_1_1' title='x_confs 91.8'> </span></span>
 <span class='ocrx_cinfo' id='lstm_choices_1_1_2'><span class='ocrx_cinfo' id='choice_1_1_2' title='x_confs 95.1'>b</span></span>
 <span class='ocrx_cinfo' id='lstm_choices_1_1_3'>
  <span class='ocrx_cinfo' id='choice_1_1_3' title='x_confs 83.3'>&#7891;</span>
  <span class='ocrx_cinfo' id='choice_1_1_4' title='x_confs 77.9'>ổ</span></span></span>
<span class='ocrx_word' title='bbox 350 150 370 188; x_wconf 79'><em>x</em>
 <span class='ocrx_cinfo' id='lstm_choices_1_2_1'><span class='ocrx_cinfo' id='choice_1_2_1' title='x_confs 90'>y</span></span></span>`

func TestChoices(t *testing.T) {
	t.Parallel()
	words, err := parseHOCR([]byte(choicesHOCR))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]layout.Choice{{{Text: "b", Confidence: 95.1}}, {{Text: "ồ", Confidence: 83.3}, {Text: "ổ", Confidence: 77.9}}}
	if len(words) != 2 || words[0].Text != "bồ" || !reflect.DeepEqual(words[0].Choices, want) {
		t.Errorf("%+v", words)
	}
	if len(words) != 2 || words[1].Text != "x" || words[1].Choices != nil {
		t.Errorf("choices of another word: %+v", words[1:])
	}
	for _, broken := range []string{"<span class='ocrx_word", "<>", strings.Replace(choicesHOCR, "x_confs 83.3", "x_confs many", 1)} {
		if _, err := parseHOCR([]byte(broken)); err == nil {
			t.Errorf("no error for %.30q", broken)
		}
	}
}

func FuzzParseHOCR(f *testing.F) {
	f.Add([]byte(sampleHOCR))
	f.Add([]byte(choicesHOCR))
	f.Add([]byte(`<span class='ocrx_word' title='bbox 1 2 3'>x</span>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		words, err := parseHOCR(data)
		if err != nil {
			return
		}
		for _, w := range words {
			if w.Text == "" || w.Box.Empty() {
				t.Errorf("an empty word: %+v", w)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	g, _ := letter(b)
	e := newEngine(b, "large")
	b.ResetTimer()
	for range b.N {
		if _, err := e.Read(g, 200, WholePage); err != nil {
			b.Fatal(err)
		}
	}
}
