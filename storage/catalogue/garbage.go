package catalogue

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ScanHeld tells whether a row names the scan: an original in the store that none names was never acknowledged.
func (c *Catalogue) ScanHeld(ctx context.Context, sha256 string) (held bool, err error) {
	err = c.view(ctx, "look for a scan", func(q querier) error {
		var n int
		err := q.row(ctx, "SELECT count(*) FROM scans WHERE sha256 = ? AND collected_at IS NULL", []any{sha256}, &n)
		held = n > 0
		return err
	})
	return held, err
}

// collectWithin is how long taking an original away may take at most: after that whoever began it is dead.
const collectWithin = 10 * time.Minute

// CollectScan has remove take an original away that no row names. Until that is done the scan's row says so, and handing the
// same bytes in is ErrUnavailable: else they could be acknowledged and then be taken away. collected tells whether it was done;
// it is not where a row names the scan by now.
func (c *Catalogue) CollectScan(ctx context.Context, sha256 string, remove func(ctx context.Context) error) (collected bool, err error) {
	err = c.write(ctx, "collect a scan", func(q querier) error {
		now := c.now()
		n, err := q.exec(ctx, `INSERT INTO scans (sha256, size, media_type, created_at, collected_at) VALUES (?, 0, '', ?, ?)
			ON CONFLICT (sha256) DO UPDATE SET collected_at = excluded.collected_at WHERE scans.collected_at < ?`,
			sha256, millis(now), millis(now), millis(now.Add(-collectWithin)))
		collected = n > 0
		return err
	})
	if err != nil || !collected {
		return false, err
	}
	within, cancel := context.WithTimeout(ctx, collectWithin/2)
	defer cancel()
	removed := remove(within)
	// Whether it was removed or not: who hands it in next stores it first.
	after, cancelAfter := context.WithTimeout(context.WithoutCancel(ctx), c.patience)
	defer cancelAfter()
	err = c.write(after, "end collecting a scan", func(q querier) error {
		_, err := q.exec(after, "DELETE FROM scans WHERE sha256 = ? AND collected_at IS NOT NULL AND latest_reading IS NULL", sha256)
		return err
	})
	return removed == nil, errors.Join(removed, err)
}

// takeBack makes a scan that was being collected one that is handed in, where whoever collected it is dead.
func (c *Catalogue) takeBack(ctx context.Context, q querier, s Scan, since int64) error {
	if c.now().Sub(instant(since)) < collectWithin {
		return fmt.Errorf("%w: the same bytes, which nobody had acknowledged, are just being taken away", ErrUnavailable)
	}
	_, err := q.exec(ctx, "UPDATE scans SET collected_at = NULL, size = ?, media_type = ? WHERE sha256 = ?", s.Size, s.MediaType, s.SHA256)
	return err
}

// ReadingAt finds the reading of a scan at a revision, whose results lie in the store under both; ErrNotFound otherwise.
func (c *Catalogue) ReadingAt(ctx context.Context, sha256, revision string) (r Reading, err error) {
	err = c.view(ctx, "look for a reading", func(q querier) error {
		r, err = scanReading(func(dest ...any) error {
			return q.row(ctx, readingColumns+" WHERE sha256 = ? AND revision = ?", []any{sha256, revision}, dest...)
		})
		return err
	})
	return r, err
}

// Orphans names rows that belong to nothing or are not whole, which no transaction of ours leaves: for those who check after
// an accident. At most 100 are told.
func (c *Catalogue) Orphans(ctx context.Context) (found []string, err error) {
	checks := []struct{ what, query string }{
		{"a scan without a reading", "SELECT s.sha256 FROM scans s WHERE s.collected_at IS NULL AND (s.latest_reading IS NULL OR NOT EXISTS (SELECT 1 FROM readings r WHERE r.id = s.latest_reading))"},
		{"a scan without a paper", "SELECT s.sha256 FROM scans s WHERE s.collected_at IS NULL AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.sha256 = s.sha256)"},
		{"a scan that shows a reading which is not done", `SELECT s.sha256 FROM scans s JOIN readings r ON r.id = s.current_reading
			WHERE r.step NOT IN ('done', 'split', 'pages', 'bind')`},
		{"a reading without a scan", "SELECT r.sha256 FROM readings r WHERE NOT EXISTS (SELECT 1 FROM scans s WHERE s.sha256 = r.sha256)"},
		{"a page without a reading", "SELECT CAST(g.reading_id AS TEXT) FROM pages g WHERE NOT EXISTS (SELECT 1 FROM readings r WHERE r.id = g.reading_id)"},
		{"a reading whose pages are not all there", `SELECT r.sha256 FROM readings r WHERE r.step IN ('pages', 'bind', 'done')
			AND r.pages <> (SELECT count(*) FROM pages g WHERE g.reading_id = r.id)`},
		{"a reading that is done but for some pages", `SELECT r.sha256 FROM readings r WHERE r.step IN ('bind', 'done')
			AND EXISTS (SELECT 1 FROM pages g WHERE g.reading_id = r.id AND g.state = 'waiting')`},
	}
	err = c.view(ctx, "look for orphans", func(q querier) error {
		found = nil
		for _, check := range checks {
			err := q.each(ctx, check.query+" LIMIT 100", nil, func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				if len(found) < 100 {
					found = append(found, check.what+": "+id)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}
