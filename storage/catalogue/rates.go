package catalogue

import (
	"context"
	"fmt"
	"slices"
)

// Figure names one of the digitization figures of Quyết định 766/QĐ-TTg.
type Figure string

// The figures. Each is a share: the dossiers of the numerator among those of the denominator. A dossier counts on the day of
// its receipt, in FigureResults on the day on which it was completed (or of its receipt, where that day is not known).
const (
	// FigureComponents: received dossiers with at least one component's file (số hóa thành phần hồ sơ khi tiếp nhận).
	FigureComponents Figure = "components"
	// FigureDossiers: dossiers with a component's file and, where the procedure gives a written result, the result's (số hóa
	// hồ sơ). A procedure that is not known is taken for one that gives it.
	FigureDossiers Figure = "dossiers"
	// FigureResults: completed dossiers of procedures that give a written result, with its file (cấp kết quả điện tử).
	FigureResults Figure = "results"
	// FigureReuse: received dossiers with a component that was held already (khai thác, sử dụng lại).
	FigureReuse Figure = "reuse"
)

// FigureNames are all figures in their order.
func FigureNames() []Figure {
	return []Figure{FigureComponents, FigureDossiers, FigureResults, FigureReuse}
}

// The figures' places among FigureNames.
const (
	components = iota
	dossiers
	results
	reuse
	figureCount
)

// Share is a figure: of how many dossiers how many count.
type Share struct {
	Figure Figure
	Of     int64 // the denominator
	// Filed is the portal's numerator: those whose files are there. Read of them have files of which the text was read, and
	// Checked of those have files that were read and that an officer approved, too: the honest numerator.
	Filed, Read, Checked int64
}

// Percent is hundredths of a percent: 8315 is 83.15 %.
type Percent int64

const whole Percent = 10000

// PercentOf is n of all, rounded to two decimals, halves upwards; none where there is nothing to be a share of.
func PercentOf(n, all int64) (p Percent, some bool) {
	if all == 0 {
		return 0, false
	}
	return Percent((2*n*int64(whole) + all) / (2 * all)), true
}

// Portal is the rate by the portal's formula; none where the denominator is empty.
func (s Share) Portal() (Percent, bool) { return PercentOf(s.Filed, s.Of) }

// Honest is the rate of what was read and approved; none where the denominator is empty.
func (s Share) Honest() (Percent, bool) { return PercentOf(s.Checked, s.Of) }

// Figures are all figures of one cut, in the order of FigureNames.
type Figures [figureCount]Share

func newFigures() (f Figures) {
	for i, name := range FigureNames() {
		f[i].Figure = name
	}
	return f
}

// Of is one of them.
func (f *Figures) Of(name Figure) Share {
	for _, s := range f {
		if s.Figure == name {
			return s
		}
	}
	return Share{Figure: name}
}

// add adds those of another cut.
func (f *Figures) add(other *Figures) {
	for n := range f {
		f[n].Of += other[n].Of
		f[n].Filed += other[n].Filed
		f[n].Read += other[n].Read
		f[n].Checked += other[n].Checked
	}
}

// RateBy is what figures are grouped by.
type RateBy string

// What figures can be grouped by.
const (
	ByNothing   RateBy = ""
	ByDay       RateBy = "day"
	ByMonth     RateBy = "month"
	ByQuarter   RateBy = "quarter"
	ByYear      RateBy = "year"
	ByAgency    RateBy = "agency" // the agencies right below the one that is asked for, each with all below it
	ByProcedure RateBy = "procedure"
	ByField     RateBy = "field" // lĩnh vực
)

// RateBys are all of them.
func RateBys() []RateBy {
	return []RateBy{ByDay, ByMonth, ByQuarter, ByYear, ByAgency, ByProcedure, ByField}
}

// NotKnown chooses the dossiers whose procedure, field or, as RateQuery.From without Till, day is not known. It is no code and no day.
const NotKnown = "-"

// RateQuery is a cut of the figures. All that is given must hold.
type RateQuery struct {
	From, Till string // days YYYY-MM-DD, both included; "" is without end. Without both, dossiers whose day is not known count, too; From NotKnown: they alone
	Agency     string // code: that agency with all below it; "" is all within reach
	Own        bool   // of the agency its own dossiers alone, without those of the agencies below it
	Procedure  string // its code, or NotKnown
	Field      string // its code, or NotKnown
	By         RateBy

	// Compare is what the figures are compared with; where CompareFrom or CompareTill is given, ComparePeriod need not be.
	Compare                  RateCompare
	CompareFrom, CompareTill string // days, as From and Till
}

// RateGroup is the figures of one group.
type RateGroup struct {
	// Key is the group's: a day 2026-03-31, month 2026-03, quarter 2026-Q1 or year, or a code; "" for dossiers of which it is
	// not known.
	Key, Name string
	// Own is the group of the asked agency's own dossiers, beside those of the agencies below it.
	Own        bool
	From, Till string // of a period
	Figures    Figures
	// Compared is what stands beside it in the period that is compared with; nil where nothing does.
	Compared *RateGroup
}

