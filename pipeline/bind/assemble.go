package bind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Kept is a page of the source PDF that stays as it is, but for what PDF/A-1 forbids.
type Kept struct {
	// Page is the place, from 1, in our PDF of the page that it takes, which was added by Overlay; 0 is SourcePage.
	Page int
	// SourcePage is its number in the source, from 1.
	SourcePage int
	// DropText takes the source's own text away (letters that show stay as shapes) and lays our overlay's over it; else
	// the page keeps its text and the overlay's is left out.
	DropText bool
	// Turned is by how many degrees clockwise the page, as a viewer shows it, has to be turned.
	Turned int
}

func (k Kept) place() int {
	if k.Page == 0 {
		return k.SourcePage
	}
	return k.Page
}

// PageError names a source page that cannot be kept; a rendering of it, as a Scan, can stand for it.
type PageError struct {
	SourcePage int
	Err        error
}

func (e *PageError) Error() string { return fmt.Sprintf("page %d: %v", e.SourcePage, e.Err) }

// Unwrap gives the reason.
func (e *PageError) Unwrap() error { return e.Err }

// KeepError names all source pages that cannot be kept.
type KeepError struct{ Pages []*PageError }

func (e *KeepError) Error() string {
	if len(e.Pages) == 1 {
		return fmt.Sprintf("keep %v", e.Pages[0])
	}
	return fmt.Sprintf("keep %d pages; the first is %v", len(e.Pages), e.Pages[0])
}

// Unwrap gives the pages' own errors.
func (e *KeepError) Unwrap() []error {
	out := make([]error, len(e.Pages))
	for i, p := range e.Pages {
		out[i] = p
	}
	return out
}

// Reasons inside a PageError, besides a helper's failure.
var (
	// ErrFlattened: the page's transparency could only be flattened to a picture, and its text was lost.
	ErrFlattened = errors.New("text lost when transparency was flattened")
	// ErrLooksDifferent: the converted page does not look like the source's.
	ErrLooksDifferent = errors.New("converted page looks different")
	// ErrNotArchival: the converted page still holds what PDF/A-1 forbids.
	ErrNotArchival = errors.New("not PDF/A-1 after conversion")
)

