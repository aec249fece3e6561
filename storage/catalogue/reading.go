package catalogue

import (
	"context"
	"slices"
	"time"
)

// ReadingID numbers a reading.
type ReadingID int64

// Step is where the work on a reading stands.
type Step string

// The steps of a reading; the package's comment draws them.
const (
	StepSplit  Step = "split"  // its pages are to be counted
	StepPages  Step = "pages"  // its pages are to be read
	StepBind   Step = "bind"   // its results are to be put together
	StepDone   Step = "done"   // its results are in the store
	StepFailed Step = "failed" // nothing could be read; Reason says why
)

// Over tells whether nothing is left to do.
func (s Step) Over() bool { return s == StepDone || s == StepFailed }

// Reading is the work on one scan at one revision of the reader.
type Reading struct {
	ID       ReadingID
	SHA256   string
	Revision string
	Step     Step
	Queue    Queue
	Pages    int // 0 until it is split
	// Starts is how often the present step (of a page: its reading) was begun without anybody saying how that ended, Failures
	// how often it failed by the paper's own fault.
	Starts, Failures int
	Reason           string // why it failed, or failed last
	Whole            bool   // it was done once: its results are in the store, whatever is being tried anew
	// Codes has QR codes and barcodes looked for on its pages. It is no part of the revision: the words are the same either way.
	Codes bool
}

const readingColumns = `SELECT id, sha256, revision, step, queue, pages, starts, failures, reason, finished_at IS NOT NULL AND step <> 'failed',
	codes FROM readings`

func scanReading(scan func(dest ...any) error) (r Reading, err error) {
	err = scan(&r.ID, &r.SHA256, &r.Revision, &r.Step, &r.Queue, &r.Pages, &r.Starts, &r.Failures, &r.Reason, &r.Whole, &r.Codes)
	return r, err
}

func readingForUpdate(ctx context.Context, q querier, id ReadingID) (Reading, error) {
	return scanReading(func(dest ...any) error {
		return q.row(ctx, readingColumns+" WHERE id = ? FOR UPDATE", []any{id}, dest...)
	})
}

// lockScan locks the scan of a reading. Who changes a reading and a scan, or what is found of its papers, locks scans before
// readings: in the same order nobody waits for each other.
func lockScan(ctx context.Context, q querier, id ReadingID) error {
	var sha256 string
	err := q.row(ctx, "SELECT sha256 FROM scans WHERE sha256 = (SELECT sha256 FROM readings WHERE id = ?) FOR UPDATE", []any{id}, &sha256)
	if isNotFound(err) {
		return ErrNotDue
	}
	return err
}

// atStep locks a reading that stands at a step, and is still to be read as it was when that began; ErrNotDue where it stands
// elsewhere, was given to another revision, is to have its codes looked for by now, or is gone.
func atStep(ctx context.Context, q querier, began Reading, step Step) (Reading, error) {
	r, err := readingForUpdate(ctx, q, began.ID)
	if isNotFound(err) || err == nil && (r.Step != step || r.Revision != began.Revision || r.Codes != began.Codes) {
		return r, ErrNotDue
	}
	return r, err
}

// Begin is the start of a step of the reading as a whole, StepSplit or StepBind, by a reader of this revision: it is counted,
// and not due again for lease. ErrNotDue where the step is over, ErrOtherRevision where it is for readers of another one.
func (c *Catalogue) Begin(ctx context.Context, id ReadingID, revision string, step Step, lease time.Duration) (r Reading, err error) {
	err = c.write(ctx, "begin "+string(step), func(q querier) error {
		r, err = readingForUpdate(ctx, q, id)
		switch {
		case isNotFound(err) || err == nil && r.Step != step:
			return ErrNotDue
		case err != nil:
			return err
		case r.Revision != revision:
			return ErrOtherRevision
		}
		r.Starts++
		_, err = q.exec(ctx, "UPDATE readings SET starts = starts + 1, due_at = ? WHERE id = ?", millis(c.now().Add(lease)), id)
		return err
	})
	return r, err
}

