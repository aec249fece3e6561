package catalogue

import (
	"context"
	"time"

	"sohoa/storage/catalogue/cover"
)

// askForCodes has codes looked for on the pages of a scan whose reading does without so far; the scan is locked. Pages that were
// read are read once more, which gives the same words; what was read stays shown meanwhile. Readers of another revision than the
// one at work would wait for ever: then all is read anew.
func (c *Catalogue) askForCodes(ctx context.Context, q querier, r *Reading, revision string, now int64) error {
	if r.Step == StepFailed || r.Step != StepSplit && r.Revision != revision {
		if err := c.restart(ctx, q, r, revision); err != nil {
			return err
		}
	}
	r.Codes = true
	if r.Step != StepSplit {
		r.Step, r.Starts, r.Failures, r.Reason = StepPages, 0, 0, ""
		_, err := q.exec(ctx, "UPDATE pages SET state = 'waiting', starts = 0, failures = 0, due_at = ? WHERE reading_id = ?", now, r.ID)
		if err != nil {
			return err
		}
	}
	_, err := q.exec(ctx, `UPDATE readings SET codes = 1, step = ?, starts = 0, failures = 0, reason = '', due_at = ?, changed_at = ? WHERE id = ?`,
		r.Step, now, now, r.ID)
	return err
}

// PageCode is a QR code or barcode on a page, where such were looked for.
type PageCode struct {
	Kind, Text     string
	X0, Y0, X1, Y1 int // pixels; X1 and Y1 are behind the last
}

