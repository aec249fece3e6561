package web

import (
	"net/http"

	"sohoa/storage/catalogue"
)

// RatesJSON is the digitization rates as the API and `sohoa rates` tell them in JSON.
type RatesJSON struct {
	From      string `json:"from,omitempty"`
	Till      string `json:"till,omitempty"`
	Agency    string `json:"agency,omitempty"`
	Procedure string `json:"procedure,omitempty"`
	Field     string `json:"field,omitempty"`
	By        string `json:"by,omitempty"`
	// Compared is the period that is compared with; left out where nothing is.
	Compared *periodJSON  `json:"compared,omitempty"`
	Total    []figureJSON `json:"total"`
	Groups   []groupJSON  `json:"groups"`
}

type figureJSON struct {
	Figure      catalogue.Figure `json:"figure"`
	Denominator int64            `json:"denominator"`
	Filed       int64            `json:"filed"`
	Read        int64            `json:"read"`
	Checked     int64            `json:"checked"`
	// The rates are null where the denominator is empty: that is no figure, not 0 %.
	Rate       *float64 `json:"rate"`
	HonestRate *float64 `json:"honest_rate"`
	Target     *float64 `json:"target"`
	// Compared is the same figure of the period that is compared with; left out where there is none.
	Compared *comparedJSON `json:"compared,omitempty"`
}

type periodJSON struct {
	From string `json:"from,omitempty"`
	Till string `json:"till,omitempty"`
}

// comparedJSON is a figure of another period; the changes are points, null where one of the two has no figure.
type comparedJSON struct {
	Denominator      int64    `json:"denominator"`
	Filed            int64    `json:"filed"`
	Read             int64    `json:"read"`
	Checked          int64    `json:"checked"`
	Rate             *float64 `json:"rate"`
	HonestRate       *float64 `json:"honest_rate"`
	RateChange       *float64 `json:"rate_change"`
	HonestRateChange *float64 `json:"honest_rate_change"`
}

type groupJSON struct {
	Key     string       `json:"key"`
	Name    string       `json:"name"`
	Own     bool         `json:"own,omitempty"`
	From    string       `json:"from,omitempty"`
	Till    string       `json:"till,omitempty"`
	Figures []figureJSON `json:"figures"`
	// Compared is the period beside this one; left out where the group is none.
	Compared *periodJSON `json:"compared,omitempty"`
}

// percentOut is 83.15 for 8315; null for no figure.
func percentOut(p catalogue.Percent, some bool) *float64 {
	if !some {
		return nil
	}
	x := float64(p) / 100
	return &x
}

// figuresOut are figures beside those of another period; nil where nothing is compared.
func figuresOut(figures, others *catalogue.Figures, targets map[catalogue.Figure]catalogue.Percent) []figureJSON {
	return each(figures[:], func(s *catalogue.Share) figureJSON {
		out := figureJSON{Figure: s.Figure, Denominator: s.Of, Filed: s.Filed, Read: s.Read, Checked: s.Checked}
		out.Rate, out.HonestRate = percentOut(s.Portal()), percentOut(s.Honest())
		target, some := targets[s.Figure]
		out.Target = percentOut(target, some)
		if others != nil {
			was := others.Of(s.Figure)
			out.Compared = &comparedJSON{
				Denominator: was.Of, Filed: was.Filed, Read: was.Read, Checked: was.Checked,
				Rate: percentOut(was.Portal()), HonestRate: percentOut(was.Honest()),
				RateChange: percentOut(catalogue.Points(s.Portal, was.Portal)), HonestRateChange: percentOut(catalogue.Points(s.Honest, was.Honest)),
			}
		}
		return out
	})
}

// RatesOut is how rates look in JSON.
func RatesOut(r *catalogue.Rates) RatesJSON {
	out := RatesJSON{
		From: r.Query.From, Till: r.Query.Till, Agency: r.Agency.Code, Procedure: r.Query.Procedure, Field: r.Query.Field, By: string(r.Query.By),
		Total: figuresOut(&r.Total, r.ComparedTotal(), r.Settings.Targets),
		Groups: each(r.Groups, func(g *catalogue.RateGroup) groupJSON {
			one := groupJSON{Key: g.Key, Name: g.Name, Own: g.Own, From: g.From, Till: g.Till, Figures: figuresOut(&g.Figures, g.ComparedFigures(), r.Settings.Targets)}
			if g.Compared != nil && g.Compared.From != "" {
				one.Compared = &periodJSON{g.Compared.From, g.Compared.Till}
			}
			return one
		}),
	}
	if r.Compared != nil {
		out.Compared = &periodJSON{r.Compared.From, r.Compared.Till}
	}
	return out
}

