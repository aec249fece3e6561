package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sohoa/scripts/corpus"
)

// paper is one scan and what an undisturbed reader made of it.
type paper struct {
	name   string // its ending tells what it is: .tif or .pdf
	data   []byte
	sha256 string
	pages  int
	text   string
}

// everyPDF is that every so-manieth paper is a PDF, whose pages other programs take apart; the others are TIFFs.
const everyPDF = 5

// makePapers draws papers as fax machines and scanners send them (small, and read quickly) and has `sohoa read` read them.
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
		p.name, p.pages = fmt.Sprintf("p%04d.tif", i), share(o, i, random)
		encode, from := corpus.EncodeTIFF, drawn.fax
		if i%everyPDF == 0 {
			p.name, encode, from = fmt.Sprintf("p%04d.pdf", i), corpus.EncodePDF, drawn.jpeg
		}
		scans := make([]corpus.Scan, p.pages)
		for n := range scans {
			scans[n] = from[random.IntN(len(from))]
		}
		var b bytes.Buffer
		if err := encode(&b, scans); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n%% %d\n", i) // behind the file's end: no two papers are the same scan
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
		text, err := os.ReadFile(filepath.Join(dir, "read", strings.TrimSuffix(papers[i].name, filepath.Ext(papers[i].name))+".txt"))
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

// drawn are some different pages, as either machine makes them.
type drawn struct{ fax, jpeg []corpus.Scan }

func drawPages(seed uint64) (*drawn, error) {
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return nil, err
	}
	const kinds = 12
	d := &drawn{}
	for i := range kinds {
		s := seed*100 + uint64(i)
		slip, err := corpus.Slip(fonts, s) // what is tried here is not the reading
		if err != nil {
			return nil, err
		}
		fax, err := corpus.Apply(slip, corpus.Fax, s)
		if err != nil {
			return nil, err
		}
		d.fax = append(d.fax, fax)
		d.jpeg = append(d.jpeg, corpus.Scan{Image: slip.Image, Format: corpus.FormatJPEG, Quality: 80, ClaimDPI: slip.DPI, DPI: slip.DPI})
	}
	return d, nil
}
