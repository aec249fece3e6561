package pages_test

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"sohoa/scripts/browser"
	"sohoa/scripts/corpus"
)

// printed are the pages that the browser prints, as a scanner sees them.
func printed(t *testing.T, tab *browser.Tab, path string) (pages []*image.NRGBA) {
	t.Helper()
	check(t, tab.Go(path), tab.Settle())
	stream, err := tab.Page().PDF(&proto.PagePrintToPDF{PaperWidth: ptr(8.27), PaperHeight: ptr(11.69)})
	check(t, err)
	pdf, err := io.ReadAll(stream)
	check(t, err)
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "print.pdf"), pdf, 0o600))
	out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "300", "-png", filepath.Join(dir, "print.pdf"), filepath.Join(dir, "page")).CombinedOutput()
	if err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	check(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		img, err := png.Decode(bytes.NewReader(text))
		check(t, err)
		n := image.NewNRGBA(img.Bounds())
		draw.Draw(n, n.Rect, img, image.Point{}, draw.Src)
		pages = append(pages, n)
	}
	return pages
}

func ptr[T any](v T) *T { return &v }

// A feeder's batch: cover sheets are printed from the page, laid before papers of two dossiers and scanned as a fax machine does;
// handed in as one file it becomes the papers of both.
func TestABatchFromAFeeder(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	for n := 1; n <= 2; n++ {
		dossierOf(t, site, fmt.Sprintf("H50.13-260331-%04d", n))
	}
	tab := signedIn(t, site, browser.Officer, browser.Desk)
	first := printed(t, tab, "/ho-so/1/bia?to=component:TP01")
	second := printed(t, tab, "/ho-so/2/bia?to=component:TP02")
	if len(first) != 1 || len(second) != 1 {
		t.Fatalf("%d and %d pages are printed, want a sheet each", len(first), len(second))
	}
	var scans []corpus.Scan
	add := func(sheet corpus.Sheet) {
		scan, err := corpus.Apply(sheet, corpus.Fax, uint64(len(scans)))
		check(t, err)
		scans = append(scans, scan)
	}
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	check(t, err)
	paper := func(seed uint64) {
		sheet, err := corpus.Slip(fonts, seed)
		check(t, err)
		add(sheet)
	}
	paper(30) // before the first sheet
	add(corpus.Sheet{Image: first[0], DPI: 300})
	paper(31)
	paper(32)
	add(corpus.Sheet{Image: second[0], DPI: 300})
	paper(33)
	var tiff bytes.Buffer
	check(t, corpus.EncodeTIFF(&tiff, scans))
	file := filepath.Join(t.TempDir(), "lô sáng.tif")
	check(t, os.WriteFile(file, tiff.Bytes(), 0o600))

	check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	check(t, tab.Press('l'))
	until(t, tab, `document.getElementById("batch").checked`) // a key is held back for a moment: it may be a scanner's
	chosen, err := tab.Page().Element("#file")
	check(t, err)
	check(t, chosen.SetFiles([]string{file}))
	see(t, tab, ".handed .state", "Đã tách lô")
	see(t, tab, ".parts", "H50.13-260331-0002")
	check(t, tab.Settle())
	accessible(t, tab)
	shot(t, tab, "batch")
	var batch struct {
		Parts []struct {
			Cover, First, Last int
			DossierCode        string `json:"dossier_code"`
			Component          string
			Reasons            []string
		}
	}
	check(t, site.API(t.Context(), "GET", "/api/v1/papers/1/batch", nil, &batch))
	want := "[{0 1 1 H50.13-260331-0001  [no_cover]} {2 3 4 H50.13-260331-0001 TP01 []} {5 6 6 H50.13-260331-0002 TP02 []}]"
	if got := fmt.Sprint(batch.Parts); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	see(t, tab, ".handed", "Giấy khám sức khỏe của người lái xe")
}
