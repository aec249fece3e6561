package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"sohoa/cmd/sohoa/internal/gallery"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// part is one thing of a paper that can be downloaded.
type part struct {
	what      string // for the audit
	key       func(p *catalogue.Paper) (object.Key, error)
	mediaType string
	name      string // under which it is saved; "" is not offered for saving
	etag      string // "": made of the object's time and size
}

// resultKind is one of the files that a reading makes, and that are made of it for a paper that is shown otherwise.
type resultKind struct {
	file, what, ending, mediaType string
	shown                         func(g Gallery, ctx context.Context, p gallery.Paper) (*os.File, error)
}

var (
	resultPDF  = resultKind{"paper.pdf", "pdf", ".pdf", "application/pdf", Gallery.PDF}
	resultText = resultKind{"paper.txt", "text", ".txt", "text/plain; charset=utf-8", Gallery.Text}
	resultJSON = resultKind{"paper.json", "json", ".json", "application/json", Gallery.JSON}
)

// original is the scan as it was handed in.
func (s *Server) original(w http.ResponseWriter, r *http.Request, c *call) error {
	p, err := s.paperOf(r, c)
	if err != nil {
		return err
	}
	if err := s.mayHaveScan(r.Context(), c, &p); err != nil {
		return err
	}
	return s.download(w, r, c, &p, part{
		what: "original", mediaType: safeType(p.MediaType), name: savedAs(&p), etag: strconv.Quote(p.SHA256),
		key: func(p *catalogue.Paper) (object.Key, error) { return object.Original(p.SHA256) },
	})
}

// mayHaveScan refuses what is of a paper's whole scan, where the paper is a part of it: the other pages are others', unless the scan as
// a whole is within reach, too.
func (s *Server) mayHaveScan(ctx context.Context, c *call, p *catalogue.Paper) error {
	if !p.Part {
		return nil
	}
	has, err := s.config.Catalogue.HasWholeScan(ctx, c.token.Path, p.SHA256)
	if err == nil && !has {
		err = refuse(CodePartOfScan)
	}
	return err
}

// safeType keeps what a browser would run out of answers, whatever the catalogue says.
func safeType(mediaType string) string {
	for _, known := range mediaTypes {
		if mediaType == known {
			return mediaType
		}
	}
	return "application/octet-stream"
}

// savedAs is the name under which a paper is saved.
func savedAs(p *catalogue.Paper) string {
	if name := cleanName(p.Name); name != "" {
		return name
	}
	return fmt.Sprintf("%s-%d", p.DossierCode, p.ID)
}

// result is one of the files that the reading made, or what is made of it where officers arranged or corrected the paper.
func (s *Server) result(kind resultKind) func(w http.ResponseWriter, r *http.Request, c *call) error {
	return func(w http.ResponseWriter, r *http.Request, c *call) error {
		p, err := s.paperOf(r, c)
		if err != nil {
			return err
		}
		if !p.Whole {
			return &refusal{code: CodeNotReadYet, detail: "the paper is " + string(p.State)}
		}
		now, err := s.config.Catalogue.Shown(r.Context(), c.token.Path, p.ID)
		if err != nil {
			return err
		}
		if !now.Plain() {
			return s.shown(w, r, c, &p, kind, now)
		}
		return s.download(w, r, c, &p, part{
			what: kind.what, mediaType: kind.mediaType, name: withEnding(savedAs(&p), kind.ending),
			key: func(p *catalogue.Paper) (object.Key, error) { return object.Reading(p.SHA256, p.Revision, kind.file) },
		})
	}
}

// page is one page's reading, as it was read, with the boxes of its words.
func (s *Server) page(w http.ResponseWriter, r *http.Request, c *call) error {
	p, err := s.paperOf(r, c)
	if err != nil {
		return err
	}
	_, n, err := paperPage(r)
	if err != nil {
		return err
	}
	at, _, revision, err := s.config.Catalogue.PaperPage(r.Context(), c.token.Path, p.ID, n)
	if err != nil {
		return err
	}
	return s.download(w, r, c, &p, part{
		what: "page", mediaType: "application/json",
		key: func(*catalogue.Paper) (object.Key, error) {
			return object.Reading(at.SHA256, revision, "pages/"+strconv.Itoa(at.Number)+".json")
		},
	})
}

// download streams an object, or sends to a link into the store.
func (s *Server) download(w http.ResponseWriter, r *http.Request, c *call, p *catalogue.Paper, what part) error {
	ctx := r.Context()
	key, err := what.key(p)
	if err != nil {
		return err
	}
	s.noteDownload(ctx, c, p, what)
	if s.config.Links || r.URL.Query().Get("link") == "1" {
		linked, err := s.link(w, r, key, what)
		if linked || err != nil {
			return err
		}
	}
	o, err := s.config.Objects.Get(ctx, key)
	if errors.Is(err, object.ErrNotFound) {
		return &refusal{code: CodeNotReadYet, err: err}
	}
	if err != nil {
		return err
	}
	defer func() {
		if err := o.Close(); err != nil {
			s.log.WarnContext(ctx, "an object was not closed", "id", c.id, "error", err)
		}
	}()
	info := o.Info()
	etag := what.etag
	if etag == "" {
		etag = fmt.Sprintf(`"%x-%x"`, info.Modified.UnixNano(), info.Size)
	}
	head := w.Header()
	head.Set("ETag", etag)
	head.Set("Content-Type", what.mediaType)
	head.Set("Cache-Control", "private, no-cache")
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if what.name != "" {
		head.Set("Content-Disposition", disposition(what.name))
	}
	http.ServeContent(w, r, "", info.Modified, o)
	return nil
}

// link answers with a link into the store that works for a while; false where the store makes none.
func (s *Server) link(w http.ResponseWriter, r *http.Request, key object.Key, what part) (bool, error) {
	url, err := s.config.Objects.Presign(r.Context(), key, s.config.LinkLife, what.name, what.mediaType)
	if errors.Is(err, object.ErrNoLinks) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	w.Header().Set("Location", url)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusTemporaryRedirect)
	return true, nil
}

// noteDownload tells the audit, once a minute for each part of a paper: a viewer asks for tens of ranges of one file. A
// download changes nothing, so it goes on where the audit cannot be told.
func (s *Server) noteDownload(ctx context.Context, c *call, p *catalogue.Paper, what part) {
	paper := subject("paper", p.ID)
	if !s.noted.first("download " + what.what + " " + c.actor + " " + paper) {
		return
	}
	if err := s.records(c).Record(ctx, "paper.download", paper, map[string]any{"part": what.what}); err != nil {
		s.log.WarnContext(ctx, "a download was not told to the audit", "id", c.id, "error", err)
	}
}
