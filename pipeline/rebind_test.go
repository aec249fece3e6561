package pipeline

import (
	"bytes"
	"encoding/xml"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
	"sohoa/scripts/pdfa"
)

// said is what a program says of a file.
func said(tb testing.TB, name string, args ...string) []byte {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), name, args...).Output()
	if err != nil {
		tb.Fatalf("%s %v: %v", name, args, err)
	}
	return out
}

// shownAt finds where poppler would highlight a word, on the PDF's only page.
func shownAt(tb testing.TB, pdf, word string) (at page.Box, times int) {
	tb.Helper()
	var doc struct {
		Words []struct {
			XMin float64 `xml:"xMin,attr"`
			YMin float64 `xml:"yMin,attr"`
			XMax float64 `xml:"xMax,attr"`
			YMax float64 `xml:"yMax,attr"`
			Text string  `xml:",chardata"`
		} `xml:"body>doc>page>word"`
	}
	if err := xml.Unmarshal(said(tb, "pdftotext", "-bbox", pdf, "-"), &doc); err != nil {
		tb.Fatal(err)
	}
	for _, w := range doc.Words {
		if w.Text == word {
			times++
			at = page.Box{X0: int(w.XMin), Y0: int(w.YMin), X1: int(w.XMax), Y1: int(w.YMax)}
		}
	}
	return at, times
}

// Pages come out with other words behind them and look as they did, whatever they are made of: pictures as scanners make them, turned
// and in fax's one bit, and pages that an office program made.
func TestRebindChangesTheWordsAlone(t *testing.T) {
	t.Parallel()
	r := newReader(t, nil)
	for _, c := range []struct {
		name  string
		fault corpus.Fault
		turn  int
	}{{"jpeg", corpus.Clean, 0}, {"on its side", corpus.Turned, 90}, {"skewed", corpus.Skew, 0}, {"fax", corpus.Fax, 0}, {name: "digital"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "digital.pdf")
			if c.name == "digital" {
				digital(t, path, 1)
			} else {
				path, _, _ = made(t, dir, corpus.Decision, c.fault, c.turn)
			}
			stem := filepath.Join(dir, "out")
			if _, err := r.Run(t.Context(), path, stem, nil); err != nil {
				t.Fatal(err)
			}
			pg := readPages(t, stem)[0]
			line := &pg.Blocks[len(pg.Blocks)/2].Lines[0]
			line.Words[0].Text = "SỬAXONG"
			want := line.Words[0].Box
			rebound := filepath.Join(dir, "rebound.pdf")
			err := Rebind(t.Context(), r.opt, stem+".pdf", []int{1}, func(int) (*page.Page, error) { return pg, nil }, rebound)
			if err != nil {
				t.Fatal(err)
			}
			pdfa.Check(t, rebound)
			said(t, "qpdf", "--check", rebound)
			var text bytes.Buffer
			if err := bind.WriteText(&text, pg); err != nil {
				t.Fatal(err)
			}
			words := strings.Fields(strings.ReplaceAll(text.String(), "|", " "))
			if got := strings.Fields(string(said(t, "pdftotext", "-raw", rebound, "-"))); strings.Join(got, " ") != strings.Join(words, " ") {
				t.Errorf("the words are\n%q, want\n%q", got, words)
			}
			at, times := shownAt(t, rebound, "SỬAXONG")
			up := page.Turn(pg.Turned, pg.Width, pg.Height).Quad(want.Quad()).Box()
			dpi := pg.DPI / 72
			const little = 3 // points
			if off := math.Abs(float64(at.X0)-float64(up.X0)/dpi) + math.Abs(float64(at.Y0)-float64(up.Y0)/dpi); times != 1 || off > 2*little {
				t.Errorf("it stands %d times, at %v points, for %v pixels", times, at, up)
			}
			before, after := said(t, "pdftoppm", "-r", "50", stem+".pdf"), said(t, "pdftoppm", "-r", "50", rebound)
			if d := difference(before, after); d > 0.5 {
				t.Errorf("it looks otherwise, by %.2f of 255", d)
			}
		})
	}
}

// difference is by how much two pictures of one size differ, a byte.
func difference(a, b []byte) float64 {
	if len(a) != len(b) {
		return 255
	}
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(len(a))
}
