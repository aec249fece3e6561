package catalogue

import (
	"context"
	"errors"
	"regexp"
	"slices"
)

// Queue is the line in which the work on a scan waits.
type Queue string

// The queues, the most urgent first.
const (
	Desk   Queue = "desk"   // an officer waits for it
	Batch  Queue = "batch"  // an archive that is handed in
	Reread Queue = "reread" // read again by another revision
)

// Queues are all queues, the most urgent first.
func Queues() []Queue { return []Queue{Desk, Batch, Reread} }

// before tells whether q is more urgent.
func (q Queue) before(other Queue) bool {
	return slices.Index(Queues(), q) < slices.Index(Queues(), other)
}

// Scan is a file as the store holds it under originals/<SHA256>.
type Scan struct {
	SHA256    string // 64 lowercase hex digits
	Size      int64  // bytes
	MediaType string // "image/tiff", "application/pdf", …
}

// HandIn is one paper that is handed in; its scan is in the store already.
type HandIn struct {
	Dossier   DossierID
	Scan      Scan
	Kind      PaperKind // "" is ComponentPaper
	Component string
	Name      string
	Queue     Queue // "" is Desk
	// Batch says that the scan is a feeder's, with cover sheets among its pages: it becomes papers of their dossiers. What no
	// cover sheet sends elsewhere stays in this dossier.
	Batch bool
	// Revision is what the reader that will read it calls itself.
	Revision string
}

// Receipt is the answer to a HandIn.
type Receipt struct {
	Paper Paper
	// Held: the scan was held already, in whatever dossier; it is not stored or read twice.
	Held bool
	// Again: this very paper was handed in before, with the same component of the same dossier; nothing was added.
	Again bool
	// Work is the reading to be queued; Due tells whether there is anything to do.
	Work Reading
	Due  bool
}

var sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (h *HandIn) check() error {
	if !sha256Pattern.MatchString(h.Scan.SHA256) {
		return &InvalidError{Field: "sha256", Reason: "it is not 64 lowercase hex digits"}
	}
	if h.Kind == "" {
		h.Kind = ComponentPaper
	}
	if h.Kind != ComponentPaper && h.Kind != ResultPaper {
		return &InvalidError{Field: "kind", Reason: `it must be "component" or "result"`}
	}
	if h.Component != "" {
		if err := checkCode("component", h.Component); err != nil {
			return err
		}
	}
	if h.Queue == "" {
		h.Queue = Desk
	}
	if !slices.Contains(Queues(), h.Queue) {
		return &InvalidError{Field: "queue", Reason: `it must be "desk", "batch" or "reread"`}
	}
	h.Name = tidy(h.Name)
	return checkText("name", h.Name, 255)
}

// HandIn adds a paper to a dossier within reach, in one transaction with the work on it. When it returns the paper is kept:
// the caller may acknowledge it. ErrNotFound where there is no such dossier.
func (c *Catalogue) HandIn(ctx context.Context, reach Reach, h HandIn) (r Receipt, err error) {
	if err := h.check(); err != nil {
		return r, err
	}
	err = c.write(ctx, "hand in", func(q querier) error {
		r = Receipt{}
		if _, err := dossierWhere(ctx, q, reach, "d.id = ?", h.Dossier); err != nil {
			return err
		}
		now := millis(c.now())
		if err := c.ensureScan(ctx, q, h, now, &r); err != nil {
			return err
		}
		at, err := c.insertPaper(ctx, q, newPaper{h.Dossier, h.Scan.SHA256, h.Kind, h.Component, "", h.Name, r.Held}, 0)
		if err != nil {
			return err
		}
		id, again := at.id, at.again
		if r.Again = again; !again { // what was read of a scan that was held is this paper's at once
			if err := c.settle(ctx, q, id); err != nil {
				return err
			}
		}
		if h.Batch && !at.joined { // else it is no batch, but pages of another paper
			if err := c.putBatch(ctx, q, reach, id, r.Work); err != nil {
				return err
			}
		}
		if again && !h.Batch {
			if err := c.unsplit(ctx, q, id); err != nil {
				return err
			}
		}
		found, err := allPapersWhere(ctx, q, reach, "p.id = ?", id) // a batch that was split is history
		if err != nil || len(found) == 0 {
			return errors.Join(ErrNotFound, err)
		}
		r.Paper = found[0]
		return c.record(ctx, q, "paper.hand_in", subject("paper", id), map[string]any{
			"dossier": h.Dossier, "held": r.Held, "again": r.Again, "batch": h.Batch,
		})
	})
	return r, err
}

// newPaper is a row of papers.
type newPaper struct {
	dossier   DossierID
	sha256    string
	kind      PaperKind
	component string
	part      string // of the scan; "" is the whole
	name      string
	reused    bool
}

// entered is what became of a row that was to be added.
type entered struct {
	id     PaperID
	again  bool // it was there already
	joined bool // and was joined to the paper that this is
}

