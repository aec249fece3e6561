package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sohoa/scripts/corpus"
)

// paper is one scan and what an undisturbed reader made of it.
type paper struct {
	name   string
	data   []byte
	sha256 string
	pages  int
	text   string
}

// makePapers draws papers as fax machines send them (small, and read quickly) and has `sohoa read` read them.
func makePapers(ctx context.Context, o options, dir string) ([]paper, error) {
	if o.pages < o.papers {
		return nil, fmt.Errorf("%d papers have more than %d pages", o.papers, o.pages)
	}
	drawn, err := drawPages(o.seed)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "read"), 0o755); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.seed, 77))
	papers := make([]paper, o.papers)
	files := []string{"read", "-o", filepath.Join(dir, "read")}
	for i := range papers {
		p := &papers[i]
		p.name = fmt.Sprintf("p%04d.tif", i)
		p.pages = 1
		papers[i].pages = 1
		for range share(o, i, random) - 1 {
			p.pages++
		}
		scans := make([]corpus.Scan, p.pages)
		for n := range scans {
			scans[n] = drawn[random.IntN(len(drawn))]
		}
		var b bytes.Buffer
		if err := corpus.EncodeTIFF(&b, scans); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%d", i) // behind the TIFF's end: no two papers are the same scan
		p.data = b.Bytes()
		sum := sha256.Sum256(p.data)
		p.sha256 = hex.EncodeToString(sum[:])
		file := filepath.Join(dir, p.name)
		if err := os.WriteFile(file, p.data, 0o644); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	cmd := exec.CommandContext(ctx, o.binary, files...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("read undisturbed: %w: %s", err, out)
	}
	for i := range papers {
		text, err := os.ReadFile(filepath.Join(dir, "read", strings.TrimSuffix(papers[i].name, ".tif")+".txt"))
		if err != nil {
			return nil, err
		}
		papers[i].text = string(text)
	}
	return papers, nil
}

// share is how many pages paper i has, so that all have o.pages: most have the mean, give or take.
func share(o options, i int, random *rand.Rand) int {
	mean := o.pages / o.papers
	if i%2 == 0 {
		return mean
	}
	if mean > 1 && random.IntN(2) == 0 {
		return mean + 1
	}
	return max(1, mean-1)
}

// drawPages draws some different pages.
func drawPages(seed uint64) ([]corpus.Scan, error) {
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return nil, err
	}
	const kinds = 12
	pages := make([]corpus.Scan, kinds)
	for i := range pages {
		s := seed*100 + uint64(i)
		img, _, err := corpus.Compose(corpus.Form, s, corpus.Options{Plain: true}).Draw(fonts, 120)
		if err != nil {
			return nil, err
		}
		if pages[i], err = corpus.Apply(corpus.Sheet{Image: img, DPI: 120}, corpus.Fax, s); err != nil {
			return nil, err
		}
		// The head of the form alone: what is tried here is not the reading.
		whole, ok := pages[i].Image.(*image.Paletted)
		if !ok {
			return nil, fmt.Errorf("a fax of %T", pages[i].Image)
		}
		b := whole.Bounds()
		head := image.NewPaletted(image.Rect(0, 0, b.Dx(), b.Dy()/4), whole.Palette)
		draw.Draw(head, head.Rect, whole, b.Min, draw.Src)
		pages[i].Image = head
	}
	return pages, nil
}
