package bind

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pipeline/page"
	"sohoa/scripts/pdfa"
)

// tool runs a helper and gives what it printed.
func tool(tb testing.TB, name string, args ...string) []byte {
	tb.Helper()
	var out, bad bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &bad
	if err := cmd.Run(); err != nil {
		tb.Fatalf("%s %v: %v\n%s%s", name, args, err, out.Bytes(), bad.Bytes())
	}
	return out.Bytes()
}

// preflight runs PDFBox's PDF/A-1b validator and qpdf's check. Each call starts a Java machine: keep them few.
func preflight(tb testing.TB, file string) {
	tb.Helper()
	tool(tb, "qpdf", "--check", file)
	pdfa.Check(tb, file)
}

// makePDF writes a file through add.
func makePDF(tb testing.TB, meta Meta, add func(p *PDF)) []byte {
	tb.Helper()
	var b bytes.Buffer
	p, err := NewPDF(&b, meta)
	if err != nil {
		tb.Fatal(err)
	}
	add(p)
	if err := p.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func save(tb testing.TB, data []byte) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "made.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// shownSize is the page's size in points as a reader sees it.
func shownSize(p *page.Page) (float64, float64) {
	w, h := float64(p.Width)*72/p.DPI, float64(p.Height)*72/p.DPI
	if p.Turned%180 != 0 {
		return h, w
	}
	return w, h
}

func overlays(tb testing.TB, pages ...*page.Page) []byte {
	tb.Helper()
	return makePDF(tb, Meta{Title: "Giấy tờ"}, func(p *PDF) {
		for _, pg := range pages {
			w, h := shownSize(pg)
			if err := p.Overlay(pg, w, h); err != nil {
				tb.Fatal(err)
			}
		}
	})
}

// plainText is what NAME.txt would hold.
func plainText(tb testing.TB, pages ...*page.Page) string {
	tb.Helper()
	var b strings.Builder
	for _, p := range pages {
		if err := WriteText(&b, p); err != nil {
			tb.Fatal(err)
		}
	}
	return b.String()
}

type shownWord struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

// shownWords is where poppler would highlight each word.
func shownWords(tb testing.TB, file string) []shownWord {
	tb.Helper()
	var doc struct {
		Words []shownWord `xml:"body>doc>page>word"`
	}
	if err := xml.Unmarshal(tool(tb, "pdftotext", "-bbox", file, "-"), &doc); err != nil {
		tb.Fatal(err)
	}
	return doc.Words
}

// sharedData is the folder of real papers, empty where it is absent.
func sharedData(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			return ""
		}
		dir = filepath.Dir(dir)
	}
	data := filepath.Join(dir, "..", "shared", "data")
	if _, err := os.Stat(data); err != nil {
		tb.Logf("no shared data: real papers are not tried")
		return ""
	}
	return data
}