// rateQuery is what a request's query asks of the rates.
func rateQuery(q *query) catalogue.RateQuery {
	return catalogue.RateQuery{
		From: q.day("from"), Till: q.day("till"), Agency: q.text("agency"), Procedure: q.text("procedure"), Field: q.text("field"),
		By: oneOf(q, "by", catalogue.RateBys()...), Compare: oneOf(q, "compare", catalogue.RateCompares()...),
		CompareFrom: q.day("compare_from"), CompareTill: q.day("compare_till"),
	}
}

// rates are the digitization rates within the caller's reach.
func (s *Server) rates(w http.ResponseWriter, r *http.Request, c *call) error {
	return s.answerRates(w, r, c.token.Path)
}

func (s *Server) answerRates(w http.ResponseWriter, r *http.Request, reach catalogue.Reach) error {
	q := queryOf(r)
	wanted := rateQuery(q)
	if q.err != nil {
		return q.err
	}
	rates, err := s.config.Catalogue.Rates(r.Context(), reach, wanted)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, RatesOut(&rates))
	return nil
}

// ratesAreOpen tells whether the public rates need no token.
func ratesAreOpen(s *Server, _ *http.Request) bool { return s.config.PublicRates }

// publicRates are the rates for the operation centre and the agency's website: no dossier, no owner. Where they are open, pages of
// other sites may ask for them, too, and what lies between may keep them for a minute.
func (s *Server) publicRates(w http.ResponseWriter, r *http.Request, c *call) error {
	reach := c.token.Path
	if s.config.PublicRates {
		reach = catalogue.Everywhere
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cache-Control", "public, max-age=60")
	}
	return s.answerRates(w, r, reach)
}

type rateDossiersJSON struct {
	Count    int64         `json:"count"`
	Dossiers []dossierJSON `json:"dossiers"`
	// Before continues the listing; left out at its end.
	Before catalogue.DossierID `json:"before,omitempty"`
}

// rateDossiers are the dossiers behind one number.
func (s *Server) rateDossiers(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	const mostID = 1<<53 - 1 // what JSON's numbers carry
	wanted, figure := rateQuery(q), oneOf(q, "figure", catalogue.FigureNames()...)
	side := oneOf(q, "side", catalogue.RateSides()...)
	before, limit := catalogue.DossierID(q.count("before", 1, mostID, 0)), q.count("limit", 1, 500, 50)
	if q.err != nil {
		return q.err
	}
	found, err := s.config.Catalogue.RateDossiers(r.Context(), c.token.Path, wanted, figure, side, before, limit)
	if err != nil {
		return err
	}
	out := rateDossiersJSON{Count: found.Count, Dossiers: each(found.Dossiers, dossierOut)}
	if found.More {
		out.Before = found.Dossiers[len(found.Dossiers)-1].ID
	}
	answer(w, http.StatusOK, out)
	return nil
}

// rateSettingsJSON has targets in percent, as people say them.
type rateSettingsJSON struct {
	Received []catalogue.DossierState     `json:"received"`
	Scope    []catalogue.DossierState     `json:"scope"`
	Resolved []catalogue.DossierState     `json:"resolved"`
	Targets  map[catalogue.Figure]float64 `json:"targets"`
}

func (s *Server) rateSettings(w http.ResponseWriter, r *http.Request, _ *call) error {
	settings, err := s.config.Catalogue.RateSettings(r.Context())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, rateSettingsOut(&settings))
	return nil
}

func rateSettingsOut(s *catalogue.RateSettings) rateSettingsJSON {
	out := rateSettingsJSON{Received: s.Received, Scope: s.Scope, Resolved: s.Resolved, Targets: make(map[catalogue.Figure]float64)}
	for figure, target := range s.Targets {
		out.Targets[figure] = float64(target) / 100
	}
	return out
}

// putRateSettings says for the whole installation which states count and what is aimed at.
func (s *Server) putRateSettings(w http.ResponseWriter, r *http.Request, c *call) error {
	var in rateSettingsJSON
	if err := take(r, &in); err != nil {
		return err
	}
	settings := catalogue.RateSettings{
		Received: in.Received, Scope: in.Scope, Resolved: in.Resolved, Targets: make(map[catalogue.Figure]catalogue.Percent),
	}
	for figure, target := range in.Targets {
		if !(target >= 0 && target <= 100) {
			return invalid("targets", "a target is from 0 to 100 %")
		}
		settings.Targets[figure] = catalogue.Percent(target*100 + 0.5)
	}
	if err := s.records(c).PutRateSettings(r.Context(), settings); err != nil {
		return err
	}
	put, err := s.config.Catalogue.RateSettings(r.Context())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, rateSettingsOut(&put))
	return nil
}
