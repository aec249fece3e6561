package gallery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
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

// Gallery gives pictures and PDFs. It is safe for concurrent use; Close ends its processes.
type Gallery struct {
	objects  *object.Store
	painter  *pipeline.Painter
	canvases *canvases
	shelf    *shelf
	work     string
}

// New empties the folder and prepares the processes, which start with the first picture.
func New(c Config) (*Gallery, error) {
	g := &Gallery{objects: c.Objects, work: filepath.Join(c.Folder, "work")}
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
	if g.painter, err = pipeline.NewPainter(c.Painting); err != nil {
		return nil, err
	}
	const fewOpen = 4
	g.canvases = &canvases{originals: originals, painter: g.painter, most: fewOpen, open: make(map[string]*easel)}
	return g, nil
}

// Close ends the processes and removes temporary files. Nothing may be under way.
func (g *Gallery) Close() error { return errors.Join(g.canvases.trim(0), g.painter.Close()) }

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
		canvas, release, err := g.canvases.get(ctx, p.SHA256)
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

// Leaf is one page of a reading's PDF.
type Leaf struct {
	SHA256, Revision string // of the reading
	Page             int    // in its scan, from 1
	// Turned is by how many degrees clockwise the reading turned it, as the reading's PDF shows it, Turn by how many more it is
	// to be turned.
	Turned, Turn int
}

// PDF opens a PDF of pages of one or several readings, in this order, and tells its name. The caller closes it.
func (g *Gallery) PDF(ctx context.Context, leaves []Leaf) (*os.File, error) {
	return g.shelf.take(ctx, NameOf(leaves)+".pdf", func(ctx context.Context, path string) (err error) {
		dir, err := os.MkdirTemp(g.work, "pdf-")
		if err != nil {
			return fmt.Errorf("make a folder for a PDF: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		type source struct {
			path   string
			sealed bool
		}
		fetched := make(map[string]source)
		all := make([]bind.Leaf, len(leaves))
		for i, l := range leaves {
			name := l.SHA256 + "-" + l.Revision
			from, there := fetched[name]
			if !there {
				from.path = filepath.Join(dir, fmt.Sprintf("%d.pdf", len(fetched)))
				if from.sealed, err = g.fetch(ctx, l, from.path); err != nil {
					return err
				}
				fetched[name] = from
			}
			turn := l.Turn
			if from.sealed { // its pages lie as they were scanned
				turn = (l.Turned + l.Turn) % 360
			}
			all[i] = bind.Leaf{File: from.path, Page: l.Page, Turn: turn}
		}
		return bind.Arrange(ctx, bind.Options{Scratch: dir}, all, path)
	})
}

// NameOf tells a PDF from all others.
func NameOf(leaves []Leaf) string {
	h := sha256.New()
	for _, l := range leaves {
		fmt.Fprintf(h, "%s %s %d %d %d\n", l.SHA256, l.Revision, l.Page, l.Turned, l.Turn)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fetch copies a reading's PDF. sealed tells that it is the scan itself, kept to the byte because it is signed or protected.
func (g *Gallery) fetch(ctx context.Context, l Leaf, path string) (sealed bool, err error) {
	key, err := object.Reading(l.SHA256, l.Revision, "paper.pdf")
	if err != nil {
		return false, err
	}
	o, err := g.objects.Get(ctx, key)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in a folder of our own
	if err != nil {
		return false, fmt.Errorf("fetch a PDF: %w", err)
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), o)
	return hex.EncodeToString(h.Sum(nil)) == l.SHA256, errors.Join(err, f.Close())
}
