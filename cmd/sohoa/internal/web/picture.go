package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"sohoa/cmd/sohoa/internal/gallery"
	"sohoa/pipeline"
	"sohoa/pipeline/confine"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Gallery makes what people are shown of papers.
type Gallery interface {
	Picture(ctx context.Context, p gallery.Picture) (*os.File, error)
	PDF(ctx context.Context, p gallery.Paper) (*os.File, error)
	Text(ctx context.Context, p gallery.Paper) (*os.File, error)
	JSON(ctx context.Context, p gallery.Paper) (*os.File, error)
}

// The widths of pictures: few, so that each is made once.
const (
	thumbnailWidth = 200
	pageWidth      = 1000
	zoomWidth      = 2000
)

// image is a picture of a page, upright: turned as its reading says and an officer turned it. The boxes of words count on it.
func (s *Server) image(w http.ResponseWriter, r *http.Request, c *call) error {
	id, n, err := paperPage(r)
	if err != nil {
		return err
	}
	width := pageWidth
	if text := r.URL.Query().Get("width"); text != "" {
		width, err = strconv.Atoi(text)
		if err != nil || width != thumbnailWidth && width != pageWidth && width != zoomWidth {
			return invalid("width", fmt.Sprintf("it must be %d, %d or %d", thumbnailWidth, pageWidth, zoomWidth))
		}
	}
	ctx := r.Context()
	at, record, _, err := s.config.Catalogue.PaperPage(ctx, c.token.Path, id, n)
	if err != nil {
		return err
	}
	want := gallery.Picture{SHA256: at.SHA256, View: pipeline.View{
		Page: at.Number, Width: width, Turn: (record.Turned + at.Turn) % 360, ReadWidth: record.Width, ReadHeight: record.Height,
	}}
	s.noteDownload(ctx, c, &catalogue.Paper{ID: id}, part{what: "image"})
	head := w.Header()
	head.Set("ETag", strconv.Quote(want.Name()))
	head.Set("Cache-Control", "private, no-cache")
	if r.Header.Get("If-None-Match") == strconv.Quote(want.Name()) { // no need to make it
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	f, err := s.config.Gallery.Picture(ctx, want)
	if err != nil {
		return s.unpainted(ctx, err)
	}
	return s.serveMade(w, r, c, f, "image/jpeg")
}

// serveMade sends a file that the gallery has opened.
func (s *Server) serveMade(w http.ResponseWriter, r *http.Request, c *call, f *os.File, mediaType string) error {
	ctx := r.Context()
	defer func() {
		if err := f.Close(); err != nil {
			s.log.WarnContext(ctx, "a file was not closed", "id", c.id, "error", err)
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}

// unpainted says why there is no picture: the store's and this machine's faults are theirs, all else is the page's.
func (s *Server) unpainted(ctx context.Context, err error) error {
	var checksum *object.ChecksumError
	var refused *refusal
	switch {
	case ctx.Err() != nil, errors.Is(err, object.ErrUnavailable), errors.Is(err, object.ErrFull), errors.As(err, &refused),
		errors.Is(err, catalogue.ErrUnavailable), errors.Is(err, catalogue.ErrNotFound):
		return err
	case confine.MachineFault(err), errors.Is(err, confine.ErrTooLong):
		return &refusal{code: CodeBusy, err: err}
	case errors.Is(err, object.ErrNotFound), errors.As(err, &checksum):
		return fmt.Errorf("the scan is not in the store as it was: %w", asInternal(err))
	}
	return &refusal{code: CodeNoPicture, err: err}
}

// asInternal hides what an error is: that the store has lost something is no "not found" of the client's.
func asInternal(err error) error { return errors.New(err.Error()) }
