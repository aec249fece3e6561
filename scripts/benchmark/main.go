package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The measurements that -only chooses from.
const (
	onlyAccuracy = "accuracy"
	onlySpeed    = "speed"
	onlyMemory   = "memory"
	onlyPDF      = "pdf"
	onlyFields   = "fields"
)

func allMeasurements() []string {
	return []string{onlyAccuracy, onlyFields, onlySpeed, onlyMemory, onlyPDF}
}

// flags are what the command line says.
type flags struct {
	root, binary, scans, papers, model string
	only                               []string
	turns                              int
	lengths                            []int
	seed                               uint64
	fresh, verbose, update             bool
}

// parse reads the command line. What is wrong with it has been said on errs.
func parse(args []string, errs io.Writer) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("scripts/bench", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&f.root, "root", ".", "the project's root")
	set.StringVar(&f.binary, "sohoa", "", "the binary to measure (default ROOT/bin/sohoa)")
	set.StringVar(&f.scans, "scans", "", "folder of real scans with NAME.gt.txt (default ROOT/../shared/data/scans)")
	set.StringVar(&f.papers, "papers", "", "folder of real PDFs for -only pdf (default ROOT/../shared/data/pdf)")
	set.StringVar(&f.model, "model", "large", "the recognition model of sohoa and tesseract: large or small")
	set.IntVar(&f.turns, "n", 3, "how often each speed is measured; the median counts")
	set.Uint64Var(&f.seed, "seed", 1, "another seed makes other pages")
	set.BoolVar(&f.fresh, "fresh", false, "let tesseract and OCRmyPDF read again what they read in earlier runs")
	set.BoolVar(&f.verbose, "v", false, "show every page")
	set.BoolVar(&f.update, "update-readme", false, "write the table into README.md; measures everything")
	only := set.String("only", "", "measure just these, with commas between: "+strings.Join(allMeasurements(), ","))
	lengths := set.String("pages", "10,500", "lengths of the papers whose memory is measured")
	if err := set.Parse(args); err != nil {
		return nil, err //nolint:wrapcheck // said already
	}
	err := f.complete(*only, *lengths, set.NArg())
	if err != nil {
		fmt.Fprintln(errs, "scripts/bench: error:", err)
		set.Usage()
	}
	return f, err
}

// complete settles what the flags leave open and checks them.
func (f *flags) complete(only, lengths string, rest int) error {
	f.only = allMeasurements()
	if only != "" {
		f.only = strings.Split(only, ",")
	}
	for _, name := range f.only {
		if !slices.Contains(allMeasurements(), name) {
			return fmt.Errorf("there is no measurement %q", name)
		}
	}
	for field := range strings.SplitSeq(lengths, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is no number of pages", field)
		}
		f.lengths = append(f.lengths, n)
	}
	switch {
	case rest > 0:
		return fmt.Errorf("%d words too many", rest)
	case f.turns < 1:
		return fmt.Errorf("a speed cannot be measured %d times", f.turns)
	case f.update && only != "":
		return fmt.Errorf("the README's table is made of all measurements, not of %s", only)
	}
	root, err := filepath.Abs(f.root)
	if err != nil {
		return fmt.Errorf("find the project's root: %w", err)
	}
	f.root = root
	for _, path := range []struct {
		value *string
		usual string
	}{
		{&f.binary, filepath.Join(root, "bin", "sohoa")},
		{&f.scans, filepath.Join(root, "..", "shared", "data", "scans")},
		{&f.papers, filepath.Join(root, "..", "shared", "data", "pdf")},
	} {
		if *path.value == "" {
			*path.value = path.usual
		}
	}
	return nil
}

// run is main without the process around it: 0 measured, 1 something went wrong, 2 wrong use.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	f, err := parse(args, errs)
	if err != nil {
		return 2
	}
	if err := bench(ctx, f, out, errs); err != nil {
		fmt.Fprintln(errs, "scripts/bench: error:", err)
		return 1
	}
	return 0
}

