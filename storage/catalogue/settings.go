package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
)

// Settings that are data lie in tables of one row each, as JSON; without the row the ordinary ones hold.

func settingsOf[T any](ctx context.Context, q querier, table string, ordinary func() T) (s T, err error) {
	var value string
	err = q.row(ctx, "SELECT value FROM "+table+" WHERE id = 1", nil, &value)
	if isNotFound(err) {
		return ordinary(), nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &s)
	}
	return s, err
}

// putSettings keeps settings, and tells the audit what they are from now on.
func (c *Catalogue) putSettings(ctx context.Context, q querier, table string, s any, action, about string) error {
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	_, err = q.exec(ctx, `INSERT INTO `+table+` (id, value, changed_at) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`, string(value), millis(c.now()))
	if err != nil {
		return err
	}
	return c.record(ctx, q, action, about, map[string]any{"settings": s})
}
