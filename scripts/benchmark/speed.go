package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/scripts/corpus"
)

// job is one way to do the whole job, from the files to the outputs on disk.
type job struct {
	Reader string
	Form   string // what it reads: singleFiles or onePDF
	run    func(ctx context.Context, dir string) (cost, error)
	// wants is how many files have to be there afterwards.
	wants int
}

// The forms in which the same pages come.
const (
	singleFiles = "single files"
	onePDF      = "one PDF"
)

// timing is what a job took, the median of its runs.
type timing struct {
	Reader, Form string
	Pages        int
	cost
}

// pagesPerSecond is on the clock.
func (t timing) pagesPerSecond() float64 { return float64(t.Pages) / t.Wall.Seconds() }

// cpuPerPage is in seconds of one processor.
func (t timing) cpuPerPage() float64 { return t.CPU.Seconds() / float64(t.Pages) }

// measureSpeed makes the pages and lets the programs take turns at them, so that what else the machine does falls on all.
func measureSpeed(ctx context.Context, m *machine, s *sohoa, t *tesseract, o *ocrmypdf, turns int, log io.Writer) ([]timing, error) {
	dir := filepath.Join(m.work, "speed")
	if err := makeSet(ctx, dir, corpus.Speed, m.seed); err != nil {
		return nil, err
	}
	files, err := filesIn(dir, imageEndings()...)
	if err != nil {
		return nil, err
	}
	papers, err := filesIn(dir, ".pdf")
	if err != nil {
		return nil, err
	}
	if len(papers) != 1 {
		return nil, fmt.Errorf("the speed set has %d PDFs, not one", len(papers))
	}
	for _, f := range append(slices.Clone(files), papers...) { // the disk is not what is measured
		if _, err := fileDigest(f); err != nil {
			return nil, err
		}
	}
	jobs := []job{
		{s.Name(), singleFiles, sohoaJob(s, files), 3 * len(files)},
		{t.Name(), singleFiles, tesseractJob(t, files), len(files)},
		{o.Name(), singleFiles, ocrmypdfJob(o, files), 2 * len(files)},
		{s.Name(), onePDF, sohoaJob(s, papers), 3},
		{o.Name(), onePDF, ocrmypdfJob(o, papers), 2},
	}
	return takeTurns(ctx, jobs, turns, len(files), filepath.Join(m.work, "speed-out"), log)
}

// takeTurns runs all jobs one after the other, so many times.
func takeTurns(ctx context.Context, jobs []job, turns, pages int, dir string, log io.Writer) ([]timing, error) {
	costs := make([][]cost, len(jobs))
	for turn := range turns {
		for i, j := range jobs {
			out := filepath.Join(dir, fmt.Sprintf("%d-%d", turn, i))
			if err := os.MkdirAll(out, 0o750); err != nil {
				return nil, fmt.Errorf("make a folder for outputs: %w", err)
			}
			c, err := j.run(ctx, out)
			if err != nil {
				return nil, fmt.Errorf("time %s on %s: %w", j.Reader, j.Form, err)
			}
			made, err := os.ReadDir(out)
			if err != nil {
				return nil, fmt.Errorf("look for the outputs of %s: %w", j.Reader, err)
			}
			if len(made) != j.wants {
				return nil, fmt.Errorf("%s made %d files of %s, not %d", j.Reader, len(made), j.Form, j.wants)
			}
			if err := os.RemoveAll(out); err != nil {
				return nil, fmt.Errorf("remove outputs: %w", err)
			}
			fmt.Fprintf(log, "speed: turn %d of %d, %s on %s: %.1f s on the clock, %.1f s of processors\n",
				turn+1, turns, j.Reader, j.Form, c.Wall.Seconds(), c.CPU.Seconds())
			costs[i] = append(costs[i], c)
		}
	}
	timings := make([]timing, len(jobs))
	for i, j := range jobs {
		timings[i] = timing{Reader: j.Reader, Form: j.Form, Pages: pages, cost: median(costs[i])}
	}
	return timings, nil
}

// median takes the middle of the clock times and of the processor times; of an even number of runs the slower one.
func median(costs []cost) cost {
	wall, cpu := make([]time.Duration, len(costs)), make([]time.Duration, len(costs))
	for i, c := range costs {
		wall[i], cpu[i] = c.Wall, c.CPU
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	return cost{Wall: wall[len(wall)/2], CPU: cpu[len(cpu)/2]}
}

// sohoaJob is one call for all files.
func sohoaJob(s *sohoa, files []string) func(context.Context, string) (cost, error) {
	return func(ctx context.Context, dir string) (cost, error) {
		_, c, err := execute(ctx, s.binary, s.args(dir, files...)...)
		return c, err
	}
}

// tesseractJob is what `xargs -P` does: a process a file, as many at once as there are cores, text alone.
func tesseractJob(t *tesseract, files []string) func(context.Context, string) (cost, error) {
	return atOnce(files, t.jobs, func(ctx context.Context, file, dir string) (cost, error) {
		args := t.args(file)
		args[1] = filepath.Join(dir, filepath.Base(file)) // tesseract adds .txt
		_, c, err := execute(ctx, "tesseract", args...)
		return c, err
	})
}

// ocrmypdfJob is a call a file, as many at once as there are cores. It shares one paper's pages out over the cores itself.
func ocrmypdfJob(o *ocrmypdf, files []string) func(context.Context, string) (cost, error) {
	return atOnce(files, o.jobs, func(ctx context.Context, file, dir string) (cost, error) {
		_, c, err := execute(ctx, "ocrmypdf", o.args(file, filepath.Join(dir, filepath.Base(file)))...)
		return c, err
	})
}

// atOnce runs a program on each file, so many at once, and adds up what they take.
func atOnce(
	files []string, jobs int, run func(ctx context.Context, file, dir string) (cost, error),
) func(context.Context, string) (cost, error) {
	return func(ctx context.Context, dir string) (cost, error) {
		costs := make([]cost, len(files))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(jobs)
		start := time.Now()
		for i, f := range files {
			group.Go(func() (err error) {
				costs[i], err = run(ctx, f, dir)
				return err
			})
		}
		err := group.Wait()
		total := cost{Wall: time.Since(start)}
		for _, c := range costs {
			total.CPU += c.CPU
		}
		return total, err
	}
}
