package pages

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"sohoa/storage/catalogue"
)

// rateDossiersData is what /thong-ke/ho-so shows: the dossiers behind a number.
type rateDossiersData struct {
	Figure, Side, Period string
	Agency               string
	Count                int64
	Dossiers             []catalogue.Dossier
	Sides                []tab
	Next, First, Back    string // addresses; Next and First "" where there is none
}

const rateDossiersAtOnce = 100

func (p *Pages) rateDossiersPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	f := readRatesFilter(r, time.Now())
	side := catalogue.RateSide(r.URL.Query().Get("phia"))
	if !slices.Contains(catalogue.RateSides(), side) {
		side = catalogue.SideAll
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("truoc"), 10, 64) // what is no number begins the list
	found, err := v.Records.RateDossiers(r.Context(), v.Reach, f.Query, f.Figure, side, catalogue.DossierID(max(0, before)), rateDossiersAtOnce)
	if err != nil {
		return err
	}
	data := rateDossiersData{
		Figure: FigureName(f.Figure), Side: sideName(side), Period: periodInWords(f.Query.From, f.Query.Till), Agency: f.Query.Agency,
		Count: found.Count, Dossiers: found.Dossiers, Back: f.address("/thong-ke"),
	}
	for _, s := range catalogue.RateSides() {
		data.Sides = append(data.Sides, tab{sideName(s), f.address("/thong-ke/ho-so", "phia", string(s)), s == side})
	}
	if before > 0 {
		data.First = f.address("/thong-ke/ho-so", "phia", string(side))
	}
	if found.More {
		last := found.Dossiers[len(found.Dossiers)-1].ID
		data.Next = f.address("/thong-ke/ho-so", "phia", string(side), "truoc", strconv.FormatInt(int64(last), 10))
	}
	return p.render(w, r, v, "thong-ke-ho-so", data)
}

func sideName(s catalogue.RateSide) string {
	switch s {
	case catalogue.SideAll:
		return "Tất cả (mẫu số)"
	case catalogue.SideFiled:
		return "Có tệp (công thức của Cổng)"
	case catalogue.SideMissing:
		return "Còn thiếu tệp"
	case catalogue.SideRead:
		return "Đã đọc"
	case catalogue.SideChecked:
		return "Đã đọc và được duyệt (thực chất)"
	case catalogue.SideUnchecked:
		return "Có tệp nhưng chưa đọc hoặc chưa duyệt"
	}
	return string(s)
}
