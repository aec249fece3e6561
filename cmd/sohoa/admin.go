package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
	"sohoa/workers"
)

// output is standard output, for what a command was asked to print.
type output struct{}

func (output) Write(p []byte) (int, error) { return os.Stdout.Write(p) }

// openCatalogue opens the catalogue alone: the one that is configured, or that of up's data folder.
func openCatalogue(c config) (*catalogue.Catalogue, error) {
	if c.Catalogue == "" {
		path := filepath.Join(c.Data, "catalogue.db")
		if _, err := os.Stat(path); err != nil {
			return nil, &usageError{fmt.Errorf("SOHOA_CATALOGUE is not set, and there is no catalogue in the data folder: %w", err)}
		}
		c.Catalogue = "sqlite:" + path
	}
	log, err := c.logger()
	if err != nil {
		return nil, err
	}
	cat, err := catalogue.Open(catalogue.Config{URL: c.Catalogue, Connections: 4, Log: log})
	if err != nil {
		return nil, &usageError{err}
	}
	return cat, nil
}

// adminFlags are those of the verbs that look at a service from outside.
type adminFlags struct{ data, file string }

func (f *adminFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "the data folder of up (default SOHOA_DATA, or sohoa-data)")
	cmd.Flags().StringVar(&f.file, "config", "", "a file of KEY=VALUE lines; the environment goes before it")
}

// config is the configuration, with the parts of up's data folder where nothing else is said.
func (f *adminFlags) config() (config, error) {
	c, err := loadConfig(f.file)
	if err != nil {
		return c, err
	}
	switch {
	case f.data != "":
		c.Data = f.data
	case c.Data == "":
		c.Data = "sohoa-data"
	}
	return c, nil
}

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

const tokenHelp = `Make, list or revoke the tokens by which people and programs use the API. A token is told once, when it is made.

  sohoa token add NAME --role desk|supervisor|it --agency CODE   for a program
  sohoa token add NAME --login LOGIN                             for a user
  sohoa token list
  sohoa token revoke ID`

func tokenCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "token", Short: "Make, list or revoke tokens of the API", Long: tokenHelp}
	cmd.AddCommand(tokenAddCommand(), tokenListCommand(), tokenRevokeCommand())
	return cmd
}

// withCatalogue runs what a verb does on the catalogue.
func (f *adminFlags) withCatalogue(do func(*catalogue.Catalogue) error) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	cat, err := openCatalogue(c)
	if err != nil {
		return err
	}
	return errors.Join(do(cat), cat.Close())
}

func tokenAddCommand() *cobra.Command {
	var f adminFlags
	var n catalogue.NewToken
	var role string
	var scopes []string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a token and print it", Args: oneArgument("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name, n.Role, n.By = args[0], catalogue.Role(role), "system"
			for _, s := range scopes {
				n.Scopes = append(n.Scopes, catalogue.Scope(s))
			}
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				t, secret, err := cat.AddToken(cmd.Context(), n)
				if err != nil {
					return err
				}
				err = cat.Record(cmd.Context(), catalogue.Act{Actor: "system", Action: "token.add", Subject: fmt.Sprintf("token:%d", t.ID)})
				fmt.Println(secret)
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&role, "role", "", "desk, supervisor or it")
	cmd.Flags().StringVar(&n.Agency, "agency", "", "the code of the agency to which it reaches, with those below")
	cmd.Flags().StringVar(&n.Login, "login", "", "the user whose token it is, instead of role and agency")
	cmd.Flags().StringSliceVar(&scopes, "scopes", nil, "what it allows of intake, read and operate (default: all that the role may)")
	cmd.Flags().DurationVar(&n.Expires, "expires", 0, "after which time it ends (default: never)")
	return cmd
}

func tokenListCommand() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				tokens, err := cat.Tokens(cmd.Context(), catalogue.Everywhere)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(output{}, 0, 0, 2, ' ', 0)
				fmt.Fprintln(t, "ID\tNAME\tROLE\tAGENCY\tSCOPES\tLAST USED\tENDS")
				for _, k := range tokens {
					ends, used := "never", "never"
					if !k.Expires.IsZero() {
						ends = k.Expires.Format(time.RFC3339)
					}
					if !k.Revoked.IsZero() {
						ends = "revoked"
					}
					if !k.LastUsed.IsZero() {
						used = k.LastUsed.Format(time.RFC3339)
					}
					fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%v\t%s\t%s\n", k.ID, k.Name, k.Role, k.Agency, k.Scopes, used, ends)
				}
				return t.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}

func tokenRevokeCommand() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "revoke ID", Short: "End a token", Args: oneArgument("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var id catalogue.TokenID
			if _, err := fmt.Sscan(args[0], &id); err != nil {
				return &usageError{fmt.Errorf("%q is no token's number", args[0])}
			}
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				if err := cat.RevokeToken(cmd.Context(), catalogue.Everywhere, id); err != nil {
					return err
				}
				return cat.Record(cmd.Context(), catalogue.Act{Actor: "system", Action: "token.revoke", Subject: fmt.Sprintf("token:%d", id)})
			})
		},
	}
	f.add(cmd)
	return cmd
}

// oneArgument asks for one argument of this name.
func oneArgument(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return &usageError{fmt.Errorf("one %s is needed", name)}
		}
		return nil
	}
}
