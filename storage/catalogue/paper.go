package catalogue

import (
	"context"
	"database/sql"
	"time"
)

// PaperID numbers a paper.
type PaperID int64

// PaperKind tells what a paper is in its dossier.
type PaperKind string

// The kinds of papers.
const (
	ComponentPaper PaperKind = "component" // handed in by the owner
	ResultPaper    PaperKind = "result"    // issued by the agency
)

// PaperState is how far a paper is, for people.
type PaperState string

// The states of a paper, in their order.
const (
	PaperReceived PaperState = "received" // safe in the store, waiting to be read
	PaperReading  PaperState = "reading"  // being read
	PaperRead     PaperState = "read"     // read, and recognition was sure
	PaperReview   PaperState = "review"   // read, but somebody should look at it
	PaperApproved PaperState = "approved" // looked at and confirmed by an officer
	PaperFailed   PaperState = "failed"   // could not be read; Reason says why
)

// Paper is one document of a dossier (giấy tờ).
type Paper struct {
	ID          PaperID
	Dossier     DossierID
	DossierCode string
	Path        Reach // of the dossier's agency
	SHA256      string
	Size        int64
	MediaType   string
	Kind        PaperKind
	Component   string // the component's code; "" where it is not known
	Name        string // of the file as it was handed in
	Reused      bool   // the same scan was held already
	HandedInBy  string // the actor
	Created     time.Time

	State PaperState
	// Reading is the one that is shown; where none is finished the one that is under way or failed.
	Reading ReadingID
	// Revision is that reading's.
	Revision string
	// Whole: the reading's results are in the store, whatever is being tried anew.
	Whole bool
	// Pages is how many the paper has: 0 until that is known. PagesRead counts those that are done, Failed those of them that
	// could not be read, Blank those without words; Words and Confidence are of these pages, too, as they were read.
	Pages, PagesRead, Failed, Blank int
	Words                           int
	Confidence                      float64 // 0 to 100; 0 until it is read
	Reason                          string  // why it failed, or why it is being tried again
	Changed                         time.Time
	Approved                        time.Time // zero until an officer approved it
	ApprovedBy                      string
	// Batch: it is a feeder's scan with cover sheets; Split: it was split. History: it was joined to another paper, or it is a
	// batch whose pages are other papers now.
	Batch, Split, History bool
	// Arranged counts how often its pages were arranged: what an arrangement is compared with. 0: it is its whole scan.
	Arranged int64
	// Part: it was made of some pages of its scan; the others are not its own.
	Part bool
	// Edition counts how often what it shows was changed: what an approval is compared with.
	Edition int64
}

// paperState is a paper's state in SQL: p is the paper, r the reading that is shown.
const paperState = `CASE WHEN p.approved_at IS NOT NULL THEN 'approved' WHEN r.step = 'done' AND (p.look = 1 OR r.review = 1 AND p.look <> 2) THEN 'review'
	WHEN r.step = 'done' THEN 'read' WHEN r.step = 'failed' THEN 'failed' WHEN r.step = 'split' THEN 'received' ELSE 'reading' END`

// ofArranged are the pages g of a paper p that was arranged, as they were read, in SQL.
const ofArranged = ` FROM paper_pages o JOIN scans os ON os.sha256 = o.sha256
	JOIN pages g ON g.reading_id = coalesce(os.current_reading, os.latest_reading) AND g.number = o.number WHERE o.paper_id = p.id`

