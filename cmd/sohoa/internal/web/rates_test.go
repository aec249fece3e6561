package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

// ratesWorld has two departments: the first with three dossiers, of which one has a paper, the other with one that has it.
func ratesWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	w := newWorld(t, change)
	for n, agency := range []string{"H50.13", "H50.13", "H50.13", "H50.14"} {
		code := fmt.Sprintf("H50.13-26033%d-0001", n%2)
		if n > 1 {
			code = fmt.Sprintf("H50.13-26040%d-0001", n)
		}
		token := map[string]string{"H50.13": w.desk, "H50.14": w.other}[agency]
		_, path := w.newDossier(t, token, agency, code)
		if n != 1 && n != 2 {
			want[handedJSON](t, w.do(t, ask{"POST", path + "/papers?name=don.png", token, scan(t, n), nil}), 201)
		}
	}
	return w
}

func figureOf(t *testing.T, figures []figureJSON, name catalogue.Figure) figureJSON {
	t.Helper()
	for _, f := range figures {
		if f.Figure == name {
			return f
		}
	}
	t.Fatalf("no figure %s in %+v", name, figures)
	return figureJSON{}
}

func TestRatesByTheAPI(t *testing.T) {
	t.Parallel()
	w := ratesWorld(t, nil)
	get := func(token, query string) RatesJSON {
		return want[RatesJSON](t, w.do(t, ask{method: "GET", path: "/api/v1/rates" + query, token: token}), 200)
	}
	all := get(w.boss, "?by=month")
	f := figureOf(t, all.Total, catalogue.FigureComponents)
	if f.Denominator != 4 || f.Filed != 2 || *f.Rate != 50 || *f.HonestRate != 0 || *f.Target != 80 {
		t.Errorf("of the province: %+v", f)
	}
	if len(all.Groups) != 2 || all.Groups[0].Key != "2026-03" || *figureOf(t, all.Groups[0].Figures, catalogue.FigureComponents).Rate != 50 {
		t.Errorf("by month: %+v", all.Groups)
	}
	if f := figureOf(t, all.Total, catalogue.FigureResults); f.Denominator != 0 || f.Rate != nil {
		t.Errorf("an empty denominator: %+v", f)
	}
	mine := get(w.desk, "?from=2026-03-31")
	if f := figureOf(t, mine.Total, catalogue.FigureComponents); f.Denominator != 2 || f.Filed != 0 {
		t.Errorf("of the desk's department, from a day on: %+v", f)
	}
	april := get(w.boss, "?from=2026-04-01&till=2026-04-30&by=month&compare=before")
	if f := figureOf(t, april.Total, catalogue.FigureComponents); april.Compared.From != "2026-03-01" || f.Compared.Denominator != 2 || f.Compared.Filed != 1 || *f.Compared.RateChange != 0 {
		t.Errorf("april against march: %+v, %+v", april.Compared, f.Compared)
	}
	if g := april.Groups[0]; g.Compared == nil || g.Compared.From != "2026-03-01" || figureOf(t, g.Figures, catalogue.FigureComponents).Compared.Denominator != 2 {
		t.Errorf("the month beside april: %+v", g)
	}
	other := get(w.boss, "?from=2026-04-01&till=2026-04-30&by=agency&compare_from=2025-01-01&compare_till=2025-12-31")
	if f := figureOf(t, other.Total, catalogue.FigureComponents); other.Compared.Till != "2025-12-31" || f.Compared.Denominator != 0 || f.Compared.Rate != nil || f.Compared.RateChange != nil {
		t.Errorf("april against a year without dossiers: %+v, %+v", other.Compared, f.Compared)
	}
	if all.Compared != nil || f.Compared != nil {
		t.Errorf("what is not asked for is compared: %+v", all)
	}
	list := want[rateDossiersJSON](t, w.do(t, ask{method: "GET", path: "/api/v1/rates/dossiers?figure=components&side=missing&limit=1", token: w.boss}), 200)
	if list.Count != 2 || len(list.Dossiers) != 1 || list.Before == 0 {
		t.Errorf("the missing ones: %+v", list)
	}
	wantCode(t, w.do(t, ask{method: "GET", path: "/api/v1/rates?agency=H50.14", token: w.desk}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{method: "GET", path: "/api/v1/rates?by=week", token: w.desk}), 400, CodeInvalid)
	wantCode(t, w.do(t, ask{method: "GET", path: "/api/v1/rates/dossiers", token: w.desk}), 400, CodeInvalid)
	for _, bad := range []string{"compare=before", "compare=week&from=2026-01-01&till=2026-01-31", "compare=period", "compare_from=1.1.2026", "compare_from=2026-02-01&compare_till=2026-01-01"} {
		wantCode(t, w.do(t, ask{method: "GET", path: "/api/v1/rates?" + bad, token: w.desk}), 400, CodeInvalid)
	}
}

