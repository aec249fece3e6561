package web

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sohoa/storage/catalogue"
)

// sheetForm is a form with a file, as a browser sends it.
func sheetForm(t *testing.T, content []byte) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("tep", "thu-tuc")
	must(t, err)
	_, err = part.Write(content)
	must(t, err)
	must(t, form.Close())
	return b.Bytes(), form.FormDataContentType()
}

var rowsShown = regexp.MustCompile(`name="rows" value="([^"]*)"`)

func TestProceduresAreImported(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	must(t, w.records.PutProcedure(t.Context(), catalogue.Procedure{
		Code: "1.1", Name: "Cấp đổi", Result: true, Components: []catalogue.Component{{Code: "TP1", Name: "Đơn", Required: true}, {Code: "TP2", Name: "Ảnh"}},
	}))
	it := w.signedIn(t, "quan")
	look := func(content []byte) reply {
		body, kind := sheetForm(t, content)
		return w.do(t, ask{"POST", "/van-hanh/thu-tuc/nhap", "", body, map[string]string{"Content-Type": kind, "Cookie": "sohoa=" + it.cookies["sohoa"].Value}})
	}
	shows(t, it.ask(t, "GET", "/van-hanh/thu-tuc/nhap", nil), "Mã thành phần")
	book := excelize.NewFile()
	for n, row := range [][]any{
		{"Mã thủ tục", "Tên thủ tục", "Mã thành phần", "Tên thành phần", "Bắt buộc"},
		{"1.1", "Cấp đổi", "TP1", "Đơn mới", "có"},
		{2.000815, "<b>Chứng thực</b>", "A", "Bản chính", "x"},
		{nil, nil, "B", "Bản sao", nil},
	} {
		must(t, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &row))
	}
	var xlsx bytes.Buffer
	must(t, book.Write(&xlsx))
	csv := "\ufeffMã thủ tục;Tên thủ tục;Mã thành phần;Tên thành phần;Bắt buộc\r\n1.1;Cấp đổi;TP1;Đơn mới;có\r\n2.000815;<b>Chứng thực</b>;A;Bản chính;x\r\n;;B;Bản sao;\r\n"
	var rows string
	for name, content := range map[string][]byte{"XLSX": xlsx.Bytes(), "CSV": []byte(csv)} {
		preview := look(content)
		shows(t, preview, "<dt>Thêm mới</dt><dd>1 ", "<dt>Thay đổi</dt><dd>1 ", "Bỏ TP2 Ảnh", "&lt;b&gt;Chứng thực&lt;/b&gt;", "Nhập 2 thủ tục")
		if all, err := w.records.Procedures(t.Context()); err != nil || len(all) != 1 {
			t.Fatalf("%s: the preview kept something: %+v, %v", name, all, err)
		}
		rows = html.UnescapeString(string(rowsShown.FindSubmatch(preview.text)[1]))
	}
	goes(t, it.ask(t, "POST", "/van-hanh/thu-tuc/nhap/ghi", url.Values{"rows": {rows}}), "/van-hanh/thu-tuc?xong=1")
	all, err := w.records.Procedures(t.Context())
	must(t, err)
	if got := fmt.Sprint(all); got != "[{1.1 Cấp đổi   true [{TP1 Đơn mới true}]} {2.000815 <b>Chứng thực</b>   true [{A Bản chính true} {B Bản sao false}]}]" {
		t.Errorf("%s", got)
	}
	shows(t, look([]byte(csv)), "Không có gì thay đổi")

	wrong := look([]byte("Mã thủ tục,Tên thủ tục,Mã thành phần,Tên thành phần\n1.1,,TP1,\n,,TP3,Giấy\n"))
	shows(t, wrong, "<dt>Dòng sai</dt><dd>1 ", "Thiếu tên thành phần", "Chưa nhập được")
	if rowsShown.Match(wrong.text) {
		t.Error("what is wrong can be kept")
	}
	if r := it.ask(t, "POST", "/van-hanh/thu-tuc/nhap/ghi", url.Values{"rows": {`[["Mã thủ tục","Tên thủ tục"],["9.9",""]]`}}); r.StatusCode != 400 {
		t.Errorf("wrong rows are kept: %d", r.StatusCode)
	}
	large := append([]byte("Mã thủ tục,Tên thủ tục\n1.1,"), bytes.Repeat([]byte("x"), 9<<20)...)
	if r := look(large); r.StatusCode != 413 {
		t.Errorf("9 MiB: %d", r.StatusCode)
	}
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"an image":        {scan(t, 1), "UTF-8"},
		"Latin-1":         {[]byte("M\xe3 th\xfc,x\n"), "UTF-8"},
		"a ZIP":           {[]byte("PK\x03\x04 nothing"), "Không đọc được tệp này"},
		"nothing":         {nil, "Bảng trống"},
		"no columns":      {[]byte("a,b\n1,2\n"), "thiếu cột"},
		"a cell too long": {[]byte("Mã thủ tục,Tên thủ tục\n1.1," + strings.Repeat("x", 5000) + "\n"), "quá lớn"},
		"a bomb":          {bomb(t), "quá lớn"},
	} {
		if r := look(c.content); r.StatusCode != 422 || !strings.Contains(string(r.text), c.says) {
			t.Errorf("%s: %d %.600s", name, r.StatusCode, r.text)
		}
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "excelize-*")); err != nil || len(left) > 0 {
		t.Errorf("left outside of the data folder: %v, %v", left, err)
	}
}

