package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // a scan's size
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/tiff"

	"sohoa/scripts/corpus"
)

// scan is a page with its truth.
type scan struct {
	Path  string
	Truth string
	Class string // what is wrong with it; "" where that is not known
}

func (s scan) name() string { return filepath.Base(s.Path) }

// imageEndings are those of page images.
func imageEndings() []string {
	return []string{".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}
}

const truthEnding = ".gt.txt"

// readScans finds the images of a folder that have a NAME.gt.txt beside them, in order of their names. A folder that does
// not exist has none.
func readScans(dir string) ([]scan, error) {
	var scans []scan
	images, err := filesIn(dir, imageEndings()...)
	if err != nil {
		return nil, err
	}
	for _, path := range images {
		truth, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + truthEnding)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the truth of %s: %w", path, err)
		}
		scans = append(scans, scan{Path: path, Truth: string(truth)})
	}
	return scans, nil
}

// filesIn lists a folder's files with one of the endings. A folder that does not exist has none.
func filesIn(dir string, endings ...string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	var files []string
	for _, e := range entries {
		if e.Type().IsRegular() && slices.Contains(endings, strings.ToLower(filepath.Ext(e.Name()))) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// makeScans makes the benchmark's pages, four papers for each fault.
func makeScans(ctx context.Context, dir string, seed uint64) ([]scan, error) {
	if err := makeSet(ctx, dir, corpus.Bench, seed); err != nil {
		return nil, err
	}
	scans, err := readScans(dir)
	if err != nil {
		return nil, err
	}
	for i := range scans {
		for _, fault := range corpus.BenchFaults() {
			stem := strings.TrimSuffix(scans[i].Path, filepath.Ext(scans[i].Path))
			if strings.HasSuffix(stem, "-"+string(fault)) {
				scans[i].Class = string(fault)
			}
		}
	}
	return scans, nil
}

func makeSet(ctx context.Context, dir string, set corpus.Set, seed uint64) error {
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return fmt.Errorf("make the %s pages: %w", set, err)
	}
	if _, err := corpus.WriteSet(ctx, dir, set, seed, fonts); err != nil {
		return fmt.Errorf("make the %s pages: %w", set, err)
	}
	return nil
}

// dpiOfA4 is the resolution that a page image has if it shows a sheet of A4.
func dpiOfA4(path string) (int, error) {
	f, err := os.Open(path) //nolint:gosec // a scan of the set
	if err != nil {
		return 0, fmt.Errorf("open scan: %w", err)
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	if err != nil {
		return 0, fmt.Errorf("read the size of %s: %w", path, err)
	}
	const shortSide = 210 / 25.4 // inches
	return max(1, int(float64(min(c.Width, c.Height))/shortSide+0.5)), nil
}
