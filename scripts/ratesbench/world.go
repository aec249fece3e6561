package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"sohoa/storage/catalogue"
)

// world is a province: 20 departments and 125 communes with their units, 1,500 procedures of 60 fields; a few agencies and
// procedures have most of the dossiers.
type world struct {
	agencies   []agency
	procedures []catalogue.Procedure
	random     *rand.Rand
	next       int // the next dossier's number
	papers     int
	dossiers   int
}

type agency struct{ code, parent string }

var firstDay = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)

const days = 4 * 365

func newWorld(o options) *world {
	w := &world{random: rand.New(rand.NewPCG(1, 1)), papers: o.papers, dossiers: o.dossiers} //nolint:gosec // made data
	w.agencies = append(w.agencies, agency{"H50", ""})
	for d := 1; d <= 145; d++ {
		department := fmt.Sprintf("H50.%d", d)
		w.agencies = append(w.agencies, agency{department, "H50"})
		for u := range 1 + d%4 {
			w.agencies = append(w.agencies, agency{fmt.Sprintf("%s.%d", department, u+1), department})
		}
	}
	for n := range 1500 {
		field := n % 60
		w.procedures = append(w.procedures, catalogue.Procedure{
			Code: fmt.Sprintf("1.%06d", n), Name: fmt.Sprintf("Thủ tục %d", n), FieldCode: fmt.Sprintf("LV%02d", field),
			FieldName: fmt.Sprintf("Lĩnh vực %d", field), Result: n%5 > 0,
		})
	}
	return w
}

// few chooses one of n, the first ones by far the most often.
func (w *world) few(n int) int { return int(float64(n) * math.Pow(w.random.Float64(), 4)) }

// dossier is one that was made.
type dossier struct {
	code, procedure    string
	agency             int // its place in agencies
	state              catalogue.DossierState
	received, resolved string
	papers             []paper
}

type paper struct {
	sha256                 string
	kind                   catalogue.PaperKind
	reused, read, approved bool
}

func (w *world) dossier() dossier {
	n := w.next
	w.next++
	day := firstDay.AddDate(0, 0, w.random.IntN(days))
	d := dossier{
		code: fmt.Sprintf("H50.%d-%s-%06d", 13+n/1_000_000, day.Format("060102"), n%1_000_000), agency: 1 + w.few(len(w.agencies)-1),
		procedure: w.procedures[w.few(len(w.procedures))].Code, received: day.Format(time.DateOnly), state: catalogue.StateInWork,
	}
	if w.random.IntN(20) > 0 {
		d.state, d.resolved = catalogue.StateReturned, day.AddDate(0, 0, w.random.IntN(30)).Format(time.DateOnly)
	}
	for i := range w.random.IntN(2*w.papers + 1) {
		p := paper{sha256: scanOf(n*100 + i), kind: catalogue.ComponentPaper}
		if i == 1 {
			p.kind = catalogue.ResultPaper
		}
		p.reused = w.random.IntN(20) == 0 // said of it; its scan is its own, for speed
		p.read = w.random.IntN(10) > 0
		p.approved = p.read && w.random.IntN(3) > 0
		d.papers = append(d.papers, p)
	}
	return d
}

func scanOf(n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d", n))
	return hex.EncodeToString(sum[:])
}

// comeIn adds a dossier with a paper through the catalogue's calls.
func (w *world) comeIn(ctx context.Context, c *catalogue.Catalogue) error {
	d := w.dossier()
	put, _, err := c.PutDossier(ctx, catalogue.Everywhere, catalogue.Dossier{
		Code: d.code, Agency: w.agencies[d.agency].code, Procedure: d.procedure, State: d.state, Received: d.received, Resolved: d.resolved,
	})
	if err != nil {
		return err
	}
	_, err = c.HandIn(ctx, catalogue.Everywhere, catalogue.HandIn{
		Dossier: put.ID, Scan: catalogue.Scan{SHA256: scanOf(w.next * 100), Size: 1, MediaType: "image/tiff"}, Revision: "1",
	})
	return err
}

// question is one kind of what people ask; ask tells how many groups or dossiers the answer has.
type question struct {
	name string
	ask  func(ctx context.Context, c *catalogue.Catalogue) (int, error)
}

