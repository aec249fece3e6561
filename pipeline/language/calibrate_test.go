package language

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCalTmp(t *testing.T) {
	for _, g := range []string{"pdf", "hostile/pypdf", "hostile/paperless", "hostile/ocrmypdf","hostile/pdf.js"} {
		files, _ := filepath.Glob("/work/shared/data/" + g + "/*.pdf")
		for _, f := range files {
			out, _ := exec.Command("pdftotext", f, "-").Output()
			j := Judge(strings.Fields(string(out)))
			t.Logf("%-40s V=%v R=%v share=%.3f %+v", filepath.Base(f), j.Vietnamese(), j.Readable(), j.Share(), j)
		}
	}
	files, _ := filepath.Glob("/work/shared/data/text/*.txt")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		ws := strings.Fields(string(b))
		j := Judge(ws)
		t.Logf("%-40s V=%v share=%.3f %+v", filepath.Base(f), j.Vietnamese(), j.Share(), j)
		lo, lom := 1.0, 1.0
		badv, n := 0,0
		for i := 0; i+300 < len(ws); i += 300 {
			j := Judge(ws[i : i+300]); n++
			lo = min(lo, j.Share())
			lom = min(lom, float64(j.Marked)/float64(j.Marked+j.Unmarked))
			if !j.Vietnamese() { badv++ }
		}
		t.Log(lo, lom, badv, n)
	}
	for _, f := range []string{"syllables-law-tthc.tsv", "syllables-viwiki.tsv"} {
		b, _ := os.ReadFile("/work/shared/data/words/" + f)
		var miss []string
		tot, m := 0, 0
		for i, l := range strings.Split(string(b), "\n") {
			w, _, _ := strings.Cut(l, "\t")
			if w == "" { continue }
			if i > 3000 { break }
			tot++
			if !IsSyllable(w) { m++; miss = append(miss, w) }
		}
		t.Log(f, tot, m, miss)
	}
}
