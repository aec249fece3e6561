package catalogue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// changer does random things to a catalogue, through its own calls.
type changer struct {
	t        *testing.T
	c        *Catalogue
	clock    *clock
	random   *rand.Rand
	dossiers []DossierID
	papers   []Paper
	open     []Reading
}

var rateProcedures = []string{"", "1.001001", "1.001002", "2.000815", "9.999999"} // the last is not known

func (h *changer) day() string {
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return start.AddDate(0, 0, h.random.IntN(1000)).Format(time.DateOnly)
}

func (h *changer) sometimes(v string) string {
	if h.random.IntN(3) == 0 {
		return ""
	}
	return v
}

func (h *changer) putProcedure() {
	n := 1 + h.random.IntN(3)
	err := h.c.PutProcedure(h.t.Context(), Procedure{
		Code: rateProcedures[n], Name: "Thủ tục", FieldCode: []string{"GT", "YT", ""}[h.random.IntN(3)], FieldName: "Lĩnh vực", Result: h.random.IntN(2) == 0,
	})
	if err != nil {
		h.t.Error(err)
	}
}

func (h *changer) putDossier() {
	agencies := []string{"H50", "H50.13", "H50.14", "H50.13.1"}
	code := fmt.Sprintf("H50.13-%s-%04d", []string{"240131", "250630", "260229", "251231", "000000"}[h.random.IntN(5)], h.random.IntN(30))
	d := Dossier{
		Code: code, Procedure: h.sometimes(rateProcedures[h.random.IntN(len(rateProcedures))]), State: DossierState(h.random.IntN(11)),
		Received: h.sometimes(h.day()), Resolved: h.sometimes(h.day()),
	}
	if _, err := h.c.DossierByCode(h.t.Context(), Everywhere, code); err != nil {
		d.Agency = agencies[h.random.IntN(len(agencies))]
	}
	put, _, err := h.c.PutDossier(h.t.Context(), Everywhere, d)
	if err != nil {
		h.t.Error(err)
	}
	h.dossiers = append(h.dossiers, put.ID)
}

func (h *changer) handIn() {
	if len(h.dossiers) == 0 {
		return
	}
	r, err := h.c.HandIn(h.t.Context(), Everywhere, HandIn{
		Dossier: h.dossiers[h.random.IntN(len(h.dossiers))], Scan: Scan{SHA256: sum(h.random.IntN(60)), Size: 1, MediaType: "image/tiff"},
		Kind: []PaperKind{ComponentPaper, ResultPaper}[h.random.IntN(2)], Revision: "1",
	})
	if err != nil {
		h.t.Error(err)
	}
	h.papers = append(h.papers, r.Paper)
	if r.Due {
		h.open = append(h.open, r.Work)
	}
}

// work reads a scan that waits, or finds that it cannot be read.
func (h *changer) work() {
	if len(h.open) == 0 {
		return
	}
	n := h.random.IntN(len(h.open))
	r := h.open[n]
	h.open = slices.Delete(h.open, n, n+1)
	if now, err := h.c.ReadingByID(h.t.Context(), r.ID); err != nil || now.Step != StepSplit {
		return
	}
	if h.random.IntN(3) == 0 {
		if err := h.c.Fail(h.t.Context(), r, "không đọc được"); err != nil {
			h.t.Error(err)
		}
		return
	}
	read(h.t, h.c, r, 1+h.random.IntN(2), "đơn")
}

func (h *changer) retry() {
	if len(h.papers) == 0 {
		return
	}
	r, err := h.c.Retry(h.t.Context(), Everywhere, h.papers[h.random.IntN(len(h.papers))].ID, "1")
	if err == nil && r.Step == StepSplit {
		h.open = append(h.open, r)
	} else if err != nil && !errors.Is(err, ErrNotDue) && !errors.Is(err, ErrNotFound) { // joined to another one
		h.t.Error(err)
	}
}

func (h *changer) approve() {
	if len(h.papers) > 0 {
		approve(h.t, h.c, h.papers[h.random.IntN(len(h.papers))].ID, h.random.IntN(4) > 0)
	}
}