// bench measures what the flags ask for, prints the table on out and everything else on log.
func bench(ctx context.Context, f *flags, out, log io.Writer) error {
	readme := filepath.Join(f.root, "README.md")
	if f.update {
		if err := updateREADME(readme, ""); err != nil { // rather now than in an hour
			return err
		}
	}
	m, err := inspect(ctx, f.binary)
	if err != nil {
		return err
	}
	if m.work, err = os.MkdirTemp("", "sohoa-bench-"); err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer os.RemoveAll(m.work)
	m.seed = f.seed
	r, err := measure(ctx, f, m, out, log)
	if err != nil {
		return err
	}
	text := table(m, r)
	fmt.Fprintln(out, text)
	if f.update {
		return updateREADME(readme, text)
	}
	return nil
}

// measure does the measurements in turn.
func measure(ctx context.Context, f *flags, m *machine, out, log io.Writer) (*results, error) {
	modelDir, digest, err := modelFolder(f.root, f.model)
	if err != nil {
		return nil, err
	}
	m.model = f.model + " (" + digest[:8] + ")"
	remember := cache{dir: filepath.Join(f.root, ".cache", "bench"), fresh: f.fresh}
	s := &sohoa{binary: f.binary, model: f.model, dir: filepath.Join(m.work, "sohoa"), outputs: make(map[string]output)}
	t := &tesseract{version: m.tesseract, tessdir: modelDir, model: digest, jobs: m.cores, cache: remember}
	o := &ocrmypdf{
		version: strings.Join([]string{m.ocrmypdf, m.tesseract, m.ghostscript}, " "), jobs: m.cores,
		dir: filepath.Join(m.work, "ocrmypdf"), cache: remember,
	}
	r := &results{}
	wants := func(name string) bool { return slices.Contains(f.only, name) }
	if wants(onlyAccuracy) {
		if r.accuracy, err = bothSets(ctx, f, m, []reader{s, t, o}, out, log); err != nil {
			return nil, err
		}
	}
	if wants(onlyFields) {
		if r.fields, err = bothFields(ctx, f, m, s, out, log); err != nil {
			return nil, err
		}
	}
	if wants(onlyPDF) {
		files, err := allFiles(ctx, f, m)
		if err != nil {
			return nil, err
		}
		if r.papers, err = checkPapers(ctx, m, s, files, log); err != nil {
			return nil, err
		}
		reportPapers(out, r.papers, f.verbose)
	}
	if wants(onlySpeed) {
		if r.speed, err = measureSpeed(ctx, m, s, t, o, f.turns, log); err != nil {
			return nil, err
		}
	}
	if wants(onlyMemory) {
		if r.memory, err = measureMemory(ctx, m, s, f.lengths, log); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// bothSets measures accuracy on the real scans, where there are any, and on the made pages.
func bothSets(ctx context.Context, f *flags, m *machine, readers []reader, out, log io.Writer) ([]*accuracy, error) {
	scans, err := readScans(f.scans)
	if err != nil {
		return nil, err
	}
	if len(scans) == 0 {
		fmt.Fprintf(log, "no real scans: %s has none with %s beside them\n", f.scans, truthEnding)
	}
	made, err := makeScans(ctx, m.madeDir(), m.seed)
	if err != nil {
		return nil, err
	}
	var all []*accuracy
	for _, set := range []struct {
		name  string
		scans []scan
	}{{"Real scans", scans}, {"Made pages", made}} {
		if len(set.scans) == 0 {
			continue
		}
		a, err := measureAccuracy(ctx, set.name, set.scans, readers, log)
		if err != nil {
			return nil, err
		}
		if f.verbose {
			a.report(out)
		}
		a.failures(out)
		all = append(all, a)
	}
	return all, nil
}

// madeDir is where the made pages of accuracy lie.
func (m *machine) madeDir() string { return filepath.Join(m.work, "made") }

// allFiles are the scans and papers whose PDFs are looked at: all that there are.
func allFiles(ctx context.Context, f *flags, m *machine) ([]string, error) {
	if _, err := os.Stat(m.madeDir()); err != nil {
		if _, err := makeScans(ctx, m.madeDir(), m.seed); err != nil {
			return nil, err
		}
	}
	var all []string
	for _, dir := range []string{f.scans, m.madeDir(), f.papers} {
		files, err := filesIn(dir, append(imageEndings(), ".pdf")...)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}
