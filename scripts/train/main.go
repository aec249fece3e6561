package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sohoa/pipeline/recognize"
)

func main() {
	oneThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// oneThread begins the program anew where Tesseract would read with several threads a page, which is slower: OpenMP looks at its
// environment before main.
func oneThread() {
	const limit = "OMP_THREAD_LIMIT"
	self, err := os.Executable()
	if os.Getenv(limit) != "" || err != nil {
		return
	}
	err = syscall.Exec(self, os.Args, append(os.Environ(), limit+"=1")) //nolint:gosec // this program
	fmt.Fprintln(os.Stderr, "train: reads with several threads a page:", err)
}

// flags are what the command line says.
type flags struct {
	text, scans, work, base, judge, keep string
	pages, stages, iterations            int
	jobs                                 int
	rate                                 float64
	seed                                 uint64
	verbose                              bool
}

// parse reads the command line.
func parse(args []string, errs io.Writer) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("train", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&f.text, "text", "", "folder of official text, *.txt")
	set.StringVar(&f.scans, "scans", "", "folder of real scans with NAME.gt.txt")
	set.StringVar(&f.work, "work", "", "folder that keeps everything")
	set.StringVar(&f.base, "base", "large", "what to go on from: large, small, or FILE.traineddata")
	set.StringVar(&f.judge, "judge", "", "only say how well this FILE.traineddata reads the scans")
	set.StringVar(&f.keep, "keep", "", "with -judge: a folder for what was read")
	set.IntVar(&f.pages, "pages", 2000, "pages to make lines of, 30 to 40 of each")
	set.IntVar(&f.stages, "stages", 8, "how often to train, pack and judge")
	set.IntVar(&f.iterations, "iterations", 5000, "lines to learn from in a stage")
	set.IntVar(&f.jobs, "jobs", 1, "pages to make or read at once")
	set.Float64Var(&f.rate, "rate", 0.0002, "learning rate of the first stage; the last one has a tenth of it")
	set.Uint64Var(&f.seed, "seed", 100_000, "the first page's seed")
	set.BoolVar(&f.verbose, "v", false, "with -judge: each scan")
	err := set.Parse(args)
	if err == nil && (f.scans == "" || f.judge == "" && (f.text == "" || f.work == "")) {
		err = errors.New("name -text, -scans and -work, or -judge and -scans")
		fmt.Fprintln(errs, "train: error:", err)
		set.Usage()
	}
	return f, err
}

// run is main without the process around it: exit status 1 when something failed, 2 on wrong use.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	f, err := parse(args, errs)
	if err != nil {
		return 2
	}
	if err := recognize.Supported(); err != nil {
		fmt.Fprintln(errs, "train: error:", err)
		return 1
	}
	if f.judge != "" {
		err = f.judgeOnly(out)
	} else {
		err = f.train(ctx, out)
	}
	if err != nil {
		fmt.Fprintln(errs, "train: error:", err)
		return 1
	}
	return 0
}

func (f *flags) judgeOnly(out io.Writer) error {
	each := io.Discard
	if f.verbose {
		each = out
	}
	v, err := judge(f.judge, f.scans, f.jobs, each, f.keep)
	if err == nil {
		fmt.Fprintln(out, v)
	}
	return err
}

// train is the work from the text to the best model.
func (f *flags) train(ctx context.Context, out io.Writer) error {
	if err := os.MkdirAll(f.work, 0o750); err != nil {
		return fmt.Errorf("make the folder to work in: %w", err)
	}
	t := &trainer{flags: f, out: out}
	for _, step := range []func(context.Context) error{t.unpack, t.makeLines, t.learn} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
