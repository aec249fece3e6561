package web

import (
	"net/http"
	"strconv"

	"sohoa/storage/catalogue"
)

// leafJSON is a page of a paper: which page of which scan, and how an officer turned it.
type leafJSON struct {
	SHA256 string `json:"sha256"`
	Number int    `json:"number"`
	Turn   int    `json:"turn"`
}

type arrangementJSON struct {
	Arranged int64      `json:"arranged"` // what an arrangement is made on
	Pages    []leafJSON `json:"pages"`
	// Told, and not taken:
	Own          []leafJSON `json:"own,omitempty"`
	PaperVersion int64      `json:"paper_version,omitempty"`
}

// arrangement is how a paper's pages are arranged.
func (s *Server) arrangement(w http.ResponseWriter, r *http.Request, c *call) error {
	p, err := s.paperOf(r, c)
	if err != nil {
		return err
	}
	return s.answerArrangement(w, r, c, &p)
}

func (s *Server) answerArrangement(w http.ResponseWriter, r *http.Request, c *call, p *catalogue.Paper) error {
	pages, _, err := s.config.Catalogue.PaperPages(r.Context(), c.token.Path, p.ID)
	if err != nil {
		return err
	}
	own, err := s.config.Catalogue.OwnPages(r.Context(), c.token.Path, p.ID)
	if err != nil {
		return err
	}
	leaf := func(at *catalogue.PaperPage) leafJSON { return leafJSON(*at) }
	answer(w, http.StatusOK, arrangementJSON{Arranged: p.Arranged, Pages: each(pages, leaf), Own: each(own, leaf), PaperVersion: p.Edition})
	return nil
}

// arrange puts a paper's pages into another order, turns them, leaves some out or takes them back in.
func (s *Server) arrange(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	var in arrangementJSON
	if err := take(r, &in); err != nil {
		return err
	}
	pages := each(in.Pages, func(at *leafJSON) catalogue.PaperPage { return catalogue.PaperPage(*at) })
	p, err := s.records(c).Arrange(r.Context(), c.token.Path, id, in.Arranged, pages)
	if err != nil {
		return err
	}
	return s.answerArrangement(w, r, c, &p)
}

type splitIn struct {
	Arranged  int64               `json:"arranged"`
	Positions []int               `json:"positions"`
	Dossier   catalogue.DossierID `json:"dossier"`
	Kind      catalogue.PaperKind `json:"kind"`
	Component string              `json:"component"`
	Name      string              `json:"name"`
}

// split makes pages of a paper another paper.
func (s *Server) split(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	var in splitIn
	if err := take(r, &in); err != nil {
		return err
	}
	p, err := s.records(c).SplitOff(r.Context(), c.token.Path, id, in.Arranged, catalogue.Part{
		Positions: in.Positions, Dossier: in.Dossier, Kind: in.Kind, Component: in.Component, Name: cleanName(in.Name),
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/papers/"+strconv.FormatInt(int64(p.ID), 10))
	answer(w, http.StatusCreated, paperOut(&p))
	return nil
}

type mergeIn struct {
	Arranged int64               `json:"arranged"`
	Others   []catalogue.PaperID `json:"others"`
}

// merge appends the pages of other papers to a paper.
func (s *Server) merge(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	var in mergeIn
	if err := take(r, &in); err != nil {
		return err
	}
	p, err := s.records(c).Merge(r.Context(), c.token.Path, id, in.Arranged, in.Others)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, paperOut(&p))
	return nil
}
