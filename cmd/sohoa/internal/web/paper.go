package web

import (
	"net/http"
	"strconv"
	"time"

	"sohoa/storage/catalogue"
)

// paperOf is the paper that a path names.
func (s *Server) paperOf(r *http.Request, c *call) (p catalogue.Paper, err error) {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return p, err
	}
	return s.config.Catalogue.Paper(r.Context(), c.token.Path, id)
}

func (s *Server) paper(w http.ResponseWriter, r *http.Request, c *call) error {
	p, err := s.paperOf(r, c)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, paperOut(&p))
	return nil
}

type pageJSON struct {
	Number     int     `json:"number"`
	State      string  `json:"state"`
	Source     string  `json:"source,omitempty"`
	Confidence float64 `json:"confidence"`
	Words      int     `json:"words"`
	Width      int     `json:"width"`
	Height     int     `json:"height"`
	Turned     int     `json:"turned"`
	Seconds    float64 `json:"seconds"`
	Reason     string  `json:"reason,omitempty"`
}

type pagesJSON struct {
	Pages []pageJSON `json:"pages"`
}

func (s *Server) pages(w http.ResponseWriter, r *http.Request, c *call) error {
	p, err := s.paperOf(r, c)
	if err != nil {
		return err
	}
	all, err := s.config.Catalogue.Pages(r.Context(), p.Reading)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, pagesJSON{Pages: each(all, func(g *catalogue.PageRecord) pageJSON { return pageJSON(*g) })})
	return nil
}

type fieldJSON struct {
	Name    catalogue.FieldName `json:"name"`
	Value   string              `json:"value"`
	Source  string              `json:"source"`
	By      string              `json:"by"`
	Changed time.Time           `json:"changed"`
}

type fieldsJSON struct {
	Fields []fieldJSON `json:"fields"`
}

func (s *Server) fields(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	return s.answerFields(w, r, c, id)
}

func (s *Server) answerFields(w http.ResponseWriter, r *http.Request, c *call, id catalogue.PaperID) error {
	all, err := s.config.Catalogue.Fields(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, fieldsJSON{Fields: each(all, func(f *catalogue.Field) fieldJSON {
		return fieldJSON{Name: f.Name, Value: f.Value, Source: f.Source, By: f.By, Changed: f.Changed}
	})})
	return nil
}

type fieldsIn struct {
	Fields map[catalogue.FieldName]string `json:"fields"`
}

// putFields sets what an officer typed; the others stay, and an empty value removes one.
func (s *Server) putFields(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	var in fieldsIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	if err := s.records(c).PutFields(ctx, c.token.Path, id, in.Fields); err != nil {
		return err
	}
	return s.answerFields(w, r, c, id)
}

// retry gives what failed of a paper another try.
func (s *Server) retry(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	work, err := s.records(c).Retry(ctx, c.token.Path, id, s.config.Revision)
	if err != nil {
		return err
	}
	s.enqueue(ctx, c, work)
	p, err := s.config.Catalogue.Paper(ctx, c.token.Path, id)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/papers/"+strconv.FormatInt(int64(id), 10))
	answer(w, http.StatusAccepted, paperOut(&p))
	return nil
}
