package catalogue

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"
)

// cut is a RateQuery made ready: whether a fact counts, and in which group, is found without a look at the catalogue.
type cut struct {
	query    RateQuery
	settings RateSettings
	base     Agency
	agencies []Agency // within reach and asked for, each behind the one above it
	known    map[string]Procedure

	from, till int32               // days
	states     [figureCount]uint32 // that count, a bit each, in the order of FigureNames
	within     []bool              // by agency's id
	procedures []procedureCut
	groups     []RateGroup
	sparse     bool    // groups in which nothing counts are left out
	byAgency   []int32 // the group by agency's id
	byDay      []int32 // the group by period's number less firstDay
	firstDay   int32
	noDay      int32 // the group of dossiers whose day is not known
}

// procedureCut is what a cut says of one procedure.
type procedureCut struct {
	within, gives bool
	group         int32
}

// cut makes a query ready and brings the book of facts up to date, both from one state of the catalogue.
func (c *Catalogue) cut(ctx context.Context, reach Reach, query RateQuery) (*cut, error) {
	k := &cut{query: query}
	var err error
	if k.from, k.till, err = query.bounds(); err != nil {
		return nil, err
	}
	if query.By != ByNothing && !slices.Contains(RateBys(), query.By) {
		return nil, &InvalidError{Field: "by", Reason: "it must be day, month, quarter, year, agency, procedure or field"}
	}
	look := func(q querier) error {
		if k.settings, err = rateSettings(ctx, q); err != nil {
			return err
		}
		if err := k.lookAround(ctx, q, reach); err != nil {
			return err
		}
		return c.facts.refresh(ctx, q)
	}
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	if c.facts.filled {
		err = c.view(ctx, "look at what counts", look)
	} else {
		err = c.viewAtLength(ctx, "look at all that counts", look)
	}
	if err != nil {
		return nil, err
	}
	k.states = [figureCount]uint32{
		components: set(k.settings.Received), dossiers: set(k.settings.Scope), results: set(k.settings.Resolved), reuse: set(k.settings.Received),
	}
	return k, nil
}

func set(states []DossierState) (bits uint32) {
	for _, s := range states {
		bits |= 1 << s
	}
	return bits
}

// bounds are the first and the last day as numbers; days that are not known are 0 and lie within only what has no bounds.
func (query *RateQuery) bounds() (from, till int32, err error) {
	if query.From == NotKnown && query.Till == "" {
		return 0, 0, nil
	}
	day := func(field, text string, otherwise int32) int32 {
		t, wrong := time.Parse(time.DateOnly, text)
		switch {
		case text == "":
			return otherwise
		case wrong != nil && err == nil:
			err = &InvalidError{Field: field, Reason: "it is not a day like 2026-03-31"}
		}
		return dayNumber(t)
	}
	from, till = day("from", query.From, 0), day("till", query.Till, math.MaxInt32)
	if from > till && err == nil {
		err = &InvalidError{Field: "till", Reason: "it is before from"}
	}
	if from == 0 && query.Till != "" {
		from = 1
	}
	return from, till, err
}

func dayNumber(t time.Time) int32 {
	return int32(t.Year()*10000 + int(t.Month())*100 + t.Day()) //nolint:gosec // years have four digits
}

// lookAround finds the agencies and procedures that count.
func (k *cut) lookAround(ctx context.Context, q querier, reach Reach) error {
	if k.query.Agency != "" {
		a, err := agencyByCode(ctx, q, tidy(k.query.Agency))
		if err != nil {
			return err
		}
		if !reach.Covers(a.Path) {
			return ErrNotFound
		}
		reach = a.Path
	}
	from, to := reach.bounds()
	k.agencies = nil
	err := q.each(ctx, agencyColumns+" WHERE a.path >= ? AND a.path < ? ORDER BY a.path", []any{from, to}, func(scan func(...any) error) error {
		a, err := scanAgency(scan)
		k.agencies = append(k.agencies, a)
		return err
	})
	if err != nil {
		return err
	}
	if len(k.agencies) > 0 {
		k.base = k.agencies[0] // there is one root, and what is within reach is one tree
	}
	k.known = make(map[string]Procedure)
	return q.each(ctx, "SELECT code, name, field_code, field_name, gives_result FROM procedures", nil, func(scan func(...any) error) error {
		var p Procedure
		err := scan(&p.Code, &p.Name, &p.FieldCode, &p.FieldName, &p.Result)
		k.known[p.Code] = p
		return err
	})
}

// group makes the groups, for the facts of a book.
func (k *cut) group(b *factbook) error {
	k.noDay = -1
	k.within = make([]bool, k.mostAgency()+1)
	k.byAgency = make([]int32, len(k.within))
	for _, a := range k.agencies {
		k.within[a.ID] = !k.query.Own || a.ID == k.base.ID
	}
	k.procedures = make([]procedureCut, len(b.procedures))
	for n, code := range b.procedures {
		p, known := k.known[code]
		k.procedures[n] = procedureCut{
			within: chosen(k.query.Procedure, code) && chosen(k.query.Field, p.FieldCode),
			gives:  p.Result || !known,
		}
	}
	switch k.query.By {
	case ByAgency:
		k.groupByAgency()
	case ByProcedure, ByField:
		k.groupByProcedure(b.procedures)
	case ByDay, ByMonth, ByQuarter, ByYear:
		return k.groupByPeriod(b.facts)
	case ByNothing:
		k.groups = []RateGroup{{}}
	}
	return nil
}