// approve approves a paper if it was read, or takes that back.
func approve(t *testing.T, c *Catalogue, id PaperID, approved bool) {
	t.Helper()
	var err error
	if approved {
		_, err = c.Approve(t.Context(), Everywhere, id, AnyEdition)
	} else {
		_, err = c.Unapprove(t.Context(), Everywhere, id)
	}
	if err != nil && !errors.Is(err, ErrNotRead) && !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// merge joins a paper to another one of its dossier, or puts a page of it into another dossier.
func (h *changer) merge() {
	if len(h.papers) == 0 {
		return
	}
	p, err := h.c.Paper(h.t.Context(), Everywhere, h.papers[h.random.IntN(len(h.papers))].ID)
	if err != nil {
		return
	}
	others := must[[]Paper](h.t)(h.c.Papers(h.t.Context(), Everywhere, p.Dossier))
	other := others[h.random.IntN(len(others))]
	if other.ID == p.ID {
		part := Part{Positions: []int{1}, Dossier: h.dossiers[h.random.IntN(len(h.dossiers))]}
		_, err = h.c.SplitOff(h.t.Context(), Everywhere, p.ID, p.Arranged, part)
	} else {
		_, err = h.c.Merge(h.t.Context(), Everywhere, p.ID, p.Arranged, []PaperID{other.ID})
	}
	var conflict *ConflictError
	var invalid *InvalidError
	if err != nil && !errors.As(err, &conflict) && !errors.As(err, &invalid) && !errors.Is(err, ErrNotRead) && !errors.Is(err, ErrNotFound) {
		h.t.Error(err)
	}
}

// refile puts a paper where it belongs, or takes it back.
func (h *changer) refile() {
	if len(h.papers) == 0 {
		return
	}
	id := h.papers[h.random.IntN(len(h.papers))].ID
	var err error
	if h.random.IntN(3) == 0 {
		err = h.c.TakeBack(h.t.Context(), Everywhere, id, TakeBackDuplicate)
	} else {
		d := must[Dossier](h.t)(h.c.Dossier(h.t.Context(), Everywhere, h.dossiers[h.random.IntN(len(h.dossiers))]))
		_, err = h.c.Refile(h.t.Context(), Everywhere, id, Filing{Dossier: d.Code, Kind: []PaperKind{"", ComponentPaper, ResultPaper}[h.random.IntN(3)]})
	}
	var conflict *ConflictError
	if err != nil && !errors.As(err, &conflict) && !errors.Is(err, ErrNotFound) {
		h.t.Error(err)
	}
}

// change does some random things.
func (h *changer) change(times int) {
	acts := []struct {
		weight int
		act    func()
	}{{1, h.putProcedure}, {6, h.putDossier}, {9, h.handIn}, {6, h.work}, {1, h.retry}, {8, h.approve}, {2, h.merge}, {3, h.refile}}
	for range times {
		n := h.random.IntN(36)
		for _, a := range acts {
			if n -= a.weight; n < 0 {
				a.act()
				break
			}
		}
		h.clock.pass(time.Second)
	}
}

// cuts are all cuts by one dimension, and random ones by several.
func (h *changer) cuts() (all []RateQuery) {
	for _, by := range append(RateBys(), ByNothing) {
		all = append(all, RateQuery{By: by})
		for range 3 {
			q := RateQuery{By: by, Procedure: h.sometimes(h.sometimes(rateProcedures[h.random.IntN(len(rateProcedures))])), From: h.sometimes(h.day()), Till: h.sometimes(h.day())}
			q.Agency = h.sometimes([]string{"H50", "H50.13", "H50.14", "H50.13.1"}[h.random.IntN(4)])
			q.Own = q.Agency != "" && h.random.IntN(3) == 0
			q.Field = h.sometimes(h.sometimes([]string{"GT", NotKnown}[h.random.IntN(2)]))
			if h.random.IntN(6) == 0 {
				q.Procedure = NotKnown
			}
			if q.From != "" && q.Till != "" && q.From > q.Till {
				q.From, q.Till = q.Till, q.From
			}
			all = append(all, q)
		}
		all = append(all, RateQuery{By: by, From: NotKnown})
	}
	return all
}

// Whatever was done, each figure of each cut is what a naive count says, and the dossiers behind each number are as many.
func TestRatesAreANaiveCount(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		seed := uint64(time.Now().UnixNano()) //nolint:gosec // a seed
		t.Logf("seed %d", seed)
		all := agencies(t, c)
		h := &changer{t: t, c: c, clock: clock, random: rand.New(rand.NewPCG(seed, 1))}
		// Another process looks at the same catalogue, now and then.
		other := *c
		other.facts = newFactbook()
		for round := range 6 {
			h.change(60)
			if round == 3 {
				s := ordinaryRateSettings()
				s.Scope, s.Resolved, s.Received = []DossierState{9, 10, 7}, []DossierState{7, 9, 10}, []DossierState{2, 4, 1}
				if err := c.PutRateSettings(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			n := newNaive(t, c)
			for _, q := range h.cuts() {
				n.compare(t, c, Everywhere, q)
				n.compare(t, &other, Everywhere, q)
				if q.Agency == "" {
					n.compare(t, c, all["H50.13"].Path, q)
				}
			}
			n.list(t, c, Everywhere, h.cuts()[round+1])
			if t.Failed() {
				t.FailNow()
			}
		}
		if wrong, err := c.RecountRates(t.Context()); err != nil || wrong != 0 {
			t.Errorf("a recount finds %d facts wrong, %v", wrong, err)
		}
		fresh := *c
		fresh.facts = newFactbook()
		newNaive(t, c).compare(t, &fresh, Everywhere, RateQuery{By: ByMonth})
	})
}

// What many do to the same dossiers and scans at once is not lost, and nobody who looks meanwhile sees more than there is.
func TestRatesOfManyAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		var ids []DossierID
		for n := range 5 {
			d, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: fmt.Sprintf("H50.13-260331-%04d", n), Agency: "H50.13"})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, d.ID)
		}
		var desks sync.WaitGroup
		for desk := range 8 {
			desks.Go(func() {
				random := rand.New(rand.NewPCG(uint64(desk), 2)) //nolint:gosec // a seed
				for n := range 15 {
					kind := []PaperKind{ComponentPaper, ResultPaper}[(desk+n)%2]
					scan := Scan{SHA256: sum(random.IntN(12)), Size: 1, MediaType: "image/tiff"}
					r, err := c.HandIn(t.Context(), Everywhere, HandIn{Dossier: ids[random.IntN(len(ids))], Scan: scan, Kind: kind, Revision: "1"})
					if err != nil {
						t.Error(err)
						return
					}
					approve(t, c, r.Paper.ID, n%3 > 0)
					_, _, err = c.PutDossier(t.Context(), Everywhere, Dossier{Code: r.Paper.DossierCode, State: DossierState(1 + random.IntN(10))})
					if err != nil {
						t.Error(err)
					}
					rates, err := c.Rates(t.Context(), Everywhere, RateQuery{By: ByDay})
					if err != nil {
						t.Error(err)
						return
					}
					for _, s := range rates.Total {
						if s.Of > int64(len(ids)) || s.Filed > s.Of || s.Read > s.Filed || s.Checked > s.Read {
							t.Errorf("%+v", s)
						}
					}
				}
			})
		}
		desks.Wait()
		newNaive(t, c).compare(t, c, Everywhere, RateQuery{By: ByMonth})
		if wrong, err := c.RecountRates(t.Context()); err != nil || wrong != 0 {
			t.Errorf("a recount finds %d facts wrong, %v", wrong, err)
		}
	})
}

