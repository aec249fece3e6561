package web

import (
	"net/http"

	"sohoa/storage/catalogue"
)

// filingIn says where a paper belongs; what is left out stays as it is.
type filingIn struct {
	DossierCode string              `json:"dossier_code"`
	Kind        catalogue.PaperKind `json:"kind"`
	Component   *string             `json:"component"`
}

// refile puts a paper into another dossier, or makes it another component.
func (s *Server) refile(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	var in filingIn
	if err := take(r, &in); err != nil {
		return err
	}
	p, err := s.records(c).Refile(r.Context(), c.token.Path, id, catalogue.Filing{Dossier: in.DossierCode, Kind: in.Kind, Component: in.Component})
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, paperOut(&p))
	return nil
}

// takeBack takes a paper out of its dossier.
func (s *Server) takeBack(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	reason := catalogue.TakeBackReason(r.URL.Query().Get("reason"))
	if err := s.records(c).TakeBack(r.Context(), c.token.Path, id, reason); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
