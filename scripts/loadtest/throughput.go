package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// throughput is how much the service reads beside `sohoa read`, on the same papers of one page, in turns. The papers are
// handed in while the first are being read.
type throughput struct {
	Papers int   `json:"papers"`
	Runs   []run `json:"runs"`
	// The services' pages a second, as a share of those of `sohoa read`; 0 where not measured.
	Up   float64 `json:"up_to_read"`
	Many float64 `json:"many_to_read"`
	// The same of pages for each second of a core that others left.
	UpOfLeft   float64 `json:"up_to_read_of_left"`
	ManyOfLeft float64 `json:"many_to_read_of_left"`
}

func (l *load) measureThroughput(ctx context.Context) (*throughput, error) {
	t := &throughput{Papers: l.flags.papers}
	scans := l.scans(t.Papers)
	files, err := l.writeFiles(scans)
	if err != nil {
		return nil, err
	}
	for turn := range l.flags.turns {
		note := func(r run) { t.add(l, turn, r) }
		err := l.inPeace(ctx, note, func() (run, error) { return l.host.readOnce(ctx, files) })
		if err != nil {
			return nil, err
		}
		for _, name := range l.flags.on {
			if err := l.inPeace(ctx, note, func() (run, error) { return l.serviceRun(ctx, name, scans) }); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	read := usual(t.Runs, nameRead, run.rate)
	t.Up, t.Many = usual(t.Runs, nameUp, run.rate)/read, usual(t.Runs, nameMany, run.rate)/read
	read = usual(t.Runs, nameRead, run.rateOfLeft)
	t.UpOfLeft, t.ManyOfLeft = usual(t.Runs, nameUp, run.rateOfLeft)/read, usual(t.Runs, nameMany, run.rateOfLeft)/read
	return t, nil
}

func (t *throughput) add(l *load, turn int, r run) {
	l.host.log("throughput: turn %d of %d, %s: %.1f s, %.2f pages a second, %.2f s of processors a page, others %.1f s",
		turn+1, l.flags.turns, r.Who, r.Seconds, r.rate(), r.cpuPerPage(), r.Others)
	t.Runs = append(t.Runs, r)
}

// inPeace waits until others leave the machine alone, and runs again what they disturbed all the same. Each run is noted.
func (l *load) inPeace(ctx context.Context, note func(run), do func() (run, error)) error {
	for range 1 + l.flags.again {
		if err := waitForCalm(ctx, nobody, l.host.cores, l.flags.calm); err != nil {
			return err
		}
		r, err := do()
		if err != nil {
			return err
		}
		note(r)
		if !r.Disturbed {
			return nil
		}
	}
	return nil
}

// serviceRun reads the papers with a fresh service.
func (l *load) serviceRun(ctx context.Context, name string, scans []scan) (run, error) {
	s, err := l.startService(ctx, name)
	if err != nil {
		return run{}, err
	}
	defer s.stop()
	return s.readAll(ctx, scans, &l.numbers, nil)
}

// startService starts a service that works with all cores.
func (l *load) startService(ctx context.Context, name string) (*system, error) {
	if name == nameUp {
		return l.host.startUp(ctx)
	}
	on, err := l.serversOnce(ctx)
	if err != nil {
		return nil, err
	}
	s, err := l.host.startMany(ctx, on)
	if err != nil {
		return nil, err
	}
	if err := s.addWorker(l.host.cores); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// scans are so many pages of colour, the drawn ones again and again.
func (l *load) scans(n int) []scan {
	all := make([]scan, n)
	for i := range all {
		all[i] = l.drawn.jpegs[i%len(l.drawn.jpegs)]
	}
	return all
}

// writeFiles writes scans into a folder, for `sohoa read`.
func (l *load) writeFiles(scans []scan) ([]string, error) {
	dir := filepath.Join(l.host.work, "pages")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("write pages: %w", err)
	}
	files := make([]string, len(scans))
	for i, s := range scans {
		body, _ := s.body(l.numbers.next())
		data, err := io.ReadAll(body)
		if err == nil {
			files[i] = filepath.Join(dir, fmt.Sprintf("page-%03d%s", i, s.ending))
			err = os.WriteFile(files[i], data, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("write pages: %w", err)
		}
	}
	return files, nil
}

// usual is the median of what a contestant's runs gave; disturbed runs count only where there is no other.
func usual(runs []run, who string, what func(run) float64) float64 {
	var calm, all []float64
	for _, r := range runs {
		if r.Who != who {
			continue
		}
		all = append(all, what(r))
		if !r.Disturbed {
			calm = append(calm, what(r))
		}
	}
	if len(calm) > 0 {
		all = calm
	}
	return median(all)
}
