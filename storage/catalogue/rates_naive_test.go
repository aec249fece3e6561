package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// naive counts the rates again, from what the catalogue's other calls tell of dossiers and papers, one dossier after another.
type naive struct {
	agencies   map[string]Agency
	procedures map[string]Procedure
	dossiers   []Dossier
	papers     map[DossierID][]Paper
	settings   RateSettings
}

func newNaive(t *testing.T, c *Catalogue) *naive {
	t.Helper()
	ctx := t.Context()
	n := &naive{agencies: make(map[string]Agency), procedures: make(map[string]Procedure), papers: make(map[DossierID][]Paper)}
	for _, a := range must[[]Agency](t)(c.Agencies(ctx, Everywhere)) {
		n.agencies[a.Code] = a
	}
	for _, p := range must[[]Procedure](t)(c.Procedures(ctx)) {
		n.procedures[p.Code] = p
	}
	for before := DossierID(0); ; {
		some := must[[]Dossier](t)(c.Dossiers(ctx, Everywhere, DossierFilter{Before: before, Limit: 500}))
		if len(some) == 0 {
			break
		}
		n.dossiers = append(n.dossiers, some...)
		before = some[len(some)-1].ID
	}
	for _, d := range n.dossiers {
		n.papers[d.ID] = must[[]Paper](t)(c.Papers(ctx, Everywhere, d.ID))
	}
	n.settings = must[RateSettings](t)(c.RateSettings(ctx))
	return n
}

// receipt is the day of a dossier's receipt: in its code where nothing else says it.
func receipt(d Dossier) string {
	if d.Received != "" {
		return d.Received
	}
	_, rest, _ := strings.Cut(d.Code, "-")
	day, err := time.Parse("060102", rest[:6])
	if err != nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

// any tells whether a dossier has a paper of this kind of which more is so.
func (n *naive) any(d Dossier, kind PaperKind, more ...func(Paper) bool) bool {
	return slices.ContainsFunc(n.papers[d.ID], func(p Paper) bool {
		for _, so := range more {
			if !so(p) {
				return false
			}
		}
		return p.Kind == kind
	})
}

func wasRead(p Paper) bool    { return p.Whole }
func wasChecked(p Paper) bool { return p.Whole && !p.Approved.IsZero() }
func wasReused(p Paper) bool  { return p.Reused }

// stands is what a dossier is in a figure, and on which day.
func (n *naive) stands(d Dossier, f Figure) (day string, side [3]bool, counts bool) {
	p, known := n.procedures[d.Procedure]
	gives := !known || p.Result
	day = receipt(d)
	states := n.settings.Received
	so := []func(Paper) bool{func(Paper) bool { return true }, wasRead, wasChecked}
	for i, level := range so {
		component, result := n.any(d, ComponentPaper, level), n.any(d, ResultPaper, level)
		switch f {
		case FigureComponents:
			side[i] = component
		case FigureDossiers:
			side[i] = component && (result || !gives)
			states = n.settings.Scope
		case FigureResults:
			side[i] = result
			states = n.settings.Resolved
		case FigureReuse:
			side[i] = n.any(d, ComponentPaper, level, wasReused)
		}
	}
	if f == FigureResults && d.Resolved != "" {
		day = d.Resolved
	}
	return day, side, slices.Contains(states, d.State) && (f != FigureResults || gives)
}

// within tells whether a dossier is in a cut, its day apart.
func (n *naive) within(d Dossier, reach Reach, q RateQuery) bool {
	if !reach.Covers(d.Path) || q.Agency != "" && !n.agencies[q.Agency].Path.Covers(d.Path) {
		return false
	}
	known := func(code string) string { return map[bool]string{true: NotKnown, false: code}[code == ""] }
	return (!q.Own || d.Agency == q.Agency) && (q.Procedure == "" || known(d.Procedure) == q.Procedure) &&
		(q.Field == "" || known(n.procedures[d.Procedure].FieldCode) == q.Field)
}

// key is the group of a dossier on a day.
func (n *naive) key(d Dossier, day string, base Agency, q RateQuery) string {
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		switch q.By {
		case ByDay:
			return day
		case ByMonth:
			return t.Format("2006-01")
		case ByQuarter:
			return fmt.Sprintf("%d-Q%d", t.Year(), (t.Month()+2)/3)
		case ByYear:
			return t.Format("2006")
		}
	}
	switch q.By {
	case ByProcedure:
		return d.Procedure
	case ByField:
		return n.procedures[d.Procedure].FieldCode
	case ByAgency:
		for _, a := range n.agencies {
			if a.Parent == base.Code && a.Path.Covers(d.Path) {
				return a.Code
			}
		}
		return "own"
	}
	return ""
}

