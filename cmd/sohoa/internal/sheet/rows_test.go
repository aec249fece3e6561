package sheet

import (
	"bytes"
	"fmt"
	"testing"
)

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
		"commas in texts": {[]byte("Mã;Tên\n1.1;a, b, c\n"), `[["Mã" "Tên"] ["1.1" "a, b, c"]]`},
		"one column":      {[]byte("Mã\n1.1\n"), `[["Mã"] ["1.1"]]`},
		"a cell of two":   {[]byte("Mã,Tên\n1.1,\"a\nb\"\n"), `[["Mã" "Tên"] ["1.1" "a\nb"]]`},
		"rows unlike":     {[]byte("a,b\n1\n1,2,3\n"), `[["a" "b"] ["1"] ["1" "2" "3"]]`},
		"a loose quote":   {[]byte("a,b\n5\" x,2\n"), `[["a" "b"] ["5\" x" "2"]]`},
		"a workbook":      {workbook(t, []any{"Mã", "Tên"}, []any{1.5, "Đơn"}, []any{nil, "x"}), `[["Mã" "Tên"] ["1.5" "Đơn"] ["" "x"]]`},
		"what we write":   {written(t), `[["Mã" "Tên"] ["1.1" "'=1+1"]]`},
		"at most so many": {[]byte("a\nb\nc\n"), `[["a"] ["b"] ["c"]]`},
	} {
		rows, err := ReadAll(bytes.NewReader(c.content), Limits{Bytes: 1 << 20, Unpacked: 8 << 20, Rows: 3, Columns: 4, CellSize: 20})
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
