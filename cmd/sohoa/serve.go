package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"
)

const serveHelp = `Serve the HTTP API. Papers that are handed in are kept in the object store and the catalogue and queued for
"sohoa work", on this machine or others. "sohoa config" lists the settings.

Exit status: 0 it was told to end and did; 1 it could not go on; 2 the settings cannot be.`

func serveCommand() *cobra.Command {
	return serviceCommand("serve", "Serve the HTTP API", serveHelp, func(ctx context.Context, c config) error {
		s, err := openService(ctx, c)
		if err != nil {
			return err
		}
		err = s.api(ctx, func(a net.Addr) { s.log.InfoContext(ctx, "serving", "address", a.String()) })
		return errors.Join(err, s.close())
	})
}

const workHelp = `Read the papers that were handed in: take tasks from the queue, as many pages at once as SOHOA_JOBS says. Start it on
as many machines as there is work for. "sohoa config" lists the settings.

Exit status: 0 it was told to end and did; 1 it could not go on; 2 the settings cannot be.`

func workCommand() *cobra.Command {
	return serviceCommand("work", "Read the papers that were handed in", workHelp, func(ctx context.Context, c config) error {
		s, err := openService(ctx, c)
		if err != nil {
			return err
		}
		return errors.Join(together(ctx, s.work, s.report), s.close())
	})
}

func migrateCommand() *cobra.Command {
	const help = `Bring the catalogue's tables to this version of the program. Done again it does nothing.`
	return serviceCommand("migrate", "Bring the catalogue's tables to this version", help, func(ctx context.Context, c config) error {
		cat, err := openCatalogue(c)
		if err != nil {
			return err
		}
		done, err := cat.Migrate(ctx)
		if err == nil {
			fmt.Printf("sohoa: %d steps done; the catalogue fits this version\n", done)
		}
		return errors.Join(err, cat.Close())
	})
}

func configCommand() *cobra.Command {
	const help = `Print the settings with what they are for, as KEY=VALUE lines that --config takes. Secrets are hidden.`
	return serviceCommand("config", "Print the settings, secrets hidden", help, func(_ context.Context, c config) error {
		return c.print(output{})
	})
}

// serviceCommand is a verb that is told what to do by the environment or a file of settings.
func serviceCommand(use, short, long string, run func(ctx context.Context, c config) error) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			if c.Data == "" {
				c.Data = "/var/lib/sohoa"
			}
			if c.Listen == "" {
				c.Listen = "127.0.0.1:8080"
			}
			return run(cmd.Context(), c)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "a file of KEY=VALUE lines; the environment goes before it")
	return cmd
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("%q is too much: no argument is taken", args[0])}
	}
	return nil
}
