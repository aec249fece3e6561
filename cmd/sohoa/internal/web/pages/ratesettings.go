package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa/storage/catalogue"
)

// rateSettingsData is how the rates are counted, as a form.
type rateSettingsData struct {
	Denominators []denominator
	States       []catalogue.DossierState
	Targets      []target
	Said         string
}

// denominator is one set of the states that count.
type denominator struct {
	Field, Name, Of string
	States          []catalogue.DossierState
}

// Has tells whether a state counts.
func (d denominator) Has(s catalogue.DossierState) bool { return slices.Contains(d.States, s) }

// target is what a figure should reach; "" where it has none.
type target struct {
	Figure   catalogue.Figure
	Name, At string
}

func (p *Pages) rateSettings(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	s, err := v.Records.RateSettings(r.Context())
	if err != nil {
		return err
	}
	data := rateSettingsData{Denominators: []denominator{
		{"received", "Hồ sơ tiếp nhận", FigureName(catalogue.FigureComponents) + ", " + FigureName(catalogue.FigureReuse), s.Received},
		{"scope", "Hồ sơ phải số hóa", FigureName(catalogue.FigureDossiers), s.Scope},
		{"resolved", "Hồ sơ giải quyết xong", FigureName(catalogue.FigureResults), s.Resolved},
	}}
	for state := catalogue.StateRegistered; state <= catalogue.StateReturned; state++ {
		data.States = append(data.States, state)
	}
	for _, f := range catalogue.FigureNames() {
		one := target{Figure: f, Name: FigureName(f)}
		if at, has := s.Targets[f]; has {
			one.At = strings.TrimSuffix(Decimal(float64(at)/100, 2), ",00")
		}
		data.Targets = append(data.Targets, one)
	}
	if r.URL.Query().Get("xong") != "" {
		data.Said = "Đã lưu. Số liệu được tính lại theo cách mới, cả của các kỳ trước."
	}
	return p.render(w, r, v, "van-hanh-ty-le", data)
}

// putRateSettings keeps how the rates are counted, for everybody.
func (p *Pages) putRateSettings(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	if err := readForm(r); err != nil {
		return err
	}
	s := catalogue.RateSettings{Targets: make(map[catalogue.Figure]catalogue.Percent)}
	for _, set := range []struct {
		field string
		into  *[]catalogue.DossierState
	}{{"received", &s.Received}, {"scope", &s.Scope}, {"resolved", &s.Resolved}} {
		for _, text := range r.PostForm[set.field] {
			n, err := strconv.Atoi(text)
			if err != nil {
				return &catalogue.InvalidError{Field: set.field, Reason: "states are 1 to 10"}
			}
			*set.into = append(*set.into, catalogue.DossierState(n))
		}
	}
	for _, f := range catalogue.FigureNames() {
		at, has, err := percent(r.PostFormValue("target-" + string(f)))
		if err != nil {
			return err
		}
		if has {
			s.Targets[f] = at
		}
	}
	if err := v.Records.PutRateSettings(r.Context(), s); err != nil {
		return err
	}
	leadOn(w, r, "/van-hanh/ty-le?xong=1")
	return nil
}

// percent reads 80 or 83,15 as people type it; none where nothing is typed.
func percent(text string) (at catalogue.Percent, has bool, err error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if text == "" {
		return 0, false, nil
	}
	x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || !(x >= 0 && x <= 100) {
		return 0, false, &catalogue.InvalidError{Field: "targets", Reason: "a target is from 0 to 100 %"}
	}
	return catalogue.Percent(x*100 + 0.5), true, nil
}
