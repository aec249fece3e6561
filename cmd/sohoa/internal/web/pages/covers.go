package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"sohoa/storage/catalogue"
	"sohoa/storage/catalogue/cover"
)

// coverRoutes are cover sheets as they are printed.
func (p *Pages) coverRoutes() []Route {
	return []Route{{Pattern: "GET /ho-so/{id}/bia", Do: p.coversPage}}
}

// coversData is what is printed: a sheet a page, those that were chosen, or all.
type coversData struct {
	Dossier   catalogue.Dossier
	Procedure string
	Title     string
	Sheets    []coverSheet
}

type coverSheet struct {
	catalogue.Cover

	Value   string // "component:TP01"
	Says    string // what paper it is for
	Chosen  bool
	Picture string // the address of its QR code
}

func (p *Pages) coversPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n < 1 {
		return catalogue.ErrNotFound
	}
	d, all, err := v.Records.Covers(r.Context(), v.Reach, catalogue.DossierID(n))
	if err != nil {
		return err
	}
	data := coversData{Dossier: d, Title: cover.Title}
	if procedure, err := v.Records.ProcedureByCode(r.Context(), d.Procedure); err == nil {
		data.Procedure = procedure.Name
	}
	chosen := r.URL.Query()["to"]
	for _, c := range all {
		s := coverSheet{Cover: c, Value: string(c.Kind) + ":" + c.Component, Says: c.Name}
		switch {
		case c.Kind == catalogue.ResultPaper:
			s.Says = Kind(c.Kind)
		case c.Component == "":
			s.Says = "Giấy tờ khác"
		}
		s.Chosen = len(chosen) == 0 && c.Component != "" || slices.Contains(chosen, s.Value)
		s.Picture = "/api/v1/dossiers/" + strconv.FormatInt(n, 10) + "/covers/code?" +
			url.Values{"kind": {string(c.Kind)}, "component": {c.Component}}.Encode()
		data.Sheets = append(data.Sheets, s)
	}
	return p.render(w, r, v, "bia", data)
}
