package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

var some = Limits{Bytes: 1 << 20, Unpacked: 8 << 20, Rows: 10, Columns: 4, CellSize: 20}

func TestCSVIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, rows string }{
		"commas":             {"Mã,Tên\n1,An\n", `1:["Mã" "Tên"] 2:["1" "An"] `},
		"semicolons, a mark": {"\ufeffMã;Tên\r\n1;\"An; Bình\"\r\n", `1:["Mã" "Tên"] 2:["1" "An; Bình"] `},
		"a title":            {"Danh sách, tháng 3\n\na;b;c\n", `1:["Danh sách, tháng 3"] 3:["a" "b" "c"] `},
		"tabs":               {"Mã\tTên\n1\tAn, Bình", `1:["Mã" "Tên"] 2:["1" "An, Bình"] `},
		"quotes":             {"a,b\n\"x \"\"y\"\"\",2\n", `1:["a" "b"] 2:["x \"y\"" "2"] `},
		"an empty line":      {"a,b\n\n1,2\n", `1:["a" "b"] 3:["1" "2"] `},
		"a line in a cell":   {"a,b\n\"x\ny\",2\n3,4\n", `1:["a" "b"] 2:["x\ny" "2"] 3:["3" "4"] `},
		"a mark alone":       {"\ufeff", ""},
		"nothing":            {"", ""},
	} {
		var got strings.Builder
		err := Read(strings.NewReader(c.content), some, func(n int, row []string) error {
			fmt.Fprintf(&got, "%d:%q ", n, row)
			return nil
		})
		if err != nil || got.String() != c.rows {
			t.Errorf("%s: %s, %v", name, got.String(), err)
		}
	}
}

// workbook is an XLSX file with these rows.
func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for n, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSXIsRead(t *testing.T) {
	t.Parallel()
	content := workbook(t, []any{"Mã", "Ngày", "Số"}, []any{"Ệ", time.Date(2026, 3, 31, 9, 30, 0, 0, time.UTC), 20260331080000}, nil, []any{nil, "x"})
	limits := some
	limits.Raw, limits.Folder = true, t.TempDir()
	rows, err := ReadAll(bytes.NewReader(content), limits)
	if err != nil || len(rows) != 4 || rows[1][0] != "Ệ" || !strings.HasPrefix(rows[1][1], "46112.39") || rows[1][2] != "20260331080000" || rows[3][1] != "x" {
		t.Errorf("%q, %v", rows, err)
	}
	if day := SerialDay(46112.395).Format(time.DateOnly); day != "2026-03-31" {
		t.Errorf("46112 is %s", day)
	}
}

// What is too large is refused, and said to be; a large part of a workbook is unpacked into the folder, and leaves nothing there.
func TestReadingIsBounded(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	part, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(make([]byte, 20<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 21)
	for name, c := range map[string]struct {
		content []byte
		what    Bound
	}{
		"bytes":         {[]byte("\"" + strings.Repeat("a", 1<<20)), Bytes},
		"rows":          {[]byte(strings.Repeat("a\n", 11)), Rows},
		"columns":       {[]byte("a,b,c,d,e\n"), Columns},
		"a cell":        {[]byte(long), CellSize},
		"XLSX: rows":    {workbook(t, make([][]any, 10)...), ""},
		"XLSX: columns": {workbook(t, []any{1, 2, 3, 4, 5}), Columns},
		"XLSX: a cell":  {workbook(t, []any{long}), CellSize},
		"XLSX: a bomb":  {bomb.Bytes(), Unpacked},
	} {
		err := Read(bytes.NewReader(c.content), some, func(int, []string) error { return nil })
		large := (*LargeError)(nil)
		if c.what == "" && err != nil || c.what != "" && (!errors.As(err, &large) || large.What != c.what) {
			t.Errorf("%s: %v", name, err)
		}
	}
	limits := Limits{Bytes: 8 << 20, Unpacked: 100 << 20, Rows: 5000, Columns: 4, CellSize: 6000, Folder: t.TempDir()}
	var big bytes.Buffer
	table := Table{Name: "x", Head: []string{"a", "b"}}
	for n := range 4000 {
		table.Rows = append(table.Rows, []any{int64(n), "chữ " + strings.Repeat("x", 5000)})
	}
	if err := WriteXLSX(&big, table); err != nil {
		t.Fatal(err)
	}
	rows, unpacked := 0, 0
	err = Read(&big, limits, func(int, []string) error {
		if rows++; rows == 1 {
			left, err := os.ReadDir(limits.Folder)
			unpacked = len(left)
			return err
		}
		return nil
	})
	left, more := os.ReadDir(limits.Folder)
	if err != nil || more != nil || rows != 4001 || unpacked == 0 || len(left) > 0 {
		t.Errorf("%d rows, %d files while it is read, %d after; %v, %v", rows, unpacked, len(left), err, more)
	}
}

func TestWhatIsNoSheetIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"Latin-1": {"M\xe3,x\n", ErrNotUTF8}, "zeros": {"a\x00b,x\n", ErrNotUTF8}, "a ZIP": {zipMark + " nothing", ErrNotSheet},
	} {
		if _, err := ReadAll(strings.NewReader(c.content), some); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stop := errors.New("enough")
	if err := Read(strings.NewReader("a\nb\n"), some, func(int, []string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("what take answers is %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\ufeffa;b\n\"x\n\";2"))
	f.Add([]byte(zipMark))
	f.Fuzz(func(t *testing.T, content []byte) {
		last := 0
		_ = Read(bytes.NewReader(content), some, func(n int, row []string) error {
			if n <= last || n > some.Rows || len(row) > some.Columns {
				t.Errorf("row %d behind %d: %q", n, last, row)
			}
			last = n
			return nil
		})
	})
}
