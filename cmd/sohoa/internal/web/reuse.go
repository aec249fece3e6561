package web

import (
	"net/http"
	"time"

	"sohoa/storage/catalogue"
)

// heldOutJSON is a paper that is held in another dossier of the same owner.
type heldOutJSON struct {
	Paper       catalogue.PaperID    `json:"paper"`
	Dossier     catalogue.DossierID  `json:"dossier"`
	DossierCode string               `json:"dossier_code"`
	Name        string               `json:"name,omitempty"`
	Component   string               `json:"component,omitempty"` // that it would be here
	Number      string               `json:"number"`
	Issued      string               `json:"issued_on,omitempty"`
	Issuer      string               `json:"issuer,omitempty"`
	Pages       int                  `json:"pages"`
	State       catalogue.PaperState `json:"state"`
	Created     time.Time            `json:"created"`
}

type heldListJSON struct {
	Held []heldOutJSON `json:"held"`
}

func heldOut(h *catalogue.Held) heldOutJSON {
	return heldOutJSON{
		Paper: h.ID, Dossier: h.Dossier, DossierCode: h.DossierCode, Name: h.Name, Component: h.As, Number: h.Number, Issued: h.Issued,
		Issuer: h.Issuer, Pages: h.Pages, State: h.State, Created: h.Created,
	}
}

// heldForDossier is what need not be scanned for a dossier.
func (s *Server) heldForDossier(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	all, err := s.config.Catalogue.HeldForDossier(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, heldListJSON{Held: each(all, heldOut)})
	return nil
}

// heldLike is what a paper is once more.
func (s *Server) heldLike(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	all, err := s.config.Catalogue.HeldLike(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, heldListJSON{Held: each(all, heldOut)})
	return nil
}

type reuseIn struct {
	Held      catalogue.PaperID `json:"held"`
	Component string            `json:"component"`
}

// reuse makes a held paper one of a dossier.
func (s *Server) reuse(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	var in reuseIn
	if err := take(r, &in); err != nil {
		return err
	}
	return s.answerReuse(w, r, c, catalogue.Reuse{Held: in.Held, Dossier: id, Component: in.Component})
}

// reuseInstead puts a held paper in the place of one that was scanned once more.
func (s *Server) reuseInstead(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	var in reuseIn
	if err := take(r, &in); err != nil {
		return err
	}
	return s.answerReuse(w, r, c, catalogue.Reuse{Held: in.Held, Component: in.Component, Instead: id})
}

func (s *Server) answerReuse(w http.ResponseWriter, r *http.Request, c *call, what catalogue.Reuse) error {
	p, again, err := s.records(c).Reuse(r.Context(), c.token.Path, what)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if again {
		status = http.StatusOK
	}
	answer(w, status, paperOut(&p))
	return nil
}
