package catalogue

import (
	"context"
	"slices"
	"time"
)

// FieldName names a field of a paper. The nine least ones are those of Thông tư 01/2023/TT-VPCP, Điều 9.
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
	FieldSubject       FieldName = "subject"        // trích yếu
	FieldValidUntil    FieldName = "valid_until"    // thời hạn có hiệu lực
	FieldValidityScope FieldName = "validity_scope" // phạm vi có hiệu lực
)

// FieldNames are all of them.
func FieldNames() []FieldName {
	return []FieldName{
		FieldType, FieldOwnerNumber, FieldTitle, FieldNumber, FieldNotation, FieldIssued, FieldIssuer, FieldSubject, FieldValidUntil,
		FieldValidityScope,
	}
}

// Field is one thing that a paper says. Điều 9 asks that it match the paper, and that an officer type it where recognition
// fails.
type Field struct {
	Name    FieldName
	Value   string
	Source  string // "typed"
	By      string // the actor who typed it
	Changed time.Time
}

// PutFields sets fields of a paper within reach; an empty value removes one. Others stay.
func (c *Catalogue) PutFields(ctx context.Context, reach Reach, id PaperID, values map[FieldName]string) error {
	for name, value := range values {
		if !slices.Contains(FieldNames(), name) {
			return &InvalidError{Field: string(name), Reason: "there is no such field"}
		}
		if err := checkText(string(name), tidy(value), 2000); err != nil {
			return err
		}
		if name == FieldIssued || name == FieldValidUntil {
			if _, err := time.Parse(time.DateOnly, value); err != nil && value != "" {
				return &InvalidError{Field: string(name), Reason: "it is not a day like 2026-03-31"}
			}
		}
	}
	return c.write(ctx, "put fields", func(q querier) error {
		if _, err := paperByID(ctx, q, reach, id); err != nil {
			return err
		}
		if err := lockScans(ctx, q, "id = ?", id); err != nil {
			return err
		}
		for name, value := range values {
			var err error
			if value = tidy(value); value == "" {
				_, err = q.exec(ctx, "DELETE FROM fields WHERE paper_id = ? AND name = ?", id, name)
			} else {
				_, err = q.exec(ctx, `INSERT INTO fields (paper_id, name, value, source, changed_at, changed_by) VALUES (?, ?, ?, 'typed', ?, ?)
					ON CONFLICT (paper_id, name) DO UPDATE SET value = excluded.value, source = excluded.source,
					changed_at = excluded.changed_at, changed_by = excluded.changed_by`, id, name, value, millis(c.now()), c.actor.Name)
			}
			if err != nil {
				return err
			}
		}
		if err := indexPaper(ctx, q, id); err != nil {
			return err
		}
		var names []FieldName // and not their values
		for _, name := range FieldNames() {
			if _, put := values[name]; put {
				names = append(names, name)
			}
		}
		return c.record(ctx, q, "paper.fields", subject("paper", id), map[string]any{"fields": names})
	})
}

// Fields are what is known of a paper within reach, in the order of FieldNames.
func (c *Catalogue) Fields(ctx context.Context, reach Reach, id PaperID) (all []Field, err error) {
	err = c.view(ctx, "list fields", func(q querier) error {
		all = nil
		if _, err := paperByID(ctx, q, reach, id); err != nil {
			return err
		}
		return q.each(ctx, "SELECT name, value, source, changed_by, changed_at FROM fields WHERE paper_id = ?", []any{id},
			func(scan func(...any) error) error {
				var f Field
				var changed int64
				err := scan(&f.Name, &f.Value, &f.Source, &f.By, &changed)
				f.Changed = instant(changed)
				all = append(all, f)
				return err
			})
	})
	slices.SortFunc(all, func(a, b Field) int { return slices.Index(FieldNames(), a.Name) - slices.Index(FieldNames(), b.Name) })
	return all, err
}
