package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// ratesRoutes are the digitization rates (tỷ lệ số hóa): for everybody who is signed in, within their reach.
func (p *Pages) ratesRoutes() []Route {
	return []Route{
		{Pattern: "GET /thong-ke", Do: p.ratesPage},
		{Pattern: "GET /thong-ke/ho-so", Do: p.rateDossiersPage},
		{Pattern: "GET /thong-ke/tai-ve", Do: p.exportRates},
		{Pattern: "GET /cong-khai/so-lieu", Open: true, Do: p.publicRatesPage},
	}
}

// The periods that have a name, as the address has them.
const (
	thisMonth   = "thang-nay"
	lastMonth   = "thang-truoc"
	thisQuarter = "quy-nay"
	thisYear    = "nam-nay"
	lastYear    = "nam-truoc"
	allTime     = "tat-ca"
	ownPeriod   = "tuy-chon"
)

// ratesChoice is a line of a select.
type ratesChoice struct {
	Value, Name string
	Chosen      bool
}

// choices are lines of which one is chosen.
func choices(chosen string, pairs ...string) (all []ratesChoice) {
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, ratesChoice{pairs[i], pairs[i+1], pairs[i] == chosen})
	}
	return all
}

// ratesFilter is what is asked of the rates, as the form and the address have it.
type ratesFilter struct {
	Period    string // one of the names above
	With      string // what it is compared with, one of the names in ratescompare.go
	Query     catalogue.RateQuery
	Figure    catalogue.Figure // of the chart and the table
	Agencies  []ratesChoice
	Fields    []ratesChoice
	Procedure []ratesChoice // what can be typed
}

// readRatesFilter reads a page's query; what is not given is this year by month.
func readRatesFilter(r *http.Request, now time.Time) ratesFilter {
	v := r.URL.Query()
	f := ratesFilter{Period: v.Get("ky"), Figure: catalogue.Figure(v.Get("chi-tieu"))}
	if !slices.Contains(catalogue.FigureNames(), f.Figure) {
		f.Figure = catalogue.FigureDossiers
	}
	f.Query = catalogue.RateQuery{
		From: typedDay(v.Get("tu")), Till: typedDay(v.Get("den")), Agency: v.Get("co-quan"), Own: v.Get("rieng") == "1", Procedure: strings.TrimSpace(v.Get("thu-tuc")),
		Field: v.Get("linh-vuc"), By: catalogue.RateBy(v.Get("theo")),
	}
	if f.Period == "" && (f.Query.From != "" || f.Query.Till != "") {
		f.Period = ownPeriod
	}
	switch f.Period {
	case ownPeriod, allTime:
	default:
		f.Period, f.Query.From, f.Query.Till = namedPeriod(f.Period, now)
	}
	if f.Period == allTime {
		f.Query.From, f.Query.Till = "", ""
	}
	if f.Query.By == catalogue.ByNothing {
		f.Query.By = catalogue.ByMonth
	}
	f.compareWith(v.Get("so-voi"), typedDay(v.Get("so-tu")), typedDay(v.Get("so-den")))
	return f
}

// namedPeriod is from when till when a period goes, in Vietnam; one without a name is this year.
func namedPeriod(name string, now time.Time) (period, from, till string) {
	now = now.In(vietnam)
	year, month := now.Year(), now.Month()
	first, months := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), 12
	switch name {
	case thisMonth:
		first, months = time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), 1
	case lastMonth:
		first, months = time.Date(year, month-1, 1, 0, 0, 0, 0, time.UTC), 1
	case thisQuarter:
		first, months = time.Date(year, (month-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC), 3
	case lastYear:
		first = first.AddDate(-1, 0, 0)
	default:
		name = thisYear
	}
	return name, first.Format(time.DateOnly), first.AddDate(0, months, -1).Format(time.DateOnly)
}

// address is a path of the rates with the filter as it is, but for some values: name, value, name, value.
func (f *ratesFilter) address(path string, changes ...string) string {
	v := url.Values{}
	for name, value := range map[string]string{
		"ky": f.Period, "co-quan": f.Query.Agency, "thu-tuc": f.Query.Procedure, "linh-vuc": f.Query.Field, "theo": string(f.Query.By),
		"chi-tieu": string(f.Figure), "so-voi": f.With,
	} {
		v.Set(name, value)
	}
	if f.Period == ownPeriod {
		v.Set("tu", f.Query.From)
		v.Set("den", f.Query.Till)
	}
	if f.With == ownPeriod {
		v.Set("so-tu", f.Query.CompareFrom)
		v.Set("so-den", f.Query.CompareTill)
	}
	if f.Query.Own {
		v.Set("rieng", "1")
	}
	for i := 0; i+1 < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	for name := range v {
		if v.Get(name) == "" {
			v.Del(name)
		}
	}
	return path + "?" + v.Encode()
}

