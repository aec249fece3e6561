package catalogue

import (
	"context"
	"slices"
	"time"
)

// FieldName names a field of a paper. The nine least ones are those of Thông tư 01/2023/TT-VPCP, Điều 9, and come first.
type FieldName string

// The fields.
const (
	FieldType          FieldName = "type_code"      // mã loại giấy tờ
	FieldOwnerNumber   FieldName = "owner_number"   // số định danh của chủ sở hữu giấy tờ
	FieldTitle         FieldName = "title"          // tên giấy tờ
	FieldNumber        FieldName = "number"         // số
	FieldNotation      FieldName = "notation"       // ký hiệu
	FieldIssued        FieldName = "issued_on"      // thời điểm cấp
	FieldIssuer        FieldName = "issuer"         // cơ quan cấp
	FieldParent        FieldName = "parent"         // cơ quan chủ quản
	FieldPlace         FieldName = "place"          // địa danh
	FieldSubject       FieldName = "subject"        // trích yếu
	FieldSigner        FieldName = "signer"         // người ký
	FieldSignerTitle   FieldName = "signer_title"   // chức vụ người ký
	FieldDossierCode   FieldName = "dossier_code"   // mã hồ sơ, as the paper has it
	FieldProcedure     FieldName = "procedure_code" // mã thủ tục hành chính, as the paper has it
	FieldOwnerName     FieldName = "owner_name"     // chủ sở hữu giấy tờ
	FieldValidUntil    FieldName = "valid_until"    // thời hạn có hiệu lực
	FieldValidityScope FieldName = "validity_scope" // phạm vi có hiệu lực
)

// FieldNames are all of them.
func FieldNames() []FieldName {
	return []FieldName{
		FieldType, FieldOwnerNumber, FieldTitle, FieldNumber, FieldNotation, FieldIssued, FieldIssuer, FieldSubject, FieldValidUntil,
		FieldValidityScope, FieldOwnerName, FieldParent, FieldPlace, FieldSigner, FieldSignerTitle, FieldDossierCode, FieldProcedure,
	}
}

// LeastFields are those that Điều 9 asks for: an officer has to have them right.
func LeastFields() []FieldName { return FieldNames()[:10] }

// How a field's value came to be.
const (
	SourceTyped      = "typed"      // by an officer, or given by a program
	SourceRecognized = "recognized" // taken from what was read
	SourceConfirmed  = "confirmed"  // an officer has compared it with the paper
)

// Field is one thing that a paper says. Điều 9 asks that it match the paper, and that an officer type it where recognition
// fails.
type Field struct {
	Name       FieldName
	Value      string
	Source     string  // SourceTyped, SourceRecognized or SourceConfirmed
	Confidence float64 // 0 to 100, of what was recognized
	Page       int     // on which it stands, from 1, as the paper is arranged; 0 where that is not known
	Place      Place   // on that page, in the pixels that its boxes count in
	By         string  // the actor who typed or confirmed it
	Changed    time.Time
	// Found is what the reader found of it, beside what an officer says; nil where it found nothing.
	Found *FoundField
}

// FieldValue is what is said of a field.
type FieldValue struct {
	Value string // "" removes the field
	Page  int    // on which it stands, from 1; 0: not said
	Place Place
	// Confirm says that the value that is kept is right, compared with the paper: Value must be it.
	Confirm bool
}

// PutFields sets fields of a paper within reach; an empty value removes one. Others stay.
func (c *Catalogue) PutFields(ctx context.Context, reach Reach, id PaperID, values map[FieldName]string) error {
	said := make(map[FieldName]FieldValue, len(values))
	for name, value := range values {
		said[name] = FieldValue{Value: value}
	}
	return c.SetFields(ctx, reach, id, said)
}

// SetFields does so with the places at which they stand on the paper, and confirms them. Where a paper says another thing than it did
// when it was approved, it is approved no more.
func (c *Catalogue) SetFields(ctx context.Context, reach Reach, id PaperID, values map[FieldName]FieldValue) error {
	for name, value := range values {
		if err := value.check(name); err != nil {
			return err
		}
	}
	return c.write(ctx, "put fields", func(q querier) error {
		p, err := lockPaper(ctx, q, reach, id)
		if err != nil {
			return err
		}
		had, err := fieldValues(ctx, q, id)
		if err != nil {
			return err
		}
		var put, confirmed []FieldName // and not their values
		other := false
		for _, name := range FieldNames() {
			value, given := values[name]
			if !given {
				continue
			}
			if err := c.setField(ctx, q, &p, name, value); err != nil {
				return err
			}
			if put = append(put, name); value.Confirm {
				confirmed = append(confirmed, name)
			}
			other = other || tidy(value.Value) != had[name]
		}
		if other {
			if err := c.showsOtherItself(ctx, q, "fields", &p); err != nil {
				return err
			}
		}
		if err := c.settle(ctx, q, id); err != nil {
			return err
		}
		detail := map[string]any{"fields": put}
		if len(confirmed) > 0 {
			detail["confirmed"] = confirmed
		}
		return c.record(ctx, q, "paper.fields", subject("paper", id), detail)
	})
}

