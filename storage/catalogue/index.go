package catalogue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// lockScans locks the scans of papers before what is found of them is made anew: two who do so at once would each write what
// the other has not seen. In the order of their checksums, so that nobody waits for each other.
func lockScans(ctx context.Context, q querier, where string, args ...any) error {
	return q.each(ctx, "SELECT sha256 FROM scans WHERE sha256 IN (SELECT sha256 FROM papers WHERE "+where+
		" UNION SELECT sha256 FROM paper_pages WHERE paper_id IN (SELECT id FROM papers WHERE "+where+")) ORDER BY sha256 FOR UPDATE", slices.Concat(args, args),
		func(scan func(...any) error) error {
			var sha256 string
			return scan(&sha256)
		})
}

// pageWords is a page with the tokens of its words. They are made before a transaction begins where that can be: it takes a
// millisecond or two a page, in which on SQLite nobody else could write.
type pageWords struct {
	PageText

	tokens []string
}

func wordsOf(pages []PageText) []pageWords {
	all := make([]pageWords, len(pages))
	for i, p := range pages {
		tokens := make(tokenSet)
		tokens.addText(p.Text)
		all[i] = pageWords{p, tokens.bounded()}
	}
	return all
}

// indexPages makes the pages of a scan searchable in place of those that were, for all papers that are this scan.
func indexPages(ctx context.Context, q querier, sha256 string, pages []pageWords) error {
	if _, err := q.exec(ctx, "DELETE FROM page_texts WHERE sha256 = ?", sha256); err != nil {
		return err
	}
	for _, p := range pages {
		_, err := q.exec(ctx, "INSERT INTO page_texts (sha256, number, text, words, width, height) VALUES (?, ?, ?, ?, ?, ?)",
			sha256, p.Number, p.Text, packWords(p.Words), p.Width, p.Height)
		if err != nil {
			return err
		}
	}
	whole, err := paperIDs(ctx, q, "removed_at IS NULL AND arranged = 0 AND sha256 = ?", sha256)
	for _, id := range whole {
		err = errors.Join(err, indexPaperPages(ctx, q, id, pages))
	}
	arranged, more := paperIDs(ctx, q, arrangedOf, sha256)
	for _, id := range arranged {
		more = errors.Join(more, indexPaper(ctx, q, id))
	}
	return errors.Join(err, more)
}

// arrangedOf chooses the papers that have pages of a scan, but are not the scan as a whole.
const arrangedOf = "arranged > 0 AND id IN (SELECT paper_id FROM paper_pages WHERE sha256 = ?)"

// indexPaper does the same for one paper, with the text that is kept: after what the paper belongs to has changed.
func indexPaper(ctx context.Context, q querier, id PaperID) error {
	var pages []PageText
	// Two who make one paper anew at once, each for another of its scans, would each write what the other has not seen.
	err := q.row(ctx, "SELECT id FROM papers WHERE id = ? FOR UPDATE", []any{id}, new(PaperID))
	if err != nil {
		return err
	}
	err = q.each(ctx, `SELECT t.number AS position, t.text FROM papers p JOIN page_texts t ON t.sha256 = p.sha256
			WHERE p.id = ? AND p.arranged = 0 AND p.removed_at IS NULL
		UNION ALL SELECT o.position, t.text FROM papers p JOIN paper_pages o ON o.paper_id = p.id
			JOIN page_texts t ON t.sha256 = o.sha256 AND t.number = o.number WHERE p.id = ? AND p.removed_at IS NULL ORDER BY 1`,
		[]any{id, id}, func(scan func(...any) error) error {
			var p PageText
			err := scan(&p.Number, &p.Text)
			pages = append(pages, p)
			return err
		})
	if err != nil {
		return err
	}
	return indexPaperPages(ctx, q, id, wordsOf(pages))
}

// reindexDossier does so for all papers of a dossier.
func reindexDossier(ctx context.Context, q querier, id DossierID) error {
	if err := lockScans(ctx, q, "dossier_id = ?", id); err != nil {
		return err
	}
	papers, err := paperIDs(ctx, q, "dossier_id = ?", id)
	for _, paper := range papers {
		err = errors.Join(err, indexPaper(ctx, q, paper))
	}
	return err
}

// reindexDossiers does so for many dossiers, most of them without papers.
func reindexDossiers(ctx context.Context, q querier, ids []DossierID) error {
	if len(ids) == 0 {
		return nil
	}
	in, args := inList(ids)
	if err := lockScans(ctx, q, "dossier_id IN "+in, args...); err != nil {
		return err
	}
	papers, err := paperIDs(ctx, q, "dossier_id IN "+in, args...)
	for _, paper := range papers {
		err = errors.Join(err, indexPaper(ctx, q, paper))
	}
	return err
}

// reindexScan does so for all papers that are this scan, which is locked: after their state has changed.
func reindexScan(ctx context.Context, q querier, sha256 string) error {
	papers, err := paperIDs(ctx, q, "removed_at IS NULL AND sha256 = ?", sha256)
	for _, paper := range papers {
		err = errors.Join(err, indexPaper(ctx, q, paper))
	}
	return err
}

func paperIDs(ctx context.Context, q querier, where string, args ...any) (all []PaperID, err error) {
	err = q.each(ctx, "SELECT id FROM papers WHERE "+where+" ORDER BY id", args, func(scan func(...any) error) error {
		var id PaperID
		err := scan(&id)
		all = append(all, id)
		return err
	})
	return all, err
}

