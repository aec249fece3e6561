package pages

import (
	"context"

	"sohoa/storage/catalogue"
)

// agencyImport is the import of agencies, below the visitor's own.
func agencyImport() *tableImport {
	return &tableImport{
		Path: "/van-hanh/co-quan", Title: "Nhập cơ quan từ bảng tính", Things: "cơ quan", Columns: agencyColumns(), needed: agencyName + 1,
		Hints: []string{
			"Mỗi dòng là một cơ quan, đơn vị; thứ tự dòng và cột không quan trọng: cơ quan cấp trên có thể ở dòng sau. Mã chưa có thì được thêm, cần tên và mã cấp trên. Mã đã có thì được đổi tên; ô để trống thì giữ như cũ.",
			"Chỗ của một cơ quan đã có trong cây không đổi được, vì hồ sơ và tài khoản gắn với nó. Cơ quan không có trong bảng được giữ nguyên.",
		},
		Heads: []string{"Mã", "Tên", "Cấp trên"},
		may:   func(*Visit) error { return nil },
		plan: func(ctx context.Context, v *Visit, lines sheetLines) (tablePlan, error) {
			have, err := v.Records.Agencies(ctx, catalogue.Everywhere) // a code that others have cannot be given twice
			if err != nil {
				return tablePlan{}, err
			}
			plan := planAgencies(lines, have, v.Reach)
			return plan.table(func(ctx context.Context) error { return v.Records.PutAgencies(ctx, plan.changed()) }), nil
		},
	}
}

// table is the plan as an import shows it.
func (p *agencyPlan) table(keep func(context.Context) error) tablePlan {
	t := tablePlan{sheetLines: p.sheetLines, keep: keep}
	for _, one := range p.Agencies {
		name := changedCell{Text: one.Agency.Name}
		if one.Changed && one.Was != "" {
			name.Before = []string{"Trước: " + one.Was}
		}
		t.count(one.Fresh, one.Changed, one.Line, changedCell{Text: one.Agency.Code}, name, changedCell{Text: one.Agency.Parent})
	}
	return t
}