// Split ends StepSplit: the scan has this format and so many pages, which now wait to be read, not due for lease.
func (c *Catalogue) Split(ctx context.Context, began Reading, format string, pages int, lease time.Duration) (r Reading, err error) {
	id := began.ID
	err = c.writeAtLength(ctx, "split", func(q querier) error {
		if r, err = atStep(ctx, q, began, StepSplit); err != nil {
			return err
		}
		now := c.now()
		r.Step, r.Pages, r.Starts, r.Failures, r.Reason = StepPages, pages, 0, 0, ""
		if err := forgetReadingPages(ctx, q, id); err != nil {
			return err
		}
		for n := 1; n <= pages; n++ {
			_, err := q.exec(ctx, `INSERT INTO pages (reading_id, number, state, source, confidence, words, width, height, turned, seconds,
				starts, failures, reason, due_at) VALUES (?, ?, 'waiting', '', 0, 0, 0, 0, 0, 0, 0, 0, '', ?)`, id, n, millis(now.Add(lease)))
			if err != nil {
				return err
			}
		}
		_, err = q.exec(ctx, `UPDATE readings SET step = ?, format = ?, pages = ?, starts = 0, failures = 0, reason = '', changed_at = ?
			WHERE id = ?`, StepPages, format, pages, millis(now), id)
		return err
	})
	return r, err
}

// forgetReadingPages removes what is known of a reading's pages.
func forgetReadingPages(ctx context.Context, q querier, id ReadingID) error {
	if _, err := q.exec(ctx, "DELETE FROM page_codes WHERE reading_id = ?", id); err != nil {
		return err
	}
	_, err := q.exec(ctx, "DELETE FROM pages WHERE reading_id = ?", id)
	return err
}

// BeginPage is the start of reading a page by a reader of this revision: it is counted, and not due again for lease. Starts
// and Failures are the page's. ErrNotDue where it is read already, ErrOtherRevision where it is for other readers.
func (c *Catalogue) BeginPage(ctx context.Context, id ReadingID, revision string, page int, lease time.Duration) (r Reading, err error) {
	err = c.write(ctx, "begin page", func(q querier) error {
		r, err = scanReading(func(dest ...any) error { return q.row(ctx, readingColumns+" WHERE id = ?", []any{id}, dest...) })
		switch {
		case isNotFound(err) || err == nil && r.Step != StepPages:
			return ErrNotDue
		case err != nil:
			return err
		case r.Revision != revision:
			return ErrOtherRevision
		}
		err = q.row(ctx, `UPDATE pages SET starts = starts + 1, due_at = ? WHERE reading_id = ? AND number = ? AND state = 'waiting'
			RETURNING starts, failures, reason`, []any{millis(c.now().Add(lease)), id, page}, &r.Starts, &r.Failures, &r.Reason)
		if isNotFound(err) {
			return ErrNotDue
		}
		return err
	})
	return r, err
}

// EndPage says how a page was read, or why it could not be (State "failed"). last tells that no page waits any more: the
// reading stands at StepBind now, not due for lease. A page that was ended already stays as it is.
func (c *Catalogue) EndPage(ctx context.Context, began Reading, p PageRecord, lease time.Duration) (r Reading, last bool, err error) {
	id := began.ID
	err = c.write(ctx, "end page", func(q querier) error {
		last = false
		if r, err = atStep(ctx, q, began, StepPages); err != nil {
			return err
		}
		now := c.now()
		changed, err := q.exec(ctx, `UPDATE pages SET state = ?, source = ?, confidence = ?, words = ?, width = ?, height = ?, turned = ?,
			seconds = ?, reason = ? WHERE reading_id = ? AND number = ? AND state = 'waiting'`,
			p.State, p.Source, p.Confidence, p.Words, p.Width, p.Height, p.Turned, p.Seconds, p.Reason, id, p.Number)
		if err != nil {
			return err
		}
		if changed == 0 {
			return ErrNotDue
		}
		var waiting int
		err = q.row(ctx, "SELECT count(*) FROM pages WHERE reading_id = ? AND state = 'waiting'", []any{id}, &waiting)
		if err != nil {
			return err
		}
		if waiting > 0 {
			_, err = q.exec(ctx, "UPDATE readings SET changed_at = ? WHERE id = ?", millis(now), id)
			return err
		}
		last = true
		r.Step, r.Starts, r.Failures, r.Reason = StepBind, 0, 0, ""
		_, err = q.exec(ctx, "UPDATE readings SET step = ?, starts = 0, failures = 0, reason = '', due_at = ?, changed_at = ? WHERE id = ?",
			StepBind, millis(now.Add(lease)), millis(now), id)
		return err
	})
	return r, last, err
}

