package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// PaperPage is one page of a paper: which page of which scan, and how an officer turned it.
type PaperPage struct {
	SHA256 string
	Number int // in the scan, from 1
	Turn   int // degrees clockwise (0, 90, 180, 270), besides what its reading turned
}

// pageAt is the page at a position of a paper, from 1; ErrNotFound where there is none.
func pageAt(ctx context.Context, q querier, p *Paper, position int) (at PaperPage, err error) {
	if position < 1 || p.Pages > 0 && position > p.Pages {
		return at, ErrNotFound
	}
	if p.Arranged == 0 {
		return PaperPage{SHA256: p.SHA256, Number: position}, nil
	}
	err = q.row(ctx, "SELECT sha256, number, turn FROM paper_pages WHERE paper_id = ? AND position = ?", []any{p.ID, position},
		&at.SHA256, &at.Number, &at.Turn)
	return at, err
}

func pagesOf(ctx context.Context, q querier, p *Paper) (all []PaperPage, err error) {
	if p.Arranged == 0 {
		for n := 1; n <= p.Pages; n++ {
			all = append(all, PaperPage{SHA256: p.SHA256, Number: n})
		}
		return all, nil
	}
	err = q.each(ctx, "SELECT sha256, number, turn FROM paper_pages WHERE paper_id = ? ORDER BY position", []any{p.ID},
		func(scan func(...any) error) error {
			var at PaperPage
			err := scan(&at.SHA256, &at.Number, &at.Turn)
			all = append(all, at)
			return err
		})
	return all, err
}

// PaperPages are a paper's pages in their order, and what is known of each from its reading: as they are arranged, or those of
// the whole scan. There are none before the scan was split.
func (c *Catalogue) PaperPages(ctx context.Context, reach Reach, id PaperID) (pages []PaperPage, records []PageRecord, err error) {
	err = c.view(ctx, "list a paper's pages", func(q querier) error {
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		if pages, err = pagesOf(ctx, q, &p); err != nil {
			return err
		}
		records, err = recordsOf(ctx, q, &p, pages)
		return err
	})
	return pages, records, err
}

// recordsOf is what is known of pages, each numbered as it stands in the paper.
func recordsOf(ctx context.Context, q querier, p *Paper, pages []PaperPage) ([]PageRecord, error) {
	known := make(map[PaperPage]PageRecord)
	seen := make(map[string]bool)
	for _, at := range pages {
		if seen[at.SHA256] {
			continue
		}
		seen[at.SHA256] = true
		reading := p.Reading
		if at.SHA256 != p.SHA256 {
			err := q.row(ctx, "SELECT coalesce(current_reading, latest_reading) FROM scans WHERE sha256 = ?", []any{at.SHA256}, &reading)
			if err != nil {
				return nil, err
			}
		}
		all, err := pageRecords(ctx, q, reading)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			known[PaperPage{SHA256: at.SHA256, Number: r.Number}] = r
		}
	}
	records := make([]PageRecord, len(pages))
	for i, at := range pages {
		records[i] = known[PaperPage{SHA256: at.SHA256, Number: at.Number}]
		records[i].Number = i + 1
	}
	return records, nil
}

// PaperPage is one page of a paper, from 1, and the revision of the reading that is shown of its scan.
func (c *Catalogue) PaperPage(ctx context.Context, reach Reach, id PaperID, position int) (at PaperPage, r PageRecord, revision string, err error) {
	err = c.view(ctx, "find a page", func(q querier) error {
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		if at, err = pageAt(ctx, q, &p, position); err != nil {
			return err
		}
		err = q.row(ctx, `SELECT r.revision, coalesce(g.state, 'waiting'), coalesce(g.source, ''), coalesce(g.confidence, 0), coalesce(g.words, 0),
			coalesce(g.width, 0), coalesce(g.height, 0), coalesce(g.turned, 0), coalesce(g.reason, '')
			FROM scans s JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading)
			LEFT JOIN pages g ON g.reading_id = r.id AND g.number = ? WHERE s.sha256 = ?`, []any{at.Number, at.SHA256},
			&revision, &r.State, &r.Source, &r.Confidence, &r.Words, &r.Width, &r.Height, &r.Turned, &r.Reason)
		r.Number = position
		return err
	})
	return at, r, revision, err
}

