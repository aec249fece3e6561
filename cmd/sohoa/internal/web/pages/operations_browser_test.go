package pages_test

import (
	"os"
	"path/filepath"
	"testing"

	"sohoa/scripts/browser"
)

// IT's day in a browser: somebody new gets an account, signs in with the password that was shown once and changes it; a paper that
// could not be read is tried again; the audit tells of it. Each page is looked at for accessibility, at a desk and on a phone.
func TestOperationsInABrowser(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	broken := filepath.Join(t.TempDir(), "hong.pdf")
	check(t, os.WriteFile(broken, []byte("%PDF-1.4\nnothing that could be read\n%%EOF\n"), 0o600))
	dossier := dossierOf(t, site, "H50.13-260331-0009")
	paper, err := site.HandIn(t.Context(), dossier, broken, "component", "TP01")
	check(t, err)
	if _, err := site.WaitRead(t.Context(), paper); err == nil {
		t.Log("it was read")
	}

	tab := browser.Visit(t, site, browser.Desk)
	check(t, tab.SignIn(browser.IT), tab.Go("/van-hanh"))
	_, err = tab.Text("#now .state.failed", "1")
	check(t, err)
	_, err = tab.Text("#queues", "Cán bộ đang chờ")
	check(t, err)
	// It looks anew by itself: what is written over what was shown does not stay.
	_, err = tab.Page().Eval(`() => { document.querySelector("#now h2").textContent = "cũ"; }`)
	check(t, err)
	_, err = tab.Text("#now h2:first-of-type", "Giấy tờ lỗi")
	check(t, err)
	check(t, tab.Click("Xem và cho đọc lại"))
	_, err = tab.Text("td", "hong.pdf")
	check(t, err)
	check(t, tab.Click("Chọn tất cả"), tab.Click("Cho đọc lại các giấy tờ đã chọn"))
	_, err = tab.Text(".notice.good", "Đã cho đọc lại 1 giấy tờ")
	check(t, err)

	check(t, tab.Go("/van-hanh/tai-khoan"), tab.Click("Thêm tài khoản"))
	check(t, tab.Fill("Tên đăng nhập", browser.Officer), tab.Fill("Họ và tên", "Người trùng tên"), tab.Click("Thêm và cấp mật khẩu"))
	_, err = tab.Text("#notices .notice.bad", "trái với dữ liệu đã có")
	check(t, err)
	tab.Complaints() // the browser notes the answer that refuses
	check(t, tab.Fill("Tên đăng nhập", "moi.vao"), tab.Click("Thêm và cấp mật khẩu"))
	once := text(t, tab, "#secret")
	accessible(t, tab)

	fresh := browser.Visit(t, site, browser.Phone)
	check(t, fresh.Go("/dang-nhap"))
	check(t, fresh.Fill("Tên đăng nhập", "moi.vao"), fresh.Fill("Mật khẩu", once), fresh.Click("^Đăng nhập$"))
	_, err = fresh.Text(".notice.warn", "do người khác đặt")
	check(t, err)
	accessible(t, fresh)
	const own = "một bát bún bò thật cay"
	check(t, fresh.Fill("Mật khẩu đang dùng", once), fresh.Fill("^Mật khẩu mới", own), fresh.Fill("Nhập lại", own), fresh.Click("Đổi mật khẩu"))
	_, err = fresh.Text(".notice.good", "Đã đổi mật khẩu")
	check(t, err)

	sheet := filepath.Join(t.TempDir(), "thu-tuc.csv")
	check(t, os.WriteFile(sheet, []byte("Mã thủ tục,Tên thủ tục,Mã thành phần,Tên thành phần\n1.00281,Cấp phù hiệu,TP01,Giấy đề nghị\n"), 0o600))
	check(t, tab.Go("/van-hanh/thu-tuc"), tab.Click("Nhập từ bảng tính"))
	file, err := tab.Field("Tệp XLSX")
	check(t, err)
	check(t, file.SetFiles([]string{sheet}), tab.Click("Xem trước"))
	_, err = tab.Text(".state", "Thiếu số 0 ở cuối")
	check(t, err)
	accessible(t, tab)
	check(t, tab.Click("Nhập 1 thủ tục"))
	_, err = tab.Text(".notice.good", "Đã lưu thủ tục")
	check(t, err)

	check(t, os.WriteFile(sheet, []byte("Mã cơ quan,Tên cơ quan,Mã cơ quan cấp trên\nH50.15.1,Phòng Công chứng,H50.15\nH50.15,Sở Tư pháp,H50\n"), 0o600))
	check(t, tab.Go("/van-hanh/co-quan"), tab.Click("Nhập từ bảng tính"))
	file, err = tab.Field("Tệp XLSX")
	check(t, err)
	check(t, file.SetFiles([]string{sheet}), tab.Click("Xem trước"), tab.Settle())
	accessible(t, tab)
	check(t, tab.Click("Nhập 2 cơ quan"))
	_, err = tab.Text("tbody th", "thuộc H50.15")
	check(t, err)

	check(t, tab.Go("/van-hanh/nhat-ky?nguoi=moi.vao"))
	_, err = tab.Text("td", "Đổi mật khẩu")
	check(t, err)

	phone := browser.Visit(t, site, browser.Phone)
	check(t, phone.SignIn(browser.IT))
	for _, path := range []string{
		"/van-hanh/kho", "/van-hanh/giay-to-loi", "/van-hanh/tai-khoan", "/van-hanh/tai-khoan/" + browser.Officer, "/van-hanh/co-quan", "/van-hanh/co-quan/nhap",
		"/van-hanh/thu-tuc", "/van-hanh/thu-tuc/nhap", "/van-hanh/thu-tuc/sua?ma=" + browser.Procedure, "/van-hanh/ma-truy-cap", "/van-hanh/nhat-ky", "/van-hanh/ty-le", "/van-hanh/nhan-dang",
	} {
		for _, one := range []*browser.Tab{tab, phone} {
			check(t, one.Go(path))
			open, err := one.Page().Eval(`() => { for (const d of document.querySelectorAll("details")) d.open = true; return document.querySelectorAll("h1").length; }`)
			check(t, err)
			if open.Value.Int() != 1 {
				t.Errorf("%s has %v first headings", path, open.Value)
			}
			accessible(t, one)
			wide, err := one.Page().Eval("() => document.documentElement.scrollWidth - window.innerWidth")
			check(t, err)
			if wide.Value.Int() > 0 {
				t.Errorf("%s is %v pixels wider than the window", path, wide.Value)
			}
		}
	}
}
