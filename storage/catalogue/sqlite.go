package catalogue

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

const (
	sqliteScheme  = "sqlite:"
	sqliteDialect = "sqlite3"
)

// sqliteEngine is one file on one machine. SQLite lets one transaction write at a time: a pool of one connection has
// writers wait in our process, in order, instead of being refused; readers have a pool of their own and never wait (WAL).
type sqliteEngine struct {
	write, read *sql.DB
}

func openSQLite(path string, connections int) (engine, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the catalogue's folder: %w", err)
	}
	// synchronous=FULL: what was acknowledged is on the disk, also after the power is gone. Other processes (a verb of the
	// command line beside the service) are waited for.
	common := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"10000"}, "_foreign_keys": {"on"},
		"_cache_size": {"-65536"},
	}
	write := url.Values{"_txlock": {"immediate"}}
	read := url.Values{"_txlock": {"deferred"}, "_query_only": {"on"}}
	for k, v := range common {
		write[k], read[k] = v, v
	}
	file := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String()
	w, err := sql.Open("sqlite3", file+"?"+write.Encode())
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite3", file+"?"+read.Encode())
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	r.SetMaxOpenConns(min(connections, max(4, 2*runtime.NumCPU())))
	r.SetMaxIdleConns(connections)
	e := &sqliteEngine{write: w, read: r}
	if !builtWithSearch {
		return nil, errors.Join(errNoSearch, e.close())
	}
	return e, nil
}

// errNoSearch is the answer of a program that was built without FTS5, which go-sqlite3 leaves out unless told otherwise.
var errNoSearch = errors.New("this sohoa was built without full-text search: build it with -tags sqlite_fts5")

func (*sqliteEngine) name() string      { return sqliteDialect }
func (e *sqliteEngine) writer() *sql.DB { return e.write }
func (e *sqliteEngine) reader() *sql.DB { return e.read }

// sql drops the locks (a transaction that writes has the whole file for itself from its beginning) and has SQLite's word for
// the greatest of some values.
func (*sqliteEngine) sql(query string) string {
	return strings.ReplaceAll(strings.ReplaceAll(query, " FOR UPDATE", ""), "greatest(", "max(")
}

func (*sqliteEngine) verdict(err error) (again bool, wrapped error) { return sqliteVerdict(err) }

func (*sqliteEngine) types() *strings.Replacer {
	return strings.NewReplacer(
		"{id}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{int}", "INTEGER", "{real}", "REAL", "{blob}", "BLOB",
		"{text}", "TEXT", // compared by bytes
	)
}

func (e *sqliteEngine) close() error { return errors.Join(e.read.Close(), e.write.Close()) }
