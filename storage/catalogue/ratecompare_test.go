package catalogue

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func TestPeriodsToCompareWith(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, till, before, beforeTill, year, yearTill string }{
		{"2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28", "2025-03-01", "2025-03-31"},
		{"2026-01-01", "2026-03-31", "2025-10-01", "2025-12-31", "2025-01-01", "2025-03-31"},
		{"2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31", "2025-01-01", "2025-12-31"},
		{"2026-03-10", "2026-03-16", "2026-03-03", "2026-03-09", "2025-03-10", "2025-03-16"},
		{"2024-02-01", "2024-02-29", "2024-01-01", "2024-01-31", "2023-02-01", "2023-02-28"},
		{"2025-02-01", "2025-02-28", "2025-01-01", "2025-01-31", "2024-02-01", "2024-02-29"}, // the whole month
		{"2024-02-29", "2024-03-10", "2024-02-18", "2024-02-28", "2023-02-28", "2023-03-10"},
		{"2026-03-31", "2026-03-31", "2026-03-30", "2026-03-30", "2025-03-31", "2025-03-31"},
	} {
		for how, want := range map[RateCompare][2]string{CompareBefore: {c.before, c.beforeTill}, CompareYearBefore: {c.year, c.yearTill}} {
			q := RateQuery{From: c.from, Till: c.till, Compare: how}
			if from, till, there, err := q.Compared(); from != want[0] || till != want[1] || !there || err != nil {
				t.Errorf("%s of %s to %s: %s to %s, %v, %v; want %v", how, c.from, c.till, from, till, there, err, want)
			}
		}
	}
	for _, q := range []RateQuery{
		{Compare: CompareBefore}, {Compare: CompareYearBefore, From: "2026-01-01"}, {Compare: ComparePeriod}, {Compare: "week", From: "2026-01-01", Till: "2026-01-31"},
	} {
		var invalid *InvalidError
		if _, _, _, err := q.Compared(); !errors.As(err, &invalid) || invalid.Field != "compare" {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// What a cut is compared with is the cut of that period, counted alone, to the last unit: the total, and each group beside its
// counterpart. That is what the naive count of TestRatesAreANaiveCount holds true.
func TestComparedFiguresAreThoseOfTheirPeriod(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		h := &changer{t: t, c: c, clock: clock, random: rand.New(rand.NewPCG(3, 4))} //nolint:gosec // a seed
		h.change(200)
		seen := 0
		for _, q := range h.cuts() {
			for _, how := range []RateCompare{CompareBefore, CompareYearBefore, ComparePeriod, CompareNothing} {
				q.Compare, q.CompareFrom, q.CompareTill = how, "", ""
				if how == ComparePeriod || how == CompareNothing {
					q.CompareFrom, q.CompareTill = h.sometimes(h.day()), h.sometimes(h.day())
				}
				seen += comparedWith(t, c, q)
			}
		}
		if seen < 100 {
			t.Errorf("only %d figures had something beside them", seen)
		}
		var invalid *InvalidError
		if _, err := c.Rates(t.Context(), Everywhere, RateQuery{CompareFrom: "31/03/2026"}); !errors.As(err, &invalid) || invalid.Field != "compare_from" {
			t.Errorf("a day that is none: %v", err)
		}
	})
}

// comparedWith compares a cut that is compared with the cuts alone, and tells how many groups have figures beside them.
func comparedWith(t *testing.T, c *Catalogue, q RateQuery) (seen int) {
	t.Helper()
	r, err := c.Rates(t.Context(), Everywhere, q)
	if invalid := (*InvalidError)(nil); errors.As(err, &invalid) { // it has no period before it, or ends before it begins
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	alone, then := q, q
	alone.Compare, alone.CompareFrom, alone.CompareTill = CompareNothing, "", ""
	now := must[Rates](t)(c.Rates(t.Context(), Everywhere, alone))
	if now.Total != r.Total {
		t.Errorf("%+v: the total is %v, alone %v", q, r.Total, now.Total)
	}
	if r.Compared == nil {
		if q.Compare != CompareNothing || q.CompareFrom+q.CompareTill != "" {
			t.Errorf("%+v is compared with nothing", q)
		}
		return 0
	}
	then = alone
	then.From, then.Till = r.Compared.From, r.Compared.Till
	was := must[Rates](t)(c.Rates(t.Context(), Everywhere, then))
	if was.Total != r.Compared.Total {
		t.Errorf("%+v: compared with %v, which is %v", q, r.Compared.Total, was.Total)
	}
	type key struct {
		key string
		own bool
	}
	byKey := make(map[key]Figures)
	for _, g := range was.Groups {
		byKey[key{g.Key, g.Own}] = g.Figures
	}
	inTime := q.By == ByDay || q.By == ByMonth || q.By == ByQuarter || q.By == ByYear
	for n, g := range r.Groups {
		of := key{g.Key, g.Own}
		if inTime && g.Compared != nil {
			of = key{g.Compared.Key, false}
			if g.Compared.Key != was.Groups[n].Key || g.Key == "" {
				t.Errorf("%+v: beside %q stands %q", q, g.Key, g.Compared.Key)
			}
		}
		want, there := byKey[of]
		if !there {
			want = newFigures()
		}
		if g.Compared == nil && there && !inTime || g.Compared != nil && g.Compared.Figures != want {
			t.Errorf("%+v: beside %q is %+v; want %v", q, g.Key, g.Compared, want)
		}
		if g.Compared != nil {
			seen++
			delete(byKey, of)
		}
	}
	for of, left := range byKey {
		if !inTime && left != newFigures() {
			t.Errorf("%+v: nothing stands beside %v of the other period", q, of)
		}
	}
	return seen
}

// A difference needs two figures.
func TestPoints(t *testing.T) {
	t.Parallel()
	some, none := Share{Of: 4, Filed: 1}, Share{}
	if by, is := Points(some.Portal, Share{Of: 2, Filed: 1}.Portal); by != -2500 || !is {
		t.Errorf("%d, %v", by, is)
	}
	for _, c := range [][2]Share{{some, none}, {none, some}, {none, none}} {
		if by, is := Points(c[0].Portal, c[1].Portal); is {
			t.Errorf("%+v: %d", c, by)
		}
	}
}
