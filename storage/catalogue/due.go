package catalogue

import (
	"context"
	"errors"
	"time"
)

// Task names one piece of work for the queue.
type Task struct {
	Step    Step // StepSplit, StepPages (one page) or StepBind
	Reading ReadingID
	Page    int // from 1; 0 but for StepPages
	Pages   int // of the paper; 0 where it is not split yet
	Queue   Queue
}

// Patience is how long work in each queue may wait before somebody looks whether the queue lost it: an officer's is missed
// soon, an archive of 200,000 pages rightly waits for hours and is looked at less often.
func (q Queue) Patience() time.Duration {
	if q == Desk {
		return 30 * time.Second
	}
	return 10 * time.Minute
}

// Due lists work that nobody has done or touched for its time, at most limit pieces, officers' first, and puts it off by its
// queue's patience: to be called again until it lists less.
func (c *Catalogue) Due(ctx context.Context, limit int) (tasks []Task, err error) {
	err = c.write(ctx, "find due work", func(q querier) error {
		tasks = nil
		now := c.now()
		for _, queue := range Queues() {
			if len(tasks) >= limit {
				break
			}
			later := millis(now.Add(queue.Patience()))
			err := q.each(ctx, `UPDATE readings SET due_at = ? WHERE id IN (SELECT id FROM readings WHERE step IN ('split', 'bind')
				AND due_at <= ? AND queue = ? ORDER BY due_at LIMIT ?) RETURNING step, id, pages`,
				[]any{later, millis(now), queue, limit - len(tasks)}, func(scan func(...any) error) error {
					t := Task{Queue: queue}
					err := scan(&t.Step, &t.Reading, &t.Pages)
					tasks = append(tasks, t)
					return err
				})
			if err != nil {
				return err
			}
			err = q.each(ctx, `UPDATE pages SET due_at = ? WHERE (reading_id, number) IN (SELECT g.reading_id, g.number FROM pages g
				JOIN readings r ON r.id = g.reading_id WHERE g.state = 'waiting' AND g.due_at <= ? AND r.step = 'pages' AND r.queue = ?
				ORDER BY g.due_at LIMIT ?) RETURNING reading_id, number`,
				[]any{later, millis(now), queue, limit - len(tasks)}, func(scan func(...any) error) error {
					t := Task{Step: StepPages, Queue: queue}
					err := scan(&t.Reading, &t.Page)
					tasks = append(tasks, t)
					return err
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return tasks, err
}

// Hasten makes pieces of work due at once: they could not be queued.
func (c *Catalogue) Hasten(ctx context.Context, tasks []Task) error {
	return c.writeAtLength(ctx, "hasten work", func(q querier) error {
		now := millis(c.now())
		for _, t := range tasks {
			var err error
			if t.Step == StepPages {
				_, err = q.exec(ctx, "UPDATE pages SET due_at = ? WHERE reading_id = ? AND number = ? AND state = 'waiting'", now, t.Reading, t.Page)
			} else {
				_, err = q.exec(ctx, "UPDATE readings SET due_at = ? WHERE id = ? AND step = ?", now, t.Reading, t.Step)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Forget makes all work that is left due at once: the queue has lost what it carried. It tells how much that is.
func (c *Catalogue) Forget(ctx context.Context) (left int64, err error) {
	err = c.writeAtLength(ctx, "make all work due", func(q querier) error {
		now := millis(c.now())
		whole, err := q.exec(ctx, "UPDATE readings SET due_at = ? WHERE step IN ('split', 'bind')", now)
		if err != nil {
			return err
		}
		pages, err := q.exec(ctx, "UPDATE pages SET due_at = ? WHERE state = 'waiting' AND reading_id IN (SELECT id FROM readings WHERE step = 'pages')", now)
		left = whole + pages
		return err
	})
	return left, err
}

// Working says that readers of this revision are at work: what is theirs to read is not adopted by others.
func (c *Catalogue) Working(ctx context.Context, revision string) error {
	return c.write(ctx, "note a reader", func(q querier) error {
		now := millis(c.now())
		_, err := q.exec(ctx, `INSERT INTO readers (revision, seen_at) VALUES (?, ?)
			ON CONFLICT (revision) DO UPDATE SET seen_at = excluded.seen_at`, revision, now)
		return err
	})
}

// adoptable chooses the open readings of other revisions that no reader of their own was seen for since an instant, and that
// did not change since then.
const adoptable = `SELECT r.id FROM readings r WHERE r.step IN ('split', 'pages', 'bind') AND r.revision <> ? AND r.changed_at < ?
	AND NOT EXISTS (SELECT 1 FROM readers d WHERE d.revision = r.revision AND d.seen_at >= ?) ORDER BY r.id LIMIT 100`

// Adopt gives readings of other revisions, whose readers were not seen for idle, to the reader of this revision: after an
// upgrade there may be none left that reads as they were to be read. It tells how many they were.
func (c *Catalogue) Adopt(ctx context.Context, revision string, idle time.Duration) (adopted int, err error) {
	var left []ReadingID
	err = c.view(ctx, "look for readings to adopt", func(q querier) error {
		left = nil
		before := millis(c.now().Add(-idle))
		return q.each(ctx, adoptable, []any{revision, before, before}, func(scan func(...any) error) error {
			var id ReadingID
			err := scan(&id)
			left = append(left, id)
			return err
		})
	})
	for _, id := range left {
		if err != nil {
			break
		}
		err = c.adoptOne(ctx, id, revision)
		switch {
		case err == nil:
			adopted++
		case errors.Is(err, ErrNotDue): // somebody else was quicker
			err = nil
		}
	}
	return adopted, err
}

func (c *Catalogue) adoptOne(ctx context.Context, id ReadingID, revision string) error {
	return c.writeAtLength(ctx, "adopt a reading", func(q querier) error {
		if err := lockScan(ctx, q, id); err != nil {
			return err
		}
		r, err := readingForUpdate(ctx, q, id)
		switch {
		case err != nil:
			return err
		case r.Step.Over() || r.Revision == revision:
			return ErrNotDue
		case r.Whole && !r.Codes: // only some of its pages are tried anew, as its own readers would have read them
			return c.backToDone(ctx, q, r, "the readers of revision "+r.Revision+" are gone", millis(c.now()))
		}
		return c.restart(ctx, q, &r, revision)
	})
}

// Backlog is how much work is left in a queue, as the catalogue knows it.
type Backlog struct {
	Queue  Queue
	Papers int           // readings that are not over
	Pages  int           // pages that wait in them, of those that were split
	Oldest time.Duration // since the oldest of them was handed in
}

// Backlogs are the queues' in their order, also empty ones.
func (c *Catalogue) Backlogs(ctx context.Context) (all []Backlog, err error) {
	err = c.view(ctx, "count the backlog", func(q querier) error {
		all = nil
		for _, queue := range Queues() {
			b := Backlog{Queue: queue}
			var oldest int64
			err := q.row(ctx, "SELECT count(*), coalesce(min(created_at), 0) FROM readings WHERE step IN ('split', 'pages', 'bind') AND queue = ?",
				[]any{queue}, &b.Papers, &oldest)
			if err != nil {
				return err
			}
			err = q.row(ctx, `SELECT count(*) FROM readings r JOIN pages g ON g.reading_id = r.id WHERE r.step = 'pages' AND r.queue = ?
				AND g.state = 'waiting'`, []any{queue}, &b.Pages)
			if err != nil {
				return err
			}
			if b.Papers > 0 {
				b.Oldest = max(0, c.now().Sub(instant(oldest)))
			}
			all = append(all, b)
		}
		return nil
	})
	return all, err
}
