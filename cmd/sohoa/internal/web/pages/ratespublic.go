package pages

import (
	"net/http"
	"time"

	"sohoa/storage/catalogue"
)

// publicRatesData is what everybody may see: rates, no dossier.
type publicRatesData struct {
	Agency, Period string
	Periods        []ratesChoice
	Cards          []figureCard
	Rows           []publicRow
	At             time.Time
}

type publicRow struct {
	Name  string
	Rates []string // by the portal's formula, in the order of the cards
}

// publicRatesPage is for the agency's website and for whoever wants to know; where the rates are not open it is not there.
func (p *Pages) publicRatesPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !p.config.PublicRates {
		return catalogue.ErrNotFound
	}
	f := readRatesFilter(r, time.Now())
	if f.Period == ownPeriod {
		f.Period, f.Query.From, f.Query.Till = namedPeriod(thisYear, time.Now())
	}
	query := catalogue.RateQuery{From: f.Query.From, Till: f.Query.Till, By: catalogue.ByAgency}
	rates, err := p.config.Catalogue.Rates(r.Context(), catalogue.Everywhere, query)
	if err != nil {
		return err
	}
	data := publicRatesData{
		Agency: rates.Agency.Name, Period: periodInWords(f.Query.From, f.Query.Till), At: time.Now(),
		Periods: choices(f.Period, thisMonth, "Tháng này", lastMonth, "Tháng trước", thisQuarter, "Quý này", thisYear, "Năm nay", lastYear, "Năm trước"),
	}
	for _, s := range rates.Total {
		data.Cards = append(data.Cards, cardOf(s, rates.Settings.Targets))
	}
	for _, g := range rates.Groups {
		row := publicRow{Name: g.Name}
		if g.Own {
			row.Name += ": trực tiếp"
		}
		for _, s := range g.Figures {
			row.Rates = append(row.Rates, Percent(s.Portal()))
		}
		data.Rows = append(data.Rows, row)
	}
	return p.render(w, r, v, "cong-khai", data)
}
