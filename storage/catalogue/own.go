package catalogue

import (
	"cmp"
	"context"
	"slices"
)

// A paper that is a part of its scan carries the checksum of all of it, and reach is asked of papers: which pages of the scan are
// its own is kept beside it (own_pages), so that nobody takes pages into it that are others'.

// ownPages are the pages that a paper may be arranged of, its scan's first, as they stand in their scans.
func ownPages(ctx context.Context, q querier, p *Paper) (all []PaperPage, err error) {
	if !p.Part {
		var n int
		err := q.row(ctx, "SELECT r.pages FROM scans s JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading) WHERE s.sha256 = ?",
			[]any{p.SHA256}, &n)
		if err != nil {
			return nil, err
		}
		for i := range n {
			all = append(all, PaperPage{SHA256: p.SHA256, Number: i + 1})
		}
	}
	err = q.each(ctx, "SELECT sha256, number FROM own_pages WHERE paper_id = ?", []any{p.ID}, func(scan func(...any) error) error {
		var at PaperPage
		err := scan(&at.SHA256, &at.Number)
		if p.Part || at.SHA256 != p.SHA256 {
			all = append(all, at)
		}
		return err
	})
	foreign := func(at PaperPage) int { return flag(at.SHA256 != p.SHA256) }
	slices.SortFunc(all, func(a, b PaperPage) int {
		return cmp.Or(foreign(a)-foreign(b), cmp.Compare(a.SHA256, b.SHA256), a.Number-b.Number)
	})
	return all, err
}

// own makes pages a paper's own, besides those that are.
func own(ctx context.Context, q querier, id PaperID, pages []PaperPage) error {
	for _, at := range pages {
		_, err := q.exec(ctx, "INSERT INTO own_pages (paper_id, sha256, number) VALUES (?, ?, ?) ON CONFLICT (paper_id, sha256, number) DO NOTHING",
			id, at.SHA256, at.Number)
		if err != nil {
			return err
		}
	}
	return nil
}

// OwnPages are the pages that Arrange may put into a paper, as they stand in their scans: all of the scan that it is, or those of the
// part that it is, and those of the papers that were joined to it.
func (c *Catalogue) OwnPages(ctx context.Context, reach Reach, id PaperID) (all []PaperPage, err error) {
	err = c.view(ctx, "list a paper's own pages", func(q querier) error {
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		all, err = ownPages(ctx, q, &p)
		return err
	})
	return all, err
}

// liveOrSplit leaves out papers that were joined to others or taken back, in SQL; a batch that was split is shown as such.
const liveOrSplit = "(p.removed_at IS NULL OR b.split_at IS NOT NULL AND p.taken_back = '' AND p.merged_into IS NULL)"

// HasWholeScan tells whether a paper within reach is all of a scan, or the batch that it was: whoever sees one may have the scan.
func (c *Catalogue) HasWholeScan(ctx context.Context, reach Reach, sha256 string) (has bool, err error) {
	return c.anyPaper(ctx, reach, "p.part = '' AND p.sha256 = ?", sha256)
}

// HasPartOfScan tells whether a paper within reach is a part of a scan.
func (c *Catalogue) HasPartOfScan(ctx context.Context, reach Reach, sha256 string) (has bool, err error) {
	return c.anyPaper(ctx, reach, "p.part <> '' AND p.sha256 = ?", sha256)
}

func (c *Catalogue) anyPaper(ctx context.Context, reach Reach, where string, args ...any) (there bool, err error) {
	err = c.view(ctx, "look for a paper", func(q querier) error {
		found, err := allPapersWhere(ctx, q, reach, where+" AND "+liveOrSplit+" LIMIT 1", args...)
		there = len(found) > 0
		return err
	})
	return there, err
}
