package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"sohoa/storage/catalogue"
)

// table is rows on their way into one table.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// sink takes rows of tables at once.
type sink interface {
	add(ctx context.Context, t *table) error
	close(ctx context.Context) error
}

// load puts the world's agencies, procedures, dossiers and papers into the tables.
func load(ctx context.Context, c *catalogue.Catalogue, url string, w *world) (papers int, err error) {
	ids := make([]catalogue.AgencyID, len(w.agencies))
	for i, a := range w.agencies {
		put, err := c.PutAgency(ctx, a.code, a.code, a.parent)
		if err != nil {
			return 0, err
		}
		ids[i] = put.ID
	}
	for _, p := range w.procedures {
		if err := c.PutProcedure(ctx, p); err != nil {
			return 0, err
		}
	}
	into, err := open(ctx, url)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, into.close(ctx)) }()
	tables := []*table{
		{name: "dossiers", columns: strings.Fields("code agency_id procedure_code owner_name owner_number owner_kind subject state received_on resolved_on created_at changed_at")},
		{name: "scans", columns: strings.Fields("sha256 size media_type current_reading latest_reading created_at")},
		{name: "papers", columns: strings.Fields("dossier_id sha256 kind component name reused handed_in_by created_at approved_at approved_by")},
	}
	const batch = 20_000
	for n := range w.dossiers {
		d := w.dossier()
		tables[0].rows = append(tables[0].rows, []any{
			d.code, int64(ids[d.agency]), d.procedure, "Nguyễn Văn An", "", 1, "", int(d.state), d.received, maybe(d.resolved != "", d.resolved), int64(n), int64(n),
		})
		for i, p := range d.papers {
			papers++
			tables[1].rows = append(tables[1].rows, []any{p.sha256, 1, "image/tiff", maybe(p.read, int64(1)), int64(1), int64(n)})
			tables[2].rows = append(tables[2].rows, []any{
				int64(n + 1), p.sha256, string(p.kind), component(i), "don.tif", bit(p.reused), "client:bench#1", int64(n), maybe(p.approved, int64(n)), maybe(p.approved, "user:an"),
			})
		}
		if n%batch == batch-1 || n == w.dossiers-1 {
			for _, t := range tables {
				if err := into.add(ctx, t); err != nil {
					return 0, err
				}
				t.rows = t.rows[:0]
			}
		}
	}
	return papers, nil
}

func component(i int) string { return "TP" + string(rune('A'+i)) }

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// maybe is NULL where there is no value.
func maybe(some bool, v any) any {
	if !some {
		return nil
	}
	return v
}

func open(ctx context.Context, url string) (sink, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_busy_timeout=10000&_cache_size=-262144")
		return sqliteSink{db}, err
	}
	conn, err := pgx.Connect(ctx, url)
	return postgresSink{conn}, err
}

type postgresSink struct{ conn *pgx.Conn }

func (s postgresSink) add(ctx context.Context, t *table) error {
	_, err := s.conn.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(t.rows))
	return err
}

func (s postgresSink) close(ctx context.Context) error { return s.conn.Close(ctx) }

type sqliteSink struct{ db *sql.DB }

func (s sqliteSink) add(ctx context.Context, t *table) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	query := "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(t.columns)-1) + ")"
	insert, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, row := range t.rows {
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (s sqliteSink) close(context.Context) error { return s.db.Close() }