// fieldValues are the fields of a paper as it has them.
func fieldValues(ctx context.Context, q querier, id PaperID) (map[FieldName]string, error) {
	all := make(map[FieldName]string)
	err := q.each(ctx, "SELECT name, value FROM fields WHERE paper_id = ?", []any{id}, func(scan func(...any) error) error {
		var name FieldName
		var value string
		err := scan(&name, &value)
		all[name] = value
		return err
	})
	return all, err
}

func (v *FieldValue) check(name FieldName) error {
	if !slices.Contains(FieldNames(), name) {
		return &InvalidError{Field: string(name), Reason: "there is no such field"}
	}
	if err := checkText(string(name), tidy(v.Value), 2000); err != nil {
		return err
	}
	if name == FieldIssued || name == FieldValidUntil {
		if _, err := time.Parse(time.DateOnly, v.Value); err != nil && v.Value != "" {
			return &InvalidError{Field: string(name), Reason: "it is not a day like 2026-03-31"}
		}
	}
	if v.Page < 0 || v.Page > 0 && v.Place.empty() {
		return &InvalidError{Field: "place", Reason: "a field that stands on a page has a place there"}
	}
	return nil
}

// setField sets one field of a paper that is locked.
func (c *Catalogue) setField(ctx context.Context, q querier, p *Paper, name FieldName, v FieldValue) error {
	v.Value = tidy(v.Value)
	if v.Confirm {
		n, err := q.exec(ctx, "UPDATE fields SET source = ?, changed_at = ?, changed_by = ? WHERE paper_id = ? AND name = ? AND value = ?",
			SourceConfirmed, millis(c.now()), c.actor.Name, p.ID, name, v.Value)
		if err == nil && n == 0 {
			return &ConflictError{Kind: "field", ID: string(name), Reason: "its value has been changed by somebody else", Stale: true}
		}
		return err
	}
	if v.Value == "" { // what the reader found of it must not come back: that there is none is an officer's word
		_, err := q.exec(ctx, `UPDATE fields SET value = '', source = ?, changed_at = ?, changed_by = ?, confidence = 0 WHERE paper_id = ? AND name = ?`,
			SourceTyped, millis(c.now()), c.actor.Name, p.ID, name)
		return err
	}
	var at PaperPage
	if v.Page > 0 {
		var err error
		if at, err = pageAt(ctx, q, p, v.Page); isNotFound(err) {
			return &InvalidError{Field: "page", Reason: "the paper has no such page"}
		} else if err != nil {
			return err
		}
	}
	_, err := q.exec(ctx, `INSERT INTO fields (paper_id, name, value, source, changed_at, changed_by, confidence, page_sha256, page_number, x0, y0, x1, y1)
		VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT (paper_id, name) DO UPDATE SET value = excluded.value, source = excluded.source,
		changed_at = excluded.changed_at, changed_by = excluded.changed_by, confidence = 0, page_sha256 = excluded.page_sha256,
		page_number = excluded.page_number, x0 = excluded.x0, y0 = excluded.y0, x1 = excluded.x1, y1 = excluded.y1
		WHERE fields.source <> ? OR excluded.page_number IS NOT NULL`,
		p.ID, name, v.Value, SourceTyped, millis(c.now()), c.actor.Name, optional(at.SHA256), optional(at.Number),
		v.Place.X0, v.Place.Y0, v.Place.X1, v.Place.Y1, SourceRecognized)
	if err != nil {
		return err
	}
	// What the reader found stands where it was found, also where an officer reads it otherwise.
	_, err = q.exec(ctx, "UPDATE fields SET value = ?, source = ?, changed_at = ?, changed_by = ?, confidence = 0 WHERE paper_id = ? AND name = ? AND source = ?",
		v.Value, SourceTyped, millis(c.now()), c.actor.Name, p.ID, name, SourceRecognized)
	return err
}

// Fields are what is known of a paper within reach, in the order of FieldNames. One with an empty value stands on the paper, and could
// not be read.
func (c *Catalogue) Fields(ctx context.Context, reach Reach, id PaperID) (all []Field, err error) {
	err = c.view(ctx, "list fields", func(q querier) error {
		all = nil
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		pages, err := pagesOf(ctx, q, &p)
		if err != nil {
			return err
		}
		found, err := foundOf(ctx, q, id)
		if err != nil {
			return err
		}
		return q.each(ctx, `SELECT name, value, source, confidence, coalesce(page_sha256, ''), coalesce(page_number, 0), x0, y0, x1, y1, changed_by, changed_at
			FROM fields WHERE paper_id = ? AND (value <> '' OR source = ?)`, []any{id, SourceRecognized}, func(scan func(...any) error) error {
			var f Field
			var changed int64
			var at PaperPage
			err := scan(&f.Name, &f.Value, &f.Source, &f.Confidence, &at.SHA256, &at.Number, &f.Place.X0, &f.Place.Y0, &f.Place.X1, &f.Place.Y1, &f.By, &changed)
			f.Changed = instant(changed)
			// A page that was left out has no place any more.
			f.Page = 1 + slices.IndexFunc(pages, func(p PaperPage) bool { return p.SHA256 == at.SHA256 && p.Number == at.Number })
			if one, there := found[f.Name]; there {
				f.Found = &one.FoundField
			}
			all = append(all, f)
			return err
		})
	})
	slices.SortFunc(all, func(a, b Field) int { return slices.Index(FieldNames(), a.Name) - slices.Index(FieldNames(), b.Name) })
	return all, err
}
