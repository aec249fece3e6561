package main

import (
	"context"
	"errors"
)

// scaling is how much more two `sohoa work` with a core each read than one. The servers and `serve` run beside them on the
// same two cores: with one worker they find the other core idle, with two they take their part from both.
type scaling struct {
	Papers int   `json:"papers"`
	Runs   []run `json:"runs"`
	// Ratio is between the rates from the first to the last paper's end; WithStart between those from the workers' start.
	Ratio     float64 `json:"ratio"`
	WithStart float64 `json:"ratio_with_start"`
	// WithoutServers is Ratio had the two workers had the time for themselves that the servers, serve and we took of them.
	WithoutServers float64 `json:"ratio_without_servers"`
	// Machine is the same between one and two `sohoa read` with a core each: what the machine itself gives.
	Machine float64 `json:"ratio_of_read"`
}

// Who runs for scaling.
const (
	nameOneRead = "1 read, 1 core"
	nameTwoRead = "2 read, 1 core each"
	nameOneWork = "1 work, 1 core"
	nameTwoWork = "2 work, 1 core each"
)

var errOneCore = errors.New("measure scaling: this machine has one core")

func (l *load) measureScaling(ctx context.Context) (*scaling, error) {
	if l.host.cores < 2 {
		return nil, errOneCore
	}
	s := &scaling{Papers: l.flags.papers}
	scans := l.scans(s.Papers)
	files, err := l.writeFiles(scans)
	if err != nil {
		return nil, err
	}
	for turn := range l.flags.turns {
		for _, cores := range [][]int{{0}, {0, 1}} {
			as := func(one, two string) func(run) {
				return func(r run) {
					r.Who = one
					if len(cores) == 2 {
						r.Who = two
					}
					s.add(l, turn, r)
				}
			}
			err := l.inPeace(ctx, as(nameOneRead, nameTwoRead), func() (run, error) { return l.host.readOnce(ctx, files, cores...) })
			if err != nil {
				return nil, err
			}
			err = l.inPeace(ctx, as(nameOneWork, nameTwoWork), func() (run, error) { return l.workRun(ctx, scans, cores) })
			if err != nil {
				return nil, err
			}
		}
	}
	s.compare()
	return s, nil
}

func (s *scaling) add(l *load, turn int, r run) {
	l.host.log("scaling: turn %d of %d, %s: %.1f s, %.3f pages a second, steadily %.3f; servers %.1f s, serve %.1f s, others %.1f s",
		turn+1, l.flags.turns, r.Who, r.Seconds, r.rate(), r.Steady, r.CPU[roleServers], r.CPU[roleServe], r.Others)
	s.Runs = append(s.Runs, r)
}

func (s *scaling) compare() {
	steady := func(r run) float64 { return r.Steady }
	// What is left of two cores for two workers.
	own := func(r run) float64 {
		foreign := (r.CPU[roleServers] + r.CPU[roleServe] + r.CPU[roleLoad]) / (2 * r.Seconds)
		return r.Steady / (1 - min(foreign, 0.9))
	}
	s.Ratio = usual(s.Runs, nameTwoWork, steady) / usual(s.Runs, nameOneWork, steady)
	s.WithStart = usual(s.Runs, nameTwoWork, run.rate) / usual(s.Runs, nameOneWork, run.rate)
	s.WithoutServers = usual(s.Runs, nameTwoWork, own) / usual(s.Runs, nameOneWork, steady)
	s.Machine = usual(s.Runs, nameTwoRead, run.rate) / usual(s.Runs, nameOneRead, run.rate)
}

// workRun hands all papers in while nobody works, and then has a worker for each core read them.
func (l *load) workRun(ctx context.Context, scans []scan, cores []int) (run, error) {
	on, err := l.serversOnce(ctx)
	if err != nil {
		return run{}, err
	}
	s, err := l.host.startMany(ctx, on)
	if err != nil {
		return run{}, err
	}
	defer s.stop()
	return s.readAll(ctx, scans, &l.numbers, func() error {
		for _, core := range cores {
			if err := s.addWorker(1, core); err != nil {
				return err
			}
		}
		return nil
	})
}
