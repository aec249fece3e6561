package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// latency is how long one page of A4 takes that is handed in at a desk, alone and while an archive waits.
type latency struct {
	Waiting int `json:"waiting"` // papers of the archive that waited when the measuring began
	Left    int `json:"left"`    // and when it ended
	// FillPerSecond is how many papers of the archive were acknowledged a second.
	FillPerSecond float64 `json:"fill_per_second"`
	// By says what ended the clock: a search that finds the page or, where none ever did, its state.
	By    string        `json:"by"`
	Alone latencySpread `json:"alone"`
	Busy  latencySpread `json:"busy"`
	// Calm are those of Busy during which others left the machine alone.
	Calm latencySpread `json:"busy_undisturbed"`
	usage
	Disturbed bool     `json:"disturbed"`
	Stages    []timing `json:"stages"`
	Samples   []sample `json:"samples"`
}

// latencySpread is from the beginning of the hand-in.
type latencySpread struct {
	Acknowledged spread `json:"acknowledged"`
	Read         spread `json:"read"`
	Found        spread `json:"found"`
}

// sample is one page at the desk, in seconds since its hand-in began. Found is 0 where no search found it.
type sample struct {
	Acknowledged float64 `json:"acknowledged"`
	Read         float64 `json:"read"`
	Found        float64 `json:"found"`
	Disturbed    bool    `json:"disturbed"`
}

const (
	bySearch = "found by search"
	byState  = "state read; search found none"
	// motto stands at the head of every official paper.
	motto = "Độc lập"
	// lookEvery is how often a desk looks whether its page is there.
	lookEvery = 40 * time.Millisecond
	// searchPatience is how long a page that was read is still looked for.
	searchPatience = 3 * time.Second
	// pagePatience is how long a page at the desk is waited for at all.
	pagePatience = 2 * time.Minute
	// leastCalm is how many undisturbed samples speak for all.
	leastCalm = 20
	// aloneSamples are measured before the archive comes.
	aloneSamples = 5
)

func (l *load) measureLatency(ctx context.Context) (*latency, error) {
	s, err := l.host.startUp(ctx)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	out := &latency{}
	var alone []sample
	for i := range min(aloneSamples, l.flags.samples) {
		one, err := l.desk(ctx, s, i)
		if err != nil {
			return nil, err
		}
		alone = append(alone, one)
	}
	out.Alone = spreadsOf(alone)
	l.host.log("latency: alone, a page is read after %.2f s (median of %d)", out.Alone.Read.P50, len(alone))
	if out.FillPerSecond, err = l.fill(ctx, s); err != nil {
		return nil, fmt.Errorf("fill the archive: %w", err)
	}
	if out.Waiting, err = s.waiting(ctx, "batch"); err != nil {
		return nil, err
	}
	l.host.log("latency: %d papers wait; they came in at %.0f a second", out.Waiting, out.FillPerSecond)
	if err := waitForCalm(ctx, s.roots, l.host.cores, l.flags.calm); err != nil {
		return nil, err
	}
	m := startMeter(s.roots)
	if out.Samples, err = l.desks(ctx, s); err != nil {
		return nil, err
	}
	out.usage = m.read()
	if out.Left, err = s.waiting(ctx, "batch"); err != nil {
		return nil, err
	}
	if out.Stages, err = s.stages(ctx); err != nil {
		return nil, err
	}
	out.summarize(l.host.cores)
	return out, nil
}

func (l *latency) summarize(cores int) {
	l.Busy = spreadsOf(l.Samples)
	l.Calm = spreadsOf(slices.DeleteFunc(slices.Clone(l.Samples), func(s sample) bool { return s.Disturbed }))
	l.Disturbed = l.disturbed(cores) && l.Calm.Read.N < leastCalm
	l.By = byState
	if l.Busy.Found.N > 0 {
		l.By = bySearch
	}
}