func (w *world) questions() []question {
	cut := func(name string, pick func() catalogue.RateQuery) question {
		return question{name, func(ctx context.Context, c *catalogue.Catalogue) (int, error) {
			r, err := c.Rates(ctx, catalogue.Everywhere, pick())
			return len(r.Groups), err
		}}
	}
	list := func(name string, figure catalogue.Figure, side catalogue.RateSide, pick func() (catalogue.RateQuery, catalogue.DossierID)) question {
		return question{name, func(ctx context.Context, c *catalogue.Catalogue) (int, error) {
			q, before := pick()
			d, err := c.RateDossiers(ctx, catalogue.Everywhere, q, figure, side, before, 50)
			return len(d.Dossiers), err
		}}
	}
	year := func() (from, till string) {
		y := 2023 + w.random.IntN(4)
		return fmt.Sprintf("%d-01-01", y), fmt.Sprintf("%d-12-31", y)
	}
	inYear := func(change func(q *catalogue.RateQuery)) func() catalogue.RateQuery {
		return func() (q catalogue.RateQuery) {
			q.From, q.Till = year()
			change(&q)
			return q
		}
	}
	by := func(b catalogue.RateBy) func() catalogue.RateQuery {
		return inYear(func(q *catalogue.RateQuery) { q.By = b })
	}
	procedure := func() string { return w.procedures[w.few(len(w.procedures))].Code }
	return []question{
		cut("all figures of everything", func() catalogue.RateQuery { return catalogue.RateQuery{} }),
		cut("all figures of a year", by(catalogue.ByNothing)),
		cut("all figures of ragged days", func() catalogue.RateQuery {
			from := firstDay.AddDate(0, 0, w.random.IntN(days/2))
			return catalogue.RateQuery{From: from.Format(time.DateOnly), Till: from.AddDate(0, 0, w.random.IntN(days/2)).Format(time.DateOnly)}
		}),
		cut("a year by day", by(catalogue.ByDay)),
		cut("a year by month", by(catalogue.ByMonth)),
		cut("everything by month", func() catalogue.RateQuery { return catalogue.RateQuery{By: catalogue.ByMonth} }),
		cut("everything by quarter", func() catalogue.RateQuery { return catalogue.RateQuery{By: catalogue.ByQuarter} }),
		cut("everything by year", func() catalogue.RateQuery { return catalogue.RateQuery{By: catalogue.ByYear} }),
		cut("a year by agency", by(catalogue.ByAgency)),
		cut("everything by agency", func() catalogue.RateQuery { return catalogue.RateQuery{By: catalogue.ByAgency} }),
		cut("a department by unit", inYear(func(q *catalogue.RateQuery) { q.Agency, q.By = w.agencies[1].code, catalogue.ByAgency })),
		cut("a department by month", inYear(func(q *catalogue.RateQuery) { q.Agency, q.By = w.agencies[1].code, catalogue.ByMonth })),
		cut("everything by procedure", func() catalogue.RateQuery { return catalogue.RateQuery{By: catalogue.ByProcedure} }),
		cut("a year by field", by(catalogue.ByField)),
		cut("a procedure by day", inYear(func(q *catalogue.RateQuery) { q.Procedure, q.By = procedure(), catalogue.ByDay })),
		cut("a procedure by agency", inYear(func(q *catalogue.RateQuery) { q.Procedure, q.By = procedure(), catalogue.ByAgency })),
		cut("a field by month", inYear(func(q *catalogue.RateQuery) { q.Field, q.By = "LV01", catalogue.ByMonth })),
		list("dossiers behind a denominator", catalogue.FigureComponents, catalogue.SideAll, func() (q catalogue.RateQuery, before catalogue.DossierID) {
			return inYear(func(*catalogue.RateQuery) {})(), 0
		}),
		list("missing ones, somewhere in the list", catalogue.FigureDossiers, catalogue.SideMissing, func() (catalogue.RateQuery, catalogue.DossierID) {
			return inYear(func(*catalogue.RateQuery) {})(), catalogue.DossierID(1 + w.random.IntN(w.dossiers))
		}),
		list("of a rare procedure", catalogue.FigureResults, catalogue.SideUnchecked, func() (catalogue.RateQuery, catalogue.DossierID) {
			return catalogue.RateQuery{Procedure: w.procedures[len(w.procedures)-1-w.random.IntN(50)].Code}, 0
		}),
	}
}
