package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"sohoa/pipeline"
)

const readHelp = `Read scans of Vietnamese official papers.

For each FILE (TIFF, JPEG, PNG, WebP, BMP or PDF) three files are written into DIR:
  NAME.pdf   two-layer PDF/A: the page as scanned, the text invisible over it
  NAME.txt   the text in reading order, UTF-8
  NAME.json  pages, blocks, lines and words with their boxes and confidence
NAME is FILE's name without its ending; where that would overwrite a scan, or two scans share it, with its ending.

Exit status: 0 all files were read; 1 some files or pages failed, the others are done and the failed ones are named;
2 the command line cannot be.`

// readFlags are the options of `sohoa read`.
type readFlags struct {
	dir      string
	json     bool
	pipeline pipeline.Options
}

func readCommand() *cobra.Command {
	f := &readFlags{pipeline: pipeline.Options{}.WithDefaults()}
	cmd := &cobra.Command{
		Use:   "read [-o DIR] [--jobs N] [--json] FILE…",
		Short: "Read scans into searchable PDF/A, text and JSON",
		Long:  readHelp,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 {
				return &usageError{errors.New("no FILE to read was named")}
			}
			return f.run(cmd.Context(), files)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.dir, "output", "o", ".", "the folder to write to; it is made if it does not exist")
	flags.BoolVar(&f.json, "json", false, "report on standard output in JSON lines, for programs")
	flags.IntVar(&f.pipeline.Jobs, "jobs", f.pipeline.Jobs, "how many pages to read at once")
	flags.StringVar(&f.pipeline.Model, "model", f.pipeline.Model, "the recognition model: large (reads better) or small (Debian's)")
	flags.BoolVar(&f.pipeline.Redo, "redo", false, "read every page anew, also those that carry text of their own")
	flags.DurationVar(&f.pipeline.PageTime, "page-time", f.pipeline.PageTime, "the most time for one page")
	flags.Int64Var(&f.pipeline.PageMemory, "page-memory", f.pipeline.PageMemory, "the most memory for one page, in bytes")
	flags.Int64Var(&f.pipeline.Pixels, "max-pixels", f.pipeline.Pixels, "the most pixels of one page")
	flags.IntVar(&f.pipeline.Pages, "max-pages", f.pipeline.Pages, "the most pages of one file")
	return cmd
}

func (f *readFlags) run(ctx context.Context, files []string) error {
	if err := f.prepare(); err != nil {
		return err
	}
	reader, err := pipeline.NewReader(f.pipeline)
	if err != nil {
		return err
	}
	names := outputNames(files, f.dir)
	rep := newReport(f.json, files)
	var mu sync.Mutex
	failed := 0
	group, ctx := errgroup.WithContext(ctx)
	// Children are the limit on work; one file more than there are children keeps them busy while another is bound.
	group.SetLimit(f.pipeline.Jobs + 1)
	for i, file := range files {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			start := time.Now()
			sum, err := reader.Run(ctx, file, filepath.Join(f.dir, names[i]), func(e pipeline.Event) { rep.page(file, e) })
			if err != nil && errors.Is(err, context.Canceled) {
				return err
			}
			rep.file(file, filepath.Join(f.dir, names[i]), sum.Summary, err, time.Since(start))
			if err != nil || sum.Failed > 0 {
				mu.Lock()
				failed++
				mu.Unlock()
			}
			return nil
		})
	}
	err = errors.Join(group.Wait(), reader.Close())
	rep.end(failed)
	if err != nil {
		return err
	}
	if failed > 0 {
		return &someFailedError{failed: failed, files: len(files)}
	}
	return nil
}

// prepare settles what the flags leave open and checks them.
func (f *readFlags) prepare() error {
	cache, err := os.UserCacheDir()
	if err != nil { // no home: a service account
		cache = os.TempDir()
	}
	f.pipeline.CacheDir = filepath.Join(cache, "sohoa")
	if err := f.pipeline.Validate(); err != nil {
		return &usageError{err}
	}
	if err := os.MkdirAll(f.dir, 0o755); err != nil { //nolint:gosec // results are for others to read, as the scans are
		return fmt.Errorf("make the output folder: %w", err)
	}
	return nil
}

// outputNames gives each file the NAME of its outputs: its own name without the ending, or with it where another file or a
// scan in dir would be overwritten.
func outputNames(files []string, dir string) []string {
	short := make([]string, len(files))
	users := make(map[string]int)
	for i, f := range files {
		base := filepath.Base(f)
		short[i] = strings.TrimSuffix(base, filepath.Ext(base))
		users[short[i]]++
	}
	names := make([]string, len(files))
	taken := make(map[string]bool)
	for i, f := range files {
		name := short[i]
		if users[name] > 1 || overwritesScan(filepath.Join(dir, name), files) {
			name = filepath.Base(f)
		}
		for n := 2; taken[name] || overwritesScan(filepath.Join(dir, name), files); n++ {
			name = fmt.Sprintf("%s-%d", filepath.Base(f), n)
		}
		taken[name] = true
		names[i] = name
	}
	return names
}

// overwritesScan tells whether one of the outputs at stem would be one of the files to read.
func overwritesScan(stem string, files []string) bool {
	for _, ending := range pipeline.OutputEndings() {
		out, err := os.Stat(stem + ending)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, f := range files {
			if in, errIn := os.Stat(f); err == nil && errIn == nil && os.SameFile(in, out) {
				return true
			}
		}
	}
	return false
}