// Reopen has pages of a reading at StepBind read again: their results are not in the store any more, as when a page of an old
// reading was given another try.
func (c *Catalogue) Reopen(ctx context.Context, began Reading, pages []int) error {
	return c.writeAtLength(ctx, "reopen pages", func(q querier) error {
		if _, err := atStep(ctx, q, began, StepBind); err != nil {
			return err
		}
		now := millis(c.now())
		for _, n := range pages {
			// Starts stay: a page that is lost again and again is given up some time.
			_, err := q.exec(ctx, "UPDATE pages SET state = 'waiting', due_at = ? WHERE reading_id = ? AND number = ?", now, began.ID, n)
			if err != nil {
				return err
			}
		}
		_, err := q.exec(ctx, "UPDATE readings SET step = ?, starts = 0, failures = 0, changed_at = ? WHERE id = ?", StepPages, now, began.ID)
		return err
	})
}

// Summary is what a whole reading came to.
type Summary struct {
	Failed, Blank, Words int
	Confidence           float64 // 0 to 100
	Review               bool    // an officer should look at it
	ReviewBelow          float64 // the confidence below which that is so; 0 where it does not matter
}

// Bound ends StepBind: the results are in the store. In one transaction the reading becomes the one that is shown, its
// words become searchable and its fields are its papers', in place of an older reading's; what officers corrected on the scan is done again wherever its place
// still fits. A paper on which other words stand now is approved no more.
func (c *Catalogue) Bound(ctx context.Context, began Reading, sum Summary, pages []PageText) error {
	id, ready := began.ID, wordsOf(pages)
	return c.writeAtLength(ctx, "bound", func(q querier) error {
		if err := lockScan(ctx, q, id); err != nil {
			return err
		}
		r, err := atStep(ctx, q, began, StepBind)
		if err != nil {
			return err
		}
		now := millis(c.now())
		_, err = q.exec(ctx, `UPDATE readings SET step = ?, failed_pages = ?, blank_pages = ?, words = ?, confidence = ?, review = ?,
			reason = '', changed_at = ?, finished_at = ? WHERE id = ?`,
			StepDone, sum.Failed, sum.Blank, sum.Words, sum.Confidence, flag(sum.Review), now, now, id)
		if err != nil {
			return err
		}
		if _, err := q.exec(ctx, "UPDATE scans SET current_reading = ? WHERE sha256 = ?", id, r.SHA256); err != nil {
			return err
		}
		if err := putFound(ctx, q, r.SHA256, pages); err != nil {
			return err
		}
		carried := slices.Clone(pages)
		changed, err := carryCorrections(ctx, q, r.SHA256, carried)
		if err != nil {
			return err
		}
		shown := slices.Clone(ready)
		for _, i := range changed {
			shown[i] = wordsOf(carried[i : i+1])[0]
		}
		if err := c.readOther(ctx, q, r.SHA256, shown); err != nil {
			return err
		}
		if err := indexPages(ctx, q, r.SHA256, shown); err != nil {
			return err
		}
		// What an older reading was sure of, this one may not be.
		if _, err := q.exec(ctx, "UPDATE papers SET look = ? WHERE sha256 = ? AND look = ?", lookAsRead, r.SHA256, lookNever); err != nil {
			return err
		}
		if err := c.splitBatches(ctx, q, r, sum.ReviewBelow); err != nil {
			return err
		}
		return refreshScan(ctx, q, r.SHA256)
	})
}

