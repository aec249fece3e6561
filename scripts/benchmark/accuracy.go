package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"sohoa/scripts/score"
)

// accuracy is how well the readers read one set of pages.
type accuracy struct {
	Set     string
	Scans   []scan
	Readers []string
	Pages   [][]pageScore // by reader, then by scan
}

// pageScore is how one reader did on one page.
type pageScore struct {
	score.Score
	Failure string
}

// measureAccuracy lets all readers read all scans.
func measureAccuracy(ctx context.Context, set string, scans []scan, readers []reader, log io.Writer) (*accuracy, error) {
	a := &accuracy{Set: set, Scans: scans}
	files := make([]string, len(scans))
	for i, s := range scans {
		files[i] = s.Path
	}
	for _, r := range readers {
		fmt.Fprintf(log, "%s: %d pages, %s\n", set, len(scans), r.Name())
		readings, err := r.Read(ctx, files)
		if err != nil {
			return nil, fmt.Errorf("read the %s with %s: %w", set, r.Name(), err)
		}
		pages := make([]pageScore, len(scans))
		for i, reading := range readings {
			// A page that a program refuses or fails at is read as nothing: so it is for who searches for its words.
			pages[i] = pageScore{Score: score.Compare(scans[i].Truth, reading.Text), Failure: reading.Failure}
		}
		a.Readers, a.Pages = append(a.Readers, r.Name()), append(a.Pages, pages)
	}
	return a, nil
}

// pooled is a reader's score over the pages of a class; class "" takes all.
func (a *accuracy) pooled(reader int, class string) score.Score {
	var scores []score.Score
	for i, p := range a.Pages[reader] {
		if class == "" || a.Scans[i].Class == class {
			scores = append(scores, p.Score)
		}
	}
	return score.Pool(scores...)
}

// readable is a reader's score over the pages that it did not fail at, and how many those are not.
func (a *accuracy) readable(reader int) (sum score.Score, failed int) {
	var scores []score.Score
	for _, p := range a.Pages[reader] {
		if p.Failure != "" {
			failed++
			continue
		}
		scores = append(scores, p.Score)
	}
	return score.Pool(scores...), failed
}

// classes are those that the scans name, in order of their first page.
func (a *accuracy) classes() []string {
	var names []string
	for _, s := range a.Scans {
		if s.Class != "" && !slices.Contains(names, s.Class) {
			names = append(names, s.Class)
		}
	}
	return names
}

// report writes a line a page, the worst of the first reader's first.
func (a *accuracy) report(w io.Writer) {
	order := make([]int, len(a.Scans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(a.Pages[0][j].SyllableError(), a.Pages[0][i].SyllableError())
	})
	fmt.Fprintf(w, "\n%s: syllable error / CER in %%\n%-36s", a.Set, "")
	for _, name := range a.Readers {
		fmt.Fprintf(w, "%20s", name)
	}
	fmt.Fprintln(w)
	for _, i := range order {
		fmt.Fprintf(w, "%-36s", a.Scans[i].name())
		for r := range a.Readers {
			p := a.Pages[r][i]
			fmt.Fprintf(w, "%20s", fmt.Sprintf("%.2f / %.2f", 100*p.SyllableError(), 100*p.CharacterError()))
		}
		fmt.Fprintln(w)
	}
}

// failures says of each page that a reader refused or failed at why.
func (a *accuracy) failures(w io.Writer) {
	for r, name := range a.Readers {
		for i, p := range a.Pages[r] {
			if p.Failure != "" {
				fmt.Fprintf(w, "%s failed at %s: %s\n", name, a.Scans[i].name(), p.Failure)
			}
		}
	}
}
