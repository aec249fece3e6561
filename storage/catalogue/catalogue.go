package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"sohoa/storage/catalogue/password"
)

// Config says where the catalogue is. URL is "sqlite:PATH" or "postgres://…".
type Config struct {
	URL string
	// Connections is the most that are open at once. Defaults to 16.
	Connections int
	// Patience is how long a transaction may take before it is given up as ErrUnavailable: a server that stands still must not
	// hold everybody who waits for it. What grows with a paper's pages or with the work that is left has ten times as long.
	// Defaults to 15 s.
	Patience time.Duration
	// Observe, if not nil, is told how long each transaction took.
	Observe func(act string, took time.Duration, err error)
	// Log gets what IT may want to know. Defaults to silence.
	Log *slog.Logger
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// SignIns says how people sign in.
	SignIns SignIns
}

// Catalogue is the records' database. It is safe for concurrent use.
type Catalogue struct {
	engine   engine
	patience time.Duration
	observe  func(act string, took time.Duration, err error)
	log      *slog.Logger
	now      func() time.Time
	actor    Actor // in whose hands it is
	signIns  SignIns
	hashes   *password.Hasher
	facts    *factbook
}

// engine is what SQLite and PostgreSQL do each in its own way.
type engine interface {
	name() string // goose's name of the dialect, too: sqlite3 or postgres
	// writer and reader are the connections for transactions that write and for those that do not.
	writer() *sql.DB
	reader() *sql.DB
	// sql makes our SQL the engine's: it is written with ? for values and FOR UPDATE after what is locked.
	sql(query string) string
	// verdict wraps an error of the driver in ErrUnavailable or ErrFull, or says that the transaction may be tried again.
	verdict(err error) (again bool, wrapped error)
	// types are the engine's words for those of migrations/*.sql.
	types() *strings.Replacer
	close() error
}

