package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	binary   string
	targets  []string
	papers   int
	pages    int
	rounds   int
	seed     uint64
	away     time.Duration
	patience time.Duration
	report   string
	keep     string
}

func main() {
	var o options
	var targets string
	flag.StringVar(&o.binary, "sohoa", "bin/sohoa", "the program")
	flag.StringVar(&targets, "targets", strings.Join(targetNames(), ","), "what to do to the service")
	flag.IntVar(&o.papers, "papers", 200, "papers in each round")
	flag.IntVar(&o.pages, "pages", 1000, "pages in all of them")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds for each target")
	flag.Uint64Var(&o.seed, "seed", 1, "of the moments and the papers")
	flag.DurationVar(&o.away, "away", time.Minute, "how long a server is away in the rounds that have one away")
	flag.DurationVar(&o.patience, "patience", 15*time.Minute, "how long all papers may take to be read once the havoc is over")
	flag.StringVar(&o.report, "report", "", "a Markdown file for the report")
	flag.StringVar(&o.keep, "logs", "", "a folder for the logs of rounds that failed")
	flag.Parse()
	o.targets = strings.Split(targets, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "havoc:", err)
		os.Exit(1)
	}
}

// outcome is how a round ended.
type outcome struct {
	Target       string   `json:"target"`
	Round        int      `json:"round"`
	Blows        int      `json:"blows"` // how often it was done
	Acknowledged int      `json:"acknowledged"`
	Refused      int      `json:"refused"` // answers that were no acknowledgement: the officer tried again
	Pages        int      `json:"pages"`
	Seconds      float64  `json:"seconds"`
	Recovery     float64  `json:"recovery_seconds"` // from the last blow until all was read
	Collected    string   `json:"collected"`
	Losses       []string `json:"losses"` // what did not hold
}

var errLost = errors.New("something did not hold")

func run(ctx context.Context, o options) error {
	for _, t := range o.targets {
		if !slices.Contains(targetNames(), t) {
			return fmt.Errorf("there is no target %q; there are %s", t, strings.Join(targetNames(), ", "))
		}
	}
	dir, err := os.MkdirTemp("", "sohoa-havoc-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user
		return err
	}
	fmt.Printf("Making %d papers with %d pages, and reading them undisturbed …\n", o.papers, o.pages)
	papers, err := makePapers(ctx, o, filepath.Join(dir, "papers"))
	if err != nil {
		return err
	}
	var all []outcome
	lost := false
	for _, target := range o.targets {
		for round := range o.rounds {
			folder := filepath.Join(dir, fmt.Sprintf("%s-%d", target, round+1))
			random := rand.New(rand.NewPCG(o.seed, uint64(round)<<8|uint64(slices.Index(targetNames(), target))))
			out, err := playRound(ctx, o, target, folder, papers, random)
			if err != nil {
				out.Losses = append(out.Losses, "the round could not be played: "+err.Error())
			}
			out.Target, out.Round = target, round+1
			all = append(all, out)
			lost = lost || len(out.Losses) > 0
			say(os.Stdout, out)
			if len(out.Losses) > 0 && o.keep != "" {
				keepLogs(folder, filepath.Join(o.keep, filepath.Base(folder)))
			}
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
			// After each round: whoever breaks off the hours that this takes has what was played.
			if o.report != "" {
				if err := writeReport(o, all); err != nil {
					return err
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	if lost {
		return errLost
	}
	fmt.Println("Nothing was lost.")
	return nil
}

func say(w io.Writer, r outcome) {
	verdict := "ok"
	if len(r.Losses) > 0 {
		verdict = "LOST"
	}
	fmt.Fprintf(w, "%-16s round %d: %-4s %2d blows, %d papers acknowledged (%d answers were refusals), %d pages, %.0f s, read %.0f s after the last blow; collected %s\n",
		r.Target, r.Round, verdict, r.Blows, r.Acknowledged, r.Refused, r.Pages, r.Seconds, r.Recovery, r.Collected)
	for i, l := range r.Losses {
		if i == 20 {
			fmt.Fprintf(w, "    … and %d more\n", len(r.Losses)-i)
			break
		}
		fmt.Fprintln(w, "    "+l)
	}
}

func writeReport(o options, all []outcome) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Chaos\n\n%s: %d papers, %d pages a round, seed %d.\n\n", time.Now().UTC().Format(time.DateOnly), o.papers, o.pages, o.seed)
	b.WriteString("| target | round | blows | acknowledged | refusals | seconds | recovery | collected | lost |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range all {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %.0f | %.0f s | %s | %s |\n", r.Target, r.Round, r.Blows, r.Acknowledged, r.Refused,
			r.Seconds, r.Recovery, r.Collected, strings.Join(append([]string{fmt.Sprint(len(r.Losses))}, r.Losses...), "; "))
	}
	said, err := json.Marshal(all)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n```json\n%s\n```\n", said)
	return os.WriteFile(o.report, []byte(b.String()), 0o644)
}

// keepLogs copies what the processes of a round said.
func keepLogs(from, to string) {
	logs, _ := filepath.Glob(filepath.Join(from, "*.log"))
	for _, sub := range []string{"*/*.log", "*/*/*.log"} {
		more, _ := filepath.Glob(filepath.Join(from, sub))
		logs = append(logs, more...)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return
	}
	for _, l := range logs {
		if said, err := os.ReadFile(l); err == nil {
			rel, _ := filepath.Rel(from, l)
			_ = os.WriteFile(filepath.Join(to, strings.ReplaceAll(rel, "/", "_")), said, 0o644)
		}
	}
}