// An empty denominator gives no figure; others have two decimals, rounded.
func TestPercents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, all int64
		want   Percent
	}{{0, 1, 0}, {1, 1, 10000}, {1, 3, 3333}, {2, 3, 6667}, {8315, 10000, 8315}, {1, 20000, 1}, {1, 20001, 0}, {999_999, 1_000_000, 10000}} {
		if got, some := PercentOf(c.n, c.all); got != c.want || !some {
			t.Errorf("%d of %d: %d, %v", c.n, c.all, got, some)
		}
	}
	if _, some := PercentOf(0, 0); some {
		t.Error("a share of nothing is a figure")
	}
}

// What cannot be asked for is said.
func TestRatesRefuse(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		for _, q := range []RateQuery{{From: "31/03/2026"}, {From: "2026-02-01", Till: "2026-01-01"}, {By: "week"}, {From: "2000-01-01", Till: "2026-01-01", By: ByDay}} {
			var invalid *InvalidError
			if _, err := c.Rates(t.Context(), Everywhere, q); !errors.As(err, &invalid) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		for _, agency := range []string{"H50.14", "H50", "H99"} {
			if _, err := c.Rates(t.Context(), all["H50.13"].Path, RateQuery{Agency: agency}); !errors.Is(err, ErrNotFound) {
				t.Errorf("agency %s out of reach: %v", agency, err)
			}
		}
		var invalid *InvalidError
		if _, err := c.RateDossiers(t.Context(), Everywhere, RateQuery{}, "all", SideAll, 0, 10); !errors.As(err, &invalid) {
			t.Errorf("no such figure: %v", err)
		}
		for _, s := range []RateSettings{{}, {Received: []DossierState{11}, Scope: []DossierState{1}, Resolved: []DossierState{9}}} {
			if err := c.PutRateSettings(t.Context(), s); !errors.As(err, &invalid) {
				t.Errorf("settings %+v: %v", s, err)
			}
		}
	})
}

// Facts that a restored or changed database brings along are remade by a recount, and the steps of the schema have gaps.
func TestRecount(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		if err := c.Check(t.Context()); err != nil {
			t.Error(err)
		}
		agencies(t, c)
		handIn(t, c, "H50.13", 1, nil)
		err := c.write(t.Context(), "spoil", func(q querier) error {
			_, err := q.exec(t.Context(), "UPDATE dossier_facts SET marks = 0, changed = "+q.stamp())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := must[Rates](t)(c.Rates(t.Context(), Everywhere, RateQuery{})); r.Total[components].Filed != 0 {
			t.Fatalf("not spoiled: %v", r.Total)
		}
		if wrong, err := c.RecountRates(t.Context()); err != nil || wrong != 1 {
			t.Errorf("%d were wrong, %v", wrong, err)
		}
		if r := must[Rates](t)(c.Rates(t.Context(), Everywhere, RateQuery{})); r.Total[components].Filed != 1 {
			t.Errorf("not remade: %v", r.Total)
		}
	})
}
