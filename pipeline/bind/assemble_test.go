package bind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/pipeline/confine"
	"sohoa/pipeline/page"
)

// digitalPDF is a born-digital file as office programs and attackers make them: page 1 with text in a font that is not
// embedded and a link, page 2 turned by /Rotate, page 3 with a soft-masked image over its text, page 4 a picture of
// grey squares with invisible rubbish over it; a script that runs on opening; an attachment.
func digitalPDF(tb testing.TB) string {
	tb.Helper()
	var b bytes.Buffer
	w := newObjectWriter(&b)
	w.printf("%%PDF-1.7\n")
	catalog, pages, font, mask, img, info := w.reserve(), w.reserve(), w.reserve(), w.reserve(), w.reserve(), w.reserve()
	w.object(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"+
		"/Names<</EmbeddedFiles<</Names[]>>>>>>", pages))
	w.object(font, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	w.deflated(mask, "/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8", []byte{255, 128, 64, 0})
	w.deflated(img, fmt.Sprintf("/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8/SMask %d 0 R", mask), []byte{0, 80, 160, 255})
	text := "BT /F 14 Tf 50 700 Td (Born digital page with words %d) Tj 0 -20 Td (and a second line of them) Tj ET "
	contents := []string{
		fmt.Sprintf(text, 1), fmt.Sprintf(text, 2), fmt.Sprintf(text, 3) + "q 400 0 0 400 50 50 cm /Im Do Q",
		"0.5 g 50 50 200 200 re f 300 300 200 200 re f " + strings.Replace(fmt.Sprintf(text, 4), "BT", "BT 3 Tr", 1),
		fmt.Sprintf(text, 5),
	}
	extra := []string{
		"/Annots[<</Type/Annot/Subtype/Link/Rect[50 690 200 720]/A<</S/URI/URI(http://localhost/)>>>>]", "/Rotate 90", "", "", "/Rotate 90",
	}
	images := []string{"", "", fmt.Sprintf("/XObject<</Im %d 0 R>>", img), "", ""}
	kids := ""
	for i, c := range contents {
		content, id := w.reserve(), w.reserve()
		w.deflated(content, "", []byte(c))
		w.object(id, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F %d 0 R>>%s>>%s>>",
			pages, content, font, images[i], extra[i]))
		kids += fmt.Sprintf("%d 0 R ", id)
	}
	w.object(pages, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(contents), kids))
	w.object(info, "<</Title(other)>>")
	if err := w.finish(catalog, info); err != nil {
		tb.Fatal(err)
	}
	return save(tb, b.Bytes())
}

// overlayPage is a reading of one line on a page of this size.
func overlayPage(n int, text string, width, height, turned int) *page.Page {
	p := &page.Page{Number: n, Width: width, Height: height, DPI: 72, Turned: turned}
	ln := page.Line{Baseline: [2]page.Point{{X: 50, Y: 120}, {X: 300, Y: 120}}}
	for i, s := range strings.Fields(text) {
		box := page.Box{X0: 50 + 60*i, Y0: 108, X1: 100 + 60*i, Y1: 120}
		ln.Words = append(ln.Words, page.Word{Text: s, Box: box, Quad: box.Quad()})
	}
	p.Blocks = []page.Block{{Lines: []page.Line{ln}}}
	return p
}

func pageWords(tb testing.TB, file string) [][]string {
	tb.Helper()
	var out [][]string
	for text := range strings.SplitSeq(strings.TrimSuffix(string(tool(tb, "pdftotext", file, "-")), "\f"), "\f") {
		out = append(out, strings.Fields(text))
	}
	return out
}

func TestAssemble(t *testing.T) {
	source := digitalPDF(t)
	ours := save(t, overlays(t,
		overlayPage(1, "overlay that is dropped", 595, 842, 0),
		overlayPage(2, "overlay that is dropped", 842, 595, 0),
		overlayPage(3, "đọc lại trang này", 595, 842, 0),
		overlayPage(4, "trang đã quét", 595, 842, 0),
		overlayPage(5, "đọc lại trang khác", 842, 595, 0),
	))
	dir := t.TempDir()
	out := filepath.Join(dir, "out.pdf")
	err := Assemble(context.Background(), Options{}, ours, source, []Kept{
		{SourcePage: 1},
		{SourcePage: 2, Turned: 180},
		{SourcePage: 4, Page: 3, DropText: true},
		{SourcePage: 5, DropText: true},
	}, out)
	if err != nil {
		t.Fatal(err)
	}
	preflight(t, out)
	want := [][]string{
		strings.Fields("Born digital page with words 1 and a second line of them"),
		strings.Fields("Born digital page with words 2 and a second line of them"),
		strings.Fields("đọc lại trang này"),
		strings.Fields("trang đã quét"),
		strings.Fields("đọc lại trang khác"),
	}
	got := pageWords(t, out)
	// A page that stands on its head reads in another order; its words are the same.
	slices.Sort(got[1])
	slices.Sort(want[1])
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	info := string(tool(t, "pdfinfo", "-f", "1", "-l", "5", out))
	for _, s := range []string{"Giấy tờ", "Page    2 size:  842 x 595 pts (A4)\nPage    2 rot:   180", "Page    5 size:  842 x 595", "JavaScript:      no"} {
		if !strings.Contains(info, s) {
			t.Errorf("no %q in\n%s", s, info)
		}
	}
	// The page under our text looks as it did.
	before := readPGMs(t, tool(t, "pdftoppm", "-gray", "-r", "36", "-f", "5", "-l", "5", source))
	after := readPGMs(t, tool(t, "pdftoppm", "-gray", "-r", "36", "-f", "5", "-l", "5", out))
	a, b := picture{before[0].Rect.Dx(), before[0].Rect.Dy(), before[0].Pix}, picture{after[0].Rect.Dx(), after[0].Rect.Dy(), after[0].Pix}
	if d := a.difference(b); d > 0.1 {
		t.Errorf("page 5 changed its look by %.2f", d)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("scratch left behind: %v", left)
	}
}

