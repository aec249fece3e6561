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
	Before             string // of the period before; "" without one
	Change             string // against it
	// The dossiers behind the numbers.
	All, Filed, Lacking, Checked, Doubtful string
}

func cards(f *ratesFilter, r, before *catalogue.Rates) (all []figureCard) {
	for _, s := range r.Total {
		c := cardOf(s, r.Settings.Targets)
		if before != nil {
			was, some := before.Total.Of(s.Figure).Portal()
			c.Before = Percent(was, some)
			if now, there := s.Portal(); some && there {
				c.Change = change(now - was)
			}
		}
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

// change is by how much a rate has changed, with a sign that is no colour.
func change(by catalogue.Percent) string {
	const hundredths = 100
	switch {
	case by > 0:
		return "▲ tăng " + Decimal(float64(by)/hundredths, 2) + " điểm"
	case by < 0:
		return "▼ giảm " + Decimal(float64(-by)/hundredths, 2) + " điểm"
	}
	return "không đổi"
}

// ratesTable is one figure of each group; the chart is drawn from it.
type ratesTable struct {
	Title   string
	By      string // what the groups are
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
	All, Lacking       string // the dossiers behind the numbers; "" where they cannot be listed alone
}

func tableOf(f *ratesFilter, r *catalogue.Rates) ratesTable {
	by := groupsInWords(f.Query.By)
	t := ratesTable{Title: FigureName(f.Figure) + " theo " + strings.ToLower(by), By: by}
	t.Target, t.HasGoal = r.Settings.Targets[f.Figure]
	switch f.Query.By {
	case catalogue.ByDay, catalogue.ByMonth, catalogue.ByQuarter, catalogue.ByYear:
		t.InTime = true
	}
	for _, g := range r.Groups {
		row := rowOf(g.Figures.Of(f.Figure))
		row.Name, row.Short = groupName(f.Query.By, g)
		if to := groupFilter(f, g); to != nil {
			row.All = to.address("/thong-ke/ho-so", "phia", string(catalogue.SideAll), "theo", "")
			row.Lacking = to.address("/thong-ke/ho-so", "phia", string(catalogue.SideMissing), "theo", "")
		}
		t.Rows = append(t.Rows, row)
	}
	t.Total = rowOf(r.Total.Of(f.Figure))
	t.Total.All = f.address("/thong-ke/ho-so", "phia", string(catalogue.SideAll), "theo", "")
	t.Total.Lacking = f.address("/thong-ke/ho-so", "phia", string(catalogue.SideMissing), "theo", "")
	return t
}

func rowOf(s catalogue.Share) ratesRow {
	return ratesRow{
		Share: s, Missing: s.Of - s.Filed, Portal: Percent(s.Portal()), Honest: Percent(s.Honest()),
		PortalAt: drawn(s.Portal()), HonestAt: drawn(s.Honest()),
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

// groupFilter is the filter of one group's dossiers; nil where they cannot be asked for alone.
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
		if g.From == "" {
			return nil
		}
		one.Period, one.Query.From, one.Query.Till = ownPeriod, g.From, g.Till
	}
	return &one
}
