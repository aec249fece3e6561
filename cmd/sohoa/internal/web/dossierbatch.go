package web

import (
	"net/http"
	"strconv"

	"sohoa/storage/catalogue"
)

const (
	// mostDossiers is how many dossiers one request may bring, and mostBatch the bytes of its JSON.
	mostDossiers = 1000
	mostBatch    = 4 << 20
)

// catalogue is the dossier as the catalogue takes it.
func (in *dossierIn) catalogue() catalogue.Dossier {
	return catalogue.Dossier{
		Code: in.Code, Agency: in.Agency, Procedure: in.Procedure, Owner: catalogue.Owner(in.Owner), Subject: in.Subject,
		State: catalogue.DossierState(in.State), Received: in.Received, Due: in.Due, Resolved: in.Resolved,
	}
}

type dossierBatchJSON struct {
	Added   int          `json:"added"`
	Changed int          `json:"changed"`
	Same    int          `json:"same"`
	Wrong   int          `json:"wrong"`
	Results []putOutcome `json:"results"`
}

type putOutcome struct {
	Row     int                 `json:"row"` // from 0
	Code    string              `json:"code"`
	Outcome catalogue.Outcome   `json:"outcome"`
	ID      catalogue.DossierID `json:"id,omitempty"`
	Error   *Failure            `json:"error,omitempty"`
}

// putDossiers adds many dossiers, or completes what is known of them; one that is wrong does not spoil the others.
func (s *Server) putDossiers(w http.ResponseWriter, r *http.Request, c *call) error {
	var in struct {
		Dossiers []dossierIn `json:"dossiers"`
	}
	if err := takeUpTo(r, &in, mostBatch); err != nil {
		return err
	}
	if len(in.Dossiers) == 0 || len(in.Dossiers) > mostDossiers {
		return invalid("dossiers", "there must be 1 to "+strconv.Itoa(mostDossiers))
	}
	list := func(yield func(catalogue.Listed) bool) {
		for i := range in.Dossiers {
			if !yield(catalogue.Listed{Dossier: in.Dossiers[i].catalogue(), Row: i}) {
				return
			}
		}
	}
	out := dossierBatchJSON{Results: make([]putOutcome, 0, len(in.Dossiers))}
	n, err := s.records(c).PutDossiers(r.Context(), c.token.Path, "api", list, func(one *catalogue.Listed, put *catalogue.Put) {
		result := putOutcome{Row: one.Row, Code: one.Code, Outcome: put.Outcome, ID: put.ID}
		if put.Err != nil {
			f, _ := failure(put.Err, c.id)
			result.Error = &f
		}
		out.Results = append(out.Results, result)
	})
	if err != nil {
		return err
	}
	out.Added, out.Changed, out.Same, out.Wrong = n.Added, n.Changed, n.Same, n.Wrong
	answer(w, http.StatusOK, out)
	return nil
}