const paperColumns = `SELECT p.id, p.dossier_id, d.code, a.path, p.sha256, s.size, s.media_type, p.kind, p.component, p.name, p.reused,
	p.handed_in_by, p.created_at, ` + paperChanged + `, ` + paperState + `, r.id, r.revision, r.finished_at IS NOT NULL AND r.step <> 'failed',
	CASE WHEN p.arranged > 0 THEN (SELECT count(*) FROM paper_pages o WHERE o.paper_id = p.id) ELSE r.pages END,
	CASE WHEN p.arranged > 0 THEN (SELECT count(*) FROM paper_pages o WHERE o.paper_id = p.id)
		ELSE (SELECT count(*) FROM pages g WHERE g.reading_id = r.id AND g.state <> 'waiting') END,
	CASE WHEN p.arranged > 0 THEN (SELECT count(*)` + ofArranged + ` AND g.state = 'failed') ELSE r.failed_pages END,
	CASE WHEN p.arranged > 0 THEN (SELECT count(*)` + ofArranged + ` AND g.source = 'blank') ELSE r.blank_pages END,
	CASE WHEN p.arranged > 0 THEN coalesce((SELECT sum(g.words)` + ofArranged + `), 0) ELSE r.words END,
	CASE WHEN p.arranged > 0 THEN coalesce((SELECT sum(g.confidence * g.words) / nullif(sum(g.words), 0)` + ofArranged + `), 0)
		ELSE r.confidence END, r.reason, p.approved_at, coalesce(p.approved_by, ''), p.arranged,
	b.paper_id IS NOT NULL, b.split_at IS NOT NULL, p.removed_at IS NOT NULL, p.part <> '', p.edition
	FROM papers p LEFT JOIN batches b ON b.paper_id = p.id JOIN dossiers d ON d.id = p.dossier_id JOIN agencies a ON a.id = d.agency_id
	JOIN scans s ON s.sha256 = p.sha256 JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading)`

func scanPaper(scan func(dest ...any) error) (p Paper, err error) {
	var created, changed int64
	var approved sql.NullInt64
	err = scan(&p.ID, &p.Dossier, &p.DossierCode, &p.Path, &p.SHA256, &p.Size, &p.MediaType, &p.Kind, &p.Component, &p.Name, &p.Reused,
		&p.HandedInBy, &created, &changed, &p.State, &p.Reading, &p.Revision, &p.Whole, &p.Pages, &p.PagesRead,
		&p.Failed, &p.Blank, &p.Words, &p.Confidence, &p.Reason, &approved, &p.ApprovedBy, &p.Arranged,
		&p.Batch, &p.Split, &p.History, &p.Part, &p.Edition)
	p.Created, p.Changed, p.Approved = instant(created), instant(changed), instantOf(approved)
	return p, err
}

// papersWhere leaves out what was joined to another paper, and batches that were split: that is history.
func papersWhere(ctx context.Context, q querier, reach Reach, where string, args ...any) (all []Paper, err error) {
	return allPapersWhere(ctx, q, reach, "p.removed_at IS NULL AND "+where, args...)
}

// allPapersWhere are papers with those that are history.
func allPapersWhere(ctx context.Context, q querier, reach Reach, where string, args ...any) (all []Paper, err error) {
	from, to := reach.bounds()
	args = append([]any{from, to}, args...)
	err = q.each(ctx, paperColumns+" WHERE a.path >= ? AND a.path < ? AND "+where, args, func(scan func(...any) error) error {
		p, err := scanPaper(scan)
		all = append(all, p)
		return err
	})
	return all, err
}

func paperByID(ctx context.Context, q querier, reach Reach, id PaperID) (Paper, error) {
	all, err := papersWhere(ctx, q, reach, "p.id = ?", id)
	if err == nil && len(all) == 0 {
		return Paper{}, ErrNotFound
	}
	if err != nil {
		return Paper{}, err
	}
	return all[0], nil
}