// Rates is the answer to a RateQuery.
type Rates struct {
	Query    RateQuery
	Agency   Agency // the one asked for, or the one that bounds the reach; zero where none does
	Settings RateSettings
	Total    Figures
	Groups   []RateGroup // in order; their sums are Total
	Compared *Comparison // nil where the query compares with nothing
}

// Rates counts the figures within reach. It is the one place where they are computed. ErrNotFound where the agency is out of
// reach.
func (c *Catalogue) Rates(ctx context.Context, reach Reach, query RateQuery) (r Rates, err error) {
	cut, err := c.cut(ctx, reach, query)
	if err != nil {
		return r, fmt.Errorf("count the rates: %w", err)
	}
	c.facts.mu.RLock()
	defer c.facts.mu.RUnlock()
	if err := cut.group(c.facts); err != nil {
		return r, fmt.Errorf("count the rates: %w", err)
	}
	groups := cut.count(c.facts.facts)
	r = Rates{Query: query, Agency: cut.base, Settings: cut.settings, Total: newFigures()}
	others, with, err := cut.compared(c.facts)
	if err != nil {
		return Rates{}, fmt.Errorf("count the rates to compare with: %w", err)
	}
	r.Compared = with
	for i := range groups {
		g := &groups[i]
		g.Compared = cut.beside(i, others)
		r.Total.add(&g.Figures)
		if query.By != ByNothing && (!cut.sparse || g.Figures != newFigures() || g.Compared != nil && g.Compared.Figures != newFigures()) {
			r.Groups = append(r.Groups, *g)
		}
	}
	return r, nil
}

// RateSide is which dossiers of a figure somebody wants to see.
type RateSide string

// The sides of a figure.
const (
	SideAll       RateSide = "all"       // the denominator
	SideFiled     RateSide = "filed"     // the portal's numerator
	SideMissing   RateSide = "missing"   // the denominator without it
	SideRead      RateSide = "read"      // those of the numerator that were read
	SideChecked   RateSide = "checked"   // the honest numerator
	SideUnchecked RateSide = "unchecked" // the portal's numerator without the honest one: what the two formulas differ by
)

// RateSides are all of them.
func RateSides() []RateSide {
	return []RateSide{SideAll, SideFiled, SideMissing, SideRead, SideChecked, SideUnchecked}
}

// has tells whether a dossier of the denominator, of whose files this is so, is on the side.
func (s RateSide) has(got uint16) bool {
	switch s {
	case SideFiled:
		return got&markFiled > 0
	case SideMissing:
		return got&markFiled == 0
	case SideRead:
		return got&markRead > 0
	case SideChecked:
		return got&markChecked > 0
	case SideUnchecked:
		return got&markFiled > 0 && got&markChecked == 0
	}
	return true
}

// RateDossiers are the dossiers behind one number of Rates, the newest first.
type RateDossiers struct {
	Count    int64 // all of them
	Dossiers []Dossier
	// More tells that there are further ones, with smaller ids than the last.
	More bool
}

// RateDossiers lists the dossiers on one side of a figure of a cut (whose By says nothing here), at most limit of those with
// ids below before; 0 begins the list. They are found as Rates counts them.
func (c *Catalogue) RateDossiers(ctx context.Context, reach Reach, query RateQuery, figure Figure, side RateSide, before DossierID, limit int) (
	found RateDossiers, err error,
) {
	n := slices.Index(FigureNames(), figure)
	if n < 0 {
		return found, &InvalidError{Field: "figure", Reason: "it must be components, dossiers, results or reuse"}
	}
	if !slices.Contains(RateSides(), side) {
		return found, &InvalidError{Field: "side", Reason: "it must be all, filed, missing, read, checked or unchecked"}
	}
	query.By = ByNothing
	cut, err := c.cut(ctx, reach, query)
	if err != nil {
		return found, fmt.Errorf("list the dossiers of a rate: %w", err)
	}
	c.facts.mu.RLock()
	err = cut.group(c.facts)
	var ids []DossierID
	for i := len(c.facts.facts) - 1; i >= 0 && err == nil; i-- {
		f := &c.facts.facts[i]
		_, got, counts := cut.stands(f, n)
		if !counts || !side.has(got) {
			continue
		}
		found.Count++
		switch {
		case before > 0 && f.dossier >= before:
		case len(ids) < min(limit, mostDossiersAtOnce):
			ids = append(ids, f.dossier)
		default:
			found.More = true
		}
	}
	c.facts.mu.RUnlock()
	if err != nil || len(ids) == 0 {
		return found, err
	}
	in, args := inList(ids)
	err = c.view(ctx, "list the dossiers of a rate", func(q querier) error {
		found.Dossiers = nil
		return q.each(ctx, dossierColumns+" WHERE d.id IN "+in+" ORDER BY d.id DESC", args, func(scan func(...any) error) error {
			d, err := scanDossier(scan)
			found.Dossiers = append(found.Dossiers, d)
			return err
		})
	})
	return found, err
}
