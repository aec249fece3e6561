package pages

import (
	"strings"

	"sohoa/storage/catalogue"
)

// What a period can be compared with, as the address has it; ownPeriod is one of one's own.
const (
	withBefore  = "ky-truoc"
	withYear    = "nam-truoc-do"
	withNothing = "khong"
)

// compareWith reads what the period is compared with; what is not said is the period before. Where there is none before it, the
// period is compared with nothing.
func (f *ratesFilter) compareWith(with, from, till string) {
	if with == "" && from+till != "" {
		with = ownPeriod
	}
	f.With = with
	switch with {
	case ownPeriod:
		f.Query.CompareFrom, f.Query.CompareTill = from, till
	case withNothing:
	case withYear:
		f.Query.Compare = catalogue.CompareYearBefore
	default:
		f.With, f.Query.Compare = withBefore, catalogue.CompareBefore
	}
	if f.Query.Compare != catalogue.CompareNothing && (f.Query.From == "" || f.Query.Till == "") {
		f.Query.Compare = catalogue.CompareNothing
	}
}

// Withs are what the form offers.
func (f *ratesFilter) Withs() []ratesChoice {
	return choices(f.With, withBefore, "Kỳ trước", withYear, "Cùng kỳ năm trước", ownPeriod, "Kỳ khác: từ … đến …", withNothing, "Không so sánh")
}

// WithDays are those of the other period, as the form shows them.
func (f *ratesFilter) WithDays() [2]string {
	from, till, there, err := f.Query.Compared()
	if err != nil || !there {
		return [2]string{}
	}
	return [2]string{from, till}
}

// withName is the other period, as a head of what is shown of it.
func (f *ratesFilter) withName() string {
	switch f.With {
	case withBefore:
		return "Kỳ trước"
	case withYear:
		return "Cùng kỳ năm trước"
	}
	return "Kỳ so sánh"
}

// comparedInWords says with what a period is compared, or why with nothing.
func comparedInWords(f *ratesFilter, r *catalogue.Rates) string {
	switch {
	case r.Compared != nil && f.With == ownPeriod:
		return "so với kỳ " + periodInWords(r.Compared.From, r.Compared.Till)
	case r.Compared != nil:
		return "so với " + strings.ToLower(f.withName()) + " (" + periodInWords(r.Compared.From, r.Compared.Till) + ")"
	case f.With == ownPeriod:
		return "chưa so sánh: hãy nhập ngày của kỳ so sánh"
	case f.With != withNothing:
		return "không so sánh được: kỳ này không có ngày đầu hoặc ngày cuối"
	}
	return ""
}

// versus is what stands beside a figure: of another period, and the difference.
type versus struct {
	Name           string // the other period, where a group has one of its own
	Portal, Honest string
	By, ByHonest   string // "" where one of the two has no figure
	At             string // by the portal's formula, as the chart draws it
}

// versusOf sets a figure beside the same one of another period.
func versusOf(s catalogue.Share, others *catalogue.Figures) *versus {
	if others == nil {
		return nil
	}
	was := others.Of(s.Figure)
	v := &versus{Portal: Percent(was.Portal()), Honest: Percent(was.Honest()), At: drawn(was.Portal())}
	if by, some := catalogue.Points(s.Portal, was.Portal); some {
		v.By = change(by)
	}
	if by, some := catalogue.Points(s.Honest, was.Honest); some {
		v.ByHonest = change(by)
	}
	return v
}

// change is by how much a rate has changed, with a sign that is no colour.
func change(by catalogue.Percent) string {
	const hundredths = 100
	switch {
	case by > 0:
		return "▲ tăng " + Decimal(float64(by)/hundredths, 2) + " điểm %"
	case by < 0:
		return "▼ giảm " + Decimal(float64(-by)/hundredths, 2) + " điểm %"
	}
	return "không đổi"
}
