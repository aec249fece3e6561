package bind

import (
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pipeline/page"
)

// tool runs a helper and gives what it printed.
func tool(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	var out, bad bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &bad
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out.Bytes(), bad.Bytes())
	}
	return out.Bytes()
}

// jars is where Debian puts the validator and what it needs.
const jars = "/usr/share/java"

// preflight runs PDFBox's PDF/A-1b validator and qpdf's check. Each call starts a Java machine: keep them few.
func preflight(t testing.TB, file string) {
	t.Helper()
	tool(t, "qpdf", "--check", file)
	var path []string
	for _, jar := range []string{
		"preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api",
	} {
		path = append(path, filepath.Join(jars, jar+".jar"))
	}
	if _, err := os.Stat(path[0]); errors.Is(err, os.ErrNotExist) && os.Getenv("CI") == "" {
		t.Logf("PDF/A of %s not validated: no %s (libpdfbox2-java)", filepath.Base(file), path[0])
		return
	}
	tool(t, "java", "-XX:TieredStopAtLevel=1", "-cp", strings.Join(path, ":"),
		"org.apache.pdfbox.preflight.Validator_A1b", file)
}

// makePDF writes a file through add.
func makePDF(t testing.TB, meta Meta, add func(p *PDF)) []byte {
	t.Helper()
	var b bytes.Buffer
	p, err := NewPDF(&b, meta)
	if err != nil {
		t.Fatal(err)
	}
	add(p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func save(t testing.TB, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "made.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
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

func overlays(t testing.TB, pages ...*page.Page) []byte {
	t.Helper()
	return makePDF(t, Meta{Title: "Giấy tờ"}, func(p *PDF) {
		for _, pg := range pages {
			w, h := shownSize(pg)
			if err := p.Overlay(pg, w, h); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// plainText is what NAME.txt would hold.
func plainText(t testing.TB, pages ...*page.Page) string {
	t.Helper()
	var b strings.Builder
	for _, p := range pages {
		if err := WriteText(&b, p); err != nil {
			t.Fatal(err)
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
func shownWords(t testing.TB, file string) []shownWord {
	t.Helper()
	var doc struct {
		Words []shownWord `xml:"body>doc>page>word"`
	}
	if err := xml.Unmarshal(tool(t, "pdftotext", "-bbox", file, "-"), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Words
}

// sharedData is the folder of real papers, empty where it is absent.
func sharedData(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
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
		t.Logf("no shared data: real papers are not tried")
		return ""
	}
	return data
}
