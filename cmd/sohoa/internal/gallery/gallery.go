package gallery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/pipeline"
	"sohoa/storage/object"
)

// Config says what a Gallery stands on.
type Config struct {
	Objects *object.Store
	// Painting says within what pages are painted; Jobs is how many at once.
	Painting pipeline.Options
	// Folder is this process's alone: what was made, originals of a store that is elsewhere, and temporary files.
	Folder string
	// Most is how many bytes of what was made are kept; of originals as many again.
	Most int64
}

// Gallery gives pictures, and papers as they are shown. It is safe for concurrent use; Close ends its processes.
type Gallery struct {
	objects  *object.Store
	painter  *pipeline.Painter
	painting pipeline.Options
	canvases *object.Shared[string, *pipeline.Canvas] // by SHA-256: the pages of a scan are looked at one after the other
	shelf    *shelf
	work     string
	binding  chan struct{} // a place for each PDF that is made
}

// New empties the folder and prepares the processes, which start with the first picture.
func New(c Config) (*Gallery, error) {
	const fewPDFs = 2 // the tools that make one take as much of the machine as a child does
	g := &Gallery{objects: c.Objects, work: filepath.Join(c.Folder, "work"), binding: make(chan struct{}, fewPDFs)}
	var err error
	if g.shelf, err = newShelf(filepath.Join(c.Folder, "shelf"), c.Most); err != nil {
		return nil, err
	}
	if err := errors.Join(os.RemoveAll(g.work), os.MkdirAll(g.work, 0o700)); err != nil {
		return nil, fmt.Errorf("empty the folder of pictures: %w", err)
	}
	originals, err := object.NewCache(c.Objects, filepath.Join(c.Folder, "originals"), c.Most)
	if err != nil {
		return nil, err
	}
	c.Painting.WorkDir = g.work
	g.painting = c.Painting
	if g.painter, err = pipeline.NewPainter(c.Painting); err != nil {
		return nil, err
	}
	const fewOpen = 4
	g.canvases = object.NewShared[string, *pipeline.Canvas](originals, fewOpen, 0)
	return g, nil
}

// Close ends the processes and removes temporary files. Nothing may be under way.
func (g *Gallery) Close() error { return errors.Join(g.canvases.Close(), g.painter.Close()) }

// Picture is one page of a scan as somebody wants to see it.
type Picture struct {
	SHA256 string // of the scan
	pipeline.View
}

// Name tells a picture from all others.
func (p *Picture) Name() string {
	return fmt.Sprintf("%s-%d-%d-%d-%dx%d", p.SHA256, p.Page, p.Width, p.Turn, p.ReadWidth, p.ReadHeight)
}

// Picture opens a page as a JPEG. The caller closes it.
func (g *Gallery) Picture(ctx context.Context, p Picture) (*os.File, error) {
	return g.shelf.take(ctx, p.Name()+".jpg", func(ctx context.Context, path string) error {
		canvas, release, err := g.canvases.Get(ctx, p.SHA256, p.SHA256, g.painter.Open)
		if err != nil {
			return fmt.Errorf("open a scan to paint it: %w", err)
		}
		defer release()
		jpeg, err := canvas.Paint(ctx, p.View)
		if err != nil {
			return err
		}
		return os.WriteFile(path, jpeg, 0o600)
	})
}
