package catalogue

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// groupByPeriod makes a group for each period between the first and the last, also where nothing counts.
func (k *cut) groupByPeriod(facts []fact) error {
	first, last, unknown := k.span(facts)
	k.groups = nil
	if last > 0 {
		k.firstDay = k.period(first)
		k.byDay = make([]int32, k.period(last)-k.firstDay+1)
		day, end := dayOf(first), dayOf(last)
		for k.period(dayNumber(day)) <= k.period(dayNumber(end)) {
			if len(k.groups) == mostPeriods {
				return &InvalidError{Field: "by", Reason: fmt.Sprintf("there would be more than %d groups", mostPeriods)}
			}
			g, next := k.periodOf(day)
			for n := max(k.period(dayNumber(day)), k.firstDay); n < k.period(dayNumber(next)) && int(n-k.firstDay) < len(k.byDay); n++ {
				k.byDay[n-k.firstDay] = int32(len(k.groups)) //nolint:gosec // at most mostPeriods
			}
			k.groups = append(k.groups, g)
			day = next
		}
	}
	if unknown {
		k.noDay = int32(len(k.groups)) //nolint:gosec // at most mostPeriods
		k.groups = append(k.groups, RateGroup{})
	}
	return nil
}

// span is from which day to which there are groups: the query's, or those of what counts where it has no bound.
func (k *cut) span(facts []fact) (first, last int32, unknown bool) {
	first, last = k.from, k.till
	if k.from > 1 && k.till < math.MaxInt32 {
		return first, last, false
	}
	first, last = math.MaxInt32, 0
	for i := range facts {
		for figure := range figureCount {
			if day, counts := k.counts(&facts[i], figure); counts && day == 0 {
				unknown = true
			} else if counts {
				first, last = min(first, day), max(last, day)
			}
		}
	}
	if last > 0 && k.from > 1 {
		first = k.from
	}
	if last > 0 && k.till < math.MaxInt32 {
		last = k.till
	}
	return first, last, unknown
}

// period numbers the period of a day; those of days in their order are not less. Each month has 31 days here.
func (k *cut) period(day int32) int32 {
	year, month := day/10000, day/100%100
	switch k.query.By {
	case ByYear:
		return year
	case ByQuarter:
		return year*4 + (month-1)/3
	case ByMonth:
		return year*12 + month - 1
	}
	return (year*12+month-1)*31 + day%100 - 1
}

// periodOf is the group of a day, as far as the query goes, and the first day behind it.
func (k *cut) periodOf(day time.Time) (g RateGroup, next time.Time) {
	year, month := day.Year(), day.Month()
	start := day
	switch k.query.By {
	case ByYear:
		start = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		next = start.AddDate(1, 0, 0)
		g.Key = strconv.Itoa(year)
	case ByQuarter:
		q := (month - 1) / 3
		start = time.Date(year, q*3+1, 1, 0, 0, 0, 0, time.UTC)
		next = start.AddDate(0, 3, 0)
		g.Key = fmt.Sprintf("%d-Q%d", year, q+1)
	case ByMonth:
		start = time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		next = start.AddDate(0, 1, 0)
		g.Key = start.Format("2006-01")
	default:
		next = start.AddDate(0, 0, 1)
		g.Key = start.Format(time.DateOnly)
	}
	g.Name = g.Key
	g.From, g.Till = start.Format(time.DateOnly), next.AddDate(0, 0, -1).Format(time.DateOnly)
	g.From = max(g.From, k.query.From)
	if k.query.Till != "" {
		g.Till = min(g.Till, k.query.Till)
	}
	return g, next
}
