package web

import (
	"net/http"

	"sohoa/storage/catalogue"
)

type boxJSON struct {
	X0         int `json:"x0"`
	Y0         int `json:"y0"`
	X1         int `json:"x1"`
	Y1         int `json:"y1"`
	Confidence int `json:"confidence"`
}

type hitJSON struct {
	Paper       catalogue.PaperID    `json:"paper"`
	DossierCode string               `json:"dossier_code"`
	Agency      string               `json:"agency"`
	Name        string               `json:"name,omitempty"`
	Kind        catalogue.PaperKind  `json:"kind"`
	Component   string               `json:"component,omitempty"`
	Page        int                  `json:"page"`
	Exact       bool                 `json:"exact"`
	Snippet     string               `json:"snippet"`
	Marks       [][2]int             `json:"marks"`
	Boxes       []boxJSON            `json:"boxes"`
	Width       int                  `json:"width"`
	Height      int                  `json:"height"`
	Dossier     catalogue.DossierID  `json:"dossier"`
	Confidence  float64              `json:"confidence"`
	Turned      int                  `json:"turned"`
	State       catalogue.PaperState `json:"state"`
}

type hitsJSON struct {
	Hits    []hitJSON `json:"hits"`
	More    bool      `json:"more"`
	Next    string    `json:"next,omitempty"`
	Seconds float64   `json:"seconds"`
}

// mostQuery is the most characters that are looked for at once.
const mostQuery = 500

// search finds pages by their words.
func (s *Server) search(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	look := catalogue.Query{
		Text: q.text("q"), Agency: q.text("agency"), Procedure: q.text("procedure"), Dossier: q.text("dossier"),
		Kind: oneOf(q, "kind", paperKinds()...), Component: q.text("component"),
		State: oneOf(q, "state", catalogue.PaperReceived, catalogue.PaperReading, catalogue.PaperRead, catalogue.PaperReview,
			catalogue.PaperApproved, catalogue.PaperFailed),
		ConfidenceFrom: float64(q.count("confidence_from", 0, 100, 0)), ConfidenceTill: float64(q.count("confidence_till", 0, 100, 0)),
		ReceivedFrom: q.day("from"), ReceivedTill: q.day("till"),
		Limit: q.count("limit", 1, 100, 20), Offset: q.count("offset", 0, catalogue.MostOffset, 0), Behind: q.text("behind"),
	}
	if len([]rune(look.Text)) > mostQuery && q.err == nil {
		q.err = invalid("q", "it has more than 500 characters")
	}
	if q.err != nil {
		return q.err
	}
	found, err := s.config.Catalogue.Search(r.Context(), c.token.Path, look)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, hitsJSON{Hits: each(found.Hits, hitOut), More: found.More, Next: found.Next, Seconds: found.Took.Seconds()})
	return nil
}

func hitOut(h *catalogue.Hit) hitJSON {
	marks := h.Marks
	if marks == nil {
		marks = [][2]int{}
	}
	return hitJSON{
		Paper: h.Paper, DossierCode: h.DossierCode, Agency: h.Agency, Name: h.Name, Kind: h.Kind, Component: h.Component,
		Page: h.Page, Exact: h.Exact, Snippet: h.Snippet, Marks: marks, Width: h.Width, Height: h.Height,
		Dossier: h.Dossier, Confidence: h.Confidence, Turned: h.Turned, State: h.State,
		Boxes: each(h.Boxes, func(b *catalogue.WordBox) boxJSON { return boxJSON{b.X0, b.Y0, b.X1, b.Y1, b.Confidence} }),
	}
}
