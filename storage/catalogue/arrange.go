package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Part is a paper that pages of another one are to be.
type Part struct {
	Positions []int     // of the pages in the paper that they are taken out of, from 1
	Dossier   DossierID // 0: that of the other paper
	Kind      PaperKind // "": the other paper's
	Component string
	Name      string // "": the other paper's
}

// SplitOff makes pages of a paper another paper, of the same dossier or of another one within reach; the others stay. What
// was split off is there to be looked at. arranged is as with Arrange.
func (c *Catalogue) SplitOff(ctx context.Context, reach Reach, id PaperID, arranged int64, part Part) (p Paper, err error) {
	if err := part.check(); err != nil {
		return p, err
	}
	err = c.writeAtLength(ctx, "split off", func(q querier) error {
		from, err := c.toArrange(ctx, q, reach, id, arranged)
		if err != nil {
			return err
		}
		part.of(&from)
		if _, err := dossierWhere(ctx, q, reach, "d.id = ?", part.Dossier); err != nil {
			return err
		}
		had, err := pagesOf(ctx, q, &from)
		if err != nil {
			return err
		}
		taken, left, err := part.take(had)
		if err != nil {
			return err
		}
		at, err := c.insertPaper(ctx, q, newPaper{part.Dossier, taken[0].SHA256, part.Kind, part.Component, nameOfPart(taken), part.Name, from.Reused}, id)
		if err != nil {
			return err
		}
		made := at.id
		if at.again { // by somebody who took them out of another paper
			return &ConflictError{Kind: "paper", ID: strconv.FormatInt(int64(made), 10), Reason: "these pages are a paper of this dossier already"}
		}
		if err := own(ctx, q, made, taken); err != nil {
			return err
		}
		if err := c.putPages(ctx, q, made, taken); err != nil {
			return err
		}
		if err := c.showsOtherItself(ctx, q, "split", &from); err != nil {
			return err
		}
		if err := c.putPages(ctx, q, id, left); err != nil {
			return err
		}
		detail := map[string]any{"into": made, "pages": len(taken), "left": len(left)}
		if err := c.record(ctx, q, "paper.split", subject("paper", id), detail); err != nil {
			return err
		}
		if err := c.record(ctx, q, "paper.hand_in", subject("paper", made), map[string]any{"dossier": part.Dossier, "split_off": id}); err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, made)
		return err
	})
	return p, err
}

func (part *Part) check() error {
	if part.Kind != "" && part.Kind != ComponentPaper && part.Kind != ResultPaper {
		return &InvalidError{Field: "kind", Reason: `it must be "component" or "result"`}
	}
	if part.Component != "" {
		if err := checkCode("component", part.Component); err != nil {
			return err
		}
	}
	part.Name = tidy(part.Name)
	return checkText("name", part.Name, 255)
}

// of fills what was not said with what the other paper is.
func (part *Part) of(from *Paper) {
	if part.Dossier == 0 {
		part.Dossier = from.Dossier
	}
	if part.Kind == "" {
		part.Kind = from.Kind
	}
	if part.Name == "" {
		part.Name = from.Name
	}
}

// take parts pages into those that are taken out and those that are left.
func (part *Part) take(had []PaperPage) (taken, left []PaperPage, err error) {
	for i, position := range part.Positions {
		if position < 1 || position > len(had) || slices.Contains(part.Positions[:i], position) {
			return nil, nil, &InvalidError{Field: "positions", Reason: "they must be pages of the paper, each once"}
		}
		taken = append(taken, had[position-1])
	}
	for i, at := range had {
		if !slices.Contains(part.Positions, i+1) {
			left = append(left, at)
		}
	}
	if len(taken) == 0 || len(left) == 0 {
		return nil, nil, &InvalidError{Field: "positions", Reason: "at least one page must be taken, and one stay"}
	}
	return taken, left, nil
}

