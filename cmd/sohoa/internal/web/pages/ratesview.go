package pages

import (
	"strings"

	"sohoa/storage/catalogue"
)

// FigureName is a figure as Quyết định 766/QĐ-TTg and its readers call it.
func FigureName(f catalogue.Figure) string {
	switch f {
	case catalogue.FigureComponents:
		return "Số hóa khi tiếp nhận"
	case catalogue.FigureDossiers:
		return "Số hóa hồ sơ"
	case catalogue.FigureResults:
		return "Kết quả điện tử"
	case catalogue.FigureReuse:
		return "Tái sử dụng"
	}
	return string(f)
}

// figureMeaning says what a figure is a share of.
func figureMeaning(f catalogue.Figure) string {
	switch f {
	case catalogue.FigureComponents:
		return "Hồ sơ tiếp nhận trong kỳ có ít nhất một tệp thành phần hồ sơ."
	case catalogue.FigureDossiers:
		return "Hồ sơ có tệp thành phần và, nếu thủ tục trả kết quả bằng văn bản, có tệp kết quả."
	case catalogue.FigureResults:
		return "Hồ sơ giải quyết xong trong kỳ, của thủ tục trả kết quả bằng văn bản, có tệp kết quả."
	case catalogue.FigureReuse:
		return "Hồ sơ tiếp nhận trong kỳ dùng lại ít nhất một giấy tờ đã có."
	}
	return ""
}

// noFigure is what is shown for a share of nothing.
const noFigure = "Không có số liệu"

// Percent shows a rate as 83,15 %; what is none has no figure.
func Percent(p catalogue.Percent, some bool) string {
	if !some {
		return noFigure
	}
	const hundredths = 100
	return Decimal(float64(p)/hundredths, 2) + "\u00a0%"
}

// figureCard is one figure in large.
type figureCard struct {
	Figure             catalogue.Figure
	Name, Meaning      string
	Share              catalogue.Share
	Missing, Unchecked int64
	Some               bool
	Portal, Honest     string
	Filled             catalogue.Percent // of the bar
	Target             string            // "" without one
	Reached            bool
	With               string  // the other period
	Versus             *versus // nil without one
	// The dossiers behind the numbers.
	All, Filed, Lacking, Checked, Doubtful string
}

func cards(f *ratesFilter, r *catalogue.Rates) (all []figureCard) {
	for _, s := range r.Total {
		c := cardOf(s, r.Settings.Targets)
		c.With, c.Versus = f.withName(), versusOf(s, r.ComparedTotal())
		link := func(side catalogue.RateSide) string {
			return f.address("/thong-ke/ho-so", "chi-tieu", string(s.Figure), "phia", string(side), "theo", "")
		}
		c.All, c.Filed, c.Lacking = link(catalogue.SideAll), link(catalogue.SideFiled), link(catalogue.SideMissing)
		c.Checked, c.Doubtful = link(catalogue.SideChecked), link(catalogue.SideUnchecked)
		all = append(all, c)
	}
	return all
}

func cardOf(s catalogue.Share, targets map[catalogue.Figure]catalogue.Percent) figureCard {
	c := figureCard{
		Figure: s.Figure, Name: FigureName(s.Figure), Meaning: figureMeaning(s.Figure), Share: s, Missing: s.Of - s.Filed, Unchecked: s.Filed - s.Checked,
		Portal: Percent(s.Portal()), Honest: Percent(s.Honest()),
	}
	c.Filled, c.Some = s.Portal()
	if target, some := targets[s.Figure]; some {
		c.Target, c.Reached = Percent(target, true), c.Filled >= target
	}
	return c
}

// ratesTable is one figure of each group; the chart is drawn from it.
type ratesTable struct {
	Title   string
	By      string // what the groups are
	With    string // the other period; "" where nothing is compared
	Target  catalogue.Percent
	HasGoal bool
	InTime  bool // the groups are periods: the chart is a line
	Rows    []ratesRow
	Total   ratesRow
}

type ratesRow struct {
	Name, Short    string
	Share          catalogue.Share
	Missing        int64
	Portal, Honest string
	// The rates as the chart draws them; "" for no figure.
	PortalAt, HonestAt string
	Compared           bool    // there is another period
	Versus             *versus // nil where nothing of it stands beside this
	// The dossiers behind the numbers.
	All, Filed, Lacking, Read, Checked string
}

// WasAt is the rate of the other period, as the chart draws it.
func (r ratesRow) WasAt() string {
	if r.Versus == nil {
		return ""
	}
	return r.Versus.At
}

