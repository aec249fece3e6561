package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
)

const upHelp = `Run everything in one process on one data folder: the HTTP API, the readers, the catalogue (SQLite), the object store (a
folder) and the queue (a redis-server of its own, on a socket in the folder). Nothing else needs to run.

At its first start it makes the agency that is the root of all others, an account for its IT, in the data folder's first-account
(the password is changed at the first sign-in), and a token, in first-token.
Everything that was handed in is in the data folder, too: copy that while sohoa is stopped, and you have a backup. Nothing
is written outside of it, not even to /tmp: what a process that was killed has left is cleared when the next one starts.

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
	flags.StringVar(&f.agency, "agency", "H00", "the code of the agency that is made at the first start: the root of all others")
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
	log, err := c.logger()
	if err != nil {
		return err
	}
	redis, err := startRedis(ctx, filepath.Join(c.Data, "redis"), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.stop()) }()
	if c.Key == "" {
		if c.Key, err = ownKey(c.Data); err != nil {
			return err
		}
	}
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
// catalogue knows what is to be done), and makes the first agency, token and account.
func (f *upFlags) prepare(ctx context.Context, s *service) error {
	if _, err := s.catalogue.Migrate(ctx); err != nil {
		return err
	}
	if err := s.queue.Empty(ctx); err != nil {
		return err
	}
	if err := f.firstToken(ctx, s.catalogue, s.config.Data); err != nil {
		return err
	}
	return f.firstAccount(ctx, s.catalogue, s.config.Data)
}

// firstTokenName is how the token that up makes is told from those that people make.
const firstTokenName = "first"

// firstToken makes the token by which IT begins, and keeps it in a file. A process that was killed between the two, or had no
// room for the file, has left a token that nobody knows: it is revoked, and another one made. Once a token was used, or made
// by somebody, there is a way in: then a file that is missing was taken away on purpose.
func (f *upFlags) firstToken(ctx context.Context, cat *catalogue.Catalogue, data string) error {
	path := filepath.Join(data, "first-token")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tokens, err := cat.Tokens(ctx, catalogue.Everywhere)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(tokens, func(t catalogue.Token) bool { return t.Name != firstTokenName || !t.LastUsed.IsZero() }) {
		return nil
	}
	for _, t := range tokens {
		if !t.Revoked.IsZero() {
			continue
		}
		if err := cat.RevokeToken(ctx, catalogue.Everywhere, t.ID); err != nil {
			return err
		}
	}
	agency, err := f.root(ctx, cat)
	if err != nil {
		return err
	}
	_, secret, err := cat.AddToken(ctx, catalogue.NewToken{Name: firstTokenName, Role: catalogue.RoleIT, Agency: agency})
	if err != nil {
		return err
	}
	if err := writeWhole(path, []byte(secret+"\n")); err != nil {
		return fmt.Errorf("keep the first token: %w", err)
	}
	fmt.Printf("sohoa: the first token, for IT of agency %s, is in %s\n", agency, path)
	return nil
}

// root is the code of the agency above all others, which is made where there is none.
func (f *upFlags) root(ctx context.Context, cat *catalogue.Catalogue) (code string, err error) {
	all, err := cat.Agencies(ctx, catalogue.Everywhere)
	if err != nil {
		return "", err
	}
	for _, a := range all {
		if a.Parent == "" {
			return a.Code, nil
		}
	}
	a, err := cat.PutAgency(ctx, f.agency, "Cơ quan "+f.agency, "")
	return a.Code, err
}

// writeWhole writes a secret to a file that is there whole, for its owner alone, or not at all, also after a power cut.
func writeWhole(path string, content []byte) (err error) {
	part := path + ".part"
	defer func() {
		if err != nil {
			_ = os.Remove(part) // it may not be there; the next try writes it anew
		}
	}()
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // below the data folder
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