// Open connects. It does not change the tables (Migrate does) and does not look at them (Check does), so that a catalogue
// which is away at start is met later.
func Open(c Config) (*Catalogue, error) {
	if c.Connections == 0 {
		c.Connections = 16
	}
	c.Patience = cmp.Or(c.Patience, 15*time.Second)
	if c.Observe == nil {
		c.Observe = func(string, time.Duration, error) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.SignIns = c.SignIns.withDefaults()
	if err := c.SignIns.validate(); err != nil {
		return nil, fmt.Errorf("open the catalogue: %w", err)
	}
	var e engine
	var err error
	switch {
	case strings.HasPrefix(c.URL, sqliteScheme):
		e, err = openSQLite(strings.TrimPrefix(c.URL, sqliteScheme), c.Connections)
	case strings.HasPrefix(c.URL, "postgres://"), strings.HasPrefix(c.URL, "postgresql://"):
		e, err = openPostgres(c.URL, c.Connections)
	default:
		err = &InvalidError{Field: "catalogue", Reason: `it begins neither with "sqlite:" nor with "postgres://"`}
	}
	if err != nil {
		return nil, fmt.Errorf("open the catalogue: %w", err)
	}
	hashed := func(took time.Duration, err error) { c.Observe("hash a password", took, err) }
	return &Catalogue{
		engine: e, patience: c.Patience, observe: c.Observe, log: c.Log, now: c.Now, actor: Actor{Name: System},
		signIns: c.SignIns, hashes: password.NewHasher(c.SignIns.Hashes, hashed), facts: newFactbook(),
	}, nil
}

// Engine is "sqlite3" or "postgres".
func (c *Catalogue) Engine() string { return c.engine.name() }

// Close ends the connections.
func (c *Catalogue) Close() error { return c.engine.close() }

// Check tells whether the catalogue answers and its tables fit this program: nil, or an error that is ErrUnavailable,
// ErrFull or ErrOldSchema.
func (c *Catalogue) Check(ctx context.Context) error {
	version, err := c.schemaVersion(ctx)
	if err != nil {
		return err
	}
	if version != newestSchema() {
		return fmt.Errorf("%w (they are at %d, the program at %d)", ErrOldSchema, version, newestSchema())
	}
	return nil
}

// millis is how instants are kept: milliseconds since 1970, UTC.
func millis(t time.Time) int64 { return t.UnixMilli() }

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// instantOf is an instant that may be missing: then the zero time.
func instantOf(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return instant(ms.Int64)
}

// optional is NULL for the zero value.
func optional[T comparable](v T) sql.Null[T] {
	var zero T
	return sql.Null[T]{V: v, Valid: v != zero}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rows is what *tx and *view share.
type querier struct {
	q interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
	engine engine
}

func (q querier) exec(ctx context.Context, query string, args ...any) (changed int64, err error) {
	res, err := q.q.ExecContext(ctx, q.engine.sql(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row scans the only row of a query; ErrNotFound where there is none.
func (q querier) row(ctx context.Context, query string, args []any, dest ...any) error {
	err := q.q.QueryRowContext(ctx, q.engine.sql(query), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// each calls take for each row of a query.
func (q querier) each(ctx context.Context, query string, args []any, take func(scan func(dest ...any) error) error) (err error) {
	rows, err := q.q.QueryContext(ctx, q.engine.sql(query), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// tries is how often a transaction is done again that another one upset.
const tries = 8

// write does what change does in one transaction: all of it or nothing. change may run several times.
func (c *Catalogue) write(ctx context.Context, act string, change func(q querier) error) error {
	return c.transact(ctx, act, c.patience, c.engine.writer(), nil, change)
}

// writeAtLength is write for what grows with a paper's pages or with the work that is left.
func (c *Catalogue) writeAtLength(ctx context.Context, act string, change func(q querier) error) error {
	const longer = 10
	return c.transact(ctx, act, longer*c.patience, c.engine.writer(), nil, change)
}

// view reads one consistent state.
func (c *Catalogue) view(ctx context.Context, act string, look func(q querier) error) error {
	return c.viewWithin(ctx, act, c.patience, look)
}

// viewAtLength is view for what grows with all that is kept.
func (c *Catalogue) viewAtLength(ctx context.Context, act string, look func(q querier) error) error {
	const longer = 10
	return c.viewWithin(ctx, act, longer*c.patience, look)
}

func (c *Catalogue) viewWithin(ctx context.Context, act string, patience time.Duration, look func(q querier) error) error {
	opt := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if c.engine.name() == sqliteDialect {
		opt = nil // a transaction of SQLite sees one state anyway, and the driver refuses to be asked
	}
	return c.transact(ctx, act, patience, c.engine.reader(), opt, look)
}

func (c *Catalogue) transact(ctx context.Context, act string, patience time.Duration, db *sql.DB, opt *sql.TxOptions, do func(q querier) error) error {
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	for try := range tries {
		var again bool
		again, err = c.once(limited, db, opt, do)
		if !again || limited.Err() != nil {
			break
		}
		select {
		case <-limited.Done():
		case <-time.After(time.Duration(1<<try) * 5 * time.Millisecond):
		}
	}
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		// Not the caller's deadline, and not to be taken for it.
		err = fmt.Errorf("%w: no answer within %v (%v)", ErrUnavailable, patience, err) //nolint:errorlint // as said
	}
	c.observe(act, time.Since(start), err)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	return nil
}

func (c *Catalogue) once(ctx context.Context, db *sql.DB, opt *sql.TxOptions, do func(q querier) error) (again bool, err error) {
	tx, err := db.BeginTx(ctx, opt)
	if err != nil {
		return c.engine.verdict(err)
	}
	if err := do(querier{q: tx, engine: c.engine}); err != nil {
		// What stays open is rolled back when the connection is given back; the first error is the one that says why.
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			c.log.WarnContext(ctx, "rollback failed", "error", back)
		}
		return c.engine.verdict(err)
	}
	if err := tx.Commit(); err != nil {
		return c.engine.verdict(err)
	}
	return false, nil
}