func tableOf(f *ratesFilter, r *catalogue.Rates) ratesTable {
	by := groupsInWords(f.Query.By)
	t := ratesTable{Title: FigureName(f.Figure) + " theo " + strings.ToLower(by), By: by}
	if r.Compared != nil {
		t.With = f.withName()
	}
	t.Target, t.HasGoal = r.Settings.Targets[f.Figure]
	switch f.Query.By {
	case catalogue.ByDay, catalogue.ByMonth, catalogue.ByQuarter, catalogue.ByYear:
		t.InTime = true
	}
	for _, g := range r.Groups {
		row := rowOf(g.Figures.Of(f.Figure), g.ComparedFigures())
		row.Name, row.Short = groupName(f.Query.By, g)
		if t.InTime && row.Versus != nil {
			row.Versus.Name, _ = groupName(f.Query.By, *g.Compared)
		}
		row.Compared = t.With != ""
		row.lead(groupFilter(f, g))
		t.Rows = append(t.Rows, row)
	}
	t.Total = rowOf(r.Total.Of(f.Figure), r.ComparedTotal())
	t.Total.Compared = t.With != ""
	t.Total.lead(f)
	return t
}

// lead makes the numbers of a row lead to their dossiers.
func (r *ratesRow) lead(to *ratesFilter) {
	for side, into := range map[catalogue.RateSide]*string{
		catalogue.SideAll: &r.All, catalogue.SideFiled: &r.Filed, catalogue.SideMissing: &r.Lacking, catalogue.SideRead: &r.Read, catalogue.SideChecked: &r.Checked,
	} {
		*into = to.address("/thong-ke/ho-so", "phia", string(side), "theo", "")
	}
}

func rowOf(s catalogue.Share, others *catalogue.Figures) ratesRow {
	return ratesRow{
		Share: s, Missing: s.Of - s.Filed, Portal: Percent(s.Portal()), Honest: Percent(s.Honest()),
		PortalAt: drawn(s.Portal()), HonestAt: drawn(s.Honest()), Versus: versusOf(s, others),
	}
}

// drawn is a rate for the chart.
func drawn(p catalogue.Percent, some bool) string {
	if !some {
		return ""
	}
	const hundredths = 100
	return strings.Replace(Decimal(float64(p)/hundredths, 2), ",", ".", 1)
}

func groupsInWords(by catalogue.RateBy) string {
	switch by {
	case catalogue.ByDay:
		return "Ngày"
	case catalogue.ByMonth:
		return "Tháng"
	case catalogue.ByQuarter:
		return "Quý"
	case catalogue.ByYear:
		return "Năm"
	case catalogue.ByAgency:
		return "Cơ quan, đơn vị"
	case catalogue.ByProcedure:
		return "Thủ tục"
	case catalogue.ByField:
		return "Lĩnh vực"
	case catalogue.ByNothing:
	}
	return ""
}

// groupName is what a group is called, in the table and under the chart.
func groupName(by catalogue.RateBy, g catalogue.RateGroup) (name, short string) {
	switch by {
	case catalogue.ByDay:
		name = Day(g.Key)
	case catalogue.ByMonth:
		if year, month, ok := strings.Cut(g.Key, "-"); ok {
			name = month + "/" + year
		}
	case catalogue.ByQuarter:
		if year, quarter, ok := strings.Cut(g.Key, "-Q"); ok {
			name = "Quý " + quarter + "/" + year
		}
	case catalogue.ByYear:
		name = g.Key
	case catalogue.ByAgency, catalogue.ByProcedure, catalogue.ByField, catalogue.ByNothing:
		short = g.Key
		if g.Key != "" {
			name = g.Name + " (" + g.Key + ")"
		}
		if g.Own {
			name, short = g.Name+": trực tiếp", "trực tiếp"
		}
	}
	if name == "" {
		return "Không rõ", "không rõ"
	}
	if short == "" {
		short = name
	}
	return name, short
}

// groupFilter is the filter of one group's dossiers.
func groupFilter(f *ratesFilter, g catalogue.RateGroup) *ratesFilter {
	one := *f
	known := g.Key
	if known == "" {
		known = catalogue.NotKnown
	}
	switch f.Query.By {
	case catalogue.ByAgency:
		one.Query.Agency, one.Query.Own = g.Key, f.Query.Own || g.Own
	case catalogue.ByProcedure:
		one.Query.Procedure = known
	case catalogue.ByField:
		one.Query.Field = known
	default:
		one.Period, one.Query.From, one.Query.Till = ownPeriod, g.From, g.Till
		if g.From == "" {
			one.Query.From = catalogue.NotKnown
		}
	}
	return &one
}
