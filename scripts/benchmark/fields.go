package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/extract"
	"sohoa/scripts/corpus"
)

// fieldScore is how well the fields of one set of pages were found.
type fieldScore struct {
	Set            string
	Pages          int
	Printed, Exact map[extract.Name]int
	// Missed are printed and were not found, Invented were found and are not on the paper.
	Missed, Invented int
	Shown            []shown // by how sure they are shown
}

// shown are the fields that are shown with a confidence from From on and below the one before.
type shown struct {
	From         float64
	Fields, True int
}

func newFieldScore(set string) *fieldScore {
	return &fieldScore{
		Set: set, Printed: make(map[extract.Name]int), Exact: make(map[extract.Name]int), Shown: []shown{{From: 95}, {From: 80}, {From: 50}, {From: 0}},
	}
}

// said is a field as truths have it: as printed, but days, which are ISO, and titles, which are the kind.
func said(f extract.Field) string {
	if f.Name == extract.Title || f.Name == extract.Issued {
		return f.Normal
	}
	return f.Value
}

// add counts a page: what was found on it against its truth. What was written in by hand is not printed: the number need not be
// found, but what is shown of it as sure has to be right.
func (s *fieldScore) add(truth corpus.Fields, fields []extract.Field, name string, log io.Writer) {
	s.Pages++
	found := make(map[extract.Name]extract.Field)
	for _, f := range fields {
		found[f.Name] = f
	}
	for _, field := range extract.Names() {
		want, there := truth.Fields[field]
		f, was := found[field]
		written := slices.Contains(truth.Written, field)
		right := there && said(f) == want
		if there && !written {
			s.Printed[field]++
			switch {
			case right:
				s.Exact[field]++
			case said(f) == "":
				s.Missed++
			}
			if !right && log != nil {
				fmt.Fprintf(log, "%s: %s is %q (%.0f), want %q\n", name, field, said(f), f.Confidence, want)
			}
		}
		if !was || f.Value == "" || slices.Contains(truth.Untold, field) {
			continue
		}
		if !there {
			s.Invented++
			if log != nil {
				fmt.Fprintf(log, "%s: %s is not printed, and was found: %q (%.0f)\n", name, field, f.Value, f.Confidence)
			}
		}
		at := slices.IndexFunc(s.Shown, func(b shown) bool { return f.Confidence >= b.From })
		s.Shown[at].Fields++
		if right {
			s.Shown[at].True++
		}
	}
}

// bothFields finds the fields of the real scans that have a truth in the project, where there are any, and of the made pages.
func bothFields(ctx context.Context, f *flags, m *machine, s *sohoa, out, log io.Writer) ([]*fieldScore, error) {
	scans, err := filesIn(f.scans, imageEndings()...)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(f.root, "pipeline", "extract", "testdata", "fields")
	handmade := func(scan string) string { return filepath.Join(dir, stem(scan)+".json") }
	scans = slices.DeleteFunc(scans, func(scan string) bool {
		_, err := os.Stat(handmade(scan))
		return errors.Is(err, fs.ErrNotExist)
	})
	if _, err := os.Stat(m.madeDir()); err != nil {
		if _, err := makeScans(ctx, m.madeDir(), m.seed); err != nil {
			return nil, err
		}
	}
	pages, err := filesIn(m.madeDir(), imageEndings()...)
	if err != nil {
		return nil, err
	}
	made := func(scan string) string { return filepath.Join(filepath.Dir(scan), stem(scan)+".fields.json") }
	pages = slices.DeleteFunc(pages, func(scan string) bool { // a blank one has none
		_, err := os.Stat(made(scan))
		return errors.Is(err, fs.ErrNotExist)
	})
	var all []*fieldScore
	for _, set := range []struct {
		name   string
		scans  []string
		truth  func(string) string
		detail io.Writer
	}{{"Real scans", scans, handmade, out}, {"Made pages", pages, made, verbose(f.verbose, out)}} {
		if len(set.scans) == 0 {
			continue
		}
		fmt.Fprintf(log, "%s: fields of %d pages\n", set.name, len(set.scans))
		score, err := measureFields(ctx, set.name, set.scans, set.truth, s, set.detail)
		if err != nil {
			return nil, err
		}
		all = append(all, score)
	}
	return all, nil
}

func verbose(yes bool, out io.Writer) io.Writer {
	if yes {
		return out
	}
	return nil
}

func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

func measureFields(ctx context.Context, set string, scans []string, truthOf func(string) string, s *sohoa, detail io.Writer) (*fieldScore, error) {
	if err := s.run(ctx, scans); err != nil {
		return nil, err
	}
	score := newFieldScore(set)
	for _, scan := range scans {
		var truth corpus.Fields
		raw, err := os.ReadFile(truthOf(scan))
		if err == nil {
			err = json.Unmarshal(raw, &truth)
		}
		if err != nil {
			return nil, fmt.Errorf("read the fields that %s has: %w", scan, err)
		}
		fields, err := s.fields(scan)
		if err != nil {
			return nil, err
		}
		score.add(truth, fields, filepath.Base(scan), detail)
	}
	return score, nil
}

// fields are those that sohoa found of a scan that it has read; none of one that it failed at.
func (s *sohoa) fields(scan string) (fields []extract.Field, err error) {
	o := s.outputs[scan]
	if o.Error != "" {
		return nil, nil
	}
	f, err := os.Open(strings.TrimSuffix(o.Text, ".txt") + ".json")
	if err != nil {
		return nil, fmt.Errorf("read what sohoa made of %s: %w", scan, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head, _, err := bind.ReadJSON(f, nil)
	if err != nil {
		return nil, fmt.Errorf("read what sohoa made of %s: %w", scan, err)
	}
	return head.Fields, nil
}

// fieldRows are a row for each field, and how true what is shown as sure is.
func fieldRows(t *strings.Builder, scores []*fieldScore) {
	if len(scores) == 0 {
		return
	}
	t.WriteString("\n| Fields, exact of printed |")
	for _, s := range scores {
		fmt.Fprintf(t, " %s, %d pages |", s.Set, s.Pages)
	}
	t.WriteString("\n|---|" + strings.Repeat("--:|", len(scores)) + "\n")
	for _, name := range extract.Names() {
		cells, some := []string{string(name)}, false
		for _, s := range scores {
			cell := "–"
			if n := s.Printed[name]; n > 0 {
				cell, some = fmt.Sprintf("%d of %d (%.1f %%)", s.Exact[name], n, 100*float64(s.Exact[name])/float64(n)), true
			}
			cells = append(cells, cell)
		}
		if some {
			row(t, cells...)
		}
	}
	cells := []string{"Printed and not found; found and not printed"}
	for _, s := range scores {
		cells = append(cells, fmt.Sprintf("%d; %d", s.Missed, s.Invented))
	}
	row(t, cells...)
	above := "100"
	for i, b := range scores[0].Shown {
		cells := []string{fmt.Sprintf("Right of those shown with %.0f to %s %%", b.From, above)}
		for _, s := range scores {
			cells = append(cells, fmt.Sprintf("%d of %d", s.Shown[i].True, s.Shown[i].Fields))
		}
		row(t, cells...)
		above = fmt.Sprintf("%.0f", b.From)
	}
}