// end is what the target is about.
func (l *latency) end() spread {
	all := l.Busy
	if l.Calm.Read.N >= leastCalm {
		all = l.Calm
	}
	if l.By == bySearch {
		return all.Found
	}
	return all.Read
}

func spreadsOf(samples []sample) latencySpread {
	var acknowledged, read, found []float64
	for _, s := range samples {
		acknowledged, read = append(acknowledged, s.Acknowledged), append(read, s.Read)
		if s.Found > 0 {
			found = append(found, s.Found)
		}
	}
	return latencySpread{spreadOf(acknowledged), spreadOf(read), spreadOf(found)}
}

// fill hands the archive in: black-and-white pages of A4 at 300 dpi, which are small and cost as much to read as others.
func (l *load) fill(ctx context.Context, s *system) (perSecond float64, err error) {
	const uploads, atOnce = 4, 25
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for begin := 0; begin < l.flags.waiting; begin += 2 * batchDossier {
		scans := make([]scan, min(2*batchDossier, l.flags.waiting-begin))
		for i := range scans {
			scans[i] = l.drawn.tiffs[(begin+i)%len(l.drawn.tiffs)]
		}
		group.Go(func() error {
			id, err := s.dossier(ctx, dossierCode(l.numbers.next()))
			if err != nil {
				return err
			}
			for some := range slices.Chunk(scans, atOnce) {
				if _, err := s.handInPatiently(ctx, id, "batch", some, &l.numbers); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = group.Wait()
	return float64(l.flags.waiting) / time.Since(start).Seconds(), err
}

// desks hands a page in every few seconds, whether or not the one before is done, and waits for all.
func (l *load) desks(ctx context.Context, s *system) ([]sample, error) {
	var mu sync.Mutex
	var samples []sample
	random := rand.New(rand.NewPCG(l.flags.seed, 0))
	group, ctx := errgroup.WithContext(ctx)
	for i := range l.flags.samples {
		group.Go(func() error {
			one, err := l.desk(ctx, s, i)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			samples = append(samples, one)
			return nil
		})
		pause := time.Duration((0.5 + random.Float64()) * float64(l.flags.every))
		if err := sleep(ctx, pause); err != nil {
			break // the group says why
		}
	}
	err := group.Wait()
	return samples, err
}

// desk hands one page in and looks for it until it is found.
func (l *load) desk(ctx context.Context, s *system, i int) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, pagePatience)
	defer cancel()
	n := l.numbers.next()
	code := dossierCode(n)
	// A token of its own, as the desks of an office have, since the rate of each is bounded.
	c, err := s.addDesk(ctx, fmt.Sprintf("desk-%d", n))
	if err != nil {
		return sample{}, err
	}
	id, err := c.dossier(ctx, code)
	if err != nil {
		return sample{}, err
	}
	var out sample
	m := startMeter(s.roots)
	start := time.Now()
	papers, err := c.handIn(ctx, id, "desk", []scan{l.drawn.jpegs[i%len(l.drawn.jpegs)]}, &l.numbers)
	if err != nil {
		return sample{}, err
	}
	out.Acknowledged = time.Since(start).Seconds()
	for {
		hits, err := c.search(ctx, motto, code)
		if err != nil {
			return sample{}, err
		}
		if hits > 0 {
			out.Found = time.Since(start).Seconds()
		}
		if out.Read == 0 {
			p, err := c.paper(ctx, papers[0].ID)
			if err != nil {
				return sample{}, err
			}
			if p.State == "failed" {
				return sample{}, fmt.Errorf("paper %d failed: %s", p.ID, p.Reason)
			}
			if p.over() {
				out.Read = p.Changed.Sub(start).Seconds()
			}
		}
		if out.Read > 0 && (out.Found > 0 || time.Since(start).Seconds()-out.Read > searchPatience.Seconds()) {
			out.Disturbed = m.read().disturbed(s.host.cores)
			return out, nil
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return sample{}, fmt.Errorf("wait for paper %d: %w", papers[0].ID, err)
		}
	}
}
