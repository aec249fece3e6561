// Command sohoa turns scans of Vietnamese official papers into searchable, checkable, countable records.
//
// A tour: a file a verb, or a few that belong together. main.go wires them and turns errors into exit statuses.
//
//   - read.go is `sohoa read`; report.go is what a person or a program sees while it runs.
//   - up.go is everything in one process, redis.go the redis-server that it has for itself.
//   - serve.go is `sohoa serve`, `work`, `migrate` and `config`; service.go what they and up share; config.go their settings.
//   - status.go, agency.go, user.go and token.go are the verbs of the same names; admin.go is what they share.
//   - rates.go is `sohoa rates`.
//   - first.go is what up makes at its first start for people to sign in with.
//   - lock.go keeps two processes out of one folder. hint.go is what a person can do about an error.
//   - child.go is the hidden verb in which pages are decoded and recognized.
//
// The HTTP API is package internal/web.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"sohoa/pipeline/confine"
)

// The exit statuses, as `sohoa help read` documents them.
const (
	statusDone   = 0 // all that was asked for was done
	statusFailed = 1 // some files or pages failed; the others are done
	statusUsage  = 2 // the command line cannot be
)

// version is set by the build (-ldflags "-X main.version=…").
var version = "dev"

func main() {
	confine.Init() // a re-execution that runs a tool under limits never returns from here
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use:           "sohoa",
		Short:         "Vietnamese official papers: a scan in, a searchable paper out",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(readCommand(), upCommand(), serveCommand(), workCommand(), migrateCommand(), statusCommand(), agencyCommand(), ratesCommand(), userCommand(), tokenCommand(),
		configCommand(), childCommand())
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusDone
	}
	if failed := (&someFailedError{}); errors.As(err, &failed) {
		return statusFailed // each failure was named when it happened
	}
	fmt.Fprintf(os.Stderr, "sohoa: error: %v\n", err)
	if h := hint(err); h != "" {
		fmt.Fprintf(os.Stderr, "sohoa: hint: %s\n", h)
	}
	if usage := (&usageError{}); errors.As(err, &usage) || unknownCommand(root, args) {
		fmt.Fprintln(os.Stderr, `sohoa: hint: "sohoa help VERB" shows how a verb is used`)
		return statusUsage
	}
	return statusFailed
}

// unknownCommand tells whether the first word is no verb of ours: cobra reports that as a plain error.
func unknownCommand(root *cobra.Command, args []string) bool {
	_, _, err := root.Find(args)
	return err != nil
}

// usageError is a command line that cannot be.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// someFailedError says how many of the files failed, wholly or in some pages.
type someFailedError struct{ failed, files int }

func (e *someFailedError) Error() string {
	return fmt.Sprintf("%d of %d files failed", e.failed, e.files)
}
