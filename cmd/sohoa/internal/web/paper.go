package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	_, all, err := s.config.Catalogue.PaperPages(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, pagesJSON{Pages: each(all, func(g *catalogue.PageRecord) pageJSON { return pageJSON(*g) })})
	return nil
}

type fieldJSON struct {
	Name       catalogue.FieldName `json:"name"`
	Value      string              `json:"value"`
	Source     string              `json:"source"`
	Confidence float64             `json:"confidence,omitempty"`
	Page       int                 `json:"page,omitempty"`
	Box        *uprightBox         `json:"box,omitempty"`
	By         string              `json:"by"`
	Changed    time.Time           `json:"changed"`
	// Found is what the reader found, beside what an officer says.
	Found *foundJSON `json:"found,omitempty"`
}

type foundJSON struct {
	Value      string  `json:"value"`
	Normal     string  `json:"normal,omitempty"`
	Confidence float64 `json:"confidence"`
	Origin     string  `json:"origin"`
	Differs    string  `json:"differs,omitempty"`
}

type fieldsJSON struct {
	Fields       []fieldJSON `json:"fields"`
	PaperVersion int64       `json:"paper_version"`
}

func (s *Server) fields(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	return s.answerFields(w, r, c, id)
}

func (s *Server) answerFields(w http.ResponseWriter, r *http.Request, c *call, id catalogue.PaperID) error {
	ctx := r.Context()
	all, err := s.config.Catalogue.Fields(ctx, c.token.Path, id)
	if err != nil {
		return err
	}
	p, err := s.config.Catalogue.Paper(ctx, c.token.Path, id)
	if err != nil {
		return err
	}
	out := fieldsJSON{Fields: make([]fieldJSON, len(all)), PaperVersion: p.Edition}
	for i, f := range all {
		out.Fields[i] = fieldJSON{Name: f.Name, Value: f.Value, Source: f.Source, Confidence: f.Confidence, Page: f.Page, By: f.By, Changed: f.Changed}
		if one := f.Found; one != nil {
			out.Fields[i].Found = &foundJSON{Value: one.Value, Normal: one.Normal, Confidence: one.Confidence, Origin: one.Origin, Differs: one.Differs}
		}
		if f.Page == 0 {
			continue
		}
		u, err := s.uprightPage(ctx, c, id, f.Page)
		if err != nil {
			return err
		}
		box := u.box(f.Place)
		out.Fields[i].Box = &box
	}
	answer(w, http.StatusOK, out)
	return nil
}

// uprightPage is how a page of a paper is shown.
func (s *Server) uprightPage(ctx context.Context, c *call, id catalogue.PaperID, n int) (upright, error) {
	at, record, _, err := s.config.Catalogue.PaperPage(ctx, c.token.Path, id, n)
	return uprightOf(record.Width, record.Height, (record.Turned+at.Turn)%360), err
}

type fieldsIn struct {
	Fields map[catalogue.FieldName]fieldIn `json:"fields"`
}

// fieldIn is a field's value alone, or with where it stands on the paper.
type fieldIn struct {
	Value   string     `json:"value"`
	Page    int        `json:"page"`
	Box     uprightBox `json:"box"`
	Confirm bool       `json:"confirm"`
}

// UnmarshalJSON takes either.
func (f *fieldIn) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &f.Value)
	}
	type whole fieldIn
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode((*whole)(f))
}

// putFields sets what an officer typed or confirmed; the others stay, and an empty value removes one. Programs that hand in say what
// fields are; that one is right, compared with the paper, is for those who review.
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
	for _, f := range in.Fields {
		if f.Confirm && !c.token.Allows(catalogue.ScopeReview) {
			s.refused(ctx, c, "scope")
			return refuse(CodeForbidden)
		}
	}
	values := make(map[catalogue.FieldName]catalogue.FieldValue, len(in.Fields))
	for name, f := range in.Fields {
		v := catalogue.FieldValue{Value: f.Value, Page: f.Page, Confirm: f.Confirm}
		if f.Page != 0 && f.Box != (uprightBox{}) {
			u, err := s.uprightPage(ctx, c, id, f.Page)
			if errors.Is(err, catalogue.ErrNotFound) {
				return invalid("page", "the paper has no such page")
			}
			if err != nil {
				return err
			}
			v.Place = u.place(f.Box)
		}
		values[name] = v
	}
	if err := s.records(c).SetFields(ctx, c.token.Path, id, values); err != nil {
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
