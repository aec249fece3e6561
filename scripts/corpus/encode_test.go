package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// bilevel is a black-and-white image of stripes, dots and long runs.
func bilevel(w, h int, seed uint64) *image.Paletted {
	img, g := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black}), newGrain(seed)
	for y := range h {
		for x := 0; x < w; {
			run := 1 + int(g.between(0, 1)*g.between(0, 1)*float64(w))
			ink := uint8(g.next() % 2)
			for ; run > 0 && x < w; run, x = run-1, x+1 {
				img.Pix[y*img.Stride+x] = ink
			}
		}
		if y > 0 && g.uniform() < 0.7 { // mostly like the row above, as text is
			copy(img.Pix[y*img.Stride:][:w], img.Pix[(y-1)*img.Stride:][:w])
			img.Pix[y*img.Stride+int(g.between(0, float64(w)))] ^= 1
		}
	}
	return img
}

func TestG4ReadsBack(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {7, 3}, {64, 20}, {1653, 40}, {2623, 9}, {5200, 5}} {
		for seed := range uint64(4) {
			img := bilevel(size.X, size.Y, seed)
			var b bytes.Buffer
			if err := encodeG4(&b, []*image.Paletted{img}, 200); err != nil {
				t.Fatal(err)
			}
			back, err := tiff.Decode(&b)
			if err != nil {
				t.Fatalf("%v: %v", size, err)
			}
			for y := range size.Y {
				for x := range size.X {
					r, _, _, _ := back.At(x, y).RGBA()
					if black := r == 0; black != (img.ColorIndexAt(x, y) == 1) {
						t.Fatalf("%v seed %d: pixel %d,%d differs", size, seed, x, y)
					}
				}
			}
		}
	}
}

func TestEncodeSaysItsResolution(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	var b bytes.Buffer
	if err := Encode(&b, Scan{Image: img, Format: FormatJPEG, Quality: 80, ClaimDPI: 300}); err != nil {
		t.Fatal(err)
	}
	if head := b.Bytes()[:20]; string(head[6:10]) != "JFIF" || head[13] != 1 || head[14] != 1 || head[15] != 44 {
		t.Errorf("JPEG begins with % x", head)
	}
	if back, err := jpeg.Decode(&b); err != nil || back.Bounds() != img.Rect {
		t.Errorf("JPEG does not read back: %v", err)
	}
	b.Reset()
	if err := Encode(&b, Scan{Image: bilevel(40, 30, 1), Format: FormatPNG, ClaimDPI: 200}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b.Bytes(), []byte("pHYs\x00\x00\x1e\xc2\x00\x00\x1e\xc2\x01")) {
		t.Error("PNG does not say 7874 pixels a metre")
	}
	if back, err := png.Decode(&b); err != nil || back.Bounds() != img.Rect {
		t.Errorf("PNG does not read back: %v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	grey := Scan{Image: image.NewNRGBA(image.Rect(0, 0, 4, 4)), Format: FormatTIFF, ClaimDPI: 200}
	if err := Encode(&bytes.Buffer{}, grey); !errors.Is(err, errNotBilevel) {
		t.Errorf("colour as G4: %v", err)
	}
	if err := EncodeTIFF(&bytes.Buffer{}, nil); !errors.Is(err, errNoPages) {
		t.Errorf("TIFF without pages: %v", err)
	}
	if err := EncodePDF(&bytes.Buffer{}, []Scan{grey}); !errors.Is(err, errNotJPEG) {
		t.Errorf("TIFF page in a PDF: %v", err)
	}
	if err := Encode(&bytes.Buffer{}, Scan{Image: grey.Image, Format: "gif"}); err == nil {
		t.Error("GIF gave no error")
	}
}

// A multi-page fax and a PDF, as the sets write them, at a low resolution.
func TestJobsWriteFilesWithTheirTruth(t *testing.T) {
	fonts, dir := testFonts(t), t.TempDir()
	jobs := []job{
		{name: "fax", pages: []recipe{{kind: Letter, seed: 1, fault: Fax, dpi: 72}, {kind: Form, seed: 2, fault: Fax, dpi: 72}}},
		{name: "scan", pdf: true, pages: []recipe{{kind: List, seed: 1, fault: Bleed, dpi: 72}, {kind: List, seed: 2, fault: Skew, dpi: 72}}},
		{name: "blank", pages: []recipe{{kind: List, seed: 1, fault: Blank, dpi: 72}}},
	}
	dir = filepath.Join(dir, "new")
	names, err := writeJobs(t.Context(), dir, jobs, fonts)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"fax.tif", "scan.pdf", "blank.jpg"} {
		if names[i] != want {
			t.Errorf("file %d is %q, want %q", i, names[i], want)
		}
		if info, err := os.Stat(filepath.Join(dir, want)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v, or too small", want, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, jobs[i].name+".gt.txt"))
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, jobs[i].name+".words.json"))
		if err != nil {
			t.Fatal(err)
		}
		var words struct{ Pages []Truth }
		if err := json.Unmarshal(data, &words); err != nil {
			t.Fatal(err)
		}
		joined := ""
		for _, p := range words.Pages {
			joined += p.Text()
		}
		if len(words.Pages) != len(jobs[i].pages) || joined != string(text) || (joined == "") != (jobs[i].name == "blank") {
			t.Errorf("%s: %d pages, words and text differ or are missing", want, len(words.Pages))
		}
	}
	if tool, err := exec.LookPath("qpdf"); err != nil {
		t.Log("qpdf is not installed; the PDF was not checked")
	} else if out, err := exec.Command(tool, "--check", filepath.Join(dir, "scan.pdf")).CombinedOutput(); err != nil { //nolint:gosec // our own file
		t.Errorf("qpdf: %v\n%s", err, out)
	}
}

func TestSetsHoldWhatTheyPromise(t *testing.T) {
	bench := benchJobs(1)
	if len(bench) != 44 {
		t.Errorf("the benchmark has %d pages, want 44", len(bench))
	}
	turns := ""
	for _, j := range bench {
		if strings.HasSuffix(j.name, "-turned") {
			turns += " " + string(rune('0'+j.pages[0].turn/90))
		}
	}
	if turns != " 1 2 3 1" {
		t.Errorf("quarter turns%s", turns)
	}
	if speed := speedJobs(1); len(speed) != 25 || len(speed[24].pages) != 24 || !speed[24].pdf {
		t.Errorf("the speed set has %d files", len(speed))
	}
	if _, err := WriteSet(t.Context(), t.TempDir(), "holiday", 1, testFonts(t)); !errors.Is(err, ErrNoSet) {
		t.Errorf("an unknown set: %v", err)
	}
}
