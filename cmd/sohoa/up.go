package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
)

const upHelp = `Run everything in one process on one data folder: the HTTP API, the readers, the catalogue (SQLite), the object store (a
folder) and the queue (a redis-server of its own, on a socket in the folder). Nothing else needs to run.

At its first start it makes an agency and prints a token for it. Everything that was handed in is in the data folder: copy
that while sohoa is stopped, and you have a backup.

Exit status: 0 it was told to end and did; 1 it could not go on; 2 the settings cannot be.`

type upFlags struct {
	data, listen, file string
	agency             string
}

func upCommand() *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use: "up [--data DIR] [--listen ADDRESS]", Short: "Run everything in one process on one data folder", Long: upHelp,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "", "the data folder; it is made if it does not exist (default SOHOA_DATA, or sohoa-data)")
	flags.StringVar(&f.listen, "listen", "", "the address of the HTTP API (default SOHOA_LISTEN, or 127.0.0.1:8080)")
	flags.StringVar(&f.agency, "agency", "H00", "the code of the agency that is made at the first start")
	flags.StringVar(&f.file, "config", "", "a file of KEY=VALUE lines; the environment goes before it")
	return cmd
}

func (f *upFlags) run(ctx context.Context) (err error) {
	c, err := loadConfig(f.file)
	if err != nil {
		return err
	}
	switch {
	case f.data != "":
		c.Data = f.data
	case c.Data == "":
		c.Data = "sohoa-data"
	}
	switch {
	case f.listen != "":
		c.Listen = f.listen
	case c.Listen == "":
		c.Listen = "127.0.0.1:8080"
	}
	if c.Catalogue != "" || c.Redis != "" || c.Objects != "" {
		return &usageError{errors.New("up keeps everything in its data folder: SOHOA_CATALOGUE, SOHOA_REDIS and SOHOA_OBJECTS are for serve and work")}
	}
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	unlock, err := lock(filepath.Join(c.Data, "lock"))
	if err != nil {
		return fmt.Errorf("use the data folder: %w", err)
	}
	defer unlock()
	redis, err := startRedis(ctx, filepath.Join(c.Data, "redis"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.stop()) }()
	c.Catalogue = "sqlite:" + filepath.Join(c.Data, "catalogue.db")
	c.Objects = filepath.Join(c.Data, "objects")
	c.Redis = "unix:" + redis.socket
	s, err := openService(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := f.prepare(ctx, s); err != nil {
		return err
	}
	return together(ctx, redis.keepUp, s.work, func(ctx context.Context) error {
		return s.api(ctx, func(a net.Addr) { fmt.Printf("sohoa: http://%s\n", a) })
	})
}

// prepare makes the tables, empties the queue of what a killed process left (nobody else works on this folder, and the
// catalogue knows what is to be done), and makes the first agency and token.
func (f *upFlags) prepare(ctx context.Context, s *service) error {
	if _, err := s.catalogue.Migrate(ctx); err != nil {
		return err
	}
	if err := s.queue.Empty(ctx); err != nil {
		return err
	}
	tokens, err := s.catalogue.Tokens(ctx, catalogue.Everywhere)
	if err != nil || len(tokens) > 0 {
		return err
	}
	if _, err := s.catalogue.PutAgency(ctx, f.agency, "Cơ quan "+f.agency, ""); err != nil {
		return err
	}
	_, secret, err := s.catalogue.AddToken(ctx, catalogue.NewToken{Name: "first", Role: catalogue.RoleIT, Agency: f.agency})
	if err != nil {
		return err
	}
	path := filepath.Join(s.config.Data, "first-token")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the first token: %w", err)
	}
	fmt.Printf("sohoa: the first token, for IT of agency %s, is in %s\n", f.agency, path)
	return nil
}
