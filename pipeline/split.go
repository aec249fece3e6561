package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/decode/pdf"
)

// Paper is one file to read: what it is and how many pages it has. Close removes its temporary files.
type Paper struct {
	Path string
	// Name is for the outputs' head and title: the file's base name. A caller that knows a better one sets it, one whose
	// papers' names are nobody's business empties it: then the outputs are those of the same scan under any name.
	Name   string
	SHA256 string // of the file, hex
	Format decode.Format
	Pages  int
	// Codes has QR codes and barcodes looked for on each page. A caller that wants it sets it before the first page is read.
	Codes bool
	// Sealed papers keep their PDF to the byte: a signature breaks when it is rewritten, and protection would be lost.
	Sealed   bool
	Warnings []string

	opt  Options
	work string // a folder for temporary files
	pdf  *pdf.Document

	mu     sync.Mutex
	redraw map[int]string // pages of a PDF that become pictures of themselves, and why
}

// Split looks what a file holds. The error says what is wrong with it as a whole.
func (r *Reader) Split(ctx context.Context, path string) (*Paper, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotAFile
	}
	format, err := decode.Open(path)
	if err != nil {
		return nil, err
	}
	p := &Paper{Path: path, Name: filepath.Base(path), Format: format, opt: r.opt, redraw: make(map[int]string)}
	if p.SHA256, err = digest(path); err != nil {
		return nil, err
	}
	if p.work, err = r.opt.workFolder(); err != nil {
		return nil, err
	}
	if format == decode.PDF {
		err = p.openPDF(ctx)
	} else {
		// Counting follows links inside the file: a child does it.
		err = r.countPages(ctx, p)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// ErrNotAFile is the answer for folders, devices and pipes.
var ErrNotAFile = errors.New("it is not a file")

func digest(path string) (sum string, err error) {
	f, err := os.Open(path) //nolint:gosec // the scan that the user named
	if err != nil {
		return "", fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (r *Reader) countPages(ctx context.Context, p *Paper) error {
	if p.Format != decode.TIFF {
		p.Pages = 1
		return nil
	}
	done, err := r.pool.Do(ctx, Job{Path: p.Path, Count: true, Limits: r.limits()})
	if err != nil {
		return err
	}
	p.Pages = done.Pages
	return nil
}

func (r *Reader) limits() decode.Limits {
	return decode.Limits{Pixels: r.opt.Pixels, Pages: r.opt.Pages}
}

func (p *Paper) openPDF(ctx context.Context) error {
	doc, err := pdf.Open(ctx, p.Path, pdf.Options{
		Limits: pdf.Limits{Pages: p.opt.Pages, Pixels: p.opt.Pixels, Memory: p.opt.PageMemory, Time: p.opt.PageTime, Nice: p.opt.nice()},
		Redo:   p.opt.Redo, WorkDir: p.work,
	})
	if err != nil {
		return err
	}
	p.pdf = doc
	p.Pages = doc.Pages()
	p.Warnings = append(p.Warnings, doc.Warnings...)
	if doc.Signed {
		p.Sealed = true
		p.Warnings = append(p.Warnings, "the PDF is signed: it is kept to the byte, text and data lie beside it")
	}
	if doc.Encrypted {
		p.Sealed = true
		p.Warnings = append(p.Warnings, "the PDF is protected: it is kept to the byte, text and data lie beside it")
	}
	if !p.Sealed && (doc.Forms || doc.JavaScript) {
		p.Warnings = append(p.Warnings, "the PDF has form fields or scripts, which a PDF/A does not keep")
	}
	return nil
}

// redrawAll makes pages pictures of themselves when they are read again; false if all of them were already.
func (p *Paper) redrawAll(pages []*bind.PageError) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.redraw)
	for _, e := range pages {
		p.redraw[e.SourcePage] = p.withoutPaths(e.Err.Error())
	}
	return len(p.redraw) > before
}

// redrawn tells whether a page becomes a picture of itself, and why.
func (p *Paper) redrawn(page int) (reason string, yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	reason, yes = p.redraw[page]
	return reason, yes
}

// withoutPaths takes the names of our files out of a message that goes into the outputs: where this machine keeps the scan is
// nothing that a reading should depend on. What a user names relative to the working folder stays.
func (p *Paper) withoutPaths(message string) string {
	for _, path := range []string{p.work, p.Path} {
		if filepath.IsAbs(path) {
			message = strings.ReplaceAll(message, path, "…")
		}
	}
	return message
}

// notes is what the JSON says about the paper as a whole.
func (p *Paper) notes() any {
	if len(p.Warnings) == 0 {
		return nil
	}
	return map[string][]string{"warnings": p.Warnings}
}

// Close removes the paper's temporary files.
func (p *Paper) Close() error {
	var err error
	if p.pdf != nil {
		err = p.pdf.Close()
	}
	return errors.Join(err, os.RemoveAll(p.work))
}