// nameOfPart tells a part of a scan from others, however it is turned.
func nameOfPart(pages []PaperPage) string {
	h := sha256.New()
	for _, at := range pages {
		fmt.Fprintf(h, "%s/%d\n", at.SHA256, at.Number)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Merge appends the pages of other papers of the same dossier to a paper, in their order. The others are history then: they are
// shown and found no more, and the paper is approved only where all of them were. arranged is as with Arrange.
func (c *Catalogue) Merge(ctx context.Context, reach Reach, id PaperID, arranged int64, others []PaperID) (p Paper, err error) {
	if len(others) == 0 || slices.Contains(others, id) {
		return p, &InvalidError{Field: "others", Reason: "they must be other papers"}
	}
	err = c.writeAtLength(ctx, "merge", func(q querier) error {
		// In one order, so that two who join papers do not wait for each other.
		all := append([]PaperID{id}, others...)
		slices.Sort(all)
		for _, other := range slices.Compact(all) {
			if err := lockScans(ctx, q, "id = ?", other); err != nil {
				return err
			}
		}
		if p, err = c.toArrange(ctx, q, reach, id, arranged); err != nil {
			return err
		}
		pages, err := pagesOf(ctx, q, &p)
		if err != nil {
			return err
		}
		unapproved := p.State != PaperApproved
		for _, other := range others {
			o, more, err := c.joinInto(ctx, q, reach, &p, other)
			if err != nil {
				return err
			}
			pages = append(pages, more...)
			unapproved = unapproved || o.State != PaperApproved
		}
		if unapproved {
			err = c.showsOtherItself(ctx, q, "merged", &p)
		} else {
			_, err = q.exec(ctx, "UPDATE papers SET edition = edition + 1 WHERE id = ?", id)
		}
		if err != nil {
			return err
		}
		pages = onceEach(pages)
		if err := c.putPages(ctx, q, id, pages); err != nil {
			return err
		}
		if err := c.record(ctx, q, "paper.merge", subject("paper", id), map[string]any{"others": others, "has": len(pages)}); err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

// onceEach leaves out a page that two papers have both.
func onceEach(pages []PaperPage) (all []PaperPage) {
	seen := make(map[PaperPage]bool)
	for _, at := range pages {
		place := PaperPage{SHA256: at.SHA256, Number: at.Number}
		if !seen[place] {
			all = append(all, at)
		}
		seen[place] = true
	}
	return all
}

// joinInto makes a paper history and gives what its pages were.
func (c *Catalogue) joinInto(ctx context.Context, q querier, reach Reach, into *Paper, other PaperID) (o Paper, pages []PaperPage, err error) {
	if o, err = paperByID(ctx, q, reach, other); err != nil {
		return o, nil, err
	}
	switch {
	case o.Dossier != into.Dossier:
		return o, nil, &InvalidError{Field: "others", Reason: "they must be papers of the same dossier"}
	case !o.Whole || o.State == PaperReading:
		return o, nil, ErrNotRead
	}
	if pages, err = pagesOf(ctx, q, &o); err != nil {
		return o, nil, err
	}
	theirs, err := ownPages(ctx, q, &o)
	if err == nil {
		err = own(ctx, q, into.ID, theirs)
	}
	if err != nil {
		return o, nil, err
	}
	_, err = q.exec(ctx, "UPDATE papers SET removed_at = ?, merged_into = ? WHERE id = ?", millis(c.now()), into.ID, other)
	if err == nil {
		err = c.settle(ctx, q, other)
	}
	if err == nil {
		err = c.record(ctx, q, "paper.merged", subject("paper", other), map[string]any{"into": into.ID})
	}
	return o, pages, err
}

// ShownPage is one page of a paper as it is shown: where it is read, and whether an officer has corrected it.
type ShownPage struct {
	PaperPage

	Revision  string // of the reading that is shown of its scan
	Turned    int    // degrees clockwise, by that reading
	Corrected int64  // the last correction; 0: none
}

// ShownPages are a paper's pages in their order. plain tells that it is its whole scan as it was read, without a correction: what
// its reading made of it is what it is.
func (c *Catalogue) ShownPages(ctx context.Context, reach Reach, id PaperID) (all []ShownPage, plain bool, err error) {
	err = c.view(ctx, "list shown pages", func(q querier) error {
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		pages, err := pagesOf(ctx, q, &p)
		if err != nil {
			return err
		}
		known := make(map[PaperPage]ShownPage)
		err = q.each(ctx, `SELECT s.sha256, g.number, r.revision, g.turned,
			(SELECT coalesce(max(k.id), 0) FROM corrections k WHERE k.sha256 = s.sha256 AND k.number = g.number)
			FROM scans s JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading) JOIN pages g ON g.reading_id = r.id
			WHERE s.sha256 = ? OR s.sha256 IN (SELECT sha256 FROM paper_pages WHERE paper_id = ?)`, []any{p.SHA256, id},
			func(scan func(...any) error) error {
				var s ShownPage
				err := scan(&s.SHA256, &s.Number, &s.Revision, &s.Turned, &s.Corrected)
				known[PaperPage{SHA256: s.SHA256, Number: s.Number}] = s
				return err
			})
		all, plain = make([]ShownPage, len(pages)), p.Arranged == 0
		for i, at := range pages {
			all[i] = known[PaperPage{SHA256: at.SHA256, Number: at.Number}]
			all[i].PaperPage = at
			plain = plain && all[i].Corrected == 0
		}
		return err
	})
	return all, plain, err
}
