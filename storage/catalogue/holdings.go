package catalogue

import "context"

// Holdings are how much is kept.
type Holdings struct {
	Dossiers, Papers, Scans int
	Bytes                   int64 // of the scans
	Pages                   int   // of the readings that are shown
}

// Holdings counts what is kept. It looks at every row, which takes a second for a million papers: it is for who asks.
func (c *Catalogue) Holdings(ctx context.Context) (h Holdings, err error) {
	err = c.view(ctx, "count the holdings", func(q querier) error {
		if err := q.row(ctx, "SELECT count(*) FROM dossiers", nil, &h.Dossiers); err != nil {
			return err
		}
		if err := q.row(ctx, "SELECT count(*) FROM papers WHERE removed_at IS NULL", nil, &h.Papers); err != nil {
			return err
		}
		if err := q.row(ctx, "SELECT count(*), coalesce(CAST(sum(size) AS BIGINT), 0) FROM scans WHERE collected_at IS NULL", nil, &h.Scans, &h.Bytes); err != nil {
			return err
		}
		return q.row(ctx, "SELECT coalesce(CAST(sum(r.pages) AS BIGINT), 0) FROM scans s JOIN readings r ON r.id = s.current_reading", nil, &h.Pages)
	})
	return h, err
}