// PutCodes keeps the codes of a page that is being read, in place of those that were known of it: before EndPage ends it.
func (c *Catalogue) PutCodes(ctx context.Context, began Reading, page int, codes []PageCode) error {
	return c.write(ctx, "put codes", func(q querier) error {
		if _, err := atStep(ctx, q, began, StepPages); err != nil {
			return err
		}
		if _, err := q.exec(ctx, "DELETE FROM page_codes WHERE reading_id = ? AND number = ?", began.ID, page); err != nil {
			return err
		}
		for i, code := range codes {
			_, err := q.exec(ctx, `INSERT INTO page_codes (reading_id, number, position, kind, value, x0, y0, x1, y1)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, began.ID, page, i+1, code.Kind, code.Text, code.X0, code.Y0, code.X1, code.Y1)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// putBatch says of a paper that it is a batch, once: its scan is locked. Where all its codes are known it is split at once.
func (c *Catalogue) putBatch(ctx context.Context, q querier, reach Reach, id PaperID, r Reading) error {
	_, err := q.exec(ctx, "INSERT INTO batches (paper_id, reach) VALUES (?, ?) ON CONFLICT (paper_id) DO NOTHING", id, reach)
	if err != nil {
		return err
	}
	if r.Step != StepDone || !r.Codes {
		return nil
	}
	return c.splitBatches(ctx, q, r, 0)
}

// batch is one that is being split.
type batch struct {
	paper   PaperID
	dossier DossierID
	name    string
	by      string // who handed it in
	reused  bool
	reach   Reach
}

// splitBatches splits the batches that are a scan and were not split yet; the scan is locked, its reading is done.
//
// A part of which recognition was sure need not be looked at because others of the scan have to be: reviewBelow is the least
// confidence for that, 0 where it is not known.
func (c *Catalogue) splitBatches(ctx context.Context, q querier, r Reading, reviewBelow float64) error {
	if !r.Codes {
		return nil
	}
	var all []batch
	err := q.each(ctx, `SELECT p.id, p.dossier_id, p.name, p.handed_in_by, p.reused, b.reach FROM batches b JOIN papers p ON p.id = b.paper_id
		WHERE p.sha256 = ? AND b.split_at IS NULL AND p.removed_at IS NULL ORDER BY p.id`, []any{r.SHA256}, func(scan func(...any) error) error {
		var b batch
		err := scan(&b.paper, &b.dossier, &b.name, &b.by, &b.reused, &b.reach)
		all = append(all, b)
		return err
	})
	if err != nil || len(all) == 0 {
		return err
	}
	key, err := c.coverKey(ctx, q)
	if err != nil {
		return err
	}
	pages, err := batchPages(ctx, q, r)
	if err != nil {
		return err
	}
	for _, b := range all {
		parts := partsOf(key, pages)
		for i := range parts {
			if err := parts[i].resolve(ctx, q, b.reach, b.dossier); err != nil {
				return err
			}
			parts[i].look = parts[i].lookFor(pages, reviewBelow)
		}
		if err := c.makePapers(ctx, q, r.SHA256, b, parts); err != nil {
			return err
		}
	}
	return nil
}

// batchPages are the pages of a batch, as far as splitting asks about them.
func batchPages(ctx context.Context, q querier, r Reading) (pages []batchPage, err error) {
	err = q.each(ctx, `SELECT g.number, g.source, g.state, g.confidence, g.words, coalesce(t.text, '') FROM pages g LEFT JOIN page_texts t ON t.sha256 = ? AND t.number = g.number
		WHERE g.reading_id = ? ORDER BY g.number`, []any{r.SHA256, r.ID}, func(scan func(...any) error) error {
		var p batchPage
		var source, state, text string
		if err := scan(&p.number, &source, &state, &p.confidence, &p.words, &text); err != nil {
			return err
		}
		p.blank, p.failed, p.titled = source == "blank", state == "failed", saysCover(text)
		pages = append(pages, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := putDoubts(ctx, q, r.SHA256, pages); err != nil {
		return nil, err
	}
	err = q.each(ctx, "SELECT number, value FROM page_codes WHERE reading_id = ? ORDER BY number, position", []any{r.ID}, func(scan func(...any) error) error {
		var n int
		var text string
		if err := scan(&n, &text); err != nil {
			return err
		}
		if n >= 1 && n <= len(pages) {
			pages[n-1].codes = append(pages[n-1].codes, text)
		}
		return nil
	})
	return pages, err
}

// resolve finds the dossier of a part within the reach of who handed the batch in. What goes nowhere stays in the batch's own.
func (p *batchPart) resolve(ctx context.Context, q querier, reach Reach, own DossierID) error {
	p.Dossier, p.Kind, p.Component = own, ComponentPaper, ""
	if p.sheet == nil {
		return nil
	}
	d, err := dossierWhere(ctx, q, reach, "d.code = ?", p.sheet.Dossier)
	switch {
	case isNotFound(err):
		// Not there, or another agency's: which is not told apart. The sheet itself shows what it names.
		p.because(ReasonUnknownDossier)
		if p.First == 0 {
			p.Last = p.Cover
		}
		p.First = p.Cover
		return nil
	case err != nil:
		return err
	}
	p.Dossier, p.Kind, p.Component = d.ID, PaperKind(p.sheet.Kind), p.sheet.Component
	return nil
}

// makePapers makes papers of a batch's parts, and keeps what became of it. The batch itself is history then; where nothing says
// how to split it, it stays as it is, to be looked at.
func (c *Catalogue) makePapers(ctx context.Context, q querier, sha256 string, b batch, parts []batchPart) error {
	whole := len(parts) == 1 && parts[0].Cover == 0
	made := make([]PaperID, 0, len(parts))
	for i := range parts {
		p := &parts[i]
		switch {
		case whole:
			p.Paper = b.paper
			if err := c.lookAt(ctx, q, b.paper); err != nil {
				return err
			}
		case p.First > 0:
			if err := c.makePaper(ctx, q, sha256, b, p); err != nil {
				return err
			}
			made = append(made, p.Paper)
		}
		_, err := q.exec(ctx, `INSERT INTO batch_parts (batch_id, position, cover, first_page, last_page, dossier_id, kind, component, reason, paper_id)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, b.paper, i+1, p.Cover, p.First, p.Last, p.Dossier, p.Kind, p.Component,
			joinReasons(p.Reasons), optional(p.Paper))
		if err != nil {
			return err
		}
	}
	now := millis(c.now())
	if _, err := q.exec(ctx, "UPDATE batches SET split_at = ? WHERE paper_id = ?", now, b.paper); err != nil {
		return err
	}
	if !whole {
		if _, err := q.exec(ctx, "UPDATE papers SET removed_at = ? WHERE id = ?", now, b.paper); err != nil {
			return err
		}
		if err := c.settle(ctx, q, b.paper); err != nil {
			return err
		}
	}
	return c.record(ctx, q, "batch.split", subject("paper", b.paper), map[string]any{"papers": made})
}

// makePaper makes a paper of a part, in the name of who handed the batch in.
func (c *Catalogue) makePaper(ctx context.Context, q querier, sha256 string, b batch, p *batchPart) error {
	var pages []PaperPage
	for n := p.First; n <= p.Last; n++ {
		pages = append(pages, PaperPage{SHA256: sha256, Number: n})
	}
	officer := c.As(Actor{Name: b.by, Remote: c.actor.Remote})
	at, err := officer.insertPaper(ctx, q, newPaper{p.Dossier, sha256, p.Kind, p.Component, nameOfPart(pages), b.name, b.reused}, 0)
	p.Paper = at.id
	if err != nil || at.again { // another batch of the same scan made it
		return err
	}
	if _, err := q.exec(ctx, "UPDATE papers SET look = ? WHERE id = ?", p.look, p.Paper); err != nil {
		return err
	}
	if err := own(ctx, q, p.Paper, pages); err != nil {
		return err
	}
	if err := c.putPages(ctx, q, p.Paper, pages); err != nil {
		return err
	}
	return officer.record(ctx, q, "paper.hand_in", subject("paper", p.Paper), map[string]any{"dossier": p.Dossier, "batch": b.paper})
}

// unsplit brings a batch that was split back as the one paper that it is handed in as now.
func (c *Catalogue) unsplit(ctx context.Context, q querier, id PaperID) error {
	changed, err := q.exec(ctx, `UPDATE papers SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL AND merged_into IS NULL
		AND EXISTS (SELECT 1 FROM batches b WHERE b.paper_id = papers.id)`, id)
	if err != nil || changed == 0 {
		return err
	}
	return c.settle(ctx, q, id)
}

// lookAt has an officer look at a paper, however sure its recognition is.
func (c *Catalogue) lookAt(ctx context.Context, q querier, id PaperID) error {
	if _, err := q.exec(ctx, "UPDATE papers SET look = ? WHERE id = ?", lookAlways, id); err != nil {
		return err
	}
	return c.settle(ctx, q, id)
}

// BatchState is how far the splitting of a batch is.
type BatchState struct {
	Paper PaperID
	// Split is zero until it is split.
	Split time.Time
	Parts []BatchPart
}

// Batch tells what became of a batch within reach, part by part as far as these are within reach; ErrNotFound for a paper that is
// none.
func (c *Catalogue) Batch(ctx context.Context, reach Reach, id PaperID) (b BatchState, err error) {
	from, to := reach.bounds()
	err = c.view(ctx, "find batch", func(q querier) error {
		b = BatchState{Paper: id}
		var split int64
		err := q.row(ctx, `SELECT coalesce(b.split_at, 0) FROM batches b JOIN papers p ON p.id = b.paper_id JOIN dossiers d ON d.id = p.dossier_id
			JOIN agencies a ON a.id = d.agency_id WHERE b.paper_id = ? AND a.path >= ? AND a.path < ?`, []any{id, from, to}, &split)
		if err != nil || split == 0 {
			return err
		}
		b.Split = instant(split)
		// Where its papers are now: one that went on to a dossier out of reach is not told of.
		return q.each(ctx, `SELECT t.cover, t.first_page, t.last_page, d.id, d.code, coalesce(p.kind, t.kind), coalesce(p.component, t.component), t.reason,
			CASE WHEN p.taken_back <> '' THEN 0 ELSE coalesce(p.merged_into, t.paper_id, 0) END
			FROM batch_parts t LEFT JOIN papers p ON p.id = t.paper_id JOIN dossiers d ON d.id = coalesce(p.dossier_id, t.dossier_id)
			JOIN agencies a ON a.id = d.agency_id WHERE t.batch_id = ? AND a.path >= ? AND a.path < ? ORDER BY t.position`, []any{id, from, to}, func(scan func(...any) error) error {
			var p BatchPart
			var reasons string
			err := scan(&p.Cover, &p.First, &p.Last, &p.Dossier, &p.DossierCode, &p.Kind, &p.Component, &reasons, &p.Paper)
			p.Reasons = splitReasons(reasons)
			b.Parts = append(b.Parts, p)
			return err
		})
	})
	return b, err
}

// Cover is a cover sheet that can be printed for a dossier.
type Cover struct {
	Kind      PaperKind
	Component string // its code; "" for one that is for any paper
	Name      string // the component's; "" for a result, and for any paper
	Code      string // what stands in its QR code
}

// Covers are a dossier's cover sheets: one for each component of its procedure, one for the result where it ends with one, and one
// for a paper whose component is not known.
func (c *Catalogue) Covers(ctx context.Context, reach Reach, id DossierID) (d Dossier, all []Cover, err error) {
	var key cover.Key
	// Writing: the key is made by whoever needs it first.
	err = c.write(ctx, "list covers", func(q querier) error {
		all = nil
		if d, err = dossierWhere(ctx, q, reach, "d.id = ?", id); err != nil {
			return err
		}
		if key, err = c.coverKey(ctx, q); err != nil {
			return err
		}
		result := d.Procedure == ""
		err := q.each(ctx, "SELECT code, name FROM components WHERE procedure_code = ? ORDER BY code", []any{d.Procedure}, func(scan func(...any) error) error {
			s := Cover{Kind: ComponentPaper}
			err := scan(&s.Component, &s.Name)
			all = append(all, s)
			return err
		})
		if err == nil && !result {
			err = q.row(ctx, "SELECT gives_result = 1 FROM procedures WHERE code = ?", []any{d.Procedure}, &result)
		}
		if isNotFound(err) { // a procedure that is not known yet
			result, err = true, nil
		}
		if result {
			all = append(all, Cover{Kind: ResultPaper})
		}
		all = append(all, Cover{Kind: ComponentPaper})
		return err
	})
	for i, s := range all {
		all[i].Code = key.Code(cover.Sheet{Dossier: d.Code, Kind: string(s.Kind), Component: s.Component})
	}
	return d, all, err
}

// PaperOrBatch finds a paper within reach, or a batch that was split; ErrNotFound otherwise.
func (c *Catalogue) PaperOrBatch(ctx context.Context, reach Reach, id PaperID) (p Paper, err error) {
	err = c.view(ctx, "find paper", func(q querier) error {
		found, err := allPapersWhere(ctx, q, reach, "p.id = ? AND "+liveOrSplit, id)
		if err == nil && len(found) == 0 {
			return ErrNotFound
		}
		if err == nil {
			p = found[0]
		}
		return err
	})
	return p, err
}