// chosen tells whether a query that asks for one code, NotKnown or "" for all, asks for this one.
func chosen(asked, code string) bool {
	return asked == "" || asked == code || asked == NotKnown && code == ""
}

func (k *cut) mostAgency() (most AgencyID) {
	for _, a := range k.agencies {
		most = max(most, a.ID)
	}
	return most
}

func (k *cut) groupByAgency() {
	k.groups = []RateGroup{{Key: k.base.Code, Name: k.base.Name, Own: true}}
	below := strings.Count(string(k.base.Path), "/") + 1
	paths := []Reach{""}
	for _, a := range k.agencies {
		if strings.Count(string(a.Path), "/") == below {
			k.groups = append(k.groups, RateGroup{Key: a.Code, Name: a.Name})
			paths = append(paths, a.Path)
		}
		for n := len(paths) - 1; n > 0; n-- { // each is behind the one above it
			if paths[n].Covers(a.Path) {
				k.byAgency[a.ID] = int32(n) //nolint:gosec // as many as agencies
				break
			}
		}
	}
}

func (k *cut) groupByProcedure(codes []string) {
	k.sparse = true
	type key struct{ code, name string }
	keyOf := func(code string) key {
		p := k.known[code]
		if k.query.By == ByField {
			return key{p.FieldCode, ""}
		}
		return key{code, p.Name}
	}
	numbers := make(map[key]int32)
	for _, code := range slices.SortedFunc(slices.Values(codes), func(x, y string) int { return cmp.Compare(keyOf(x).code, keyOf(y).code) }) {
		of := keyOf(code)
		if _, there := numbers[of]; there {
			continue
		}
		numbers[of] = int32(len(k.groups)) //nolint:gosec // as many as procedures
		name := of.name
		if k.query.By == ByField {
			name = k.fieldName(of.code)
		}
		k.groups = append(k.groups, RateGroup{Key: of.code, Name: name})
	}
	for n, code := range codes {
		k.procedures[n].group = numbers[keyOf(code)]
	}
}

// fieldName is the name of a field, which each of its procedures has: the first one's counts.
func (k *cut) fieldName(code string) (name string) {
	first := ""
	for _, p := range k.known {
		if p.FieldCode == code && (first == "" || p.Code < first) {
			first, name = p.Code, p.FieldName
		}
	}
	return name
}

// mostPeriods is how many groups an answer may have.
const mostPeriods = 1200

func dayOf(n int32) time.Time {
	return time.Date(int(n/10000), time.Month(n/100%100), int(n%100), 0, 0, 0, 0, time.UTC)
}

// counts tells whether a dossier is in a figure's denominator, and on which day.
func (k *cut) counts(f *fact, figure int) (day int32, counts bool) {
	if int(f.agency) >= len(k.within) || !k.within[f.agency] || !k.procedures[f.procedure].within || k.states[figure]&(1<<f.state) == 0 {
		return 0, false
	}
	day = f.received
	if figure == results {
		if !k.procedures[f.procedure].gives {
			return 0, false
		}
		if f.resolved > 0 {
			day = f.resolved
		}
	}
	return day, day >= k.from && day <= k.till
}

// stands tells whether a dossier is in a figure's denominator, in which group, and what of its files is so: Rates and
// RateDossiers both ask it, and so agree.
func (k *cut) stands(f *fact, figure int) (group int32, got uint16, counts bool) {
	day, counts := k.counts(f, figure)
	if !counts {
		return 0, 0, false
	}
	switch figure {
	case components:
		got = f.marks & levels
	case dossiers:
		got = f.marks & levels
		if k.procedures[f.procedure].gives {
			got &= f.marks >> resultShift
		}
	case results:
		got = f.marks >> resultShift & levels
	case reuse:
		got = f.marks >> reusedShift & levels
	}
	switch k.query.By {
	case ByAgency:
		group = k.byAgency[f.agency]
	case ByProcedure, ByField:
		group = k.procedures[f.procedure].group
	case ByDay, ByMonth, ByQuarter, ByYear:
		group = k.noDay
		if day > 0 {
			group = k.byDay[k.period(day)-k.firstDay]
		}
	case ByNothing:
	}
	return group, got, true
}

// count is the groups with their figures.
func (k *cut) count(facts []fact) []RateGroup {
	for i := range k.groups {
		k.groups[i].Figures = newFigures()
	}
	for i := range facts {
		for figure := range figureCount {
			group, got, counts := k.stands(&facts[i], figure)
			if !counts {
				continue
			}
			s := &k.groups[group].Figures[figure]
			s.Of++
			s.Filed += int64(got & markFiled)
			s.Read += int64(got & markRead / markRead)
			s.Checked += int64(got & markChecked / markChecked)
		}
	}
	return k.groups
}
