package pages

import (
	"context"
)

// procedureImport is the import of procedures: by IT of the whole tree, for the whole of it.
func procedureImport() *tableImport {
	return &tableImport{
		Path: "/van-hanh/thu-tuc", Title: "Nhập thủ tục từ bảng tính", Things: "thủ tục", Columns: procedureColumns(), needed: columnName + 1,
		Hints: []string{
			"Mỗi dòng là một thành phần hồ sơ; thủ tục không có thành phần chiếm một dòng. Dòng để trống mã thủ tục thuộc thủ tục ở dòng trên. Ô trống của thủ tục đã có thì giữ như cũ; thành phần không có trong bảng bị bỏ. “Có kết quả” và “Bắt buộc” nhận có hoặc không.",
			"Thứ tự cột không quan trọng. Trong Excel hãy định dạng cột mã là Văn bản (Text), nếu không 1.002810 thành 1.00281.",
		},
		Heads: []string{"Mã", "Tên", "Lĩnh vực", "Thành phần"},
		may: func(v *Visit) error {
			if !v.Reach.Root() {
				return ErrForbidden
			}
			return nil
		},
		plan: func(ctx context.Context, v *Visit, lines sheetLines) (tablePlan, error) {
			have, err := v.Records.Procedures(ctx)
			if err != nil {
				return tablePlan{}, err
			}
			plan := planProcedures(lines, have)
			return plan.table(func(ctx context.Context) error { return v.Records.PutProcedures(ctx, plan.changed()) }), nil
		},
	}
}

// table is the plan as an import shows it.
func (p *procedurePlan) table(keep func(context.Context) error) tablePlan {
	t := tablePlan{sheetLines: p.sheetLines, keep: keep}
	for _, one := range p.Procedures {
		code := changedCell{Text: one.Procedure.Code}
		if one.Short {
			code.Doubt = "Thiếu số 0 ở cuối?"
		}
		parts := changedCell{Text: Number(len(one.Procedure.Components))}
		for _, part := range one.Dropped {
			parts.Before = append(parts.Before, "Bỏ "+part)
		}
		t.count(one.Fresh, one.Changed, one.Line, code, changedCell{Text: one.Procedure.Name}, changedCell{Text: one.Procedure.FieldName}, parts)
	}
	return t
}
