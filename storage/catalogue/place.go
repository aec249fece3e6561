package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// place is a hit's place in the order of a search: its stage, and its id there. Where a search goes on behind a place, what lies
// before it is not looked for again: the thousandth hit costs what the first does, and what others hand in meanwhile shifts nothing.
type place struct {
	stage int
	id    int64 // 0: before all
}

// String is 1.4711, as readPlace reads it.
func (p place) String() string { return strconv.Itoa(p.stage) + "." + strconv.FormatInt(p.id, 10) }

func readPlace(text string) (p place, err error) {
	if text == "" {
		return p, nil
	}
	stage, id, _ := strings.Cut(text, ".")
	p.stage, err = strconv.Atoi(stage)
	if err == nil {
		p.id, err = strconv.ParseInt(id, 10, 64)
	}
	if err != nil || p.stage < 0 || p.id < 1 {
		return place{}, noSuchPlace()
	}
	return p, nil
}

func noSuchPlace() error {
	return &InvalidError{Field: "behind", Reason: "it is not what an answer to the same search said to go on behind"}
}

// unseen leaves the pages that no better stage has: where a search goes on, these were shown before.
func (s *search) unseen(ctx context.Context, q querier, look finder, pages []found, better []stage) ([]found, error) {
	for _, st := range better {
		if len(pages) == 0 {
			break
		}
		ids := make([]int64, len(pages))
		for i, f := range pages {
			ids[i] = f.id
		}
		has, err := look.among(ctx, q, st.all, ids)
		if err != nil {
			return nil, err
		}
		shown, err := s.check(ctx, q, has, st)
		if err != nil {
			return nil, err
		}
		pages = slices.DeleteFunc(pages, func(f found) bool {
			return slices.ContainsFunc(shown, func(other found) bool { return other.id == f.id })
		})
	}
	return pages, nil
}

// among gives those of some ids, each in the index, that have all tokens.
func (sqliteFinder) among(ctx context.Context, q querier, all []anyOf, ids []int64) (has []int64, err error) {
	for some := range slices.Chunk(ids, fewIDs) {
		in, args := inList(some)
		err := q.each(ctx, "SELECT rowid FROM search_tokens WHERE search_tokens MATCH ? AND rowid IN "+in, append([]any{ftsQuery(all)}, args...), intoIDs(&has))
		if err != nil {
			return nil, fmt.Errorf("look again at pages: %w", err)
		}
	}
	return has, nil
}

// among gives those of some ids that have all tokens.
func (postgresFinder) among(ctx context.Context, q querier, all []anyOf, ids []int64) (has []int64, err error) {
	for some := range slices.Chunk(ids, fewIDs) {
		in, args := inList(some)
		err := q.each(ctx, `WITH asked AS MATERIALIZED (SELECT id, tokens FROM search_pages WHERE id IN `+in+`)
			SELECT id FROM asked WHERE tokens @@ CAST(CAST(? AS TEXT) AS TSQUERY)`, append(args, tsQuery(all)), intoIDs(&has))
		if err != nil {
			return nil, fmt.Errorf("look again at pages: %w", err)
		}
	}
	return has, nil
}

// fewIDs is how many ids are asked for in one statement.
const fewIDs = 500
