package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := start(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// The measurements that -only chooses from.
const (
	onlyThroughput = "throughput"
	onlyScaling    = "scaling"
	onlyLatency    = "latency"
	onlyIntake     = "intake"
)

func allMeasurements() []string {
	return []string{onlyThroughput, onlyScaling, onlyLatency, onlyIntake}
}

// What -paper chooses from.
const (
	paperPDF  = "pdf"
	paperTIFF = "tiff"
)

// flags are what the command line says.
type flags struct {
	binary, json, paper     string
	only, on                []string
	papers, turns           int
	waiting, samples, desks int
	every, think, minutes   time.Duration
	calm                    time.Duration
	again                   int
	seed                    uint64
}

// parse reads the command line. What is wrong with it has been said on errs.
func parse(args []string, errs io.Writer) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("scripts/load", flag.ContinueOnError)
	set.SetOutput(errs)
	only := set.String("only", "", "measure just these, with commas between: "+strings.Join(allMeasurements(), ","))
	on := set.String("on", "up,many", "throughput and intake of these services: up, many (serve + work)")
	minutes := set.Float64("minutes", 10, "intake: for how long the desks hand in")
	set.StringVar(&f.binary, "sohoa", filepath.Join("bin", "sohoa"), "the binary to measure")
	set.StringVar(&f.json, "json", "", "write the report as JSON into this file, too")
	set.IntVar(&f.papers, "papers", 60, "throughput and scaling: how many papers of one page are read")
	set.IntVar(&f.turns, "n", 3, "throughput and scaling: how often each contestant reads them; the median counts")
	set.DurationVar(&f.calm, "calm", time.Minute, "throughput, scaling and latency: how long each run may wait for others on this machine to be quiet")
	set.IntVar(&f.again, "again", 2, "throughput and scaling: how often a run is repeated that others disturbed")
	set.IntVar(&f.waiting, "waiting", 10_000, "latency: how many papers of an archive wait")
	set.IntVar(&f.samples, "samples", 60, "latency: how many pages are handed in at the desk")
	set.DurationVar(&f.every, "every", 3*time.Second, "latency: the mean time between two of them")
	set.IntVar(&f.desks, "desks", 50, "intake: how many desks hand in at once")
	set.DurationVar(&f.think, "think", 0, "intake: the mean pause of a desk between two papers; 0 is none at all")
	set.StringVar(&f.paper, "paper", paperTIFF, "intake: papers of five pages as tiff (black and white) or pdf (colour)")
	set.Uint64Var(&f.seed, "seed", 1, "another seed makes other pages")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	f.minutes = time.Duration(*minutes * float64(time.Minute))
	err := f.complete(*only, *on, set.NArg())
	if err != nil {
		fmt.Fprintln(errs, "scripts/load: error:", err)
		set.Usage()
	}
	return f, err
}

// complete settles what the flags leave open and checks them.
func (f *flags) complete(only, on string, rest int) error {
	f.only = allMeasurements()
	if only != "" {
		f.only = strings.Split(only, ",")
	}
	for _, name := range f.only {
		if !slices.Contains(allMeasurements(), name) {
			return fmt.Errorf("there is no measurement %q", name)
		}
	}
	for name := range strings.SplitSeq(on, ",") {
		service, known := map[string]string{"up": nameUp, "many": nameMany}[name]
		if !known {
			return fmt.Errorf("there is no service %q", name)
		}
		f.on = append(f.on, service)
	}
	switch {
	case rest > 0:
		return fmt.Errorf("%d words too many", rest)
	case f.papers < 1 || f.turns < 1 || f.samples < 1 || f.desks < 1:
		return errors.New("papers, turns, samples and desks are 1 at least")
	case f.waiting < 0 || f.every < 0 || f.think < 0 || f.calm < 0 || f.again < 0 || f.minutes <= 0:
		return errors.New("no time and no number is less than nothing")
	case f.paper != paperPDF && f.paper != paperTIFF:
		return fmt.Errorf("there is no paper as %q", f.paper)
	}
	var err error
	if f.binary, err = filepath.Abs(f.binary); err != nil {
		return fmt.Errorf("find the binary: %w", err)
	}
	return nil
}

// start is main without the process around it: 0 measured and all targets met, 1 something went wrong, 2 wrong use, 3 a
// target was missed.
func start(ctx context.Context, args []string, out, errs io.Writer) int {
	f, err := parse(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	r, err := measure(ctx, f, args, errs)
	if err != nil {
		fmt.Fprintln(errs, "scripts/load: error:", err)
		return 1
	}
	r.print(out)
	if r.missed() {
		return 3
	}
	return 0
}

// load is one call of this command.
type load struct {
	flags   *flags
	host    *host
	drawn   *drawn
	numbers numbers
	servers *servers // once they are needed
}

// measure does the measurements in turn, and keeps the report after each.
func measure(ctx context.Context, f *flags, args []string, log io.Writer) (r *report, err error) {
	work, err := os.MkdirTemp("", "sohoa-load-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to work in: %w", err)
	}
	defer os.RemoveAll(work)
	// PostgreSQL runs as another user, in a folder below.
	if err := os.Chmod(work, 0o755); err != nil {
		return nil, fmt.Errorf("open the folder to work in: %w", err)
	}
	l := &load{flags: f, host: &host{binary: f.binary, work: work, cores: runtime.NumCPU(), seed: f.seed, log: func(format string, args ...any) {
		fmt.Fprintf(log, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
	}}}
	defer func() {
		if l.servers != nil {
			l.servers.stop()
		}
	}()
	if r, err = newReport(ctx, l, args); err != nil {
		return nil, err
	}
	if l.drawn, err = draw(ctx, f.papers, f.seed); err != nil {
		return nil, err
	}
	for _, one := range []struct {
		name string
		do   func(context.Context) error
	}{
		{onlyThroughput, func(ctx context.Context) (err error) { r.Throughput, err = l.measureThroughput(ctx); return err }},
		{onlyScaling, func(ctx context.Context) (err error) { r.Scaling, err = l.measureScaling(ctx); return err }},
		{onlyLatency, func(ctx context.Context) (err error) { r.Latency, err = l.measureLatency(ctx); return err }},
		{onlyIntake, func(ctx context.Context) (err error) { r.Intake, err = l.measureIntake(ctx); return err }},
	} {
		if !slices.Contains(f.only, one.name) {
			continue
		}
		if err := one.do(ctx); err != nil {
			return nil, fmt.Errorf("measure %s: %w", one.name, err)
		}
		r.judge()
		if f.json != "" {
			if err := r.write(f.json); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// serversOnce starts the servers when somebody first asks.
func (l *load) serversOnce(ctx context.Context) (*servers, error) {
	if l.servers == nil {
		on, err := l.host.startServers(ctx)
		if err != nil {
			return nil, err
		}
		l.servers = on
	}
	return l.servers, nil
}
