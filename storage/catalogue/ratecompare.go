package catalogue

import (
	"errors"
	"slices"
	"time"
)

// RateCompare is which period a cut is compared with.
type RateCompare string

// The periods that a cut can be compared with.
const (
	CompareNothing    RateCompare = ""
	CompareBefore     RateCompare = "before"      // as many months, or days, right before
	CompareYearBefore RateCompare = "year_before" // the same days a year before
	ComparePeriod     RateCompare = "period"      // from RateQuery.CompareFrom till CompareTill
)

// RateCompares are all of them.
func RateCompares() []RateCompare {
	return []RateCompare{CompareBefore, CompareYearBefore, ComparePeriod}
}

// Comparison is the period that a cut is compared with, and its figures.
type Comparison struct {
	From, Till string // "" is without end
	Total      Figures
}

// ComparedTotal are the figures that the total is compared with; nil where nothing is.
func (r *Rates) ComparedTotal() *Figures {
	if r.Compared == nil {
		return nil
	}
	return &r.Compared.Total
}

// ComparedFigures are those that a group's are compared with; nil where nothing stands beside it.
func (g *RateGroup) ComparedFigures() *Figures {
	if g.Compared == nil {
		return nil
	}
	return &g.Compared.Figures
}

// Compared are the days of the period that the query compares with; there is none where it compares with nothing.
func (query *RateQuery) Compared() (from, till string, there bool, err error) {
	switch query.Compare {
	case CompareNothing:
		if query.CompareFrom == "" && query.CompareTill == "" {
			return "", "", false, nil
		}
		return query.CompareFrom, query.CompareTill, true, nil
	case ComparePeriod:
		if query.CompareFrom == "" && query.CompareTill == "" {
			return "", "", false, &InvalidError{Field: "compare", Reason: "the period to compare with has neither a beginning nor an end"}
		}
		return query.CompareFrom, query.CompareTill, true, nil
	case CompareBefore, CompareYearBefore:
	default:
		return "", "", false, &InvalidError{Field: "compare", Reason: "it must be before, year_before or period"}
	}
	first, err1 := time.Parse(time.DateOnly, query.From)
	last, err2 := time.Parse(time.DateOnly, query.Till)
	if err1 != nil || err2 != nil || last.Before(first) {
		return "", "", false, &InvalidError{Field: "compare", Reason: "only a period with a beginning and an end has one before it"}
	}
	earlier := periodBefore
	if query.Compare == CompareYearBefore {
		earlier = yearBefore
	}
	first, last = earlier(first, last)
	return first.Format(time.DateOnly), last.Format(time.DateOnly), true, nil
}

// periodBefore is right before a period: as many months, where it is of whole months, or as many days.
func periodBefore(first, last time.Time) (from, till time.Time) {
	end := last.AddDate(0, 0, 1)
	from = first.AddDate(0, 0, -int(end.Sub(first).Hours()/24))
	if first.Day() == 1 && end.Day() == 1 {
		months := (end.Year()-first.Year())*12 + int(end.Month()-first.Month())
		from = first.AddDate(0, -months, 0)
	}
	return from, first.AddDate(0, 0, -1)
}

// yearBefore is the same days a year before; a last day of a month that ends a period stays one.
func yearBefore(first, last time.Time) (from, till time.Time) {
	back := func(day time.Time) time.Time {
		if day.Month() == time.February && day.Day() == 29 {
			day = day.AddDate(0, 0, -1)
		}
		return day.AddDate(-1, 0, 0)
	}
	if end := last.AddDate(0, 0, 1); end.Day() == 1 {
		return back(first), end.AddDate(-1, 0, -1)
	}
	return back(first), back(last)
}

// Points is by how much a rate is more than another one was, in hundredths of a percentage point; none where one of them is none.
func Points(now, was func() (Percent, bool)) (by Percent, some bool) {
	a, some := now()
	b, also := was()
	return a - b, some && also
}

// compared counts the cut of the period that its query compares with; nil where that is nothing. The n-th group stands beside the
// n-th one; a period that has no counterpart stands alone.
func (k *cut) compared(b *factbook) (groups []RateGroup, with *Comparison, err error) {
	from, till, there, err := k.query.Compared()
	if err != nil || !there {
		return nil, nil, err
	}
	other := *k
	other.query.From, other.query.Till = from, till
	if other.from, other.till, err = other.query.bounds(); err != nil {
		if invalid := (*InvalidError)(nil); errors.As(err, &invalid) {
			err = &InvalidError{Field: "compare_" + invalid.Field, Reason: invalid.Reason}
		}
		return nil, nil, err
	}
	other.groups, other.byDay = nil, nil
	if err := other.group(b); err != nil {
		return nil, nil, err
	}
	groups = other.count(b.facts)
	with = &Comparison{From: from, Till: till, Total: newFigures()}
	for i := range groups {
		with.Total.add(&groups[i].Figures)
	}
	return groups, with, nil
}

// beside is the group of another period that stands beside a group; nil where there is none.
func (k *cut) beside(n int, others []RateGroup) *RateGroup {
	if n >= len(others) {
		return nil
	}
	inTime := slices.Contains([]RateBy{ByDay, ByMonth, ByQuarter, ByYear}, k.query.By)
	if inTime && (k.groups[n].Key == "" || others[n].Key == "") {
		return nil
	}
	return &others[n]
}