func TestRateSettings(t *testing.T) {
	t.Parallel()
	w := ratesWorld(t, nil)
	put := map[string]any{"received": []int{4}, "scope": []int{2, 4}, "resolved": []int{7, 9, 10}, "targets": map[string]any{"components": 95.5}}
	got := want[rateSettingsJSON](t, w.do(t, ask{"PUT", "/api/v1/rates/settings", w.it, put, nil}), 200)
	if got.Targets["components"] != 95.5 || len(got.Resolved) != 3 {
		t.Errorf("%+v", got)
	}
	r := want[RatesJSON](t, w.do(t, ask{method: "GET", path: "/api/v1/rates", token: w.boss}), 200)
	if f := figureOf(t, r.Total, catalogue.FigureComponents); f.Denominator != 0 || *f.Target != 95.5 {
		t.Errorf("no dossier is in a state that counts: %+v", f)
	}
	put["targets"] = map[string]any{"components": 101}
	wantCode(t, w.do(t, ask{"PUT", "/api/v1/rates/settings", w.it, put, nil}), 400, CodeInvalid)
}

// The public feed is closed but for those who have a token for it; open, it tells everybody rates and nothing else.
func TestPublicRates(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/public/rates"
	w := ratesWorld(t, nil)
	wantCode(t, w.do(t, ask{method: "GET", path: path}), 401, CodeUnauthorized)
	_, feed, err := w.records.AddToken(t.Context(), catalogue.NewToken{
		Name: "ioc", Role: catalogue.RoleSupervisor, Agency: "H50", Scopes: []catalogue.Scope{catalogue.ScopeRates},
	})
	must(t, err)
	r := w.do(t, ask{method: "GET", path: path + "?by=agency", token: feed})
	if f := figureOf(t, want[RatesJSON](t, r, 200).Total, catalogue.FigureComponents); f.Denominator != 4 {
		t.Errorf("with a token: %+v", f)
	}
	if r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("other sites may ask a feed that is closed")
	}
	for _, other := range []string{"/api/v1/rates", "/api/v1/dossiers", "/api/v1/rates/dossiers?figure=components&side=all", "/api/v1/agencies", "/api/v1/search?q=a"} {
		wantCode(t, w.do(t, ask{method: "GET", path: other, token: feed}), 403, CodeForbidden)
	}
	open := ratesWorld(t, func(c *Config) { c.PublicRates = true })
	said := open.do(t, ask{method: "GET", path: path + "?by=agency"})
	if figureOf(t, want[RatesJSON](t, said, 200).Total, catalogue.FigureComponents).Denominator != 4 || said.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("open: %v %s", said.Header, said.text)
	}
	if strings.Contains(string(said.text), "-2603") {
		t.Errorf("it tells dossiers: %s", said.text)
	}
	if got := open.do(t, ask{method: http.MethodGet, path: "/api/v1/rates"}); got.StatusCode != 401 {
		t.Errorf("the other rates are open, too: %d", got.StatusCode)
	}
}
