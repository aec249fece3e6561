package web

import (
	"net/http"
	"strconv"

	"sohoa/storage/catalogue"
)

type dossierIn struct {
	Code      string    `json:"code"`
	Agency    string    `json:"agency"`
	Procedure string    `json:"procedure"`
	Owner     ownerJSON `json:"owner"`
	Subject   string    `json:"subject"`
	State     int       `json:"state"`
	Received  string    `json:"received"`
	Due       string    `json:"due"`
	Resolved  string    `json:"resolved"`
}

// putDossier adds a dossier, or finds it by its code.
func (s *Server) putDossier(w http.ResponseWriter, r *http.Request, c *call) error {
	var in dossierIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	d, created, err := s.records(c).PutDossier(ctx, c.token.Path, in.catalogue())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	w.Header().Set("Location", "/api/v1/dossiers/"+strconv.FormatInt(int64(d.ID), 10))
	answer(w, status, dossierOut(&d))
	return nil
}

type dossiersJSON struct {
	Dossiers []dossierJSON `json:"dossiers"`
	// Before continues the listing; left out at its end.
	Before catalogue.DossierID `json:"before,omitempty"`
}

func (s *Server) dossiers(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	if code := q.text("code"); code != "" {
		return s.dossierByCode(w, r, c, code)
	}
	const mostID = 1<<53 - 1 // what JSON's numbers carry
	f := catalogue.DossierFilter{
		Procedure: q.text("procedure"), ReceivedFrom: q.day("received_from"), ReceivedTill: q.day("received_till"),
		Before: catalogue.DossierID(q.count("before", 1, mostID, 0)), Limit: q.count("limit", 1, 500, 50),
	}
	if q.err != nil {
		return q.err
	}
	all, err := s.config.Catalogue.Dossiers(r.Context(), c.token.Path, f)
	if err != nil {
		return err
	}
	out := dossiersJSON{Dossiers: each(all, dossierOut)}
	if len(all) == f.Limit {
		out.Before = all[len(all)-1].ID
	}
	answer(w, http.StatusOK, out)
	return nil
}

// dossierByCode lists the one dossier that has the code, or none.
func (s *Server) dossierByCode(w http.ResponseWriter, r *http.Request, c *call, code string) error {
	out := dossiersJSON{Dossiers: []dossierJSON{}}
	d, err := s.config.Catalogue.DossierByCode(r.Context(), c.token.Path, code)
	switch {
	case err == nil:
		out.Dossiers = append(out.Dossiers, dossierOut(&d))
	case codeOf(err) != CodeNotFound:
		return err
	}
	answer(w, http.StatusOK, out)
	return nil
}

// dossier is one with its papers and how far they are.
func (s *Server) dossier(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	d, err := s.config.Catalogue.Dossier(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	papers, err := s.config.Catalogue.Papers(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	out := dossierOut(&d)
	out.Papers = papersOut(papers)
	answer(w, http.StatusOK, out)
	return nil
}
