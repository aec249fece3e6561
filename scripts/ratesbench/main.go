// Command ratesbench measures the digitization rates over many made dossiers and papers, on SQLite or on a PostgreSQL of its own:
//
//	go run -tags sqlite_fts5 ./scripts/ratesbench -engine sqlite -dossiers 1000000
//
// A tour: main.go asks and prints; world.go makes dossiers and papers and the questions; load.go puts them into the tables at
// once, past the catalogue's calls, which would take hours; what they count as is then made by the catalogue's own recount.
// While questions are asked, dossiers and papers go on coming in through its calls, some between any two.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
)

type options struct {
	engine   string
	dossiers int
	papers   int // of a dossier
	queries  int
	changes  int
	dir      string
}

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "sqlite", "sqlite or postgres")
	flag.IntVar(&o.dossiers, "dossiers", 1_000_000, "dossiers")
	flag.IntVar(&o.papers, "papers", 3, "papers of a dossier, on average")
	flag.IntVar(&o.queries, "queries", 40, "questions of each kind")
	flag.IntVar(&o.changes, "changes", 5, "dossiers and papers that come in before each question")
	flag.StringVar(&o.dir, "d", "", "a folder to work in, which is emptied (default: a temporary one)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "ratesbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "sohoa-rates-"); err != nil {
			return err
		}
	}
	if err := errors.Join(os.RemoveAll(o.dir), os.MkdirAll(o.dir, 0o755), os.Chmod(o.dir, 0o755)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
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
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := c.Migrate(ctx); err != nil {
		return err
	}
	w := newWorld(o)
	if err := fill(ctx, c, url, w, o); err != nil {
		return err
	}
	return ask(ctx, c, w, o)
}

// fill loads everything and tells how long that, the recount and the first question took.
func fill(ctx context.Context, c *catalogue.Catalogue, url string, w *world, o options) error {
	start := time.Now()
	papers, err := load(ctx, c, url, w)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d dossiers, %d papers loaded in %v\n", o.engine, o.dossiers, papers, time.Since(start).Round(time.Second))
	start = time.Now()
	if _, err := c.RecountRates(ctx); err != nil {
		return err
	}
	fmt.Printf("counted whole in %v\n", time.Since(start).Round(time.Second))
	if err := c.Tidy(ctx); err != nil {
		return err
	}
	before := heap()
	start = time.Now()
	r, err := c.Rates(ctx, catalogue.Everywhere, catalogue.RateQuery{})
	if err != nil {
		return err
	}
	fmt.Printf("the first question of a process took %v, and holds %.0f MB from then on: %+v\n", time.Since(start).Round(time.Millisecond),
		float64(heap()-before)/1e6, r.Total)
	return nil
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // no machine has as much
}

// ask asks the questions of each kind, while dossiers come in, and prints how long the answers took.
func ask(ctx context.Context, c *catalogue.Catalogue, w *world, o options) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "question\tgroups\tp50 ms\tp95 ms\tmax ms\t")
	var all, changes []time.Duration
	for _, q := range w.questions() {
		var times []time.Duration
		groups := 0
		for range o.queries {
			for range o.changes {
				start := time.Now()
				if err := w.comeIn(ctx, c); err != nil {
					return err
				}
				changes = append(changes, time.Since(start))
			}
			start := time.Now()
			n, err := q.ask(ctx, c)
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			times = append(times, time.Since(start))
			groups += n
		}
		all = append(all, times...)
		row(t, q.name, groups/o.queries, times)
	}
	row(t, "all", 0, all)
	row(t, "(a dossier and a paper come in)", 0, changes)
	return t.Flush()
}

func row(t *tabwriter.Writer, name string, groups int, times []time.Duration) {
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Fprintf(t, "%s\t%d\t%.1f\t%.1f\t%.1f\t\n", name, groups, ms(times[len(times)/2]), ms(times[len(times)*95/100]), ms(times[len(times)-1]))
}
