package catalogue

import (
	"context"
	"fmt"
)

// finder finds the newest pages with all tokens.
type finder interface {
	// find gives at most limit ids smaller than before (0: any), the greatest first.
	find(ctx context.Context, q querier, all []anyOf, before int64, limit int) ([]int64, error)
	// among gives those of some ids that have all tokens, in any order.
	among(ctx context.Context, q querier, all []anyOf, ids []int64) ([]int64, error)
}

// sqliteFinder has FTS5 walk its lists backwards, skipping what the rarest one does not have; it stops at the limit.
type sqliteFinder struct{}

func (sqliteFinder) find(ctx context.Context, q querier, all []anyOf, before int64, limit int) (ids []int64, err error) {
	if before == 0 {
		before = 1 << 62
	}
	err = q.each(ctx, "SELECT rowid FROM search_tokens WHERE search_tokens MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
		[]any{ftsQuery(all), before, limit}, intoIDs(&ids))
	return ids, err
}

func intoIDs(ids *[]int64) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		*ids = append(*ids, id)
		return err
	}
}

// postgresFinder looks at the newest pages first, which is enough for what is on many pages, and asks the index for the
// others, which is quick where they are few. The planner, left alone, takes the wrong one of the two where words come together
// more or less often than chance has it.
type postgresFinder struct{}

// newest is how many pages are looked at first.
const newest = 1000

func (postgresFinder) find(ctx context.Context, q querier, all []anyOf, before int64, limit int) (ids []int64, err error) {
	if before == 0 {
		before = 1 << 62
	}
	query := tsQuery(all)
	err = q.each(ctx, fmt.Sprintf(`SELECT id FROM (SELECT id, tokens FROM search_pages WHERE id < ? ORDER BY id DESC LIMIT %d) AS newest
		WHERE tokens @@ CAST(CAST(? AS TEXT) AS TSQUERY) ORDER BY id DESC LIMIT ?`, newest), []any{before, query, limit}, intoIDs(&ids))
	if err != nil || len(ids) == limit {
		return ids, err
	}
	ids = nil
	err = q.each(ctx, `WITH matching AS MATERIALIZED (SELECT id FROM search_pages WHERE tokens @@ CAST(CAST(? AS TEXT) AS TSQUERY))
		SELECT id FROM matching WHERE id < ? ORDER BY id DESC LIMIT ?`, []any{query, before, limit}, intoIDs(&ids))
	return ids, err
}
