package web

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"

	"sohoa/cmd/sohoa/internal/gallery"
	"sohoa/storage/catalogue"
)

// A paper whose pages were arranged, or on which words were corrected, is downloaded as it is shown: its PDF, text and JSON are made of
// those of the readings, which stay as they are. The original, and with it a signature, stays as it was handed in.

// errMoved says that somebody has changed what a paper shows while it was about to be made.
var errMoved = errors.New("what the paper shows has just been changed")

// shown answers with a paper as it is shown.
func (s *Server) shown(w http.ResponseWriter, r *http.Request, c *call, p *catalogue.Paper, kind resultKind, now catalogue.Shown) error {
	ctx := r.Context()
	s.noteDownload(ctx, c, p, part{what: kind.what})
	made, f, err := s.makeShown(ctx, c, p.ID, kind, now)
	if err != nil {
		return s.unpainted(ctx, err)
	}
	head := w.Header()
	head.Set("ETag", strconv.Quote(made.Name()))
	head.Set("Cache-Control", "private, no-cache")
	head.Set("Content-Disposition", disposition(withEnding(savedAs(p), kind.ending)))
	return s.serveMade(w, r, c, f, kind.mediaType)
}

// makeShown opens what a paper is shown as. Corrections may go on meanwhile: what comes out is the paper at one moment, under that
// moment's name.
func (s *Server) makeShown(ctx context.Context, c *call, id catalogue.PaperID, kind resultKind, now catalogue.Shown) (made gallery.Paper, f *os.File, err error) {
	const tries = 10 // each is upset by a correction of this very moment
	for range tries {
		made = gallery.Paper{Leaves: leavesOf(now.Pages), Whole: now.Whole, Words: func(ctx context.Context) (map[int]catalogue.PageText, error) {
			then, words, err := s.config.Catalogue.ShownWords(ctx, c.token.Path, id)
			if err == nil && !then.Same(&now) {
				err = errMoved
			}
			return words, err
		}}
		if f, err = kind.shown(s.config.Gallery, ctx, made); !errors.Is(err, errMoved) {
			return made, f, err
		}
		if now, err = s.config.Catalogue.Shown(ctx, c.token.Path, id); err != nil {
			return made, nil, err
		}
	}
	return made, nil, &refusal{code: CodeBusy, err: errMoved}
}

// leavesOf are the pages of the readings.
func leavesOf(pages []catalogue.ShownPage) []gallery.Leaf {
	return each(pages, func(at *catalogue.ShownPage) gallery.Leaf {
		return gallery.Leaf{
			SHA256: at.SHA256, Revision: at.Revision, Bound: at.Bound, Page: at.Number, Turned: at.Turned, Turn: at.Turn, Corrected: at.Corrected,
		}
	})
}