// groups are the figures of a cut by their groups' keys, without those in which nothing counts.
func (n *naive) groups(reach Reach, base Agency, q RateQuery) map[string]Figures {
	groups := make(map[string]Figures)
	for _, d := range n.dossiers {
		if !n.within(d, reach, q) {
			continue
		}
		for i, f := range FigureNames() {
			day, side, counts := n.stands(d, f)
			if q.From == NotKnown && day != "" {
				continue
			}
			bounded := q
			if q.From == NotKnown {
				bounded.From = ""
			}
			if q := bounded; !counts || (q.From != "" || q.Till != "") && day == "" || q.From != "" && day < q.From || q.Till != "" && day > q.Till {
				continue
			}
			key := n.key(d, day, base, q)
			g, there := groups[key]
			if !there {
				g = newFigures()
			}
			g[i].Of++
			for level, at := range []*int64{&g[i].Filed, &g[i].Read, &g[i].Checked} {
				if side[level] {
					*at++
				}
			}
			groups[key] = g
		}
	}
	return groups
}

// compare asks the catalogue for a cut and tells in what it differs.
func (n *naive) compare(t *testing.T, c *Catalogue, reach Reach, q RateQuery) {
	t.Helper()
	r, err := c.Rates(t.Context(), reach, q)
	if err != nil {
		t.Errorf("%s %+v: %v", reach, q, err)
		return
	}
	want := n.groups(reach, r.Agency, q)
	total := newFigures()
	got := make(map[string]Figures)
	for _, g := range r.Groups {
		key := g.Key
		if g.Own {
			key = "own"
		}
		if _, twice := got[key]; twice {
			t.Errorf("%s %+v: group %q is there twice", reach, q, key)
		}
		got[key] = g.Figures
	}
	if q.By == ByNothing {
		got = map[string]Figures{"": r.Total}
	}
	for key, g := range got {
		w, there := want[key]
		if !there {
			w = newFigures()
		}
		delete(want, key)
		if g != w {
			t.Errorf("%s %+v, group %q:\n got %v\nwant %v", reach, q, key, g, w)
		}
		for i := range g {
			total[i].Of, total[i].Filed = total[i].Of+g[i].Of, total[i].Filed+g[i].Filed
			total[i].Read, total[i].Checked = total[i].Read+g[i].Read, total[i].Checked+g[i].Checked
		}
	}
	for key, w := range want {
		t.Errorf("%s %+v: no group %q, which has %v", reach, q, key, w)
	}
	if total != r.Total {
		t.Errorf("%s %+v: the groups' sum is %v, the total %v", reach, q, total, r.Total)
	}
}

// list compares the dossiers behind each number of a cut with the number, page by page.
func (n *naive) list(t *testing.T, c *Catalogue, reach Reach, q RateQuery) {
	t.Helper()
	q.By = ByNothing
	r := must[Rates](t)(c.Rates(t.Context(), reach, q))
	for _, s := range r.Total {
		for side, want := range map[RateSide]int64{
			SideAll: s.Of, SideFiled: s.Filed, SideMissing: s.Of - s.Filed, SideRead: s.Read, SideChecked: s.Checked, SideUnchecked: s.Filed - s.Checked,
		} {
			count, before := int64(0), DossierID(0)
			for more := true; more; {
				page := must[RateDossiers](t)(c.RateDossiers(t.Context(), reach, q, s.Figure, side, before, 7))
				if page.Count != want {
					t.Errorf("%+v %s %s: %d dossiers, the number is %d", q, s.Figure, side, page.Count, want)
				}
				for _, d := range page.Dossiers {
					if before > 0 && d.ID >= before || !n.within(d, reach, q) {
						t.Errorf("%+v %s %s: dossier %d is in the list, behind %d", q, s.Figure, side, d.ID, before)
					}
					before = d.ID
					count++
				}
				more = page.More
			}
			if count != want {
				t.Errorf("%+v %s %s: %d dossiers in the list, the number is %d", q, s.Figure, side, count, want)
			}
		}
	}
}
