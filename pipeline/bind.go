package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
)

// OutputEndings are the endings of the files that Binder makes beside each other.
func OutputEndings() []string { return []string{".pdf", ".txt", ".json"} }

// Binder takes the pages of one paper in order and writes stem.pdf, stem.txt and stem.json. It writes beside and renames at
// the end, so that a failed paper leaves nothing half-written behind. It is not safe for concurrent use.
type Binder struct {
	paper *Paper
	stem  string
	parts map[string]*os.File // by ending
	pdf   *bind.PDF           // nil where the paper's own PDF is not to be rewritten
	json  *bind.JSON
	kept  []bind.Kept

	fields []extract.Field // of all pages
	failed int
}

// Failed is how many of the pages so far could not be read.
func (b *Binder) Failed() int { return b.failed }

// producer is the program that a PDF says it was made by.
const producer = "Sohoa"

// untitled is the title of a PDF whose paper has no name: what the paper is, nobody knows yet.
const untitled = "Giấy tờ đã số hóa"

// NewBinder opens the outputs.
func NewBinder(paper *Paper, stem string, reading page.Reading) (*Binder, error) {
	b := &Binder{paper: paper, stem: stem, parts: make(map[string]*os.File)}
	for _, ending := range OutputEndings() {
		f, err := os.CreateTemp(filepath.Dir(stem), "."+filepath.Base(stem)+".*"+ending)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open the output: %w", err), b.Abandon())
		}
		b.parts[ending] = f
	}
	var err error
	if !paper.Sealed {
		b.pdf, err = bind.NewPDF(b.parts[".pdf"], bind.Meta{Title: cmp.Or(paper.Name, untitled), Producer: producer})
		if err != nil {
			return nil, errors.Join(err, b.Abandon())
		}
	}
	b.json, err = bind.NewJSON(b.parts[".json"], reading, paper.notes())
	if err != nil {
		return nil, errors.Join(err, b.Abandon())
	}
	return b, nil
}

// Add writes the next page.
func (b *Binder) Add(r *PageResult) error {
	if r.Page.Source == page.Failed {
		b.failed++
	}
	if err := b.addToPDF(r); err != nil {
		return fmt.Errorf("write page %d: %w", r.Page.Number, err)
	}
	if err := bind.WriteText(b.parts[".txt"], &r.Page); err != nil {
		return fmt.Errorf("write the text of page %d: %w", r.Page.Number, err)
	}
	if err := b.json.Page(&r.Page); err != nil {
		return fmt.Errorf("write page %d: %w", r.Page.Number, err)
	}
	b.fields = append(b.fields, extract.Page(&r.Page)...)
	return nil
}

func (b *Binder) addToPDF(r *PageResult) error {
	if b.pdf == nil {
		return nil
	}
	if r.Picture != nil {
		return b.pdf.Scan(&r.Page, r.Picture)
	}
	if err := b.pdf.Overlay(&r.Page, r.WidthPt, r.HeightPt); err != nil {
		return err
	}
	if r.Keep {
		b.kept = append(b.kept, bind.Kept{
			Page: b.pdf.Pages(), SourcePage: r.Page.Number, Turned: r.Page.Turned,
			DropText: r.Page.Source == page.Recognized,
		})
	}
	return nil
}

// Bound is what a paper came to.
type Bound struct {
	bind.Summary

	// Fields are those of each page, as it says them by itself; extract.OfPaper are the paper's.
	Fields []extract.Field
}

// Finish completes the outputs and puts them in their places.
func (b *Binder) Finish(ctx context.Context) (sum Bound, err error) {
	sum.Fields = b.fields
	b.json.Fields(extract.OfPaper(b.fields))
	sum.Summary, err = b.json.Close()
	if err == nil {
		err = b.finishPDF(ctx)
	}
	if err != nil {
		return sum, errors.Join(err, b.Abandon())
	}
	for _, ending := range OutputEndings() {
		if err := b.publish(ending); err != nil {
			return sum, errors.Join(err, b.Abandon())
		}
	}
	return sum, nil
}

func (b *Binder) finishPDF(ctx context.Context) error {
	part := b.parts[".pdf"]
	if b.pdf == nil {
		// A rewritten PDF would lose its signature (or its protection): the paper stays as it came, to the byte.
		return copyFile(part, b.paper.Path)
	}
	if err := b.pdf.Close(); err != nil {
		return err
	}
	if len(b.kept) == 0 {
		return nil
	}
	whole := filepath.Join(b.paper.work, "whole.pdf")
	opt := bind.Options{Scratch: b.paper.work, PageTime: b.paper.opt.PageTime, Memory: b.paper.opt.PageMemory, Nice: b.paper.opt.nice()}
	if err := bind.Assemble(ctx, opt, part.Name(), b.paper.Path, b.kept, whole); err != nil {
		return err
	}
	if err := b.replace(".pdf", whole); err != nil {
		return fmt.Errorf("put the kept pages in place: %w", err)
	}
	return nil
}

// replace puts a temporary file in the place of a part: by its name, so that it does not lie on the disk twice, or, where the
// temporary folder is on another disk, by its bytes.
func (b *Binder) replace(ending, path string) error {
	part := b.parts[ending]
	err := os.Rename(path, part.Name())
	if errors.Is(err, syscall.EXDEV) {
		if err := part.Truncate(0); err != nil {
			return err
		}
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return errors.Join(copyFile(part, path), os.Remove(path))
	}
	if err != nil {
		return err
	}
	renamed, err := os.OpenFile(part.Name(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b.parts[ending] = renamed
	return part.Close()
}

func copyFile(to io.Writer, path string) (err error) {
	from, err := os.Open(path) //nolint:gosec // the scan that the user named
	if err != nil {
		return fmt.Errorf("copy the paper as it came: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if _, err := io.Copy(to, from); err != nil {
		return fmt.Errorf("copy the paper as it came: %w", err)
	}
	return nil
}

// publish closes a finished part and renames it to its place.
func (b *Binder) publish(ending string) error {
	part := b.parts[ending]
	delete(b.parts, ending)
	err := errors.Join(part.Sync(), part.Close())
	if err == nil {
		err = os.Chmod(part.Name(), 0o644) //nolint:gosec // results are for others to read, as the scans are
	}
	if err == nil {
		err = os.Rename(part.Name(), b.stem+ending)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", b.stem+ending, err), os.Remove(part.Name()))
	}
	return nil
}

// Abandon removes what was written so far; after Finish there is nothing to remove.
func (b *Binder) Abandon() error {
	var errs []error
	for ending, part := range b.parts {
		delete(b.parts, ending)
		errs = append(errs, part.Close(), os.Remove(part.Name()))
	}
	return errors.Join(errs...)
}
