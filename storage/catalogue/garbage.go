package catalogue

import "context"

// ScanHeld tells whether a row names the scan: an original in the store that none names was never acknowledged.
func (c *Catalogue) ScanHeld(ctx context.Context, sha256 string) (held bool, err error) {
	err = c.view(ctx, "look for a scan", func(q querier) error {
		var n int
		err := q.row(ctx, "SELECT count(*) FROM scans WHERE sha256 = ?", []any{sha256}, &n)
		held = n > 0
		return err
	})
	return held, err
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
