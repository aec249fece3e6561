// Command searchbench measures search over many pages of made text, on SQLite or on a PostgreSQL of its own:
//
//	go run ./scripts/searchbench -engine sqlite -pages 1000000
//
// A tour: main.go loads and asks; text.go makes pages and questions. Pages come through the catalogue's own calls, so that
// loading is measured, too; only the reading of each page is left out. Loading takes long: -keep leaves the pages in the folder of
// -d, and goes on with what is in it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
)

type options struct {
	engine   string
	pages    int
	perPaper int
	queries  int
	dir      string
	// keep goes on with the pages that are in dir, and leaves them there.
	keep bool
}

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "sqlite", "sqlite or postgres")
	flag.IntVar(&o.pages, "pages", 1_000_000, "pages")
	flag.IntVar(&o.perPaper, "per-paper", 10, "pages of a paper")
	flag.IntVar(&o.queries, "queries", 40, "questions of each kind")
	flag.StringVar(&o.dir, "d", "", "a folder to work in, for a large disk; without -keep it is emptied (default: a temporary one)")
	flag.BoolVar(&o.keep, "keep", false, "go on with the pages that are in the folder, and leave all there in the end")
	flag.Parse()
	if o.keep && o.dir == "" {
		fmt.Fprintln(os.Stderr, "searchbench: -keep needs a folder, -d")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "searchbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "sohoa-search-"); err != nil {
			return err
		}
	}
	if !o.keep {
		if err := os.RemoveAll(o.dir); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)
	}
	if err := errors.Join(os.MkdirAll(o.dir, 0o755), os.Chmod(o.dir, 0o755)); err != nil {
		return err
	}
	url := "sqlite:" + filepath.Join(o.dir, "catalogue.db")
	if o.engine == "postgres" {
		server, err := services.StartPostgres(ctx, filepath.Join(o.dir, "postgres"), false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		url = server.URL
	}
	c, err := catalogue.Open(catalogue.Config{URL: url})
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Migrate(ctx); err != nil {
		return err
	}
	w := newWorld()
	if err := fill(ctx, c, w, o); err != nil {
		return err
	}
	return ask(ctx, c, w, o)
}

// fill loads the papers that are missing and tells how long it took.
func fill(ctx context.Context, c *catalogue.Catalogue, w *world, o options) error {
	start := time.Now()
	there, err := loaded(ctx, c)
	if err != nil {
		return err
	}
	papers := o.pages/o.perPaper - there
	if papers <= 0 {
		return nil
	}
	if err := load(ctx, c, w, o, there); err != nil {
		return err
	}
	if err := c.Tidy(ctx); err != nil {
		return err
	}
	took := time.Since(start)
	pages, size := papers*o.perPaper, bytesBelow(o.dir)
	fmt.Printf("%s: %d pages more in %v (%.0f a second), now %d: %.1f GB on disk (%.0f bytes a page)\n", o.engine, pages,
		took.Round(time.Second), float64(pages)/took.Seconds(), o.pages, float64(size)/1e9, float64(size)/float64(o.pages))
	return nil
}

// loaded is how many papers, from the first on, are surely there and indexed.
func loaded(ctx context.Context, c *catalogue.Catalogue) (papers int, err error) {
	newest, err := c.Dossiers(ctx, catalogue.Everywhere, catalogue.DossierFilter{Limit: 1})
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	n, err := numberOf(newest[0].Code)
	// The last of each loader may be without its index, and is loaded again.
	return max(0, n+1-loaders), err
}

// loaders is how many papers are loaded at once.
const loaders = 2

// load hands in papers from one on, each in a dossier of its own, and has their pages indexed as the binding of a paper does.
func load(ctx context.Context, c *catalogue.Catalogue, w *world, o options, from int) error {
	for _, a := range w.agencies {
		if _, err := c.PutAgency(ctx, a.code, a.code, a.parent); err != nil {
			return err
		}
	}
	var group sync.WaitGroup
	var next atomic.Int64
	next.Store(int64(from))
	failed := make(chan error, loaders)
	papers := int64(o.pages / o.perPaper)
	for range loaders {
		group.Go(func() {
			for n := next.Add(1) - 1; n < papers && ctx.Err() == nil; n = next.Add(1) - 1 {
				if err := w.handIn(ctx, c, int(n), o.perPaper); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failed)
	return errors.Join(<-failed, ctx.Err())
}

// ask asks the questions of each kind and prints how long the first 20 hits took, and then each 40 of the next 2,000.
func ask(ctx context.Context, c *catalogue.Catalogue, w *world, o options) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "question\thits\tp50 ms\tp95 ms\tmax ms\t")
	if err := askFirst(ctx, c, w, o, t); err != nil {
		return err
	}
	return errors.Join(askOn(ctx, c, w, o, t), t.Flush())
}

// askOn goes on from page to page of the hits, as somebody does who scrolls.
func askOn(ctx context.Context, c *catalogue.Catalogue, w *world, o options, t *tabwriter.Writer) error {
	const step, most = 40, 2000
	var all []time.Duration
	for _, kind := range w.questions() {
		var times []time.Duration
		hits := 0
		for n := range min(o.queries, 3) {
			reach, query := kind.ask(n)
			query.Limit = step
			for more, shown := true, 0; more && shown < most; shown += step {
				h, err := c.Search(ctx, reach, query)
				if err != nil {
					return fmt.Errorf("%s, further on: %w", kind.name, err)
				}
				hits += len(h.Hits)
				if shown > 0 {
					times = append(times, h.Took)
				}
				more, query.Behind = h.More, h.Next
			}
		}
		if all = append(all, times...); len(times) > 0 {
			row(t, "on: "+kind.name, float64(hits)/float64(min(o.queries, 3)), times)
		}
	}
	if len(all) > 0 {
		row(t, "on: all", 0, all)
	}
	return nil
}

func askFirst(ctx context.Context, c *catalogue.Catalogue, w *world, o options, t *tabwriter.Writer) error {
	var all []time.Duration
	for _, kind := range w.questions() {
		var times []time.Duration
		hits := 0
		for n := range o.queries {
			reach, query := kind.ask(n)
			h, err := c.Search(ctx, reach, query)
			if err != nil {
				return fmt.Errorf("%s: %w", kind.name, err)
			}
			hits += len(h.Hits)
			times = append(times, h.Took)
		}
		all = append(all, times...)
		row(t, kind.name, float64(hits)/float64(o.queries), times)
	}
	row(t, "all", 0, all)
	return nil
}

func row(t *tabwriter.Writer, name string, hits float64, times []time.Duration) {
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t\n", name, hits, ms(times[len(times)/2]), ms(times[len(times)*95/100]), ms(times[len(times)-1]))
}

func bytesBelow(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if info, err := e.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
