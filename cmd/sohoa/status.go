package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
	"sohoa/workers"
)

const statusHelp = `Tell how the service is: what waits in each queue, what failed and why, and whether every part answers.

With --process ADDRESS it asks only whether the serve, work or up that listens there is alive, for who starts processes again
that are not: a part that is away is none of their fault.

Exit status: 0 every part answers; 1 one does not (it is named); 2 the settings cannot be.`

func statusCommand() *cobra.Command {
	var f adminFlags
	var asJSON, ready bool
	var process string
	cmd := &cobra.Command{
		Use: "status [--json | --ready | --process ADDRESS]", Short: "Tell what waits, what failed, and whether every part answers", Long: statusHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if process != "" {
				return lives(cmd.Context(), process)
			}
			c, err := f.config()
			if err != nil {
				return err
			}
			st, err := look(cmd.Context(), c)
			if err != nil {
				return err
			}
			switch {
			case ready:
			case asJSON:
				err = json.NewEncoder(output{}).Encode(st)
			default:
				err = st.print(output{})
			}
			if err == nil && len(st.Missing) > 0 {
				err = fmt.Errorf("not ready: %s", strings.Join(st.Missing, "; "))
			}
			return err
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "in JSON, for programs")
	cmd.Flags().BoolVar(&ready, "ready", false, "print nothing; the exit status tells")
	cmd.Flags().StringVar(&process, "process", "", "ask the process at [HOST]:PORT whether it is alive, and nothing else")
	cmd.MarkFlagsMutuallyExclusive("json", "ready", "process")
	return cmd
}

// lives asks a process of ours whether it is alive, which says nothing of the parts that it uses.
func lives(ctx context.Context, address string) error {
	const patience = 5 * time.Second
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return &usageError{fmt.Errorf("the address of the process: %w", err)}
	}
	if host == "" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", http.NoBody)
	if err != nil {
		return &usageError{fmt.Errorf("the address of the process: %w", err)}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // by no proxy
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the process whether it is alive: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // its status is all
	// Too many asked it at once: it is all the more alive.
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusTooManyRequests {
		return fmt.Errorf("the process answers with %s", response.Status)
	}
	return nil
}

// status is what `sohoa status` tells.
type status struct {
	Missing []string       `json:"missing"`
	Queues  []queueStatus  `json:"queues"`
	Failed  []failedStatus `json:"failed"`
}

type queueStatus struct {
	Queue  catalogue.Queue `json:"queue"`
	Papers int             `json:"papers"`
	Pages  int             `json:"pages"`
	Oldest float64         `json:"oldest_seconds"`
}

type failedStatus struct {
	Paper   catalogue.PaperID `json:"paper"`
	Dossier string            `json:"dossier"`
	Reason  string            `json:"reason"`
}

// look asks every part. Those that the settings do not name (up's own Redis) are left to the process that has them.
func look(ctx context.Context, c config) (st status, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cat, err := openCatalogue(c)
	if err != nil {
		return st, err
	}
	defer func() { err = errors.Join(err, cat.Close()) }()
	missing := func(part string, err error) {
		if err != nil {
			st.Missing = append(st.Missing, part+": "+err.Error())
		}
	}
	if err := cat.Check(ctx); err != nil {
		missing("catalogue", err)
	} else {
		missing("catalogue", st.fill(ctx, cat))
	}
	missing("objects", checkObjects(ctx, c))
	log, err := c.logger()
	if err != nil {
		return st, err
	}
	if c.Redis == "" {
		if c.Catalogue == "" {
			missing("queue", checkPrivateRedis(ctx, filepath.Join(c.Data, "redis"), log))
		}
		return st, nil
	}
	queue, err := workers.OpenQueue(c.redis(), workers.LimitsFor(c.reading(log)), log)
	if err != nil {
		return st, &usageError{err}
	}
	missing("queue", queue.Check(ctx))
	return st, queue.Close()
}

// checkPrivateRedis looks whether up runs on its data folder, and its Redis can do its work.
func checkPrivateRedis(ctx context.Context, dir string, log *slog.Logger) error {
	r, err := redisIn(dir, log)
	if err != nil {
		return err
	}
	answer := r.ask(ctx)
	if err := r.close(); err != nil {
		return err
	}
	switch answer {
	case pong:
		return nil
	case "":
		return errors.New("sohoa up does not run on this data folder")
	}
	return errors.New("Redis says " + strings.TrimPrefix(answer, "-"))
}

// checkObjects looks whether the object store that the settings name, or up's folder, can be written to.
func checkObjects(ctx context.Context, c config) (err error) {
	if c.Objects == "" && c.Catalogue == "" {
		c.Objects = filepath.Join(c.Data, "objects")
	}
	if c.Objects == "" {
		return nil // work for those whose settings have it
	}
	config, err := c.objects()
	if err != nil {
		return err
	}
	store, err := object.Open(ctx, config)
	if err != nil {
		return err
	}
	return errors.Join(store.Check(ctx), store.Close())
}

func (st *status) fill(ctx context.Context, cat *catalogue.Catalogue) error {
	backlogs, err := cat.Backlogs(ctx)
	if err != nil {
		return err
	}
	for _, b := range backlogs {
		st.Queues = append(st.Queues, queueStatus{Queue: b.Queue, Papers: b.Papers, Pages: b.Pages, Oldest: b.Oldest.Seconds()})
	}
	const most = 100
	failed, err := cat.FailedPapers(ctx, catalogue.Everywhere, most)
	for _, p := range failed {
		st.Failed = append(st.Failed, failedStatus{Paper: p.ID, Dossier: p.DossierCode, Reason: p.Reason})
	}
	return err
}

func (st *status) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "QUEUE\tPAPERS\tPAGES\tOLDEST")
	for _, q := range st.Queues {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\n", q.Queue, q.Papers, q.Pages, time.Duration(q.Oldest*float64(time.Second)).Round(time.Second))
	}
	if len(st.Failed) > 0 {
		fmt.Fprintln(t, "\nFAILED PAPER\tDOSSIER\tREASON")
		for _, f := range st.Failed {
			fmt.Fprintf(t, "%d\t%s\t%s\n", f.Paper, f.Dossier, f.Reason)
		}
	}
	return t.Flush()
}
