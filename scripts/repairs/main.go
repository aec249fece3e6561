// Command repairs counts what repair by context changed for the better and for the worse:
//
//	go run ./scripts/repairs [-v] [-worse SHARE] READINGS TRUTHS
//
// READINGS is a folder of what `sohoa read` wrote (NAME.json), TRUTHS one with the true texts (NAME.gt.txt). As a reading keeps what
// the recognizer read beside what repair made of it, one reading tells both: this is repair's line of an ablation. It prints the
// syllable error, the CER and the share of digit runs that are exact, without repair and with it, and how many words were
// changed for the better, for the worse, and from one wrong word into another. With -v it prints each that is not better.
//
// A tour:
//
//   - main.go: the flags, the files, the table.
//   - judge.go: the sides of a reading, and what became of each changed word.
//   - align.go: which syllable of the truth a syllable that was read stands for.
//
// Exit status 1 when a file cannot be read, or the changes for the worse are more than -worse of those for the better; 2 on wrong
// use.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/scripts/score"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process around it.
func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("repairs", flag.ContinueOnError)
	flags.SetOutput(errs)
	verbose := flags.Bool("v", false, "print each change that is not for the better")
	worse := flags.Float64("worse", 0.1, "the most changes for the worse, as a share of those for the better")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() != 2 {
		fmt.Fprintln(errs, "repairs: error: name the folder of readings and the folder of true texts")
		flags.Usage()
		return 2
	}
	sum, err := judgeFolder(flags.Arg(0), flags.Arg(1))
	if err != nil {
		fmt.Fprintln(errs, "repairs: error:", err)
		return 1
	}
	if *verbose {
		for _, c := range sum.changes {
			if c.verdict != better {
				fmt.Fprintf(out, "%s: %s: %s → %s (%s)\n", c.verdict, c.paper, c.from, c.to, c.truth)
			}
		}
	}
	sum.print(out)
	if n := sum.count(); float64(n[worseChange]) > *worse*float64(n[better]) {
		fmt.Fprintf(errs, "repairs: error: %d changes for the worse, %d for the better\n", n[worseChange], n[better])
		return 1
	}
	return 0
}

// judgeFolder compares all readings that have a true text.
func judgeFolder(readings, truths string) (*tally, error) {
	files, err := filepath.Glob(filepath.Join(readings, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("look for readings: %w", err)
	}
	sum := &tally{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		truth, err := os.ReadFile(filepath.Join(truths, name+".gt.txt"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read a true text: %w", err)
		}
		pages, err := readPages(file)
		if err != nil {
			return nil, err
		}
		sum.add(name, score.WithoutMarks(string(truth)), pages)
	}
	if sum.without.Texts == 0 {
		return nil, fmt.Errorf("no reading in %s has a true text in %s", readings, truths)
	}
	return sum, nil
}

func readPages(file string) ([]page.Page, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read a reading: %w", err)
	}
	defer in.Close()
	var pages []page.Page
	_, _, err = bind.ReadJSON(in, func(p *page.Page) error {
		pages = append(pages, *p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(file), err)
	}
	return pages, nil
}

func (t *tally) print(out io.Writer) {
	row := func(name string, s score.Score, d digits) {
		fmt.Fprintf(out, "%-15s syllable error %5.2f %%   CER %5.2f %%   digit runs %6.2f %% of %d\n",
			name, 100*s.SyllableError(), 100*s.CharacterError(), 100*d.share(), d.all)
	}
	row("without repair", t.without, t.digitsWithout)
	row("with repair", t.with, t.digitsWith)
	n := t.count()
	fmt.Fprintf(out, "%d texts, %d words changed for the better, %d for the worse, %d from wrong to wrong\n",
		t.with.Texts, n[better], n[worseChange], n[stillWrong])
}
