package web

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sohoa/storage/catalogue"
)

var fileShown = regexp.MustCompile(`name="tep" value="([^"]*)"`)

func (v *visit) sends(t *testing.T, path string, content []byte) reply {
	t.Helper()
	body, kind := sheetForm(t, content)
	return v.w.do(t, ask{"POST", path, "", body, map[string]string{"Content-Type": kind, "Cookie": "sohoa=" + v.cookies["sohoa"].Value}})
}

func TestAListOfDossiersIsImported(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	boss := w.signedIn(t, "minh")
	list := "Danh sách hồ sơ tháng 3\r\n\r\nMã hồ sơ;Chủ hồ sơ;Ngày tiếp nhận;Trang thai;Đơn vị xử lý\r\n" +
		"H50.13-260331-0001;<b>An</b>;31/03/2026;Đang xử lý;Sở Xây dựng\r\nH50.13-260331-0002;Bình;20260331080000;9;H50.13\r\n" +
		"H50.14-260331-0003;;;;\r\nH50.13-260331-0001;;;;\r\n=1;;31/02/2026;11;Sở Lạ\r\n"
	preview := boss.sends(t, "/thong-ke/nhap", []byte(list))
	shows(t, preview, "<dt>Thêm mới</dt><dd>3 ", "<dd>2 dòng", "&lt;b&gt;An&lt;/b&gt;", "Mã hồ sơ đã có ở dòng 4", "không phải là ngày", "Nhập 3 hồ sơ")
	file := string(fileShown.FindSubmatch(preview.text)[1])
	path := "/thong-ke/nhap/" + file + "/dong-sai.csv"
	shows(t, boss.ask(t, "GET", path, nil), "8,'=1,")
	it := w.signedIn(t, "quan")
	if r := it.ask(t, "GET", path, nil); r.StatusCode != 404 {
		t.Errorf("another user sees the sheet: %d", r.StatusCode)
	}
	if r := it.ask(t, "POST", "/thong-ke/nhap/ghi", url.Values{"tep": {file}}); r.StatusCode != 422 {
		t.Errorf("another user imports the sheet: %d", r.StatusCode)
	}
	goes(t, boss.ask(t, "POST", "/thong-ke/nhap/ghi", url.Values{"tep": {file}}), "/thong-ke/nhap?xong=1&them=3&doi=0&nguyen=0&sai=2")
	if r := boss.ask(t, "POST", "/thong-ke/nhap/ghi", url.Values{"tep": {file}}); r.StatusCode != 422 {
		t.Errorf("imported twice: %d", r.StatusCode)
	}
	d, err := w.records.DossierByCode(t.Context(), catalogue.Everywhere, "H50.13-260331-0002")
	if err != nil || d.Owner.Name != "Bình" || d.Received != "2026-03-31" || d.State != catalogue.StateResolved || d.Agency != "H50.13" {
		t.Errorf("%+v, %v", d, err)
	}
	shows(t, boss.sends(t, "/thong-ke/nhap", []byte(list)), "<dt>Giữ nguyên</dt><dd>3 ", "Không có gì để ghi")

	book := excelize.NewFile()
	for n, row := range [][]any{{"MaHoSo", "NgayTiepNhan", "TrangThaiHoSo"}, {"H50.13-260331-0009", time.Date(2026, 3, 30, 8, 0, 0, 0, time.UTC), 4}} {
		must(t, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &row))
	}
	var xlsx bytes.Buffer
	must(t, book.Write(&xlsx))
	shows(t, boss.sends(t, "/thong-ke/nhap", xlsx.Bytes()), "<dt>Thêm mới</dt><dd>1 ", "30/03/2026")
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{"no columns": {[]byte("a,b\n"), "Không thấy dòng tên cột"}, "Latin-1": {[]byte("M\xe3,x\n"), "UTF-8"}, "a bomb": {[]byte("PK\x03\x04"), "chỉ nhận"}, "no rows": {[]byte("MaHoSo\n"), "không có dòng"}} {
		if r := boss.sends(t, "/thong-ke/nhap", c.content); r.StatusCode != 422 || !strings.Contains(string(r.text), c.says) {
			t.Errorf("%s: %d %.600s", name, r.StatusCode, r.text)
		}
	}
	// What is kept is a sheet and its wrong rows: of the list that changes nothing, and of the workbook.
	if left, err := os.ReadDir(w.spool.sheets()); err != nil || len(left) != 4 {
		t.Errorf("%d files are kept, %v", len(left), err)
	}
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "dossier.import"})
	if err != nil || len(acts) != 1 || acts[0].Actor != "user:minh" || strings.Contains(fmt.Sprint(acts[0].Detail), "Bình") {
		t.Errorf("%+v, %v", acts, err)
	}
}