func indexPaperPages(ctx context.Context, q querier, id PaperID, pages []pageWords) error {
	if err := forgetPages(ctx, q, "paper_id = ?", id); err != nil || len(pages) == 0 {
		return err
	}
	if err := takeFound(ctx, q, id); err != nil {
		return err
	}
	place, err := placeOf(ctx, q, id)
	if err != nil {
		return err
	}
	for i := range pages {
		if err := addPage(ctx, q, place, &pages[i], i == 0); err != nil {
			return err
		}
	}
	return nil
}

// indexOnePage makes one page of a paper findable in place of what it was: a correction on one page of many costs no more.
func indexOnePage(ctx context.Context, q querier, id PaperID, p *pageWords) error {
	var first int
	if err := q.row(ctx, "SELECT coalesce(min(number), ?) FROM search_pages WHERE paper_id = ?", []any{p.Number, id}, &first); err != nil {
		return err
	}
	if err := forgetPages(ctx, q, "paper_id = ? AND number = ?", id, p.Number); err != nil {
		return err
	}
	place, err := placeOf(ctx, q, id)
	if err != nil {
		return err
	}
	return addPage(ctx, q, place, p, p.Number <= first)
}

// addPage makes a page findable by its words and its place, and the first one by what the record says.
func addPage(ctx context.Context, q querier, place *placed, p *pageWords, first bool) error {
	besides := make(tokenSet)
	besides.addPlace(place)
	if first {
		for _, said := range place.record {
			besides.addText(said)
		}
	}
	if err := addSearchPage(ctx, q, place.paper, p.Number, slices.Concat(p.tokens, besides.bounded())); err != nil {
		return fmt.Errorf("index page %d: %w", p.Number, err)
	}
	return nil
}

// placeOf is what a paper belongs to; its first page is found by what its record says, too.
func placeOf(ctx context.Context, q querier, id PaperID) (*placed, error) {
	p := &placed{paper: id}
	var code, owner, number, subject string
	err := q.row(ctx, `SELECT p.sha256, a.path, d.id, p.kind, p.component, coalesce(d.procedure_code, ''), coalesce(d.received_on, ''),
		d.code, d.owner_name, d.owner_number, d.subject, `+paperState+` FROM papers p JOIN dossiers d ON d.id = p.dossier_id
		JOIN agencies a ON a.id = d.agency_id JOIN scans s ON s.sha256 = p.sha256
		JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading) WHERE p.id = ?`, []any{id},
		&p.sha256, &p.path, &p.dossier, &p.kind, &p.component, &p.procedure, &p.received, &code, &owner, &number, &subject, &p.state)
	if err != nil {
		return nil, err
	}
	p.record = []string{code, owner, number, subject}
	said := make(map[FieldName]string)
	err = q.each(ctx, "SELECT name, value FROM fields WHERE paper_id = ? AND value <> '' ORDER BY name", []any{id}, func(scan func(...any) error) error {
		var name FieldName
		var value string
		err := scan(&name, &value)
		p.record, said[name] = append(p.record, value), value
		return err
	})
	if said[FieldNumber] != "" && said[FieldNotation] != "" { // as it is printed: 209/QĐ-UBND is looked for as a phrase
		p.record = append(p.record, said[FieldNumber]+"/"+said[FieldNotation])
	}
	return p, err
}

// addSearchPage and forgetPages are where the two engines keep their tokens apart.
func addSearchPage(ctx context.Context, q querier, paper PaperID, number int, tokens []string) error {
	if q.engine.name() != sqliteDialect {
		_, err := q.exec(ctx, "INSERT INTO search_pages (paper_id, number, tokens) VALUES (?, ?, CAST(CAST(? AS TEXT) AS TSVECTOR))",
			paper, number, tsvector(tokens))
		return err
	}
	var id int64
	err := q.row(ctx, "INSERT INTO search_pages (paper_id, number) VALUES (?, ?) RETURNING id", []any{paper, number}, &id)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, "INSERT INTO search_tokens (rowid, tokens) VALUES (?, ?)", id, strings.Join(tokens, " "))
	return err
}

func forgetPages(ctx context.Context, q querier, where string, args ...any) error {
	if q.engine.name() == sqliteDialect {
		_, err := q.exec(ctx, "DELETE FROM search_tokens WHERE rowid IN (SELECT id FROM search_pages WHERE "+where+")", args...)
		if err != nil {
			return err
		}
	}
	_, err := q.exec(ctx, "DELETE FROM search_pages WHERE "+where, args...)
	return err
}

// Reindex makes pages of a scan searchable in place of those that were: what somebody corrected.
func (c *Catalogue) Reindex(ctx context.Context, sha256 string, pages []PageText) error {
	ready := wordsOf(pages)
	return c.writeAtLength(ctx, "index pages", func(q querier) error {
		if err := lockScans(ctx, q, "sha256 = ?", sha256); err != nil {
			return err
		}
		return indexPages(ctx, q, sha256, ready)
	})
}

// Tidy brings the search index and the planner's figures up to date after very many pages were added at once. It takes as
// long as they are many; searching and reading go on.
func (c *Catalogue) Tidy(ctx context.Context) error {
	acts := []string{"VACUUM (ANALYZE) search_pages", "ANALYZE"}
	if c.engine.name() == sqliteDialect {
		acts = []string{"INSERT INTO search_tokens (search_tokens) VALUES ('optimize')", "PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	for _, act := range acts {
		if _, err := c.engine.writer().ExecContext(ctx, act); err != nil { // VACUUM bears no transaction
			_, err = c.engine.verdict(err)
			return fmt.Errorf("tidy: %w", err)
		}
	}
	return nil
}