// Paper finds a paper within reach; ErrNotFound otherwise.
func (c *Catalogue) Paper(ctx context.Context, reach Reach, id PaperID) (p Paper, err error) {
	err = c.view(ctx, "find paper", func(q querier) error {
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

// HandedIn are the papers within reach that somebody handed in since an instant, the newest first, at most limit; with the batches
// that were split.
func (c *Catalogue) HandedIn(ctx context.Context, reach Reach, by string, since time.Time, limit int) (all []Paper, err error) {
	err = c.view(ctx, "list what was handed in", func(q querier) error {
		all, err = allPapersWhere(ctx, q, reach, liveOrSplit+" AND p.handed_in_by = ? AND p.created_at >= ? ORDER BY p.id DESC LIMIT ?",
			by, millis(since), limit)
		return err
	})
	return all, err
}

// Papers are a dossier's, in the order in which they were handed in.
func (c *Catalogue) Papers(ctx context.Context, reach Reach, dossier DossierID) (all []Paper, err error) {
	err = c.view(ctx, "list papers", func(q querier) error {
		all, err = papersWhere(ctx, q, reach, "p.dossier_id = ? ORDER BY p.id", dossier)
		return err
	})
	return all, err
}

// PapersOfScan are the papers within reach that are this scan as a whole: where it is held already.
func (c *Catalogue) PapersOfScan(ctx context.Context, reach Reach, sha256 string) (all []Paper, err error) {
	err = c.view(ctx, "find papers of a scan", func(q querier) error {
		all, err = papersWhere(ctx, q, reach, "p.sha256 = ? AND p.part = '' ORDER BY p.id LIMIT 100", sha256)
		return err
	})
	return all, err
}

// FailedPapers are those within reach that could not be read, the newest first, at most limit.
func (c *Catalogue) FailedPapers(ctx context.Context, reach Reach, limit int) (all []Paper, err error) {
	err = c.view(ctx, "list failed papers", func(q querier) error {
		all, err = papersWhere(ctx, q, reach, "r.step = 'failed' ORDER BY p.id DESC LIMIT ?", limit)
		return err
	})
	return all, err
}

// paperChanged is when a paper changed last, in SQL: by what somebody did with it (settle), or by its reading's going on. A paper
// whose scan was read before changes when it is handed in.
const paperChanged = "greatest(p.changed_at, r.changed_at)"

// PapersChanged are those within reach that changed after the instant since, or at it and have a greater id than after, at
// most limit, the longest ago first: what a live view asks for again and again, going on behind the last one that it was given.
func (c *Catalogue) PapersChanged(ctx context.Context, reach Reach, since time.Time, after PaperID, limit int) (all []Paper, err error) {
	ms := millis(since)
	err = c.view(ctx, "list changed papers", func(q querier) error {
		all, err = papersWhere(ctx, q, reach, `p.id IN (SELECT p2.id FROM readings r2 JOIN papers p2 ON p2.sha256 = r2.sha256
			WHERE r2.changed_at >= ? UNION SELECT p3.id FROM papers p3 WHERE p3.changed_at >= ?) AND (`+paperChanged+`, p.id) > (?, ?) ORDER BY `+paperChanged+`, p.id LIMIT ?`,
			ms, ms, ms, after, limit)
		return err
	})
	return all, err
}

// PageRecord is what is known of one page of a reading.
type PageRecord struct {
	Number        int    // from 1
	State         string // waiting, read or failed
	Source        string // recognized, digital, text-layer, blank, failed; "" while it waits
	Confidence    float64
	Words         int
	Width, Height int // of the page that boxes count in, in pixels
	Turned        int // degrees clockwise
	Seconds       float64
	Reason        string // why it failed, or failed last
}

// Pages are a reading's pages in order.
func (c *Catalogue) Pages(ctx context.Context, reading ReadingID) (all []PageRecord, err error) {
	err = c.view(ctx, "list pages", func(q querier) error {
		all, err = pageRecords(ctx, q, reading)
		return err
	})
	return all, err
}

func pageRecords(ctx context.Context, q querier, reading ReadingID) (all []PageRecord, err error) {
	err = q.each(ctx, `SELECT number, state, source, confidence, words, width, height, turned, seconds, reason
		FROM pages WHERE reading_id = ? ORDER BY number`, []any{reading}, func(scan func(...any) error) error {
		var p PageRecord
		err := scan(&p.Number, &p.State, &p.Source, &p.Confidence, &p.Words, &p.Width, &p.Height, &p.Turned, &p.Seconds, &p.Reason)
		all = append(all, p)
		return err
	})
	return all, err
}
