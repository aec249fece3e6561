package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// System is the actor of what the program does by itself, or IT at its command line.
const System = "system"

// Actor is who does something, and the address that it comes from.
type Actor struct {
	Name   string // "user:LOGIN", "client:NAME#TOKEN" or System
	Remote string
}

// As is the catalogue in somebody's hands: what it changes for them is told to the audit under their name, in the same
// transaction, so that there is no change without its act and no act without its change. Without it the actor is System.
func (c *Catalogue) As(who Actor) *Catalogue {
	theirs := *c
	theirs.actor = who
	return &theirs
}

// Act is one thing that somebody did, as the audit keeps it. Rows are only ever added.
type Act struct {
	ID      int64
	At      time.Time
	Actor   string         // the actor's name
	Action  string         // "paper.hand_in", "paper.download", …
	Subject string         // "paper:12", "dossier:7", …
	Remote  string         // the address that it came from
	Detail  map[string]any // small, and without a citizen's data; may be nil
}

// Record adds an act of the actor that changes nothing here: a download, a refused sign-in. Changes record themselves.
func (c *Catalogue) Record(ctx context.Context, action, subject string, detail map[string]any) error {
	return c.write(ctx, "record an act", func(q querier) error { return c.record(ctx, q, action, subject, detail) })
}

// record adds an act to the transaction of what it tells of.
func (c *Catalogue) record(ctx context.Context, q querier, action, subject string, detail map[string]any) error {
	said, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("record an act: %w", err)
	}
	_, err = q.exec(ctx, "INSERT INTO audit (at, actor, action, subject, remote, detail) VALUES (?, ?, ?, ?, ?, ?)",
		millis(c.now()), c.actor.Name, action, subject, c.actor.Remote, string(said))
	return err
}

// subject names a row as acts do.
func subject[T ~int64](kind string, id T) string {
	return kind + ":" + strconv.FormatInt(int64(id), 10)
}

// ActFilter chooses acts; empty fields choose all.
type ActFilter struct {
	Actor, Action, Subject string
	Since                  time.Time
	Until                  time.Time // before this; zero: until now
	// Behind goes on where a listing ended: with the ID and At of its last act.
	Behind Act
	Limit  int // at most 1,000. Defaults to 100.
}

// Acts are what the filter chooses, the newest first.
func (c *Catalogue) Acts(ctx context.Context, f ActFilter) (all []Act, err error) {
	where, args := "at >= ?", []any{max(0, millis(f.Since))}
	for _, only := range []struct{ column, value string }{{"actor", f.Actor}, {"action", f.Action}, {"subject", f.Subject}} {
		if only.value != "" {
			where += " AND " + only.column + " = ?"
			args = append(args, only.value)
		}
	}
	if !f.Until.IsZero() {
		where += " AND at < ?"
		args = append(args, millis(f.Until))
	}
	if f.Behind.ID > 0 {
		where += " AND at <= ? AND (at < ? OR id < ?)"
		args = append(args, millis(f.Behind.At), millis(f.Behind.At), f.Behind.ID)
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	args = append(args, min(f.Limit, 1000))
	err = c.view(ctx, "list acts", func(q querier) error {
		all, err = actsWhere(ctx, q, where, args)
		return err
	})
	return all, err
}

// actsWhere are the newest acts of a condition that ends with how many are wanted.
func actsWhere(ctx context.Context, q querier, where string, args []any) (all []Act, err error) {
	err = q.each(ctx, "SELECT id, at, actor, action, subject, remote, detail FROM audit WHERE "+where+" ORDER BY at DESC, id DESC LIMIT ?", args,
		func(scan func(...any) error) error {
			var a Act
			var at int64
			var detail string
			if err := scan(&a.ID, &at, &a.Actor, &a.Action, &a.Subject, &a.Remote, &detail); err != nil {
				return err
			}
			a.At = instant(at)
			all = append(all, a)
			return json.Unmarshal([]byte(detail), &all[len(all)-1].Detail)
		})
	return all, err
}

// History is what was changed of a dossier within reach and of its papers, also those that were joined to others, the newest
// first, at most limit. That somebody looked is in the audit alone.
func (c *Catalogue) History(ctx context.Context, reach Reach, id DossierID, limit int) (all []Act, err error) {
	err = c.view(ctx, "list a dossier's history", func(q querier) error {
		all = nil
		if _, err := dossierWhere(ctx, q, reach, "d.id = ?", id); err != nil {
			return err
		}
		papers, err := paperIDs(ctx, q, "dossier_id = ?", id)
		if err != nil {
			return err
		}
		const most = 900 // values of one query
		where, args := "subject IN (?", []any{subject("dossier", id)}
		for _, paper := range papers[max(0, len(papers)-most):] {
			where += ", ?"
			args = append(args, subject("paper", paper))
		}
		all, err = actsWhere(ctx, q, where+") AND action NOT IN ('dossier.view', 'paper.view', 'paper.download')", append(args, limit))
		return err
	})
	return all, err
}
