package main

import (
	"fmt"
	"strings"
)

// results are all that was measured; what was not asked for is nil.
type results struct {
	accuracy []*accuracy
	fields   []*fieldScore
	speed    []timing
	memory   []held
	papers   []*paper
}

// table writes the results in Markdown.
func table(m *machine, r *results) string {
	var t strings.Builder
	fmt.Fprintf(&t, "Measured on %s by `scripts/bench` on %d cores (%s): sohoa %s with model %s; tesseract %s with the same "+
		"model, plain, one process a core; OCRmyPDF %s with Debian's model, `--rotate-pages --deskew -l vie --jobs 2`.\n",
		m.day, m.cores, m.cpu, m.sohoa, m.model, m.tesseract, m.ocrmypdf)
	if len(r.accuracy) > 0 {
		t.WriteString("\n| Syllable error / CER, % | Sohoa | tesseract | OCRmyPDF |\n|---|--:|--:|--:|\n")
	}
	for _, a := range r.accuracy {
		accuracyRows(&t, a)
	}
	fieldRows(&t, r.fields)
	if len(r.speed) > 0 {
		speedRows(&t, r.speed)
	}
	if len(r.memory)+len(r.papers) > 0 {
		t.WriteString("\n| Sohoa's output and memory | |\n|---|--:|\n")
	}
	for _, h := range r.memory {
		row(&t, fmt.Sprintf("Peak memory a child (of %d), paper of %d pages", h.Jobs, h.Pages),
			fmt.Sprintf("%.0f MiB", h.perChild()))
	}
	if len(r.papers) > 0 {
		paperRows(&t, r.papers)
	}
	return t.String()
}

func row(t *strings.Builder, cells ...string) {
	t.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// accuracyRows are the set's pooled figures, those of each class, and what the readers that failed at pages are like on the
// others.
func accuracyRows(t *strings.Builder, a *accuracy) {
	cells := func(class string) []string {
		var c []string
		for i := range a.Readers {
			s := a.pooled(i, class)
			c = append(c, fmt.Sprintf("%.2f / %.2f", 100*s.SyllableError(), 100*s.CharacterError()))
		}
		return c
	}
	row(t, append([]string{fmt.Sprintf("**%s, %d pages**", a.Set, len(a.Scans))}, cells("")...)...)
	for _, class := range a.classes() {
		row(t, append([]string{"– " + class}, cells(class)...)...)
	}
	for i, name := range a.Readers {
		s, failed := a.readable(i)
		if failed == 0 {
			continue
		}
		c := make([]string, len(a.Readers))
		c[i] = fmt.Sprintf("%.2f / %.2f", 100*s.SyllableError(), 100*s.CharacterError())
		row(t, append([]string{fmt.Sprintf("– without %d that %s failed at", failed, name)}, c...)...)
	}
}

func speedRows(t *strings.Builder, timings []timing) {
	find := func(reader, form string) *timing {
		for i := range timings {
			if timings[i].Reader == reader && timings[i].Form == form {
				return &timings[i]
			}
		}
		return nil
	}
	fmt.Fprintf(t, "\n| %d colour pages, 300 dpi: pages/s (CPU s/page) | Sohoa | tesseract, text alone | OCRmyPDF |\n|---|--:|--:|--:|\n",
		timings[0].Pages)
	for _, form := range []string{singleFiles, onePDF} {
		cells := []string{form}
		for _, reader := range []string{"Sohoa", "tesseract", "OCRmyPDF"} {
			if f := find(reader, form); f != nil {
				cells = append(cells, fmt.Sprintf("%.2f (%.2f)", f.pagesPerSecond(), f.cpuPerPage()))
			} else {
				cells = append(cells, "cannot")
			}
		}
		row(t, cells...)
	}
}

func paperRows(t *strings.Builder, papers []*paper) {
	var made, failed, kept, structure, valid, larger int
	var raw, read agreement
	var in, out int64
	for _, p := range papers {
		switch {
		case p.Failure != "":
			failed++
			continue
		case p.Kept:
			kept++
			continue
		}
		made++
		in, out = in+p.In, out+p.Out
		raw, read = raw.plus(p.Raw), read.plus(p.Read)
		if p.Structure == "" {
			structure++
		}
		if p.PDFA == "" {
			valid++
		}
		if p.growth() > mostGrowth {
			larger++
		}
	}
	of := func(n int) string { return fmt.Sprintf("%d of %d", n, made) }
	row(t, "PDFs made (signed ones kept to the byte; files failed)", fmt.Sprintf("%d (%d; %d)", made, kept, failed))
	row(t, "`qpdf --check` clean", of(structure))
	row(t, "PDF/A-1b (PDFBox preflight) clean", of(valid))
	row(t, "Words of NAME.txt that `pdftotext -raw` gives in the same order", fmt.Sprintf("%.2f %%", 100*raw.share()))
	row(t, "… and `pdftotext`, which reorders columns by itself", fmt.Sprintf("%.2f %%", 100*read.share()))
	if made > 0 {
		row(t, "Bytes of the PDFs over bytes of the scans", fmt.Sprintf("%.0f %%", 100*float64(out)/float64(in)))
	}
	row(t, "PDFs more than 15 % larger than the scan", of(larger))
}