// fill reads what can be chosen.
func (f *ratesFilter) fill(r *http.Request, v *Visit) error {
	agencies, err := v.Records.Agencies(r.Context(), v.Reach)
	if err != nil {
		return err
	}
	top := 0
	for i, a := range agencies {
		depth := strings.Count(string(a.Path), "/")
		if i == 0 {
			top = depth
		}
		f.Agencies = append(f.Agencies, ratesChoice{a.Code, strings.Repeat("— ", depth-top) + a.Name + " (" + a.Code + ")", a.Code == f.Query.Agency})
	}
	procedures, err := v.Records.Procedures(r.Context())
	if err != nil {
		return err
	}
	const mostListed = 500 // a longer list is slower than typing
	names := make(map[string]string)
	for i := range procedures {
		p := &procedures[i]
		if len(procedures) <= mostListed {
			f.Procedure = append(f.Procedure, ratesChoice{Value: p.Code, Name: p.Name})
		}
		if _, known := names[p.FieldCode]; !known && p.FieldCode != "" {
			names[p.FieldCode] = p.FieldName
			f.Fields = append(f.Fields, ratesChoice{p.FieldCode, p.FieldName, p.FieldCode == f.Query.Field})
		}
	}
	slices.SortFunc(f.Fields, func(a, b ratesChoice) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// Periods and Bys are what the form offers.
func (f *ratesFilter) Periods() []ratesChoice {
	return choices(f.Period, thisMonth, "Tháng này", lastMonth, "Tháng trước", thisQuarter, "Quý này", thisYear, "Năm nay", lastYear, "Năm trước",
		allTime, "Tất cả", ownPeriod, "Từ ngày … đến ngày …")
}

// Bys are what the form offers to divide by.
func (f *ratesFilter) Bys() []ratesChoice {
	return choices(string(f.Query.By), "day", "Ngày", "month", "Tháng", "quarter", "Quý", "year", "Năm", "agency", "Cơ quan, đơn vị",
		"procedure", "Thủ tục", "field", "Lĩnh vực")
}

// ratesData is what /thong-ke shows.
type ratesData struct {
	Filter    *ratesFilter
	Period    string // in words
	Compared  string // with what, in words; "" with nothing
	Agency    string
	Cards     []figureCard
	Tabs      []tab
	Table     ratesTable
	Empty     bool
	XLSX, CSV string // addresses
	Received  string // the states that count, in words
	Scope     string
	Resolved  string
	MayImport bool
}

type tab struct {
	Name, Path string
	Current    bool
}

func (p *Pages) ratesPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	f := readRatesFilter(r, time.Now())
	rates, err := v.Records.Rates(r.Context(), v.Reach, f.Query)
	if err != nil {
		return err
	}
	if err := f.fill(r, v); err != nil {
		return err
	}
	data := ratesData{
		Filter: &f, Period: periodInWords(f.Query.From, f.Query.Till), Agency: rates.Agency.Name, Cards: cards(&f, &rates), Compared: comparedInWords(&f, &rates),
		Table: tableOf(&f, &rates), XLSX: f.address("/thong-ke/tai-ve", "dang", "xlsx"), CSV: f.address("/thong-ke/tai-ve", "dang", "csv"),
		Received: statesInWords(rates.Settings.Received), Scope: statesInWords(rates.Settings.Scope), Resolved: statesInWords(rates.Settings.Resolved),
		MayImport: v.Is(catalogue.RoleSupervisor, catalogue.RoleIT), Empty: len(rates.Groups) == 0,
	}
	for _, figure := range catalogue.FigureNames() {
		data.Tabs = append(data.Tabs, tab{FigureName(figure), f.address("/thong-ke", "chi-tieu", string(figure)) + "#bang", figure == f.Figure})
	}
	return p.render(w, r, v, "thong-ke", data)
}

func statesInWords(states []catalogue.DossierState) string {
	var all []string
	for _, s := range states {
		all = append(all, strconv.Itoa(int(s))+" "+strings.ToLower(DossierState(s)))
	}
	return strings.Join(all, ", ")
}

// periodInWords is a period as people say it.
func periodInWords(from, till string) string {
	switch {
	case from == catalogue.NotKnown:
		return "không rõ ngày"
	case from == "" && till == "":
		return "tất cả các ngày"
	case from == "":
		return "đến ngày " + Day(till)
	case till == "":
		return "từ ngày " + Day(from)
	}
	return "từ " + Day(from) + " đến " + Day(till)
}