// A sheet of agencies is looked at, and kept when somebody says so: all of it or nothing.
func TestAgenciesAreImported(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	it := w.signedIn(t, "quan")
	shows(t, it.ask(t, "GET", "/van-hanh/co-quan", nil), "/van-hanh/co-quan/nhap")
	shows(t, it.ask(t, "GET", "/van-hanh/co-quan/nhap", nil), "Mã cơ quan cấp trên")
	const list = "Mã cơ quan;Tên cơ quan;Mã cơ quan cấp trên\r\nH50.15.1;<b>Phòng</b>;H50.15\r\nH50.15;Sở Tư pháp;H50\r\nH50.13;Sở Xây dựng và Giao thông;\r\nH50.14;;\r\n"
	preview := it.sends(t, "/van-hanh/co-quan/nhap", []byte(list))
	shows(t, preview, "<dt>Thêm mới</dt><dd>2 ", "<dt>Thay đổi</dt><dd>1 ", "<dt>Giữ nguyên</dt><dd>1 ", "Trước: Sở Xây dựng", "&lt;b&gt;Phòng&lt;/b&gt;", "Nhập 3 cơ quan")
	before, err := w.records.Agencies(t.Context(), catalogue.Everywhere)
	must(t, err)
	rows := html.UnescapeString(string(rowsShown.FindSubmatch(preview.text)[1]))
	goes(t, it.ask(t, "POST", "/van-hanh/co-quan/nhap/ghi", url.Values{"rows": {rows}}), "/van-hanh/co-quan?xong=1")
	after, err := w.records.Agencies(t.Context(), catalogue.Everywhere)
	must(t, err)
	if len(after) != len(before)+2 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	unit, err := w.records.AgencyByCode(t.Context(), catalogue.Everywhere, "H50.15.1")
	if err != nil || unit.Parent != "H50.15" || unit.Name != "<b>Phòng</b>" {
		t.Errorf("%+v, %v", unit, err)
	}
	if acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "agency.put", Actor: "user:quan"}); err != nil || len(acts) != 3 {
		t.Errorf("the audit says %+v, %v", acts, err)
	}
	shows(t, it.sends(t, "/van-hanh/co-quan/nhap", []byte(list)), "Không có gì thay đổi")

	wrong := it.sends(t, "/van-hanh/co-quan/nhap", []byte("Mã cơ quan,Tên cơ quan,Mã cơ quan cấp trên\nA,a,B\nB,b,A\nC,c,H50\n"))
	shows(t, wrong, "<dt>Dòng sai</dt><dd>2 ", "A → B → A", "Chưa nhập được")
	if rowsShown.Match(wrong.text) {
		t.Error("what is wrong can be kept")
	}
	// What a browser sends is looked at anew.
	for _, bad := range []string{`[["Mã cơ quan","Tên cơ quan","Mã cơ quan cấp trên"],["C","c","H50"],["D","d","E"]]`, `[]`, `{}`} {
		if r := it.ask(t, "POST", "/van-hanh/co-quan/nhap/ghi", url.Values{"rows": {bad}}); r.StatusCode != 400 {
			t.Errorf("%s is kept: %d", bad, r.StatusCode)
		}
	}
	if _, err := w.records.AgencyByCode(t.Context(), catalogue.Everywhere, "C"); err == nil {
		t.Error("a part of wrong rows was kept")
	}
}

// bomb is a workbook of a few kilobytes that unpacks to a hundred million.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for n := range 10 {
		f, err := z.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", n+1))
		must(t, err)
		_, err = f.Write(make([]byte, 10<<20))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}
