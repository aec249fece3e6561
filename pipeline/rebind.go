package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/decode/pdf"
	"sohoa/pipeline/page"
)

// Rebind makes a PDF of pages of one that Bind made, with other words behind them: those of pages, whose Number is that in
// source. What the pages show stays: a page that is one picture keeps its bytes, any other is taken as Bind takes a page that
// keeps its looks and is read anew. A source that Bind left as it came is none for it. numbers are the pages, each once, in the order
// in which they come out; pages gives their words. It takes no longer than Options.BindTime; out must not exist.
func Rebind(ctx context.Context, opt Options, source string, numbers []int, pages func(number int) (*page.Page, error), out string) error {
	opt = opt.WithDefaults()
	return within(ctx, opt.BindTime(len(numbers)), func(ctx context.Context) error {
		return rebind(ctx, opt, source, numbers, pages, out)
	})
}

func rebind(ctx context.Context, opt Options, source string, numbers []int, pages func(number int) (*page.Page, error), out string) (err error) {
	work, err := opt.workFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	r := rebinding{opt: opt, work: work, bind: bind.Options{Scratch: work, PageTime: opt.PageTime, Memory: opt.PageMemory, Nice: opt.nice()}}
	// The rest of a large paper is looked at by nobody.
	bare := filepath.Join(work, "bare.pdf")
	leaves := make([]bind.Leaf, len(numbers))
	for i, n := range numbers {
		leaves[i] = bind.Leaf{File: source, Page: n}
	}
	if err := bind.Arrange(ctx, r.bind, leaves, bare); err != nil {
		return fmt.Errorf("take pages out: %w", err)
	}
	made := filepath.Join(work, "made.pdf")
	kept, err := r.write(ctx, bare, made, func(i int) (*page.Page, error) { return pages(numbers[i]) })
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		return bind.Assemble(ctx, r.bind, made, bare, kept, out)
	}
	if err := os.Rename(made, out); err != nil {
		return fmt.Errorf("put the pages in place: %w", err)
	}
	return nil
}

type rebinding struct {
	opt  Options
	work string
	bind bind.Options
}

// write writes the pages of bare with other words behind them to made, and tells which of them must be taken from bare as they are.
func (r *rebinding) write(ctx context.Context, bare, made string, pages func(i int) (*page.Page, error)) (kept []bind.Kept, err error) {
	doc, err := pdf.Open(ctx, bare, pdf.Options{
		Limits: pdf.Limits{Pages: r.opt.Pages, Pixels: r.opt.Pixels, Memory: r.opt.PageMemory, Time: r.opt.PageTime, Nice: r.opt.nice()},
		Redo:   true, WorkDir: r.work,
	})
	if err != nil {
		return nil, fmt.Errorf("open the pages: %w", err)
	}
	defer func() { err = errors.Join(err, doc.Close()) }()
	f, err := os.OpenFile(made, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in a folder of our own
	if err != nil {
		return nil, fmt.Errorf("write the pages: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, err := bind.NewPDF(f, bind.Meta{Title: untitled, Producer: producer})
	if err != nil {
		return nil, err
	}
	for i := range doc.Pages() {
		read, err := pages(i)
		if err != nil {
			return nil, err
		}
		keep, err := r.add(ctx, out, doc, i+1, read)
		if err != nil {
			return nil, fmt.Errorf("write page %d: %w", read.Number, err)
		}
		if keep {
			kept = append(kept, bind.Kept{Page: i + 1, SourcePage: i + 1, DropText: true})
		}
	}
	return kept, out.Close()
}

// add writes page n of doc with these words. keep tells that what it shows is still to be put under them.
func (r *rebinding) add(ctx context.Context, out *bind.PDF, doc *pdf.Document, n int, read *page.Page) (keep bool, err error) {
	info, err := doc.Page(ctx, n)
	if err != nil {
		return false, err
	}
	up := read.Upright()
	if info.Image != nil && whole(info.Image.Area) {
		picture, err := doc.Facsimile(ctx, n)
		if err == nil {
			return false, out.Scan(&up, picture)
		}
		if cannot := (&pdf.CannotStandError{}); !errors.As(err, &cannot) {
			return false, err
		}
	}
	return info.Class != pdf.Empty, out.Overlay(&up, info.Width, info.Height)
}

// whole tells whether an image is the page to its edges, but for what is rounded: words count on all of it then.
func whole(a pdf.Area) bool {
	const little = 0.002
	return math.Abs(a.X0) < little && math.Abs(a.Y0) < little && math.Abs(a.X1-1) < little && math.Abs(a.Y1-1) < little
}