func TestAssembleNamesPagesThatCannotBeKept(t *testing.T) {
	source := digitalPDF(t)
	ours := save(t, overlays(t, overlayPage(1, "a", 595, 842, 0), overlayPage(2, "b", 595, 842, 0), overlayPage(3, "c", 595, 842, 0)))
	out := filepath.Join(t.TempDir(), "out.pdf")
	err := Assemble(context.Background(), Options{}, ours, source, []Kept{{SourcePage: 1}, {SourcePage: 3}}, out)
	var keep *KeepError
	if !errors.As(err, &keep) || len(keep.Pages) != 1 || keep.Pages[0].SourcePage != 3 || !errors.Is(err, ErrFlattened) {
		t.Errorf("soft mask: %v", err)
	}
	err = Assemble(context.Background(), Options{}, ours, source, []Kept{{SourcePage: 1}, {SourcePage: 77, Page: 2}}, out)
	if !errors.As(err, &keep) {
		t.Errorf("no such page: %v", err)
	}
	for name, kept := range map[string][]Kept{
		"out of range": {{SourcePage: 9}}, "place twice": {{SourcePage: 1}, {SourcePage: 2, Page: 1}}, "page twice": {{SourcePage: 1}, {SourcePage: 1, Page: 2}}, "zero": {{}},
	} {
		if err := Assemble(context.Background(), Options{}, ours, source, kept, out); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("output in spite of errors")
	}
}

func TestAssembleEndsWithItsContext(t *testing.T) {
	source := digitalPDF(t)
	ours := save(t, overlays(t, overlayPage(1, "a", 595, 842, 0)))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Assemble(ctx, Options{}, ours, source, []Kept{{SourcePage: 1}}, ours+".out"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	var keep *KeepError
	err := Assemble(context.Background(), Options{PageTime: time.Nanosecond}, ours, source, []Kept{{SourcePage: 1}}, ours+".out")
	if !errors.As(err, &keep) || !errors.Is(err, confine.ErrTooLong) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("late: %v", err)
	}
}

// Real born-digital papers and hostile files: each is kept or names its pages; nothing else.
func TestAssembleRealPapers(t *testing.T) {
	data := sharedData(t)
	if data == "" {
		return
	}
	patterns := []string{"pdf/digital-*.pdf", "hostile/*/*oxes*.pdf", "hostile/*/attachment.pdf", "hostile/*/with-form.pdf", "hostile/*/cmyk-image.pdf"}
	if os.Getenv("SOHOA_ALL_PAPERS") != "" {
		patterns = []string{"pdf/*.pdf", "hostile/*/*.pdf"}
	}
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			t.Run(filepath.Base(name), func(t *testing.T) { keepAll(t, name) })
		}
	}
}

// keepAll keeps what can be kept of a file's first pages.
func keepAll(t *testing.T, name string) {
	t.Helper()
	ctx := context.Background()
	n, err := (&assembly{opt: Options{}.withDefaults(), dir: t.TempDir()}).pageCount(ctx, name)
	if err != nil || n == 0 {
		t.Logf("no pages: %v", err)
		return
	}
	var pages []*page.Page
	var kept []Kept
	for i := range min(n, 10) {
		pages = append(pages, &page.Page{Number: i + 1, Width: 595, Height: 842, DPI: 72})
		kept = append(kept, Kept{SourcePage: i + 1})
	}
	ours := save(t, overlays(t, pages...))
	out := filepath.Join(t.TempDir(), "out.pdf")
	var keep *KeepError
	err = Assemble(ctx, Options{}, ours, name, kept, out)
	if errors.As(err, &keep) {
		t.Logf("not kept: %v", err)
		for _, p := range keep.Pages {
			kept = slices.DeleteFunc(kept, func(k Kept) bool { return k.SourcePage == p.SourcePage })
		}
		err = Assemble(ctx, Options{}, ours, name, kept, out)
	}
	if err != nil {
		t.Fatal(err)
	}
	preflight(t, out)
	before, _ := os.Stat(name)
	after, _ := os.Stat(out)
	t.Logf("%d of %d pages kept, %d bytes became %d", len(kept), len(pages), before.Size(), after.Size())
}
