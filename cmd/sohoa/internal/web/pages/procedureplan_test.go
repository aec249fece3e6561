package pages

import (
	"fmt"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

func kept() []catalogue.Procedure {
	return []catalogue.Procedure{
		{Code: "1.1", Name: "Cấp đổi", FieldCode: "GT", FieldName: "Đường bộ", Result: true, Components: []catalogue.Component{{Code: "TP1", Name: "Đơn", Required: true}, {Code: "TP2", Name: "Ảnh"}}},
		{Code: "1.2", Name: "Cấp lại", Result: false},
	}
}

func planned(rows [][]string, have []catalogue.Procedure) procedurePlan {
	lines := linesOf(rows, procedureColumns(), columnName+1)
	if lines.Problem != "" {
		return procedurePlan{sheetLines: lines}
	}
	return planProcedures(lines, have)
}

func TestASheetOfProceduresIsPlanned(t *testing.T) {
	t.Parallel()
	plan := planned([][]string{
		{"Tên thủ tục", "MÃ THỦ TỤC ", "Ma thanh phan", "Tên thành phần", "Bắt buộc", "Ghi chú", "Có kết quả"},
		{"Cấp đổi", "1.1", "TP2", "Ảnh", "không", "bỏ qua", ""},
		{"", "", "TP1", "Đơn", "x", "", "có"},
		{"", "", "", "", "", "", ""},
		{"", "1.2", "", "", "", "", "có"},
		{"Thủ tục mới", "2.1", "A", "Tờ khai", "có"},
	}, kept())
	if plan.Problem != "" || plan.Wrong != 0 || len(plan.Lines) != 4 || plan.Lines[3].Number != 6 {
		t.Fatalf("%+v", plan)
	}
	var said []string
	for _, p := range plan.Procedures {
		said = append(said, fmt.Sprintf("%s %v %v %v %v %q %v", p.Procedure.Code, p.Fresh, p.Changed, p.Dropped, p.Procedure.Result, p.Procedure.FieldName, p.Procedure.Components))
	}
	want := `1.1 false false [] true "Đường bộ" [{TP1 Đơn true} {TP2 Ảnh false}]|1.2 false true [] true "" []|2.1 true false [] true "" [{A Tờ khai true}]`
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if changed := plan.changed(); len(changed) != 2 || changed[0].Code != "1.2" {
		t.Errorf("%+v", changed)
	}
	short := planned([][]string{{"Mã thủ tục", "Tên thủ tục"}, {"1.00281", "a"}, {"1.002810", "b"}, {"1.1", "c"}}, nil)
	if p := short.Procedures; !p[0].Short || p[1].Short || p[2].Short {
		t.Errorf("%+v", p)
	}
	fewer := planned([][]string{{"Mã thủ tục", "Tên thủ tục", "Mã thành phần", "Tên thành phần"}, {"1.1", "", "TP1", "Đơn"}}, kept())
	if d := fewer.Procedures[0].Dropped; len(d) != 1 || d[0] != "TP2 Ảnh" {
		t.Errorf("%q", d)
	}
	silent := planned([][]string{{"Mã thủ tục", "Tên thủ tục"}, {"1.1", "Tên mới"}}, kept())
	if p := silent.Procedures[0]; len(p.Dropped) != 0 || len(p.Procedure.Components) != 2 || !p.Changed {
		t.Errorf("a sheet without components leaves %+v", p)
	}
}

func TestWhatIsWrongWithALineIsSaid(t *testing.T) {
	t.Parallel()
	head := procedureColumns()
	for _, c := range []struct {
		lines [][]string
		want  string // of the last line
	}{
		{[][]string{{"", "x", "", "", "", "A", "B"}}, "Thiếu mã thủ tục"},
		{[][]string{{"9.9", "", "", "", "", "A", "B"}}, "phải có tên"},
		{[][]string{{"9 9", "x"}}, "Mã thủ tục không hợp lệ"},
		{[][]string{{"9.9", strings.Repeat("x", 1001)}}, "Tên thủ tục không hợp lệ"},
		{[][]string{{"9.9", "x", "", "", "chắc"}}, "chỉ nhận có hoặc không"},
		{[][]string{{"9.9", "x", "", "", "", "A", "B", "chắc"}}, "chỉ nhận có hoặc không"},
		{[][]string{{"9.9", "x", "", "", "", "", "B"}}, "Thiếu mã thành phần"},
		{[][]string{{"9.9", "x", "", "", "", "A", ""}}, "Thiếu tên thành phần"},
		{[][]string{{"9.9", "x", "", "", "", "A A", "B"}}, "Mã thành phần không hợp lệ"},
		{[][]string{{"9.9", "x", "", "", "", "A", "B"}, {"9.9", "", "", "", "", "A", "C"}}, "lặp lại"},
		{[][]string{{"9.9", "x"}, {"9.9", "y"}}, "“y” khác với dòng 2"},
		{[][]string{{"9.9", "x", "", "", "có"}, {"", "", "", "", "không"}}, "khác với dòng 2"},
	} {
		plan := planned(append([][]string{head}, c.lines...), kept())
		if n := len(plan.Lines); n == 0 || plan.Wrong != 1 || !strings.Contains(plan.Lines[n-1].Problem, c.want) {
			t.Errorf("%q: %+v", c.lines, plan)
		}
	}
	for want, rows := range map[string][][]string{
		"Bảng trống": nil, "không có dòng nào": {head, {"", ""}}, "thiếu cột “Mã thủ tục”": {{"Tên thủ tục"}, {"x"}}, "thiếu cột “Tên thủ tục”": {{"Mã thủ tục"}, {"x"}},
		"quá 20.000 dòng": make([][]string, mostPlanned+1),
	} {
		if plan := planned(rows, nil); !strings.Contains(plan.Problem, want) {
			t.Errorf("%s: %+v", want, plan.Problem)
		}
	}
}