// Assemble takes our PDF at ours, puts the kept pages of source in the places of their overlays and writes the whole to
// out, which must not exist as ours or source. Catalog, metadata and output intent stay ours. Links, forms, scripts and
// attachments of the source are dropped, annotations' appearances become part of the page. Pages that cannot be kept give
// a *KeepError that names them all; out is then not written. An error of confine.MachineFault is no page's.
func Assemble(ctx context.Context, opt Options, ours, source string, kept []Kept, out string) error {
	paths := []*string{&ours, &source, &out}
	for _, p := range paths {
		abs, err := filepath.Abs(*p)
		if err != nil {
			return fmt.Errorf("assemble %s: %w", *p, err)
		}
		*p = abs
	}
	if opt.Scratch == "" {
		opt.Scratch = filepath.Dir(out)
	}
	dir, err := os.MkdirTemp(opt.Scratch, ".assemble-")
	if err != nil {
		return fmt.Errorf("assemble %s: %w", out, err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // scratch; what stays is reported by nobody
	a := assembly{opt: opt.withDefaults(), dir: dir, source: source}
	if err := a.assemble(ctx, ours, kept, out); err != nil {
		return fmt.Errorf("assemble %s: %w", filepath.Base(out), err)
	}
	return nil
}

type assembly struct {
	opt    Options
	dir    string
	source string
}

func (a *assembly) assemble(ctx context.Context, ours string, kept []Kept, out string) error {
	total, err := a.pageCount(ctx, ours)
	if err != nil {
		return err
	}
	whole, bare, taken, err := sortOut(kept, total)
	if err != nil {
		return err
	}
	var lost []*PageError
	wholeFile, bad, err := a.convert(ctx, "whole", whole)
	if err != nil {
		return err
	}
	lost = append(lost, bad...)
	bareFile, bad, err := a.convert(ctx, "bare", bare)
	if err != nil {
		return err
	}
	if lost = append(lost, bad...); len(lost) > 0 {
		return &KeepError{lost}
	}
	made := filepath.Join(a.dir, "made.pdf")
	args := append([]string{ours, made, "--deterministic-id"}, archival()...)
	args = append(args, pagesArguments(ours, wholeFile, total, taken)...)
	args = append(args, underlayArguments(bareFile, bare)...)
	if _, err := a.run(ctx, 0, "qpdf", args...); err != nil {
		return err
	}
	// A paper may be large: it lies here once, while our own part and the kept pages are made one.
	for _, file := range []string{wholeFile, bareFile} {
		if file == "" {
			continue
		}
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("make room: %w", err)
		}
	}
	if err := a.check(ctx, made, total); err != nil {
		return err
	}
	return os.Rename(made, out)
}

// archival has qpdf write as PDF/A-1 wants it.
func archival() []string {
	return []string{"--warning-exit-0", "--object-streams=disable", "--newline-before-endstream"}
}

// sortOut parts the pages that keep their text from those that lose it, each by source page, as Ghostscript wants them.
// taken says for each place that is taken which page of the first kind it gets, from 1, or 0.
func sortOut(kept []Kept, total int) (whole, bare []Kept, taken map[int]int, err error) {
	kept = slices.Clone(kept)
	slices.SortFunc(kept, func(a, b Kept) int { return a.SourcePage - b.SourcePage })
	taken = make(map[int]int)
	for i, k := range kept {
		if k.place() < 1 || k.place() > total || k.SourcePage < 1 {
			return nil, nil, nil, fmt.Errorf("kept page %d → %d of %d: no such page", k.SourcePage, k.place(), total)
		}
		if _, twice := taken[k.place()]; twice {
			return nil, nil, nil, fmt.Errorf("kept page %d: its place %d is taken", k.SourcePage, k.place())
		}
		if i > 0 && kept[i-1].SourcePage == k.SourcePage {
			return nil, nil, nil, fmt.Errorf("kept page %d: named twice", k.SourcePage)
		}
		if k.DropText {
			bare = append(bare, k)
			taken[k.place()] = 0
		} else {
			whole = append(whole, k)
			taken[k.place()] = len(whole)
		}
	}
	return whole, bare, taken, nil
}

// pagesArguments lists, in page order, which file each page comes from.
func pagesArguments(ours, whole string, total int, taken map[int]int) []string {
	args := []string{"--pages"}
	file, from, to := "", 0, 0
	flush := func() {
		if file != "" {
			args = append(args, file, fmt.Sprintf("%d-%d", from, to))
		}
	}
	for n := 1; n <= total; n++ {
		f, p := ours, n
		if taken[n] > 0 {
			f, p = whole, taken[n]
		}
		if f == file && p == to+1 {
			to = p
			continue
		}
		flush()
		file, from, to = f, p, p
	}
	flush()
	return append(args, "--")
}

// underlayArguments lays the bare pages under our overlays, whose text so stays the page's own and in its own order.
func underlayArguments(file string, bare []Kept) []string {
	if len(bare) == 0 {
		return nil
	}
	places := make([]string, len(bare))
	for i, k := range bare {
		places[i] = strconv.Itoa(k.place())
	}
	return []string{"--underlay", file, "--to=" + strings.Join(places, ","), fmt.Sprintf("--from=1-%d", len(bare)), "--"}
}

func (a *assembly) pageCount(ctx context.Context, file string) (int, error) {
	said, err := a.run(ctx, 0, "qpdf", "--warning-exit-0", "--show-npages", file)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(said)))
	if err != nil {
		return 0, fmt.Errorf("count pages of %s: %w", filepath.Base(file), err)
	}
	return n, nil
}

// check looks at the whole once more.
func (a *assembly) check(ctx context.Context, file string, total int) error {
	if _, err := a.run(ctx, 0, "qpdf", "--check", file); err != nil {
		return err
	}
	n, err := a.pageCount(ctx, file)
	if err == nil && n != total {
		err = fmt.Errorf("%d pages instead of %d: %w", n, total, ErrNotArchival)
	}
	return err
}
