package pages

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"sohoa/storage/catalogue"
)

// A sheet of procedures has a line for each component, and a line for each procedure without any. What is left empty in a column of
// the procedure is as in the line above where its code is empty, too, and otherwise as it is kept; so are the components of a
// procedure for which it names none.

// The columns of a sheet of procedures.
const (
	columnCode = iota
	columnName
	columnFieldCode
	columnFieldName
	columnResult
	columnPartCode
	columnPartName
	columnRequired
)

// procedureColumns are their names.
func procedureColumns() []string {
	return []string{"Mã thủ tục", "Tên thủ tục", "Mã lĩnh vực", "Tên lĩnh vực", "Có kết quả", "Mã thành phần", "Tên thành phần", "Bắt buộc"}
}

// plannedProcedure is a procedure as it is to be.
type plannedProcedure struct {
	Procedure catalogue.Procedure
	Line      int // the first
	Fresh     bool
	Changed   bool
	Dropped   []string // components that the sheet does not have
	// Short: a new code that is as those of the national portal, but for zeros at its end, which a spreadsheet takes off what it
	// holds for a number: 1.002810 becomes 1.00281.
	Short bool
}

var shortCode = regexp.MustCompile(`^\d\.\d{4,5}$`)

// procedurePlan is what an import would do.
type procedurePlan struct {
	sheetLines

	Procedures []plannedProcedure
}

// changed are those that are not as they are kept.
func (p *procedurePlan) changed() (all []catalogue.Procedure) {
	for _, one := range p.Procedures {
		if one.Changed || one.Fresh {
			all = append(all, one.Procedure)
		}
	}
	return all
}

// planProcedures says what the lines of a sheet would do to the procedures that are there.
func planProcedures(lines sheetLines, have []catalogue.Procedure) procedurePlan {
	plan := procedurePlan{sheetLines: lines}
	known := make(map[string]*catalogue.Procedure, len(have))
	for i := range have {
		known[have[i].Code] = &have[i]
	}
	place := make(map[string]int)
	above := ""
	plan.judge(func(line *plannedLine) string {
		above = cmp.Or(line.Cells[columnCode], above)
		return plan.take(above, *line, place, known)
	})
	for i := range plan.Procedures {
		plan.Procedures[i].compare(known)
	}
	return plan
}

// take puts a line into the plan, or says what is wrong with it.
func (p *procedurePlan) take(code string, line plannedLine, place map[string]int, known map[string]*catalogue.Procedure) (problem string) {
	if code == "" {
		return "Thiếu mã thủ tục."
	}
	n, seen := place[code]
	if !seen {
		one := plannedProcedure{Procedure: catalogue.Procedure{Code: code, Result: true}, Line: line.Number}
		if old := known[code]; old != nil {
			one.Procedure.Name, one.Procedure.FieldCode, one.Procedure.FieldName, one.Procedure.Result = old.Name, old.FieldCode, old.FieldName, old.Result
		} else if line.Cells[columnName] == "" {
			return "Thủ tục mới phải có tên."
		}
		n = len(p.Procedures)
		place[code], p.Procedures = n, append(p.Procedures, one)
	}
	one := &p.Procedures[n]
	first := one.Line == line.Number
	for _, c := range []struct {
		cell string
		into *string
	}{
		{line.Cells[columnName], &one.Procedure.Name},
		{line.Cells[columnFieldCode], &one.Procedure.FieldCode},
		{line.Cells[columnFieldName], &one.Procedure.FieldName},
	} {
		switch {
		case c.cell == "" || c.cell == *c.into:
		case first:
			*c.into = c.cell
		default:
			return "“" + c.cell + "” khác với dòng " + Number(one.Line) + " của cùng thủ tục."
		}
	}
	if said := line.Cells[columnResult]; said != "" {
		yes, ok := yesOrNo(said)
		switch {
		case !ok:
			return "Cột “Có kết quả” chỉ nhận có hoặc không."
		case first:
			one.Procedure.Result = yes
		case one.Procedure.Result != yes:
			return "“Có kết quả” khác với dòng " + Number(one.Line) + " của cùng thủ tục."
		}
	}
	return one.add(line)
}

// add takes a line's component.
func (o *plannedProcedure) add(line plannedLine) (problem string) {
	part := catalogue.Component{Code: line.Cells[columnPartCode], Name: line.Cells[columnPartName]}
	if said := line.Cells[columnRequired]; said != "" {
		var ok bool
		if part.Required, ok = yesOrNo(said); !ok {
			return "Cột “Bắt buộc” chỉ nhận có hoặc không."
		}
	}
	switch {
	case part.Code == "" && part.Name == "":
	case part.Code == "":
		return "Thiếu mã thành phần."
	case part.Name == "":
		return "Thiếu tên thành phần."
	case slices.ContainsFunc(o.Procedure.Components, func(c catalogue.Component) bool { return c.Code == part.Code }):
		return "Mã thành phần “" + part.Code + "” lặp lại."
	default:
		o.Procedure.Components = append(o.Procedure.Components, part)
	}
	var invalid *catalogue.InvalidError
	if errors.As(o.Procedure.Check(), &invalid) {
		field := map[string]string{
			"code": "Mã thủ tục", "name": "Tên thủ tục", "field_code": "Mã lĩnh vực", "field_name": "Tên lĩnh vực",
			"components.code": "Mã thành phần", "components.name": "Tên thành phần",
		}[invalid.Field]
		return field + " không hợp lệ: mã gồm 1 đến 64 chữ, số và . _ / -; tên không quá 1.000 ký tự."
	}
	return ""
}

// compare says what becomes of a procedure that is kept.
func (o *plannedProcedure) compare(known map[string]*catalogue.Procedure) {
	slices.SortFunc(o.Procedure.Components, func(a, b catalogue.Component) int { return strings.Compare(a.Code, b.Code) })
	old := known[o.Procedure.Code]
	if old == nil {
		o.Fresh, o.Short = true, shortCode.MatchString(o.Procedure.Code)
		return
	}
	p := &o.Procedure
	if len(p.Components) == 0 { // a sheet that names none says nothing of them
		p.Components = slices.Clone(old.Components)
	}
	o.Changed = p.Name != old.Name || p.FieldCode != old.FieldCode || p.FieldName != old.FieldName || p.Result != old.Result ||
		!slices.Equal(p.Components, old.Components)
	for _, part := range old.Components {
		if !slices.ContainsFunc(p.Components, func(c catalogue.Component) bool { return c.Code == part.Code }) {
			o.Dropped = append(o.Dropped, part.Code+" "+part.Name)
		}
	}
}

// yesOrNo reads what people write into a column of yes or no.
func yesOrNo(said string) (yes, ok bool) {
	switch strings.ToLower(said) {
	case "có", "co", "x", "1", "true", "yes", "bắt buộc":
		return true, true
	case "không", "khong", "0", "false", "no":
		return false, true
	}
	return false, false
}
