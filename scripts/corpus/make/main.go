// Command make writes made papers: scans of Vietnamese official papers that were never on paper, with their true text.
//
//	go run ./scripts/corpus/make -o DIR [-set sample|bench|speed|dev] [-seed N]
//
// It prints the files' names, one a line. Exit status 1 when a file could not be made, 2 on wrong use.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"sohoa/scripts/corpus"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("make", flag.ContinueOnError)
	flags.SetOutput(errs)
	dir := flags.String("o", "", "folder to write to (made if missing)")
	set := flags.String("set", "sample", fmt.Sprintf("one of %v", corpus.Sets()))
	seed := flags.Uint64("seed", 1, "another seed gives other texts")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *dir == "" || flags.NArg() > 0 {
		fmt.Fprintln(errs, "make: error: name the folder with -o, and nothing else")
		flags.Usage()
		return 2
	}
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err == nil {
		var names []string
		names, err = corpus.WriteSet(ctx, *dir, corpus.Set(*set), *seed, fonts)
		for _, n := range names {
			fmt.Fprintln(out, n)
		}
	}
	switch {
	case errors.Is(err, corpus.ErrNoSet):
		fmt.Fprintln(errs, "make: error:", err)
		return 2
	case err != nil:
		fmt.Fprintln(errs, "make: error:", err)
		return 1
	}
	return 0
}
