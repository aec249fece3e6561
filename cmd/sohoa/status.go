package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

Exit status: 0 every part answers; 1 one does not (it is named); 2 the settings cannot be.`

func statusCommand() *cobra.Command {
	var f adminFlags
	var asJSON, ready bool
	cmd := &cobra.Command{
		Use: "status [--json] [--ready]", Short: "Tell what waits, what failed, and whether every part answers", Long: statusHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
	return cmd
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
	if c.Redis == "" {
		if socket := filepath.Join(c.Data, "redis", "redis.sock"); c.Catalogue == "" {
			r := privateRedis{socket: socket}
			if !r.answers(ctx) {
				missing("queue", errors.New("sohoa up does not run on this data folder, or its name is too long for a socket"))
			}
		}
		return st, nil
	}
	log, err := c.logger()
	if err != nil {
		return st, err
	}
	queue, err := workers.OpenQueue(c.redis(), workers.Limits{}, log)
	if err != nil {
		return st, &usageError{err}
	}
	missing("queue", queue.Check(ctx))
	return st, queue.Close()
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
