package catalogue

import (
	"context"
	"maps"
	"slices"
	"strconv"
)

// AnyEdition approves a paper as it is, whatever it shows.
const AnyEdition = -1

// Approve says that an officer has looked at a paper that was read, and that its record is right; an approved one stays as it
// is. ErrNotRead where it is not read yet. edition is Paper.Edition as the officer saw it: where what the paper shows was changed
// since it is a *ConflictError.
func (c *Catalogue) Approve(ctx context.Context, reach Reach, id PaperID, edition int64) (p Paper, err error) {
	err = c.writeAtLength(ctx, "approve", func(q querier) error {
		if p, err = lockPaper(ctx, q, reach, id); err != nil {
			return err
		}
		switch {
		case edition != AnyEdition && edition != p.Edition:
			return &ConflictError{Kind: "paper", ID: strconv.FormatInt(int64(id), 10), Reason: "what it shows has been changed since it was seen", Stale: true}
		case p.State == PaperApproved:
			return nil
		case p.State != PaperRead && p.State != PaperReview:
			return ErrNotRead
		}
		_, err = q.exec(ctx, "UPDATE papers SET approved_at = ?, approved_by = ? WHERE id = ?", millis(c.now()), c.actor.Name, id)
		if err == nil {
			err = c.settle(ctx, q, id)
		}
		if err == nil {
			err = c.record(ctx, q, "paper.approve", subject("paper", id), map[string]any{"was": p.State})
		}
		if err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

// Unapprove takes an approval back.
func (c *Catalogue) Unapprove(ctx context.Context, reach Reach, id PaperID) (p Paper, err error) {
	err = c.writeAtLength(ctx, "take an approval back", func(q querier) error {
		if p, err = lockPaper(ctx, q, reach, id); err != nil || p.State != PaperApproved {
			return err
		}
		if err = c.unapprove(ctx, q, id); err == nil {
			err = c.settle(ctx, q, id)
		}
		if err == nil {
			err = c.record(ctx, q, "paper.unapprove", subject("paper", id), map[string]any{"approved_by": p.ApprovedBy})
		}
		if err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

// showing is a paper that shows pages of a scan.
type showing struct {
	at       []int // where these stand in it, from 1; 0: where they stand in the scan, which it is as a whole
	path     Reach // of its dossier's agency
	approved bool
	by       string // who approved it
}

// papersShowing are the papers that show pages of a scan of which this is so, with those that are all of the scan.
func papersShowing(ctx context.Context, q querier, sha256 string, so func(number int) bool) (map[PaperID]showing, error) {
	all := make(map[PaperID]showing)
	err := q.each(ctx, `SELECT p.id, o.position, o.number, a.path, p.approved_at IS NOT NULL, coalesce(p.approved_by, '') FROM (
		SELECT id, 0 AS position, 0 AS number FROM papers WHERE sha256 = ? AND arranged = 0
		UNION ALL SELECT paper_id, position, number FROM paper_pages WHERE sha256 = ?) o
		JOIN papers p ON p.id = o.id JOIN dossiers d ON d.id = p.dossier_id JOIN agencies a ON a.id = d.agency_id WHERE p.removed_at IS NULL`,
		[]any{sha256, sha256}, func(scan func(...any) error) error {
			var id PaperID
			var at, number int
			var s showing
			err := scan(&id, &at, &number, &s.path, &s.approved, &s.by)
			if number == 0 || so(number) {
				s.at = append(all[id].at, at)
				all[id] = s
			}
			return err
		})
	return all, err
}

// showsOther is what follows in the same transaction when papers show something else than they did: they are another edition, and
// who approved one has not seen this. What is found of them is made anew by the caller, who has locked their scans; the rates
// follow with refreshPapers.
func (c *Catalogue) showsOther(ctx context.Context, q querier, because string, papers map[PaperID]showing) error {
	for _, id := range slices.Sorted(maps.Keys(papers)) {
		_, err := q.exec(ctx, "UPDATE papers SET edition = edition + 1, changed_at = ?, approved_at = NULL, approved_by = NULL WHERE id = ?", millis(c.now()), id)
		if err != nil {
			return err
		}
		if !papers[id].approved {
			continue
		}
		detail := map[string]any{"approved_by": papers[id].by, "because": because}
		if err := c.record(ctx, q, "paper.unapprove", subject("paper", id), detail); err != nil {
			return err
		}
	}
	return nil
}

// showsOtherItself is showsOther for one paper, that is locked.
func (c *Catalogue) showsOtherItself(ctx context.Context, q querier, because string, p *Paper) error {
	return c.showsOther(ctx, q, because, map[PaperID]showing{p.ID: {approved: !p.Approved.IsZero(), by: p.ApprovedBy}})
}

// readOther finds the pages of a scan, which was read anew, on which the words are others than before, and has the papers that show
// them be other ones.
func (c *Catalogue) readOther(ctx context.Context, q querier, sha256 string, pages []pageWords) error {
	differ := make(map[int]string)
	for i := range pages {
		differ[pages[i].Number] = pages[i].Text
	}
	err := q.each(ctx, "SELECT number, text FROM page_texts WHERE sha256 = ?", []any{sha256}, func(scan func(...any) error) error {
		var n int
		var was string
		err := scan(&n, &was)
		if now, there := differ[n]; there && now == was {
			delete(differ, n)
		} else {
			differ[n] = now
		}
		return err
	})
	if err != nil || len(differ) == 0 {
		return err
	}
	papers, err := papersShowing(ctx, q, sha256, func(number int) bool {
		_, so := differ[number]
		return so
	})
	if err != nil {
		return err
	}
	return c.showsOther(ctx, q, "read anew", papers)
}

func (c *Catalogue) unapprove(ctx context.Context, q querier, id PaperID) error {
	_, err := q.exec(ctx, "UPDATE papers SET approved_at = NULL, approved_by = NULL WHERE id = ?", id)
	return err
}

// lockPaper finds a paper within reach after its scans are locked: nobody changes it or its reading meanwhile.
func lockPaper(ctx context.Context, q querier, reach Reach, id PaperID) (Paper, error) {
	if err := lockScans(ctx, q, "id = ?", id); err != nil {
		return Paper{}, err
	}
	return paperByID(ctx, q, reach, id)
}

// ReviewFilter chooses papers that wait for an officer.
type ReviewFilter struct {
	By     string  // the actor who handed them in; "" is anybody
	After  PaperID // those behind this one
	Doubts bool    // only those that somebody should look at (PaperReview)
	Limit  int     // at most 500. Defaults to 50.
}

// ToReview are the papers within reach that were read and wait for approval, in the order in which they were handed in.
func (c *Catalogue) ToReview(ctx context.Context, reach Reach, f ReviewFilter) (all []Paper, err error) {
	where, args := "p.approved_at IS NULL AND r.step = 'done' AND p.id > ?", []any{f.After}
	if f.By != "" {
		where += " AND p.handed_in_by = ?"
		args = append(args, f.By)
	}
	if f.Doubts {
		where += " AND (p.look = 1 OR r.review = 1 AND p.look <> 2)"
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	args = append(args, min(f.Limit, 500))
	err = c.view(ctx, "list papers to review", func(q querier) error {
		all, err = papersWhere(ctx, q, reach, where+" ORDER BY p.id LIMIT ?", args...)
		return err
	})
	return all, err
}
