package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// book is a workbook with these rows.
func book(t *testing.T, rows ...[]any) []byte {
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

func TestRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing":         {nil, `[]`},
		"commas":          {[]byte("Mã,Tên\n1.1,\"a, b\"\n"), `[["Mã" "Tên"] ["1.1" "a, b"]]`},
		"semicolons":      {[]byte("\ufeffMã;Tên\r\n1.1;a, b\r\n"), `[["Mã" "Tên"] ["1.1" "a, b"]]`},
		"tabs":            {[]byte("Mã\tTên\n1.1\ta\n"), `[["Mã" "Tên"] ["1.1" "a"]]`},
		"one column":      {[]byte("Mã\n1.1\n"), `[["Mã"] ["1.1"]]`},
		"a cell of two":   {[]byte("Mã,Tên\n1.1,\"a\nb\"\n"), `[["Mã" "Tên"] ["1.1" "a\nb"]]`},
		"rows unlike":     {[]byte("a,b\n1\n1,2,3\n"), `[["a" "b"] ["1"] ["1" "2" "3"]]`},
		"a loose quote":   {[]byte("a,b\n5\" x,2\n"), `[["a" "b"] ["5\" x" "2"]]`},
		"a workbook":      {book(t, []any{"Mã", "Tên"}, []any{1.5, "Đơn"}, []any{nil, "x"}), `[["Mã" "Tên"] ["1.5" "Đơn"] ["" "x"]]`},
		"what we write":   {written(t), `[["Mã" "Tên"] ["1.1" "'=1+1"]]`},
		"at most so many": {[]byte("a\nb\nc\n"), `[["a"] ["b"] ["c"]]`},
	} {
		rows, err := Rows(c.content, 3)
		if got := fmt.Sprintf("%q", rows); got != c.want || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func written(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSV(&b, Table{Head: []string{"Mã", "Tên"}, Rows: [][]any{{"1.1", "=1+1"}}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsNoSheetIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"one row more":    {[]byte("a\nb\nc\nd\n"), ErrLarge},
		"a row more":      {book(t, []any{"a"}, []any{"b"}, []any{"c"}, []any{"d"}), ErrLarge},
		"a long row":      {[]byte(strings.Repeat(",", mostCells)), ErrLarge},
		"a long cell":     {[]byte(strings.Repeat("x", mostInCell+1)), ErrLarge},
		"Latin-1":         {[]byte("M\xe3\n"), ErrText},
		"UTF-16":          {[]byte("\xff\xfeM\x00"), ErrText},
		"bytes":           {[]byte("a\x00b"), ErrText},
		"a ZIP":           {[]byte("PK\x03\x04 nothing"), ErrKind},
		"half a workbook": {book(t, []any{"a"})[:600], ErrKind},
		"an open quote":   {[]byte("a,\"b\nc"), nil}, // which is read to its end, as spreadsheets do
	} {
		if _, err := Rows(c.content, 3); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\ufeffMã;Tên\r\n\"x\ny\";2"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := Rows(content, 100)
		if len(rows) > 100 || err != nil && rows != nil {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows {
			if len(row) > mostCells {
				t.Errorf("%d cells", len(row))
			}
		}
	})
}
