package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"sohoa/scripts/corpus"
)

// families are the typefaces of the pages, by how often: offices use Times New Roman, for which the first three stand in.
func families() []corpus.Family {
	return []corpus.Family{
		corpus.LiberationSerif, corpus.LiberationSerif, corpus.LiberationSerif, corpus.Termes, corpus.Termes, corpus.Tinos, corpus.FreeSerif,
		corpus.LiberationSans,
	}
}

// pagesAFile is how many pages' lines lie in one file; files that are there already are not made again.
const pagesAFile = 20

// makeLines makes the lines of all pages.
func (t *trainer) makeLines(ctx context.Context) error {
	m, err := t.newMaker()
	if err != nil {
		return err
	}
	defer os.RemoveAll(m.dir) //nolint:errcheck // a folder of its own for files on their way
	var lines, pages atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(t.jobs)
	for first := 0; first < t.pages; first += pagesAFile {
		group.Go(func() error {
			path := t.path(fmt.Sprintf("lines-%06d.lstmf", first))
			if _, err := os.Stat(path); err == nil {
				return nil
			} else if !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("look for lines: %w", err)
			}
			var made []Line
			for i := first; i < min(t.pages, first+pagesAFile); i++ {
				if err := ctx.Err(); err != nil {
					return fmt.Errorf("make lines: %w", err)
				}
				some, err := m.page(t.seed + uint64(i)) //nolint:gosec // not negative
				if err != nil {
					return fmt.Errorf("make lines of page %d: %w", i, err)
				}
				made = append(made, some...)
			}
			if err := writeLSTMF(path, made); err != nil {
				return err
			}
			fmt.Fprintf(t.out, "%d lines of %d pages\n", lines.Add(int64(len(made))), pages.Add(pagesAFile))
			return nil
		})
	}
	return group.Wait()
}

// newMaker reads what lines are made of.
func (t *trainer) newMaker() (*maker, error) {
	text, err := readText(t.text, t.scans, t.out)
	if err != nil {
		return nil, err
	}
	if len(text) <= paragraphsAPage {
		return nil, fmt.Errorf("%s has %d paragraphs that a paper may have: more than %d are needed", t.text, len(text), paragraphsAPage)
	}
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what to install
	}
	charset, err := os.ReadFile(t.path("base.lstm-unicharset"))
	if err != nil {
		return nil, fmt.Errorf("read the model's characters: %w", err)
	}
	dir, err := os.MkdirTemp(t.work, "pages-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for pages: %w", err)
	}
	return &maker{fonts: fonts, families: families(), text: text, letters: characters(string(charset)), dir: dir}, nil
}

// characters are those of a unicharset: its size, then one a line with its properties.
func characters(unicharset string) map[rune]bool {
	known := map[rune]bool{}
	for i, line := range strings.Split(unicharset, "\n") {
		if name, _, _ := strings.Cut(line, " "); i > 0 && utf8.RuneCountInString(name) == 1 {
			r, _ := utf8.DecodeRuneInString(name)
			known[r] = true
		}
	}
	return known
}
