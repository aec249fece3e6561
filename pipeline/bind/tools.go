package bind

import (
	"context"
	"errors"
	"time"

	"sohoa/pipeline/confine"
)

// Tools are the programs that Assemble needs.
func Tools() []string { return []string{"gs", "pdftoppm", "pdftotext", "qpdf"} }

// Options says within what Assemble's helpers (Ghostscript, qpdf, poppler) may work.
type Options struct {
	// Scratch is a folder for intermediate files, which are removed again; empty is the output's folder.
	Scratch string
	// PageTime bounds the work of one helper on one page; 0 is a minute.
	PageTime time.Duration
	// Memory bounds each helper, in bytes; 0 is a gibibyte.
	Memory int64
	// Nice is by how much helpers let others go first: confine.Limits has the same.
	Nice int
}

func (o Options) withDefaults() Options {
	if o.PageTime <= 0 {
		o.PageTime = time.Minute
	}
	if o.Memory <= 0 {
		o.Memory = 1 << 30
	}
	return o
}

const (
	maxFile   = 4 << 30 // bytes that a helper may write to one file
	maxOutput = 1 << 29 // bytes that a helper may print: what qpdf says of 2,000 busy pages
)

// run runs a helper in the scratch folder, the only one where it may write, and gives what it printed. It gets the time of
// so many pages; 0 pages is work on our own file, whose time the caller's context alone bounds.
func (a *assembly) run(ctx context.Context, pages int, name string, args ...string) ([]byte, error) {
	limits := confine.Limits{Memory: a.opt.Memory, Files: 256, FileSize: maxFile, Nice: a.opt.Nice}
	if pages > 0 {
		limit := time.Duration(pages) * a.opt.PageTime
		limits.CPU = limit + time.Second
		timed, stop := confine.WithLimit(ctx, limit)
		defer stop()
		ctx = timed
	}
	cmd := confine.Command(ctx, limits, []string{a.dir}, name, args...)
	cmd.Dir = a.dir
	out, err := confine.Run(ctx, cmd, maxOutput)
	var failed *confine.Error
	const warned = 3 // qpdf did it, but had something to say about its input
	if name == "qpdf" && errors.As(err, &failed) && failed.Status == warned && !failed.Overflow && !failed.Full {
		err = nil
	}
	return out, err
}
