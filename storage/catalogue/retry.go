package catalogue

import (
	"context"
)

// Retry gives a paper's failed reading another try from the beginning, or the failed pages of a finished one theirs, while what
// was read of the others stays as it is. ErrNotDue where nothing failed, ErrNotFound where the paper is out of reach.
func (c *Catalogue) Retry(ctx context.Context, reach Reach, id PaperID, revision string) (r Reading, err error) {
	err = c.writeAtLength(ctx, "retry", func(q querier) error {
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		if err := lockScan(ctx, q, p.Reading); err != nil {
			return err
		}
		if r, err = readingForUpdate(ctx, q, p.Reading); err != nil {
			return err
		}
		switch {
		case r.Step == StepFailed:
			err = c.restart(ctx, q, &r, revision)
		case r.Step == StepDone && p.Failed > 0:
			err = c.retryPages(ctx, q, &r)
		default:
			err = ErrNotDue
		}
		if err != nil {
			return err
		}
		return c.record(ctx, q, "paper.retry", subject("paper", id), nil)
	})
	return r, err
}

// retryPages has the failed pages of a finished reading wait again.
func (c *Catalogue) retryPages(ctx context.Context, q querier, r *Reading) error {
	now := millis(c.now())
	_, err := q.exec(ctx, `UPDATE pages SET state = 'waiting', starts = 0, failures = 0, due_at = ? WHERE reading_id = ? AND state = 'failed'`, now, r.ID)
	if err != nil {
		return err
	}
	r.Step, r.Starts, r.Failures, r.Reason = StepPages, 0, 0, ""
	_, err = q.exec(ctx, "UPDATE readings SET step = ?, starts = 0, failures = 0, reason = '', due_at = ?, changed_at = ? WHERE id = ?",
		StepPages, now, now, r.ID)
	if err != nil {
		return err
	}
	return reindexScan(ctx, q, r.SHA256)
}

// restart puts a reading that was never done back to its beginning, to be read by a revision; its scan is locked.
func (c *Catalogue) restart(ctx context.Context, q querier, r *Reading, revision string) error {
	var other ReadingID
	err := q.row(ctx, "SELECT id FROM readings WHERE sha256 = ? AND revision = ? AND id <> ?", []any{r.SHA256, revision, r.ID}, &other)
	if err == nil {
		revision = r.Revision // that one is another row's already
	} else if !isNotFound(err) {
		return err
	}
	if err := forgetReadingPages(ctx, q, r.ID); err != nil {
		return err
	}
	now := millis(c.now())
	r.Revision, r.Step, r.Pages, r.Starts, r.Failures, r.Reason, r.Whole = revision, StepSplit, 0, 0, 0, "", false
	_, err = q.exec(ctx, `UPDATE readings SET revision = ?, step = ?, pages = 0, failed_pages = 0, blank_pages = 0, words = 0, confidence = 0,
		review = 0, starts = 0, failures = 0, reason = '', due_at = ?, changed_at = ?, finished_at = NULL WHERE id = ?`,
		revision, StepSplit, now, now, r.ID)
	if err != nil {
		return err
	}
	return reindexScan(ctx, q, r.SHA256)
}
