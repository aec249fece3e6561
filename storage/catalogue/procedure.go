package catalogue

import (
	"context"
	"slices"
	"strings"

	"sohoa/storage/catalogue/fold"
)

// Procedure is an administrative procedure (thủ tục hành chính).
type Procedure struct {
	Code       string // "1.002809"
	Name       string
	FieldCode  string // of its field (lĩnh vực)
	FieldName  string
	Result     bool // whether it ends with a written result
	Components []Component
}

// Component is a kind of paper that a procedure demands (thành phần hồ sơ).
type Component struct {
	Code     string
	Name     string
	Required bool
}

// Check names the first value of a procedure that cannot be.
func (p *Procedure) Check() error {
	if err := checkCode("code", p.Code); err != nil {
		return err
	}
	for _, text := range []struct{ field, text string }{{"name", p.Name}, {"field_code", p.FieldCode}, {"field_name", p.FieldName}} {
		if err := checkText(text.field, text.text, 1000); err != nil {
			return err
		}
	}
	for _, part := range p.Components {
		if err := checkCode("components.code", part.Code); err != nil {
			return err
		}
		if err := checkText("components.name", part.Name, 1000); err != nil {
			return err
		}
	}
	return nil
}

// PutProcedure adds the procedure, or replaces what is known of it, with its components.
func (c *Catalogue) PutProcedure(ctx context.Context, p Procedure) error {
	return c.PutProcedures(ctx, []Procedure{p})
}

// PutProcedures does so for many: all of them or none.
func (c *Catalogue) PutProcedures(ctx context.Context, all []Procedure) error {
	for i := range all {
		if err := all[i].Check(); err != nil {
			return err
		}
	}
	return c.writeAtLength(ctx, "put procedures", func(q querier) error {
		for i := range all {
			if err := c.putProcedure(ctx, q, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Catalogue) putProcedure(ctx context.Context, q querier, p *Procedure) error {
	_, err := q.exec(ctx, `INSERT INTO procedures (code, name, field_code, field_name, gives_result) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, field_code = excluded.field_code,
		field_name = excluded.field_name, gives_result = excluded.gives_result`,
		p.Code, tidy(p.Name), tidy(p.FieldCode), tidy(p.FieldName), flag(p.Result))
	if err != nil {
		return err
	}
	if _, err := q.exec(ctx, "DELETE FROM components WHERE procedure_code = ?", p.Code); err != nil {
		return err
	}
	for _, part := range p.Components {
		_, err := q.exec(ctx, `INSERT INTO components (procedure_code, code, name, required) VALUES (?, ?, ?, ?)
			ON CONFLICT (procedure_code, code) DO UPDATE SET name = excluded.name, required = excluded.required`,
			p.Code, part.Code, tidy(part.Name), flag(part.Required))
		if err != nil {
			return err
		}
	}
	return c.record(ctx, q, "procedure.put", "procedure:"+p.Code, nil)
}

// Procedures are all procedures in the order of their codes.
func (c *Catalogue) Procedures(ctx context.Context) (all []Procedure, err error) {
	err = c.view(ctx, "list procedures", func(q querier) error {
		all = nil
		at := make(map[string]int)
		err := q.each(ctx, "SELECT code, name, field_code, field_name, gives_result FROM procedures ORDER BY code", nil,
			func(scan func(...any) error) error {
				var p Procedure
				err := scan(&p.Code, &p.Name, &p.FieldCode, &p.FieldName, &p.Result)
				at[p.Code] = len(all)
				all = append(all, p)
				return err
			})
		if err != nil {
			return err
		}
		return q.each(ctx, "SELECT procedure_code, code, name, required FROM components ORDER BY procedure_code, code", nil,
			func(scan func(...any) error) error {
				var procedure string
				var part Component
				if err := scan(&procedure, &part.Code, &part.Name, &part.Required); err != nil {
					return err
				}
				p := &all[at[procedure]]
				p.Components = append(p.Components, part)
				return nil
			})
	})
	return all, err
}

// ProcedureByCode finds a procedure with its components; ErrNotFound otherwise.
func (c *Catalogue) ProcedureByCode(ctx context.Context, code string) (p Procedure, err error) {
	err = c.view(ctx, "find procedure", func(q querier) error {
		p = Procedure{}
		err := q.row(ctx, "SELECT code, name, field_code, field_name, gives_result = 1 FROM procedures WHERE code = ?", []any{code},
			&p.Code, &p.Name, &p.FieldCode, &p.FieldName, &p.Result)
		if err != nil {
			return err
		}
		return q.each(ctx, "SELECT code, name, required FROM components WHERE procedure_code = ? ORDER BY code", []any{code},
			func(scan func(...any) error) error {
				var part Component
				err := scan(&part.Code, &part.Name, &part.Required)
				p.Components = append(p.Components, part)
				return err
			})
	})
	return p, err
}

// FindProcedures are those whose code and name have all the words that somebody types, or words that begin so, at most limit,
// without their components.
func (c *Catalogue) FindProcedures(ctx context.Context, text string, limit int) (all []Procedure, err error) {
	sought := fold.Tokens(text)
	err = c.view(ctx, "find procedures", func(q querier) error {
		all = nil
		return q.each(ctx, "SELECT code, name, field_code, field_name, gives_result = 1 FROM procedures ORDER BY code", nil,
			func(scan func(...any) error) error {
				var p Procedure
				if err := scan(&p.Code, &p.Name, &p.FieldCode, &p.FieldName, &p.Result); err != nil {
					return err
				}
				if len(all) < limit && hasWords(fold.Tokens(p.Code+" "+p.Name), sought) {
					all = append(all, p)
				}
				return nil
			})
	})
	return all, err
}

// hasWords tells whether each word that is sought is the beginning of one of words, without regard to accents.
func hasWords(words, sought []fold.Token) bool {
	for _, t := range sought {
		if !slices.ContainsFunc(words, func(w fold.Token) bool { return strings.HasPrefix(w.Folded, t.Folded) }) {
			return false
		}
	}
	return true
}
