package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// run is one time that a contestant read the papers.
type run struct {
	Who    string `json:"who"`
	Papers int    `json:"papers"`
	Cores  int    `json:"cores"` // that it might use
	// usage.Seconds is from the first paper's hand-in (or the program's start) to the last one's end.
	usage
	// Steady is how many papers a second were read between the ends of the first and the last.
	Steady    float64  `json:"steady_per_second,omitempty"`
	Disturbed bool     `json:"disturbed"`
	Stages    []timing `json:"stages,omitempty"`
}

// cpuPerPage is in seconds of processors, of all who took part but ourselves.
func (r run) cpuPerPage() float64 {
	sum := 0.0
	for role, seconds := range r.CPU {
		if role != roleLoad {
			sum += seconds
		}
	}
	return sum / float64(r.Papers)
}

// rate is papers a second on the clock.
func (r run) rate() float64 { return float64(r.Papers) / r.Seconds }

// rateOfLeft is papers for each second of a core that others left to us: on a machine that is not ours alone it says more
// than the clock.
func (r run) rateOfLeft() float64 { return float64(r.Papers) / max(r.Seconds/10, r.left()) }

// left is how many seconds of processors others left.
func (r run) left() float64 { return r.Seconds*float64(r.Cores) - r.Others }

// readOnce is what `sohoa read` does with the same papers as files: all at once by one process, or shared out over
// processes that have a core each.
func (h *host) readOnce(ctx context.Context, files []string, cores ...int) (run, error) {
	shares := [][]string{files}
	if len(cores) > 0 {
		shares = make([][]string, len(cores))
		for i, f := range files {
			shares[i%len(cores)] = append(shares[i%len(cores)], f)
		}
	}
	out := filepath.Join(h.work, "read")
	defer os.RemoveAll(out)
	before := reapedCPU()
	m := startMeter(nobody)
	var group errgroup.Group
	var made atomic.Int64
	for i, share := range shares {
		group.Go(func() error {
			dir := filepath.Join(out, strconv.Itoa(i))
			l := launch{name: fmt.Sprintf("read-%d", i), args: []string{"read", "-o", dir}}
			if len(cores) > 0 {
				l.cores, l.args = cores[i:i+1], append(l.args, "--jobs", "1")
			}
			l.args = append(l.args, share...)
			p, err := h.start(l)
			if err == nil {
				err = p.wait(ctx)
			}
			written, _ := os.ReadDir(dir)
			made.Add(int64(len(written)))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return run{}, err
	}
	u := m.read()
	u.CPU[roleWorkers] = reapedCPU() - before
	u.Others = max(0, u.Others-u.CPU[roleWorkers])
	if want := int64(3 * len(files)); made.Load() != want {
		return run{}, fmt.Errorf("sohoa read wrote %d files, not %d", made.Load(), want)
	}
	return run{Who: nameRead, Papers: len(files), Cores: h.cores, usage: u, Disturbed: u.disturbed(h.cores)}, nil
}

// batchDossier is how many papers one dossier of an archive has.
const batchDossier = 50

// handInAll hands all scans in, a form of some at a time, and gives the dossiers.
func (s *system) handInAll(ctx context.Context, scans []scan, n *numbers) (dossiers []int64, err error) {
	const atOnce = 10
	for share := range slices.Chunk(scans, batchDossier) {
		id, err := s.dossier(ctx, dossierCode(n.next()))
		if err != nil {
			return nil, err
		}
		dossiers = append(dossiers, id)
		for some := range slices.Chunk(share, atOnce) {
			if _, err := s.handIn(ctx, id, "batch", some, n); err != nil {
				return nil, err
			}
		}
	}
	return dossiers, nil
}

// readAll measures from the hand-in of the first paper until the last one is read; the papers come in while the first are
// being read. startWorkers, if not nil, is called after all are handed in, and the clock begins there.
func (s *system) readAll(ctx context.Context, scans []scan, n *numbers, startWorkers func() error) (run, error) {
	var m *meter
	begin := func() { m = startMeter(s.roots) }
	if startWorkers == nil {
		begin()
	}
	dossiers, err := s.handInAll(ctx, scans, n)
	if err != nil {
		return run{}, err
	}
	if startWorkers != nil {
		begin()
		if err := startWorkers(); err != nil {
			return run{}, err
		}
	}
	if err := s.untilRead(ctx, "batch", 300*time.Millisecond); err != nil {
		return run{}, err
	}
	u := m.read()
	ends, err := s.ends(ctx, dossiers, len(scans))
	if err != nil {
		return run{}, err
	}
	u.Seconds = ends[len(ends)-1].Sub(m.start).Seconds() // not when we saw it
	r := run{Who: s.name, Papers: len(scans), Cores: s.host.cores, usage: u, Disturbed: u.disturbed(s.host.cores)}
	if between := ends[len(ends)-1].Sub(ends[0]).Seconds(); between > 0 {
		r.Steady = float64(len(ends)-1) / between
	}
	if r.Stages, err = s.stages(ctx); err != nil {
		return run{}, err
	}
	return r, nil
}

// ends are when the papers were read to the end, in order. All must have been read, whole.
func (s *system) ends(ctx context.Context, dossiers []int64, want int) ([]time.Time, error) {
	var ends []time.Time
	for _, id := range dossiers {
		papers, err := s.papersOf(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, p := range papers {
			if !p.over() || p.Failed > 0 || p.Read != 1 || p.Words == 0 {
				return nil, fmt.Errorf("paper %d is %s with %d pages read, %d failed, %d words: %s", p.ID, p.State, p.Read, p.Failed, p.Words, p.Reason)
			}
			ends = append(ends, p.Changed)
		}
	}
	if len(ends) != want {
		return nil, fmt.Errorf("%d papers are there, not %d", len(ends), want)
	}
	slices.SortFunc(ends, time.Time.Compare)
	return ends, nil
}