// insertPaper adds a paper, or finds the one that is it already: where that was joined to another one of its dossier, the other one. One
// that was taken back, or was joined to the paper of which its pages are taken now (from), comes back.
func (c *Catalogue) insertPaper(ctx context.Context, q querier, n newPaper, from PaperID) (f entered, err error) {
	now := millis(c.now())
	err = q.row(ctx, `INSERT INTO papers (dossier_id, sha256, kind, component, part, name, reused, handed_in_by, created_at, changed_at, arranged)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (dossier_id, sha256, kind, component, part) DO NOTHING RETURNING id`,
		[]any{n.dossier, n.sha256, n.kind, n.component, n.part, n.name, flag(n.reused), c.actor.Name, now, now}, &f.id)
	if !isNotFound(err) {
		return f, err
	}
	var into PaperID
	var takenBack bool
	err = q.row(ctx, `SELECT id, coalesce(merged_into, 0), taken_back <> '' FROM papers WHERE dossier_id = ? AND sha256 = ? AND kind = ? AND component = ?
		AND part = ?`, []any{n.dossier, n.sha256, n.kind, n.component, n.part}, &f.id, &into, &takenBack)
	if err != nil {
		return f, err
	}
	root, there := f.id, true
	for err == nil && into != 0 {
		root = into
		err = q.row(ctx, "SELECT coalesce(merged_into, 0), removed_at IS NULL AND dossier_id = ? FROM papers WHERE id = ?", []any{n.dossier, root}, &into, &there)
	}
	switch {
	case err != nil:
		return f, err
	case takenBack, root != f.id && (root == from || !there):
		return f, c.bringBack(ctx, q, f.id)
	}
	return entered{id: root, again: true, joined: root != f.id}, nil
}

// bringBack makes a paper that is history one that is there, not approved.
func (c *Catalogue) bringBack(ctx context.Context, q querier, id PaperID) error {
	_, err := q.exec(ctx, `UPDATE papers SET removed_at = NULL, merged_into = NULL, taken_back = '', approved_at = NULL, approved_by = NULL,
		edition = edition + 1 WHERE id = ?`, id)
	return err
}

// settle is what follows whatever changes a paper's pages, place or state, in the same transaction: it is found by what it is
// now, and whoever watches is told.
func (c *Catalogue) settle(ctx context.Context, q querier, id PaperID) error {
	if err := indexPaper(ctx, q, id); err != nil {
		return err
	}
	return c.touch(ctx, q, id)
}

// touch is the one place through which all that people do with a paper passes in the end: handing in, approving, correcting,
// arranging, typing fields. What becomes of its reading passes through indexPages and reindexScan. Its dossier counts in the rates
// as what it is now.
func (c *Catalogue) touch(ctx context.Context, q querier, id PaperID) error {
	if _, err := q.exec(ctx, "UPDATE papers SET changed_at = ? WHERE id = ?", millis(c.now()), id); err != nil {
		return err
	}
	return refreshPaper(ctx, q, id)
}

// ensureScan adds the scan and a reading of it, or finds them. A paper that an officer waits for moves an archive's reading to
// the officer's queue; one whose reading failed, handed in once more, is tried once more.
func (c *Catalogue) ensureScan(ctx context.Context, q querier, h HandIn, now int64, r *Receipt) error {
	_, err := q.exec(ctx, `INSERT INTO scans (sha256, size, media_type, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING`,
		h.Scan.SHA256, h.Scan.Size, h.Scan.MediaType, now)
	if err != nil {
		return err
	}
	var latest ReadingID
	var collected int64
	err = q.row(ctx, "SELECT coalesce(latest_reading, 0), coalesce(collected_at, 0) FROM scans WHERE sha256 = ? FOR UPDATE",
		[]any{h.Scan.SHA256}, &latest, &collected)
	if err != nil {
		return err
	}
	if collected > 0 {
		if err := c.takeBack(ctx, q, h.Scan, collected); err != nil {
			return err
		}
	}
	r.Held = latest > 0
	if latest == 0 {
		r.Work, err = insertReading(ctx, q, Reading{SHA256: h.Scan.SHA256, Revision: h.Revision, Queue: h.Queue, Codes: h.Batch}, now)
		r.Due = true
		return err
	}
	if r.Work, err = readingForUpdate(ctx, q, latest); err != nil {
		return err
	}
	if h.Batch && !r.Work.Codes {
		if err := c.askForCodes(ctx, q, &r.Work, h.Revision, now); err != nil {
			return err
		}
		r.Due = true
	}
	if r.Work.Step == StepFailed {
		r.Work.Queue, r.Due = h.Queue, true
		if err := c.restart(ctx, q, &r.Work, h.Revision); err != nil {
			return err
		}
		_, err := q.exec(ctx, "UPDATE readings SET queue = ? WHERE id = ?", h.Queue, r.Work.ID)
		return err
	}
	if r.Work.Step.Over() || !h.Queue.before(r.Work.Queue) {
		return nil
	}
	r.Work.Queue, r.Due = h.Queue, true
	_, err = q.exec(ctx, "UPDATE readings SET queue = ?, due_at = ? WHERE id = ?", h.Queue, now, r.Work.ID)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, "UPDATE pages SET due_at = ? WHERE reading_id = ? AND state = 'waiting'", now, r.Work.ID)
	return err
}

// insertReading adds r as the reading of its scan that was asked for last.
func insertReading(ctx context.Context, q querier, r Reading, now int64) (Reading, error) {
	r.Step = StepSplit
	err := q.row(ctx, `INSERT INTO readings (sha256, revision, step, queue, format, pages, failed_pages, blank_pages, words, confidence, review,
		starts, failures, reason, due_at, created_at, changed_at, codes) VALUES (?, ?, ?, ?, '', 0, 0, 0, 0, 0, 0, 0, 0, '', ?, ?, ?, ?) RETURNING id`,
		[]any{r.SHA256, r.Revision, StepSplit, r.Queue, now, now, now, flag(r.Codes)}, &r.ID)
	if err != nil {
		return r, err
	}
	_, err = q.exec(ctx, "UPDATE scans SET latest_reading = ? WHERE sha256 = ?", r.ID, r.SHA256)
	return r, err
}
