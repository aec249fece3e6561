package pages_test

import (
	"os"
	"path/filepath"
	"testing"

	"sohoa/scripts/browser"
)

// A supervisor imports a list with a wrong row, and the rates count what was right.
func TestAListIsImportedInABrowser(t *testing.T) {
	t.Parallel()
	tab := signedIn(t, browser.ForTest(t), browser.Supervisor, browser.Desk)
	list := filepath.Join(t.TempDir(), "danh-sach.csv")
	mustDo(t, os.WriteFile(list, []byte("\ufeffMã hồ sơ;Ngày tiếp nhận;Trạng thái\r\nH50.13-260331-0001;31/03/2026;Đang xử lý\r\n"+
		"H50.13-260331-0002;31/02/2026;4\r\nH50.13-260331-0003;2026-03-30;10\r\n"), 0o600))
	clean := func() {
		t.Helper()
		mustDo(t, tab.Settle())
		violations, err := tab.Axe()
		mustDo(t, err)
		for _, v := range violations {
			t.Error(v)
		}
	}
	see := func(selector, pattern string) {
		t.Helper()
		_, err := tab.Text(selector, pattern)
		mustDo(t, err)
	}
	mustDo(t, tab.Go("/thong-ke"), tab.Click("Nhập danh sách hồ sơ tiếp nhận"))
	field, err := tab.Field("Tệp XLSX")
	mustDo(t, err)
	clean()
	mustDo(t, field.SetFiles([]string{list}), tab.Click("^Xem trước$"))
	see("td.reason", "Ngày tiếp nhận “31/02/2026” không phải là ngày")
	see("dd", "^2 hồ sơ$")
	clean()
	mustDo(t, tab.Click("Nhập 2 hồ sơ"))
	see("[role=status]", "Thêm 2 hồ sơ.*bỏ qua 1 dòng sai")
	clean()
	mustDo(t, tab.Go("/thong-ke"+cutOf2026))
	see(".rates-card", "0 trên 2 hồ sơ")
}