// Fail ends a reading of which nothing can be read, for good: reason is what people are told. One that was done before is done
// as it was: what failed is the attempt to better it.
func (c *Catalogue) Fail(ctx context.Context, began Reading, reason string) error {
	return c.writeAtLength(ctx, "fail", func(q querier) error {
		if err := lockScan(ctx, q, began.ID); err != nil {
			return err
		}
		r, err := readingForUpdate(ctx, q, began.ID)
		if isNotFound(err) || err == nil && (r.Step.Over() || r.Revision != began.Revision) {
			return ErrNotDue
		}
		if err != nil {
			return err
		}
		now := millis(c.now())
		if r.Whole {
			return c.backToDone(ctx, q, r, reason, now)
		}
		_, err = q.exec(ctx, "UPDATE readings SET step = ?, reason = ?, changed_at = ?, finished_at = ? WHERE id = ?",
			StepFailed, reason, now, now, r.ID)
		if err != nil {
			return err
		}
		return reindexScan(ctx, q, r.SHA256)
	})
}

// backToDone ends another try of a reading that was done: pages that still wait are as read, or as failed, as they were.
func (c *Catalogue) backToDone(ctx context.Context, q querier, r Reading, reason string, now int64) error {
	_, err := q.exec(ctx, "UPDATE pages SET state = 'failed', reason = ? WHERE reading_id = ? AND state = 'waiting' AND source IN ('', 'failed')",
		reason, r.ID)
	if err != nil {
		return err
	}
	left, err := q.exec(ctx, "UPDATE pages SET state = 'read' WHERE reading_id = ? AND state = 'waiting'", r.ID)
	if err != nil {
		return err
	}
	if left > 0 && r.Codes { // they were to be read for their codes, and were not
		if _, err := q.exec(ctx, "UPDATE readings SET codes = 0 WHERE id = ?", r.ID); err != nil {
			return err
		}
	}
	_, err = q.exec(ctx, "UPDATE readings SET step = ?, reason = ?, changed_at = ? WHERE id = ?", StepDone, reason, now, r.ID)
	if err != nil {
		return err
	}
	return reindexScan(ctx, q, r.SHA256)
}

// Stumble notes that a step (or, with page above 0, a page) that was begun failed and will be tried again. blamed tells
// whether that was by the paper's own fault: failures is how often that happened so far.
func (c *Catalogue) Stumble(ctx context.Context, began Reading, page int, reason string, blamed bool) (failures int, err error) {
	err = c.write(ctx, "stumble", func(q querier) error {
		if page > 0 {
			err = q.row(ctx, `UPDATE pages SET failures = failures + ?, starts = CASE WHEN starts > 0 THEN starts - 1 ELSE 0 END,
				reason = ? WHERE reading_id = ? AND number = ? AND state = 'waiting'
				AND EXISTS (SELECT 1 FROM readings r WHERE r.id = pages.reading_id AND r.step = 'pages' AND r.revision = ?)
				RETURNING failures`, []any{flag(blamed), reason, began.ID, page, began.Revision}, &failures)
		} else {
			err = q.row(ctx, `UPDATE readings SET failures = failures + ?, starts = CASE WHEN starts > 0 THEN starts - 1 ELSE 0 END,
				reason = ?, changed_at = ? WHERE id = ? AND step = ? AND revision = ?
				RETURNING failures`, []any{flag(blamed), reason, millis(c.now()), began.ID, began.Step, began.Revision}, &failures)
		}
		if isNotFound(err) {
			return ErrNotDue
		}
		return err
	})
	return failures, err
}

// ReadingByID finds a reading; ErrNotFound otherwise.
func (c *Catalogue) ReadingByID(ctx context.Context, id ReadingID) (r Reading, err error) {
	err = c.view(ctx, "find reading", func(q querier) error {
		r, err = scanReading(func(dest ...any) error { return q.row(ctx, readingColumns+" WHERE id = ?", []any{id}, dest...) })
		return err
	})
	return r, err
}
