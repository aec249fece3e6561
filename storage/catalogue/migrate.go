package catalogue

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// The tables, as numbered steps. NUMBER_what.sql is for both engines, with {id}, {int}, {real}, {blob} and {text} for the
// engine's types; NUMBER_what.sqlite3.sql and NUMBER_what.postgres.sql are each for one, and done after what both have under the
// same number. A step that was released is never changed: the next one changes what it made.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migration is one step for one engine.
type migration struct {
	version int64
	files   []string
}

// steps are the steps of a dialect in order.
func steps(dialect string) []migration {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is ours
	}
	var all []migration
	for _, file := range files {
		name := path.Base(file)
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			panic(fmt.Sprintf("%s does not begin with a number", name)) // the files are ours
		}
		if parts := strings.Split(name, "."); len(parts) == 3 && parts[1] != dialect {
			continue
		}
		at := slices.IndexFunc(all, func(m migration) bool { return m.version == version })
		if at < 0 {
			at, all = len(all), append(all, migration{version: version})
		}
		all[at].files = append(all[at].files, file)
	}
	slices.SortFunc(all, func(a, b migration) int { return int(a.version - b.version) })
	for _, m := range all {
		slices.SortStableFunc(m.files, func(a, b string) int { return strings.Count(a, ".") - strings.Count(b, ".") })
	}
	return all
}

// text is a step's SQL.
func (m migration) text() (string, error) {
	var all []string
	for _, file := range m.files {
		text, err := fs.ReadFile(migrations, file)
		if err != nil {
			return "", err
		}
		all = append(all, string(text))
	}
	return strings.Join(all, "\n"), nil
}

func newestSchema() int64 {
	all := steps("postgres")
	return all[len(all)-1].version
}

func (c *Catalogue) provider() (*goose.Provider, error) {
	var all []*goose.Migration
	for _, step := range steps(c.engine.name()) {
		text, err := step.text()
		if err != nil {
			return nil, err
		}
		query := c.engine.types().Replace(text)
		all = append(all, goose.NewGoMigration(step.version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, query)
			return err
		}}, nil))
	}
	options := []goose.ProviderOption{goose.WithGoMigrations(all...), goose.WithDisableGlobalRegistry(true)}
	if c.engine.name() == "postgres" {
		// Several machines may start at once: one of them makes the tables.
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(goose.Dialect(c.engine.name()), c.engine.writer(), nil, options...)
}

// Migrate brings the tables to this program's version and tells how many steps that took. Steps are done whole or not at
// all; what is there already is left.
func (c *Catalogue) Migrate(ctx context.Context) (done int, err error) {
	p, err := c.provider()
	if err != nil {
		return 0, fmt.Errorf("migrate the catalogue: %w", err)
	}
	results, err := p.Up(ctx)
	if err != nil {
		_, err = c.engine.verdict(err)
		return len(results), fmt.Errorf("migrate the catalogue: %w", err)
	}
	return len(results), nil
}

// schemaVersion is the number of the last step that was done.
func (c *Catalogue) schemaVersion(ctx context.Context) (int64, error) {
	var version sql.NullInt64
	err := c.view(ctx, "check the catalogue", func(q querier) error {
		var there int
		find := "SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'"
		if q.engine.name() != sqliteDialect {
			find = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'goose_db_version' AND table_schema = current_schema()"
		}
		if err := q.row(ctx, find, nil, &there); err != nil || there == 0 {
			return err
		}
		return q.row(ctx, "SELECT max(version_id) FROM goose_db_version", nil, &version)
	})
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return version.Int64, err
}
