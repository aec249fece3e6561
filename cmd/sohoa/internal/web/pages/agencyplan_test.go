package pages

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

func keptAgencies() []catalogue.Agency {
	return []catalogue.Agency{
		{Code: "H50", Name: "Tỉnh", Path: "/1/"},
		{Code: "H50.13", Name: "Sở Xây dựng", Parent: "H50", Path: "/1/2/"},
		{Code: "H50.14", Name: "Sở Y tế", Parent: "H50", Path: "/1/3/"},
	}
}

func plannedAgencies(reach catalogue.Reach, rows ...[]string) agencyPlan {
	return planAgencies(linesOf(append([][]string{{"Ten co quan", "MÃ CƠ QUAN", "Ghi chú", "Mã cơ quan cấp trên"}}, rows...), agencyColumns(), agencyName+1), keptAgencies(), reach)
}

func TestASheetOfAgenciesIsPlanned(t *testing.T) {
	t.Parallel()
	plan := plannedAgencies("/1/",
		[]string{"Tổ 1", "H50.13.1.1", "", "H50.13.1"}, // those above it come later
		[]string{"", "", "bỏ qua", ""},
		[]string{"Sở Xây dựng và Giao thông", "H50.13"},
		[]string{"Phòng Vận tải", "H50.13.1", "", "H50.13"},
		[]string{"", "H50.14", "", "H50"},
		[]string{"Sở Tư pháp", "H50.15", "", "H50"},
		[]string{"Tỉnh", "H50", "", ""},
	)
	if plan.Problem != "" || plan.Wrong != 0 || len(plan.Lines) != 6 {
		t.Fatalf("%+v", plan)
	}
	var said []string
	for _, one := range plan.Agencies {
		said = append(said, fmt.Sprintf("%d %s %s<%s %v %v", one.Line, one.Agency.Code, one.Agency.Name, one.Agency.Parent, one.Fresh, one.Changed))
	}
	want := "4 H50.13 Sở Xây dựng và Giao thông<H50 false true|6 H50.14 Sở Y tế<H50 false false|8 H50 Tỉnh< false false|" +
		"7 H50.15 Sở Tư pháp<H50 true false|5 H50.13.1 Phòng Vận tải<H50.13 true false|2 H50.13.1.1 Tổ 1<H50.13.1 true false"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if changed := plan.changed(); len(changed) != 4 {
		t.Errorf("%+v", changed)
	}
}

func TestWhatIsWrongWithAnAgencyIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reach catalogue.Reach
		rows  [][]string
		want  string // of the last line
		wrong int
	}{
		{"/1/", [][]string{{"x", "", "", "H50"}}, "Thiếu mã", 1},
		{"/1/", [][]string{{"x", "H 50", "", "H50"}}, "Mã cơ quan không hợp lệ", 1},
		{"/1/", [][]string{{strings.Repeat("x", 301), "H50.1", "", "H50"}}, "Tên cơ quan không hợp lệ", 1},
		{"/1/", [][]string{{"", "H50.1", "", "H50"}}, "phải có tên", 1},
		{"/1/", [][]string{{"x", "H50.1"}}, "phải có mã cơ quan cấp trên", 1},
		{"/1/", [][]string{{"x", "H50.1", "", "H50"}, {"y", "H50.1", "", "H50"}}, "đã có ở dòng 2", 1},
		{"/1/", [][]string{{"x", "h50.13", "", "H50"}}, "chỉ khác “H50.13”", 1},
		{"/1/", [][]string{{"x", "H50.1", "", "H51"}}, "Không có cơ quan cấp trên “H51”", 1},
		{"/1/", [][]string{{"x", "H50.13", "", "H50.14"}}, "đang là: H50", 1},
		{"/1/", [][]string{{"x", "H50", "", "H50.14"}}, "đang là: không có", 1},
		{"/1/", [][]string{{"x", "A", "", "A"}}, "thành vòng: A → A", 1},
		{"/1/", [][]string{{"x", "A", "", "B"}, {"x", "B", "", "C"}, {"x", "C", "", "A"}}, "thành vòng: C → A → B → C", 3},
		{"/1/", [][]string{{"x", "A", "", "B"}, {"x", "B", "", "A"}, {"x", "C", "", "A"}}, "“A” ở dòng 2 chưa thêm được", 3},
		{"/1/", [][]string{{"", "A", "", "H50"}, {"x", "B", "", "A"}}, "“A” ở dòng 2 chưa thêm được", 2},
		{"/1/2/", [][]string{{"x", "H50.14"}}, "ngoài phạm vi", 1},
		{"/1/2/", [][]string{{"x", "H50.15", "", "H50"}}, "Không có cơ quan cấp trên “H50”", 1},
	} {
		plan := plannedAgencies(c.reach, c.rows...)
		if n := len(plan.Lines); n == 0 || plan.Wrong != c.wrong || !strings.Contains(plan.Lines[n-1].Problem, c.want) {
			t.Errorf("%q: %+v", c.rows, plan)
		}
	}
	var deep [][]string
	for n := range 25 {
		deep = append(deep, []string{"x", fmt.Sprint("T", n), "", fmt.Sprint("T", n-1)})
	}
	deep[0][3] = "H50"
	if plan := plannedAgencies("/1/", deep...); plan.Wrong != 6 || !strings.Contains(plan.Lines[19].Problem, "Quá nhiều cấp") || !strings.Contains(plan.Lines[20].Problem, "ở dòng 21") {
		t.Errorf("%d wrong: %+v", plan.Wrong, plan.Lines[17:])
	}
}

// However the lines stand, each agency that is put stands behind the one above it, and a line is wrong or its agency is put.
func TestTheOrderOfAgenciesDoesNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	for range 300 {
		n := 2 + random.IntN(12)
		var rows [][]string
		for i := range n {
			above := "H50"
			if random.IntN(4) > 0 {
				above = fmt.Sprint("T", random.IntN(n+1)) // one that is not there, too, and circles
			}
			rows = append(rows, []string{"x", fmt.Sprint("T", i), "", above})
		}
		first := plannedAgencies("/1/", rows...)
		random.Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		plan := plannedAgencies("/1/", rows...)
		there := map[string]bool{"H50": true}
		for _, one := range plan.Agencies {
			if !there[one.Agency.Parent] {
				t.Errorf("%q: %s comes before %s", rows, one.Agency.Code, one.Agency.Parent)
			}
			there[one.Agency.Code] = true
		}
		if len(plan.Agencies)+plan.Wrong != n || plan.Wrong != first.Wrong {
			t.Errorf("%q: %d put, %d wrong of %d, before %d", rows, len(plan.Agencies), plan.Wrong, n, first.Wrong)
		}
	}
}
