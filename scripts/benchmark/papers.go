package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"sohoa/scripts/pdfa"
	"sohoa/scripts/score"
)

// paper is what is found out about one two-layer PDF that sohoa made.
type paper struct {
	Name      string // of the scan
	Failure   string // why sohoa made nothing
	Kept      bool   // signed: it came out as it went in, to the byte
	In, Out   int64  // bytes
	Structure string // what qpdf --check complains about; "" nothing
	PDFA      string // the first thing that PDFBox's preflight finds against PDF/A-1b; "" nothing
	Raw, Read agreement
}

// agreement is how many words of NAME.txt pdftotext gives in the same order, with -raw and without.
type agreement struct{ Common, Text, PDF int }

func (a agreement) plus(b agreement) agreement {
	return agreement{a.Common + b.Common, a.Text + b.Text, a.PDF + b.PDF}
}

// share is twice the common words over all words of both, from 0 to 1.
func (a agreement) share() float64 {
	if a.Text+a.PDF == 0 {
		return 1
	}
	return 2 * float64(a.Common) / float64(a.Text+a.PDF)
}

// growth is by how much the paper grew: 0.15 is 15 %.
func (p *paper) growth() float64 { return float64(p.Out)/float64(p.In) - 1 }

// checkPapers lets sohoa read the files and looks at every PDF that comes out.
func checkPapers(ctx context.Context, m *machine, s *sohoa, files []string, log io.Writer) ([]*paper, error) {
	fmt.Fprintf(log, "papers: %d files\n", len(files))
	if err := s.run(ctx, files); err != nil {
		return nil, err
	}
	papers := make([]*paper, len(files))
	group, checkCtx := errgroup.WithContext(ctx)
	group.SetLimit(m.cores)
	for i, f := range files {
		papers[i] = &paper{Name: filepath.Base(f), Failure: s.outputs[f].Error}
		if papers[i].Failure != "" {
			continue
		}
		group.Go(func() error { return papers[i].check(checkCtx, f, s.outputs[f]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	fmt.Fprintln(log, "papers: PDF/A")
	var rewritten []*paper
	var pdfs []string
	for i, p := range papers {
		if p.Failure == "" && !p.Kept {
			rewritten, pdfs = append(rewritten, p), append(pdfs, s.outputs[files[i]].PDF)
		}
	}
	complaints, err := preflight(ctx, m.work, pdfs)
	if err != nil {
		return nil, err
	}
	for i, p := range rewritten {
		p.PDFA = complaints[i]
	}
	return papers, nil
}

// check fills in all but PDF/A, which is validated for all papers at once.
func (p *paper) check(ctx context.Context, scanned string, o output) error {
	before, err := os.ReadFile(scanned) //nolint:gosec // a scan of the set
	if err != nil {
		return fmt.Errorf("check %s: %w", p.Name, err)
	}
	after, err := os.ReadFile(o.PDF)
	if err != nil {
		return fmt.Errorf("check %s: %w", p.Name, err)
	}
	p.In, p.Out, p.Kept = int64(len(before)), int64(len(after)), bytes.Equal(before, after)
	if p.Kept {
		return nil
	}
	if _, _, err := execute(ctx, "qpdf", "--check", o.PDF); err != nil {
		p.Structure = err.Error()
	}
	text, err := os.ReadFile(o.Text)
	if err != nil {
		return fmt.Errorf("check %s: %w", p.Name, err)
	}
	if p.Raw, err = roundTrip(ctx, string(text), o.PDF, "-raw"); err != nil {
		return err
	}
	p.Read, err = roundTrip(ctx, string(text), o.PDF)
	return err
}

// roundTrip compares a reading with what pdftotext finds in the PDF, page by page (a form feed ends one).
func roundTrip(ctx context.Context, text, pdf string, flags ...string) (agreement, error) {
	out, _, err := execute(ctx, "pdftotext", append(slices.Clone(flags), "-enc", "UTF-8", pdf, "-")...)
	if err != nil {
		return agreement{}, fmt.Errorf("read %s back: %w", pdf, err)
	}
	want, got := strings.Split(text, "\f"), strings.Split(string(out), "\f")
	var sum agreement
	for i := range max(len(want), len(got)) {
		var a, b []string
		if i < len(want) {
			a = withoutBars(score.Words(want[i]))
		}
		if i < len(got) {
			b = withoutBars(score.Words(got[i]))
		}
		sum = sum.plus(agreement{score.Common(a, b), len(a), len(b)})
	}
	return sum, nil
}

// preflight validates files against PDF/A-1b, all in one Java machine, and gives for each the first complaint or "".
func preflight(ctx context.Context, work string, files []string) ([]string, error) {
	path, err := pdfa.ClassPath()
	if err != nil || len(files) == 0 {
		return nil, err
	}
	list := filepath.Join(work, "preflight.txt")
	if err := os.WriteFile(list, []byte(strings.Join(files, "\n")+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("list the files to validate: %w", err)
	}
	// Its exit status tells only that some file is not valid.
	_, _, err = execute(ctx, "java", "-cp", path, pdfa.Validator, "xml", "batch", list)
	if err != nil && exitStatus(err) < 0 {
		return nil, err
	}
	complaints := make([]string, len(files))
	for i, f := range files {
		report := f + ".preflight.xml"
		data, err := os.ReadFile(report) //nolint:gosec // what preflight just wrote
		if errors.Is(err, fs.ErrNotExist) {
			complaints[i] = "preflight could not read it"
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read preflight's report: %w", err)
		}
		if complaints[i], err = complaint(data); err != nil {
			return nil, fmt.Errorf("read preflight's report on %s: %w", f, err)
		}
		if err := os.Remove(report); err != nil {
			return nil, fmt.Errorf("remove preflight's report: %w", err)
		}
	}
	return complaints, nil
}

// complaint is the first error of preflight's report, or "" where it found the file valid.
func complaint(report []byte) (string, error) {
	var r struct {
		Valid  string `xml:"isValid"`
		Errors []struct {
			Code    string `xml:"code"`
			Details string `xml:"details"`
		} `xml:"errors>error"`
	}
	if err := xml.Unmarshal(report, &r); err != nil {
		return "", fmt.Errorf("parse: %w", err)
	}
	switch {
	case r.Valid == "true":
		return "", nil
	case len(r.Errors) > 0:
		return r.Errors[0].Code + " " + r.Errors[0].Details, nil
	}
	return "not valid", nil
}

// reportPapers names every paper with which something is not as it must be.
func reportPapers(w io.Writer, papers []*paper, verbose bool) {
	for _, p := range papers {
		var faults []string
		add := func(what string, fault bool) {
			if fault {
				faults = append(faults, what)
			}
		}
		add("not read: "+p.Failure, p.Failure != "")
		add("qpdf: "+p.Structure, p.Structure != "")
		add("PDF/A: "+p.PDFA, p.PDFA != "")
		if p.Failure == "" && !p.Kept {
			add(fmt.Sprintf("pdftotext gives %.2f %% of the words in order, with -raw %.2f %%",
				100*p.Read.share(), 100*p.Raw.share()), verbose || p.Raw.share() < 1)
			add(fmt.Sprintf("%d bytes became %d, %+.0f %%", p.In, p.Out, 100*p.growth()), verbose || p.growth() > mostGrowth)
		}
		add("signed, kept as it came", verbose && p.Kept)
		for _, fault := range faults {
			fmt.Fprintf(w, "%s: %s\n", p.Name, fault)
		}
	}
}

// mostGrowth is how much larger than the scan a PDF may be.
const mostGrowth = 0.15

// withoutBars leaves out the bars between table cells in NAME.txt: they stand for rules and are no words.
func withoutBars(words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return w == "|" })
}