// Arrange puts a paper's pages into another order, turns them, leaves some out or takes them back in: pages are of its own
// (OwnPages), each at most once. The scans stay as they are. arranged is Paper.Arranged as the officer
// saw it: where somebody else has arranged the paper since it is a *ConflictError.
func (c *Catalogue) Arrange(ctx context.Context, reach Reach, id PaperID, arranged int64, pages []PaperPage) (p Paper, err error) {
	err = c.writeAtLength(ctx, "arrange", func(q querier) error {
		if p, err = c.toArrange(ctx, q, reach, id, arranged); err != nil {
			return err
		}
		had, err := pagesOf(ctx, q, &p)
		if err != nil {
			return err
		}
		may, err := ownPages(ctx, q, &p)
		if err != nil {
			return err
		}
		if err := checkPages(may, pages); err != nil {
			return err
		}
		if !slices.Equal(had, pages) {
			if err := c.showsOtherItself(ctx, q, "arranged", &p); err != nil {
				return err
			}
		}
		if err := c.putPages(ctx, q, id, pages); err != nil {
			return err
		}
		if err := c.record(ctx, q, "paper.arrange", subject("paper", id), map[string]any{"had": len(had), "has": len(pages)}); err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

// toArrange locks a paper whose pages are to be arranged, as the officer saw it.
func (c *Catalogue) toArrange(ctx context.Context, q querier, reach Reach, id PaperID, arranged int64) (Paper, error) {
	p, err := lockPaper(ctx, q, reach, id)
	switch {
	case err != nil:
		return p, err
	case !p.Whole || p.State == PaperReading:
		return p, ErrNotRead
	case p.Arranged != arranged:
		return p, &ConflictError{Kind: "paper", ID: strconv.FormatInt(int64(id), 10), Reason: "its pages have been arranged by somebody else", Stale: true}
	}
	return p, nil
}

// checkPages says whether pages can be those of a paper that may have these.
func checkPages(may, pages []PaperPage) error {
	if len(pages) == 0 {
		return &InvalidError{Field: "pages", Reason: "at least one must stay"}
	}
	seen := make(map[PaperPage]bool)
	for i, at := range pages {
		place := PaperPage{SHA256: at.SHA256, Number: at.Number}
		switch {
		case !slices.Contains(may, place):
			return &InvalidError{Field: "pages", Reason: fmt.Sprintf("the %d. is no page of this paper's own", i+1)}
		case seen[place]:
			return &InvalidError{Field: "pages", Reason: fmt.Sprintf("the %d. comes twice", i+1)}
		case at.Turn != 0 && at.Turn != 90 && at.Turn != 180 && at.Turn != 270:
			return &InvalidError{Field: "turn", Reason: "it must be 0, 90, 180 or 270"}
		}
		seen[place] = true
	}
	return nil
}

// putPages makes pages those of a paper, and settles it.
func (c *Catalogue) putPages(ctx context.Context, q querier, id PaperID, pages []PaperPage) error {
	if _, err := q.exec(ctx, "DELETE FROM paper_pages WHERE paper_id = ?", id); err != nil {
		return err
	}
	for i, at := range pages {
		_, err := q.exec(ctx, "INSERT INTO paper_pages (paper_id, position, sha256, number, turn) VALUES (?, ?, ?, ?, ?)",
			id, i+1, at.SHA256, at.Number, at.Turn)
		if err != nil {
			return err
		}
	}
	if _, err := q.exec(ctx, "UPDATE papers SET arranged = arranged + 1 WHERE id = ?", id); err != nil {
		return err
	}
	return c.settle(ctx, q, id)
}

// ShownPage is one page of a paper as it is shown: where it is read, and whether an officer has corrected it.
type ShownPage struct {
	PaperPage

	Revision  string // of the reading that is shown of its scan
	Bound     int64  // when that reading was bound, which is again where pages of it were tried anew
	Turned    int    // degrees clockwise, by that reading
	Corrected int64  // the last correction; 0: none
}

// Shown is a paper as it is shown.
type Shown struct {
	Pages []ShownPage // in their order
	Whole bool        // all of its scan, as it was scanned
}

// Plain tells that the paper is its scan as it was read, without a correction: what its reading made of it is what it is.
func (s *Shown) Plain() bool {
	return s.Whole && !slices.ContainsFunc(s.Pages, func(at ShownPage) bool { return at.Corrected > 0 })
}

// Same tells whether the same is shown.
func (s *Shown) Same(o *Shown) bool { return s.Whole == o.Whole && slices.Equal(s.Pages, o.Pages) }

// Shown is what a paper shows now.
func (c *Catalogue) Shown(ctx context.Context, reach Reach, id PaperID) (s Shown, err error) {
	err = c.view(ctx, "list shown pages", func(q querier) error {
		s, err = shownOf(ctx, q, reach, id)
		return err
	})
	return s, err
}

// ShownWords is what a paper shows, and the words of those pages that officers corrected, by the page's position from 1: both as they
// are at one moment.
func (c *Catalogue) ShownWords(ctx context.Context, reach Reach, id PaperID) (s Shown, words map[int]PageText, err error) {
	err = c.viewAtLength(ctx, "list shown words", func(q querier) error {
		if s, err = shownOf(ctx, q, reach, id); err != nil {
			return err
		}
		words = make(map[int]PageText)
		for i := range s.Pages {
			if s.Pages[i].Corrected == 0 {
				continue
			}
			now, err := loadSheet(ctx, q, s.Pages[i].SHA256, s.Pages[i].Number)
			if isNotFound(err) { // the page has no reading now
				continue
			}
			if err != nil {
				return err
			}
			words[i+1] = now.PageText
		}
		return nil
	})
	return s, words, err
}

func shownOf(ctx context.Context, q querier, reach Reach, id PaperID) (s Shown, err error) {
	p, err := paperByID(ctx, q, reach, id)
	if err != nil {
		return s, err
	}
	pages, err := pagesOf(ctx, q, &p)
	if err != nil {
		return s, err
	}
	known := make(map[PaperPage]ShownPage)
	err = q.each(ctx, `SELECT s.sha256, g.number, r.revision, coalesce(r.finished_at, 0), g.turned,
		(SELECT coalesce(max(k.id), 0) FROM corrections k WHERE k.sha256 = s.sha256 AND k.number = g.number)
		FROM scans s JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading) JOIN pages g ON g.reading_id = r.id
		WHERE s.sha256 = ? OR s.sha256 IN (SELECT sha256 FROM paper_pages WHERE paper_id = ?)`, []any{p.SHA256, id},
		func(scan func(...any) error) error {
			var at ShownPage
			err := scan(&at.SHA256, &at.Number, &at.Revision, &at.Bound, &at.Turned, &at.Corrected)
			known[PaperPage{SHA256: at.SHA256, Number: at.Number}] = at
			return err
		})
	s = Shown{Pages: make([]ShownPage, len(pages)), Whole: p.Arranged == 0}
	for i, at := range pages {
		s.Pages[i] = known[PaperPage{SHA256: at.SHA256, Number: at.Number}]
		s.Pages[i].PaperPage = at
	}
	return s, err
}
