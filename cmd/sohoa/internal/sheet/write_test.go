package sheet

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What somebody chose as a name is never a formula, whoever opens the table.
func TestTextsAreNoFormulas(t *testing.T) {
	t.Parallel()
	names := []string{"=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "|cmd", "%0A", "＝1", "=HYPERLINK(\"http://x\")", "Sở Xây dựng", ""}
	table := Table{Name: "a:b/c?*[x]", Head: []string{"=Tên", "Số"}}
	for _, n := range names {
		table.Rows = append(table.Rows, []any{n, int64(-5)}, []any{nil, Percent(8305)})
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, table); err != nil {
		t.Fatal(err)
	}
	text, bom := strings.CutPrefix(b.String(), "\ufeff")
	if !bom {
		t.Error("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 1+2*len(names) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows {
		if row[0] != "" && strings.ContainsAny(row[0][:1], "=+-@|%\t\r") || strings.HasPrefix(row[0], "＝") {
			t.Errorf("row %d begins with %q", i, row[0])
		}
	}
	if rows[1][1] != "-5" || rows[2][1] != "83.05" || rows[len(rows)-3][0] != "Sở Xây dựng" && rows[len(rows)-4][0] != "Sở Xây dựng" {
		t.Errorf("%q", rows)
	}
	b.Reset()
	if err := WriteXLSX(&b, table); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	for i := range 1 + 2*len(names) {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if formula, err := f.GetCellFormula(name, cell); err != nil || formula != "" {
			t.Errorf("%s is the formula %q, %v", cell, formula, err)
		}
	}
	if got, err := f.GetCellValue(name, "A2"); err != nil || got != "=1+1" {
		t.Errorf("A2 is %q, %v", got, err)
	}
	if got, err := f.GetCellValue(name, "B3"); err != nil || got != "83.05" {
		t.Errorf("B3 is %q, %v", got, err)
	}
}

func TestPercentsAreWritten(t *testing.T) {
	t.Parallel()
	for p, want := range map[Percent]string{0: "0.00", 8305: "83.05", 10000: "100.00", -50: "-0.50", -1205: "-12.05"} {
		if got := csvCell(p); got != want {
			t.Errorf("%d is written %q", int64(p), got)
		}
	}
}
