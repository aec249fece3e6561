package catalogue

import "context"

// Approve says that an officer has looked at a paper that was read, and that its record is right; an approved one stays as it
// is. ErrNotRead where it is not read yet.
func (c *Catalogue) Approve(ctx context.Context, reach Reach, id PaperID) (p Paper, err error) {
	err = c.writeAtLength(ctx, "approve", func(q querier) error {
		if p, err = lockPaper(ctx, q, reach, id); err != nil {
			return err
		}
		switch p.State {
		case PaperApproved:
			return nil
		case PaperRead, PaperReview:
		default:
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
