package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// intake is how a service takes in what many desks hand in at once, while its workers read.
type intake struct {
	Who    string  `json:"who"`
	Desks  int     `json:"desks"`
	Think  float64 `json:"think_seconds"` // mean pause of a desk between two papers
	Paper  string  `json:"paper"`         // what is handed in
	KiB    float64 `json:"kib"`           // each
	Acks   spread  `json:"acknowledgements"`
	Errors int     `json:"errors"`
	// Kinds are the errors by what was said.
	Kinds     map[string]int `json:"error_kinds"`
	PerSecond float64        `json:"per_second"`
	// Dossiers is how long it took to add a dossier, before each paper.
	Dossiers spread  `json:"dossiers"`
	Memory   []sizes `json:"memory"`
	usage
	Disturbed bool     `json:"disturbed"`
	Read      int      `json:"papers_read"` // meanwhile
	Stages    []timing `json:"stages"`
}

// deskLog is what one desk saw.
type deskLog struct {
	mu             sync.Mutex
	acks, dossiers []float64
	kinds          map[string]int
}

func (l *load) measureIntake(ctx context.Context) (all []*intake, err error) {
	for _, name := range l.flags.on {
		one, err := l.intakeOn(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		l.host.log("intake: %s: %d acknowledgements, %.1f a second, p95 %.2f s, %d errors", name, one.Acks.N, one.PerSecond, one.Acks.P95, one.Errors)
		all = append(all, one)
	}
	return all, nil
}

func (l *load) intakeOn(ctx context.Context, name string) (*intake, error) {
	s, err := l.startService(ctx, name)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	desks := make([]*client, l.flags.desks)
	for i := range desks {
		if desks[i], err = s.addDesk(ctx, fmt.Sprintf("desk-%02d", i+1)); err != nil {
			return nil, err
		}
	}
	paper := l.drawn.pdf5
	if l.flags.paper == paperTIFF {
		paper = l.drawn.tiffs5
	}
	out := &intake{
		Who: name, Desks: len(desks), Think: l.flags.think.Seconds(), Paper: "5 pages, " + l.flags.paper, KiB: float64(len(paper.data)) / 1024,
	}
	m := startMeter(s.roots)
	log, memory, err := l.allDesks(ctx, s, desks, paper)
	if err != nil {
		return nil, err
	}
	out.usage, out.Memory = m.read(), memory
	out.Disturbed = out.disturbed(l.host.cores)
	out.Acks, out.Dossiers, out.Kinds = spreadOf(log.acks), spreadOf(log.dossiers), log.kinds
	for _, n := range log.kinds {
		out.Errors += n
	}
	out.PerSecond = float64(out.Acks.N) / out.Seconds
	if err := s.alive(); err != nil {
		return nil, err
	}
	for i, c := range append([]*client{s.client}, s.reports...) {
		if out.Memory[i].Go, err = c.goHeap(ctx); err != nil {
			return nil, err
		}
	}
	left, err := s.waiting(ctx, "desk")
	if err != nil {
		return nil, err
	}
	out.Read = out.Acks.N - left
	out.Stages, err = s.stages(ctx)
	return out, err
}

// allDesks lets the desks hand in until the time is over, and looks at the memory of the service meanwhile.
func (l *load) allDesks(ctx context.Context, s *system, desks []*client, paper scan) (*deskLog, []sizes, error) {
	log := &deskLog{kinds: make(map[string]int)}
	end := time.Now().Add(l.flags.minutes)
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	memory := make(chan []sizes, 1)
	interval := min(time.Second, l.flags.minutes/20)
	go func() { memory <- watchMemory(watching, append([]*process{s.serve}, s.workers...), interval) }()
	group, ctx := errgroup.WithContext(ctx)
	for i, desk := range desks {
		group.Go(func() error { return l.oneDesk(ctx, desk, i, paper, end, log) })
	}
	err := group.Wait()
	stopWatching()
	return log, <-memory, err
}

// oneDesk adds a dossier and hands a paper in, again and again. What is refused or fails is an error of the service and
// noted; the desk goes on.
func (l *load) oneDesk(ctx context.Context, desk *client, i int, paper scan, end time.Time, log *deskLog) error {
	random := rand.New(rand.NewPCG(l.flags.seed, uint64(i)))
	think := l.flags.think
	// Desks do not open in the same instant.
	if err := sleep(ctx, time.Duration(random.Float64()*float64(think))); err != nil {
		return err
	}
	for time.Now().Before(end) {
		start := time.Now()
		id, err := desk.dossier(ctx, dossierCode(l.numbers.next()))
		added := time.Now()
		if err == nil {
			_, err = desk.handIn(ctx, id, "desk", []scan{paper}, &l.numbers)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		log.note(added.Sub(start), time.Since(added), err)
		pause := time.Duration((0.5 + random.Float64()) * float64(think))
		if err != nil {
			pause = max(pause, 100*time.Millisecond) // a service that refuses is not hammered at
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

func (d *deskLog) note(dossier, ack time.Duration, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.dossiers, d.acks = append(d.dossiers, dossier.Seconds()), append(d.acks, ack.Seconds())
		return
	}
	said := err.Error()
	if refused := (&refusedError{}); errors.As(err, &refused) {
		said = refused.Error()
	}
	d.kinds[said]++
}
