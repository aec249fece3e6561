package catalogue

import (
	"cmp"
	"context"
	"fmt"
)

// How the reader came to a field.
const (
	OriginRecognized = "recognized" // from the words of the page
	OriginCode       = "code"       // from a QR code or barcode
)

// FoundField is what the reader found of a field on a page of a scan.
type FoundField struct {
	Name FieldName
	// Value is what is printed; empty where there is a place for it and nothing on it that can be read. Normal is the form in
	// which it is compared: days are 2026-03-31.
	Value, Normal string
	Confidence    float64 // 0 to 100
	Origin        string  // OriginRecognized or OriginCode
	Differs       string  // what the page's words say where a code says otherwise
	Place         Place   // in the pixels of its page
}

// kept is the value that a paper takes: days as fields have them.
func (f *FoundField) kept() string {
	if f.Name == FieldIssued || f.Name == FieldValidUntil {
		return f.Normal
	}
	return f.Value
}

// putFound makes what the reader found on a scan's pages what is known of them, in place of an older reading's; the scan is locked.
func putFound(ctx context.Context, q querier, sha256 string, pages []PageText) error {
	if _, err := q.exec(ctx, "DELETE FROM found_fields WHERE sha256 = ?", sha256); err != nil {
		return err
	}
	for _, p := range pages {
		for _, f := range p.Fields {
			said := FieldValue{Value: f.kept()}
			if err := said.check(f.Name); err != nil {
				return fmt.Errorf("keep what was found on page %d: %w", p.Number, err)
			}
			_, err := q.exec(ctx, `INSERT INTO found_fields (sha256, number, name, value, normal, confidence, origin, differs, x0, y0, x1, y1)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, number, name) DO NOTHING`, sha256, p.Number, f.Name, f.Value,
				f.Normal, f.Confidence, cmp.Or(f.Origin, OriginRecognized), f.Differs, f.Place.X0, f.Place.Y0, f.Place.X1, f.Place.Y1)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// foundOn is a found field and the page of a scan on which it is.
type foundOn struct {
	FoundField

	at PaperPage
}

// foundOf is what the reader found of a paper: of each field, what the first of its pages has that says it.
func foundOf(ctx context.Context, q querier, id PaperID) (map[FieldName]foundOn, error) {
	all := make(map[FieldName]foundOn)
	const columns = "f.name, f.value, f.normal, f.confidence, f.origin, f.differs, f.x0, f.y0, f.x1, f.y1, f.sha256, f.number"
	err := q.each(ctx, `SELECT f.number AS position, `+columns+` FROM papers p JOIN found_fields f ON f.sha256 = p.sha256 WHERE p.id = ? AND p.arranged = 0
		UNION ALL SELECT o.position, `+columns+` FROM papers p JOIN paper_pages o ON o.paper_id = p.id
		JOIN found_fields f ON f.sha256 = o.sha256 AND f.number = o.number WHERE p.id = ? AND p.arranged > 0 ORDER BY 1`, []any{id, id},
		func(scan func(...any) error) error {
			var f foundOn
			var position int
			err := scan(&position, &f.Name, &f.Value, &f.Normal, &f.Confidence, &f.Origin, &f.Differs, &f.Place.X0, &f.Place.Y0, &f.Place.X1, &f.Place.Y1,
				&f.at.SHA256, &f.at.Number)
			if _, there := all[f.Name]; !there {
				all[f.Name] = f
			}
			return err
		})
	return all, err
}

// takeFound makes what the reader found of a paper its fields. What an officer said stays, whatever was found, and so does the record
// of a paper that is approved: what it does not have yet is added to it.
func takeFound(ctx context.Context, q querier, id PaperID) error {
	var approved bool
	err := q.row(ctx, "SELECT approved_at IS NOT NULL FROM papers WHERE id = ?", []any{id}, &approved)
	if err != nil {
		return err
	}
	found, err := foundOf(ctx, q, id)
	if err != nil {
		return err
	}
	had, err := recognizedOf(ctx, q, id)
	if err != nil {
		return err
	}
	changed := false
	for _, name := range FieldNames() {
		f, there := found[name]
		was, before := had[name]
		switch {
		case before && (approved || there && was == f.kept()):
			continue
		case before && !there:
			_, err = q.exec(ctx, "DELETE FROM fields WHERE paper_id = ? AND name = ? AND source = ?", id, name, SourceRecognized)
			changed = true
		case there:
			changed = changed || before
			err = putRecognized(ctx, q, id, &f)
		}
		if err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	// Who is about to approve the paper has seen something else.
	_, err = q.exec(ctx, "UPDATE papers SET edition = edition + 1 WHERE id = ?", id)
	return err
}

// recognizedOf are the values of a paper that nobody has looked at.
func recognizedOf(ctx context.Context, q querier, id PaperID) (map[FieldName]string, error) {
	all := make(map[FieldName]string)
	err := q.each(ctx, "SELECT name, value FROM fields WHERE paper_id = ? AND source = ?", []any{id, SourceRecognized}, func(scan func(...any) error) error {
		var name FieldName
		var value string
		err := scan(&name, &value)
		all[name] = value
		return err
	})
	return all, err
}

// putRecognized sets a field as it was found, unless an officer said what it is.
func putRecognized(ctx context.Context, q querier, id PaperID, f *foundOn) error {
	_, err := q.exec(ctx, `INSERT INTO fields (paper_id, name, value, source, changed_at, changed_by, confidence, page_sha256, page_number, x0, y0, x1, y1)
		VALUES (?, ?, ?, ?, coalesce((SELECT r.finished_at FROM scans s JOIN readings r ON r.id = s.current_reading WHERE s.sha256 = ?), 0), ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (paper_id, name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by,
		confidence = excluded.confidence, page_sha256 = excluded.page_sha256, page_number = excluded.page_number, x0 = excluded.x0, y0 = excluded.y0,
		x1 = excluded.x1, y1 = excluded.y1 WHERE fields.source = ?`,
		id, f.Name, f.kept(), SourceRecognized, f.at.SHA256, readerName, f.Confidence, f.at.SHA256, f.at.Number, f.Place.X0, f.Place.Y0, f.Place.X1, f.Place.Y1,
		SourceRecognized)
	return err
}

// readerName is who said what nobody but the reader did.
const readerName = "reader"

// putDoubts says of each page of a batch how sure the reader was of the fields on it that the law asks for.
func putDoubts(ctx context.Context, q querier, sha256 string, pages []batchPage) error {
	in, args := inList(LeastFields())
	return q.each(ctx, "SELECT number, min(confidence), max(CASE WHEN differs <> '' THEN 1 ELSE 0 END) FROM found_fields WHERE sha256 = ? AND name IN "+in+" GROUP BY number",
		append([]any{sha256}, args...), func(scan func(...any) error) error {
			var n int
			var least float64
			var differs bool
			err := scan(&n, &least, &differs)
			if n >= 1 && n <= len(pages) {
				pages[n-1].fieldDoubt, pages[n-1].differs = 100-least, differs
			}
			return err
		})
}
