package pages_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
	"github.com/pquerna/otp/totp"

	"sohoa/scripts/browser"
)

func check(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// accessible looks at a page with axe-core.
func accessible(t *testing.T, tab *browser.Tab) {
	t.Helper()
	found, err := tab.Axe()
	check(t, err)
	for _, v := range found {
		t.Errorf("accessibility: %v", v)
	}
}

// text is what the first element of a selector says.
func text(t *testing.T, tab *browser.Tab, selector string) string {
	t.Helper()
	e, err := tab.Find(selector)
	check(t, err)
	said, err := e.Text()
	check(t, err)
	return said
}

// Signing in as people do it: a password that somebody gave, which has to be changed; a second factor that is set up from the page
// and asked for at the next sign-in; a recovery code; wrong passwords until the login is locked.
func TestSigningInInABrowser(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	tab := browser.Visit(t, site, browser.Desk)
	check(t, tab.Go("/dang-nhap"))
	accessible(t, tab)
	check(t, tab.SignIn(browser.Officer), tab.Go("/tai-khoan"))
	accessible(t, tab)

	check(t, tab.Click("Cài đặt xác thực hai lớp"))
	secret := regexp.MustCompile(`\s`).ReplaceAllString(text(t, tab, "#secret"), "")
	drawn, err := tab.Page().Eval(`async () => { const i = document.querySelector("img.qr"); await i.decode(); return i.naturalWidth; }`)
	check(t, err)
	if drawn.Value.Int() < 100 {
		t.Errorf("the QR code is %v pixels wide", drawn.Value)
	}
	accessible(t, tab)
	code := func(ahead time.Duration) string {
		said, err := totp.GenerateCode(secret, time.Now().Add(ahead))
		check(t, err)
		return said
	}
	check(t, tab.Fill("Mã 6 số", code(-30*time.Second)), tab.Click("Bật xác thực hai lớp"))
	_, err = tab.Text("h1", "Mã dự phòng")
	check(t, err)
	recovery := text(t, tab, "ol.codes code")
	accessible(t, tab)
	check(t, tab.Click("tiếp tục"))
	_, err = tab.Text(".state", "Đang bật")
	check(t, err)
	check(t, tab.Click("Đăng xuất"))

	signIn := func(password string) {
		t.Helper()
		check(t, tab.Fill("Tên đăng nhập", browser.Officer), tab.Fill("Mật khẩu", password))
		loaded := tab.Page().WaitNavigation(proto.PageLifecycleEventNameLoad)
		check(t, tab.Click("^Đăng nhập$"))
		loaded()
	}
	signIn(browser.Password)
	_, err = tab.Text("h1", "Mã xác thực")
	check(t, err)
	accessible(t, tab)
	check(t, tab.Fill("Mã xác thực", code(0)), tab.Click("Tiếp tục"))
	_, err = tab.Find(".who")
	check(t, err)
	check(t, tab.Click("Đăng xuất"))
	signIn(browser.Password)
	check(t, tab.Fill("Mã xác thực", strings.ToUpper(recovery)), tab.Click("Tiếp tục"))
	_, err = tab.Find(".who")
	check(t, err)
	check(t, tab.Click("Đăng xuất"))

	for range 5 {
		signIn("không phải mật khẩu")
		_, err = tab.Text(".notice.bad", "Tên đăng nhập hoặc mật khẩu không đúng")
		check(t, err)
	}
	accessible(t, tab)
	signIn(browser.Password)
	_, err = tab.Text(".notice.bad", `sai quá nhiều lần.*sau \d+ giây`)
	check(t, err)
	for _, c := range tab.Complaints() { // the browser notes each answer that refuses
		if !strings.Contains(c, "status of 422") && !strings.Contains(c, "status of 429") {
			t.Errorf("the browser complains: %s", c)
		}
	}
}

// The same on a phone and with the keyboard alone.
func TestSigningInByKeyboardOnAPhone(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	tab := browser.Visit(t, site, browser.Phone)
	check(t, tab.Go("/tai-khoan"))
	// The cursor stands in the login's field already.
	_, err := tab.Find("#login:focus")
	check(t, err)
	check(t, tab.Page().InsertText(browser.IT), tab.Press(input.Tab), tab.Page().InsertText(browser.Password), tab.Press(input.Enter))
	_, err = tab.Text("h1", "Tài khoản")
	check(t, err)
	accessible(t, tab)
	wide, err := tab.Page().Eval("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
	check(t, err)
	if wide.Value.Int() > 0 {
		t.Errorf("the page is %v pixels wider than the phone", wide.Value)
	}
}

// IT's first day: the account that `sohoa up` made, whose password stands in a file, is changed, gets the second factor that IT must
// have, and leads to what IT works with. Nothing else opens before.
func TestITsFirstDay(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t, "SOHOA_SECOND_FACTOR=it")
	said, err := os.ReadFile(filepath.Join(site.Data, "first-account"))
	check(t, err)
	found := regexp.MustCompile(`^login: (\S+)\npassword: (\S+)\n$`).FindSubmatch(said)
	if found == nil {
		t.Fatalf("the file says %q", said)
	}
	login, once := string(found[1]), string(found[2])
	tab := browser.Visit(t, site, browser.Desk)
	check(t, tab.Go("/van-hanh"))
	check(t, tab.Fill("Tên đăng nhập", login), tab.Fill("Mật khẩu", once), tab.Click("^Đăng nhập$"))
	_, err = tab.Text(".notice.warn", "do người khác đặt")
	check(t, err)
	check(t, tab.Go("/van-hanh/tai-khoan"))
	_, err = tab.Text(".notice.warn", "do người khác đặt")
	check(t, err)
	const own = "một bát bún bò thật cay"
	check(t, tab.Fill("Mật khẩu đang dùng", once), tab.Fill("^Mật khẩu mới", own), tab.Fill("Nhập lại", own), tab.Click("Đổi mật khẩu"))
	_, err = tab.Text(".notice.warn", "phải dùng xác thực hai lớp")
	check(t, err)
	accessible(t, tab)
	secret := strings.ReplaceAll(text(t, tab, "#secret"), " ", "")
	code, err := totp.GenerateCode(secret, time.Now())
	check(t, err)
	check(t, tab.Fill("Mã 6 số", code), tab.Click("Bật xác thực hai lớp"))
	_, err = tab.Text("h1", "Mã dự phòng")
	check(t, err)
	check(t, tab.Click("tiếp tục"), tab.Click("Vận hành"))
	_, err = tab.Text("h2", "Máy đọc")
	check(t, err)
}
