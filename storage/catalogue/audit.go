package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Act is one thing that somebody did, as the audit keeps it. Rows are only ever added.
type Act struct {
	At      time.Time      // set by Record
	Actor   string         // "user:LOGIN", "client:NAME" or "system"
	Action  string         // "paper.hand_in", "paper.download", …
	Subject string         // "paper:12", "dossier:7", …
	Remote  string         // the address that it came from
	Detail  map[string]any // small, and without a citizen's data; may be nil
}

// Record adds an act.
func (c *Catalogue) Record(ctx context.Context, a Act) error {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return fmt.Errorf("record an act: %w", err)
	}
	return c.write(ctx, "record an act", func(q querier) error {
		_, err := q.exec(ctx, "INSERT INTO audit (at, actor, action, subject, remote, detail) VALUES (?, ?, ?, ?, ?, ?)",
			millis(c.now()), a.Actor, a.Action, a.Subject, a.Remote, string(detail))
		return err
	})
}

// ActFilter chooses acts; empty fields choose all.
type ActFilter struct {
	Actor, Action, Subject string
	Since                  time.Time
	Limit                  int // at most 1,000. Defaults to 100.
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
	if f.Limit <= 0 {
		f.Limit = 100
	}
	args = append(args, min(f.Limit, 1000))
	err = c.view(ctx, "list acts", func(q querier) error {
		all = nil
		return q.each(ctx, "SELECT at, actor, action, subject, remote, detail FROM audit WHERE "+where+" ORDER BY at DESC, id DESC LIMIT ?", args,
			func(scan func(...any) error) error {
				var a Act
				var at int64
				var detail string
				if err := scan(&at, &a.Actor, &a.Action, &a.Subject, &a.Remote, &detail); err != nil {
					return err
				}
				a.At = instant(at)
				all = append(all, a)
				return json.Unmarshal([]byte(detail), &all[len(all)-1].Detail)
			})
	})
	return all, err
}
