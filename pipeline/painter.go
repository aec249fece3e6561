package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"sohoa/pipeline/child"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/decode/pdf"
)

// Painter makes pictures of pages for people to look at, in child processes of its own: they have no model and start quickly,
// and an officer's picture waits for no page that is being read. It is safe for concurrent use; Close ends the children.
type Painter struct {
	opt  Options
	pool *child.Pool[pictureJob, []byte]
	free chan struct{} // a place for each picture that is under way
}

// NewPainter prepares the pool: Options.Jobs pictures are made at once at most.
func NewPainter(opt Options) (*Painter, error) {
	opt = opt.WithDefaults()
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	pool, err := child.NewPool[pictureJob, []byte](child.Config{
		Command: []string{ChildVerb, picturesOnly},
		Size:    opt.Jobs,
		Limits:  confine.Limits{Memory: opt.PageMemory, Files: 64, FileSize: 1, Nice: opt.nice()},
		Timeout: opt.PageTime,
		// The largest picture of this width is a few megabytes.
		MaxAnswer: 64 << 20,
	})
	if err != nil {
		return nil, err
	}
	return &Painter{opt: opt, pool: pool, free: make(chan struct{}, opt.Jobs)}, nil
}

// Close ends the children.
func (p *Painter) Close() error { return p.pool.Close() }

// Canvas is a file whose pages are painted. Its methods may be called from several goroutines.
type Canvas struct {
	painter *Painter
	path    string
	pdf     *pdf.Document // nil for images
	work    string        // a folder for temporary files
}

// View is one page as somebody wants to see it.
type View struct {
	Page int // from 1
	// Width is the most columns of the picture, as it is turned; a page that has fewer pixels comes as it is.
	Width int
	Turn  int // degrees clockwise: 0, 90, 180 or 270
	// ReadWidth and ReadHeight are page.Page's, where the page was read: the picture shows the area that its boxes count in. 0
	// where it was not: the page as a viewer shows it.
	ReadWidth, ReadHeight int
}

// Open looks what a file is. The errors are those of Reader.Split.
func (p *Painter) Open(ctx context.Context, path string) (*Canvas, error) {
	format, err := decode.Open(path)
	if err != nil {
		return nil, err
	}
	c := &Canvas{painter: p, path: path}
	if format != decode.PDF {
		return c, nil
	}
	if c.work, err = p.opt.workFolder(); err != nil {
		return nil, err
	}
	err = p.oneOfFew(ctx, func(ctx context.Context) error {
		c.pdf, err = pdf.Open(ctx, path, pdf.Options{
			Limits:  pdf.Limits{Pages: p.opt.Pages, Pixels: p.opt.Pixels, Memory: p.opt.PageMemory, Time: p.opt.PageTime, Nice: p.opt.nice()},
			WorkDir: c.work,
		})
		return err
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.work))
	}
	return c, nil
}

// Close removes temporary files.
func (c *Canvas) Close() error {
	if c.pdf == nil {
		return nil
	}
	return errors.Join(c.pdf.Close(), os.RemoveAll(c.work))
}

// oneOfFew bounds how much is under way at once: a tool for a PDF is a process beside the children.
func (p *Painter) oneOfFew(ctx context.Context, do func(ctx context.Context) error) error {
	select {
	case p.free <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for a place to paint: %w", ctx.Err())
	}
	defer func() { <-p.free }()
	return do(ctx)
}

// Paint gives a page as a JPEG.
func (c *Canvas) Paint(ctx context.Context, v View) (jpeg []byte, err error) {
	err = c.painter.oneOfFew(ctx, func(ctx context.Context) error {
		job := pictureJob{Path: c.path, Index: v.Page - 1, Area: pdf.WholePage(), Width: v.Width, Turn: v.Turn, Limits: decode.Limits{
			Pixels: c.painter.opt.Pixels, Pages: c.painter.opt.Pages,
		}}
		if c.pdf != nil {
			painted, err := c.render(ctx, v, &job)
			if err != nil {
				return err
			}
			defer os.Remove(painted) //nolint:errcheck // Close removes the folder
		}
		jpeg, err = c.painter.pool.Do(ctx, job)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("paint page %d: %w", v.Page, err)
	}
	return jpeg, nil
}

// render has poppler paint a page of a PDF as large as it is wanted, and makes the job one of that painting.
func (c *Canvas) render(ctx context.Context, v View, job *pictureJob) (painted string, err error) {
	if v.Page > c.pdf.Pages() {
		return "", decode.ErrNoPage
	}
	info, err := c.pdf.Page(ctx, v.Page)
	if err != nil {
		return "", err
	}
	// Where the boxes count in the pixels of the page's one image, the picture is of its area.
	if im := info.Image; im != nil {
		if g := im.Grid(); g.Width == v.ReadWidth && g.Height == v.ReadHeight {
			job.Area = g.Area
		}
	}
	across := info.Width * (job.Area.X1 - job.Area.X0)
	if v.Turn%180 != 0 {
		across = info.Height * (job.Area.Y1 - job.Area.Y0)
	}
	dpi := math.Min(float64(v.Width)/max(across, 1)*72, 2*pdf.DefaultDPI)
	r, err := c.pdf.Render(ctx, v.Page, max(dpi, 1))
	if err != nil {
		return "", err
	}
	job.Path, job.Index = r.Path, 0
	return r.Path, nil
}
