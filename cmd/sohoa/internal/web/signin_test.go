package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sohoa/storage/catalogue"
)

// What somebody wanted to see is a page of ours, and never another host's.
func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	v := w.browser()
	v.signIn(t, "lan", word)
	for den, to := range map[string]string{
		"/ho-so/7?trang=2": "/ho-so/7?trang=2", "": "/", "https://ac.example/": "/", "//ac.example/": "/", `/\ac.example`: "/", `\\ac.example`: "/",
		"javascript:alert(1)": "/", "/dang-xuat": "/", "/dang-nhap?den=/dang-nhap": "/", "ho-so": "/", "/\tac": "/", "/\r\nSet-Cookie: a=b": "/", "///ac.example": "/",
	} {
		goes(t, v.ask(t, "GET", "/dang-nhap?"+url.Values{"den": {den}}.Encode(), nil), to)
	}
}

var reference = regexp.MustCompile(`[A-Z2-7]{26}`)

// A wrong password, a login that is not there, a user who is disabled or has no password: one answer, one amount of work.
func TestSigningInTellsNothingOfAccounts(t *testing.T) {
	t.Parallel()
	w, did := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.SignInBurst = 1000 })
	var text, work string
	for _, login := range []string{"lan", "khong", "khoa", "khonghecoainhuthe"} {
		for try := range 7 {
			did.take()
			r := w.browser().signIn(t, login, "sai rồi")
			now := did.take()
			if try == 5 || try == 6 {
				if r.StatusCode != 429 || !regexp.MustCompile(`sau (\d+ giây|1 phút) \(lúc \d\d:\d\d\)`).Match(r.text) || strings.Contains(now, "hash") {
					t.Errorf("%s, try %d: %d %s %s", login, try, r.StatusCode, now, r.text)
				}
				continue
			}
			said := reference.ReplaceAllString(strings.ReplaceAll(string(r.text), `value="`+login+`"`, `value="…"`), "…")
			if text == "" {
				text, work = said, now
			}
			if r.StatusCode != 422 || said != text || now != work || len(r.Cookies()) > 0 {
				t.Errorf("%s, try %d: %d, %s and not %s: %s", login, try, r.StatusCode, now, work, r.text)
			}
		}
	}
	if !strings.Contains(work, "hash a password:1") {
		t.Errorf("the work is %s", work)
	}
}

func TestSignInsOfOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.SignInRate, c.SignInBurst = 0.001, 2 })
	for n := range 4 {
		want := 422
		if n > 1 {
			want = 429
		}
		if r := w.browser().signIn(t, fmt.Sprintf("khong-co-%d", n), "sai rồi"); r.StatusCode != want {
			t.Errorf("%d: %d", n, r.StatusCode)
		}
	}
}

func TestAGivenPasswordIsChangedFirst(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	once, err := w.records.ResetPassword(t.Context(), catalogue.Everywhere, "lan")
	must(t, err)
	v := w.browser()
	v.signIn(t, "lan", once)
	goes(t, v.ask(t, "GET", "/dang-nhap?vao=1", nil), "/tai-khoan")
	goes(t, v.ask(t, "GET", "/", nil), "/tai-khoan")
	goes(t, v.ask(t, "GET", "/tai-khoan/hai-lop", nil), "/tai-khoan")
	wantCode(t, v.ask(t, "GET", "/api/v1/dossiers", nil), 403, CodeForbidden)
	change := func(old, plain, again string) reply {
		return v.ask(t, "POST", "/tai-khoan/mat-khau", url.Values{"old": {old}, "new": {plain}, "again": {again}})
	}
	for name, c := range map[string][4]string{
		"the old one is wrong": {"sai rồi", fresh, fresh, "Mật khẩu đang dùng không đúng"},
		"too short":            {once, "ngắn", "ngắn", "ít nhất 10 ký tự"},
		"too common":           {once, "Matkhau@2026", "Matkhau@2026", "quá phổ biến"},
		"typed wrongly":        {once, fresh, fresh + "!", "không giống nhau"},
		"the old one":          {once, once, once, "phải khác mật khẩu cũ"},
	} {
		if r := change(c[0], c[1], c[2]); r.StatusCode != 422 || !strings.Contains(string(r.text), c[3]) {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.text)
		}
	}
	before := v.cookies["sohoa"].Value
	goes(t, change(once, fresh, fresh), "/tai-khoan?xong=mat-khau")
	if v.cookies["sohoa"].Value == before {
		t.Error("the session has its old name")
	}
	if r := v.ask(t, "GET", "/api/v1/dossiers", nil); r.StatusCode != 200 {
		t.Errorf("the API after: %d", r.StatusCode)
	}
	if r := w.browser().signIn(t, "lan", once); r.StatusCode != 422 {
		t.Errorf("the old password: %d", r.StatusCode)
	}
}

func TestASecondFactorFromSettingUpToSigningIn(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{Key: []byte("0123456789abcdef0123456789abcdef"), Factor: []catalogue.Role{catalogue.RoleIT}}, nil)
	v := w.browser()
	v.signIn(t, "quan", word)
	goes(t, v.ask(t, "GET", "/dang-nhap?vao=1", nil), "/tai-khoan/hai-lop")
	goes(t, v.ask(t, "GET", "/tai-khoan", nil), "/tai-khoan/hai-lop")
	page := v.ask(t, "GET", "/tai-khoan/hai-lop", nil)
	shown := secretShown.FindSubmatch(page.text)
	if shown == nil {
		t.Fatalf("%d %s", page.StatusCode, page.text)
	}
	secret := strings.ReplaceAll(string(shown[1]), " ", "")
	if r := v.ask(t, "GET", "/tai-khoan/hai-lop/qr.png", nil); r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/png" || string(r.text[1:4]) != "PNG" {
		t.Errorf("the QR code: %d %s", r.StatusCode, r.Header)
	}
	if r := v.ask(t, "POST", "/tai-khoan/hai-lop", url.Values{"code": {"000000"}}); r.StatusCode != 422 || !strings.Contains(string(r.text), secret[:4]) {
		t.Errorf("a wrong code: %d %s", r.StatusCode, r.text)
	}
	code := func(ahead time.Duration) string {
		said, err := totp.GenerateCode(secret, time.Now().Add(ahead))
		must(t, err)
		return said
	}
	set := v.ask(t, "POST", "/tai-khoan/hai-lop", url.Values{"code": {code(-30 * time.Second)}})
	recovery := recoverShown.FindAllSubmatch(set.text, -1)
	if len(recovery) != 10 {
		t.Fatalf("%d %s", set.StatusCode, set.text)
	}
	if r := v.ask(t, "GET", "/tai-khoan", nil); r.StatusCode != 200 || strings.Contains(string(r.text), secret) {
		t.Errorf("after: %d %s", r.StatusCode, r.text)
	}

	other := w.browser()
	other.signIn(t, "quan", word)
	goes(t, other.ask(t, "GET", "/dang-nhap?vao=1&den=%2Ftai-khoan", nil), "/dang-nhap/ma?den=%2Ftai-khoan")
	goes(t, other.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap/ma")
	wantCode(t, other.ask(t, "GET", "/api/v1/users", nil), 403, CodeForbidden)
	if r := other.ask(t, "POST", "/dang-nhap/ma", url.Values{"code": {"000000"}}); r.StatusCode != 422 || !strings.Contains(string(r.text), "Mã xác thực không đúng") {
		t.Errorf("a wrong code: %d %s", r.StatusCode, r.text)
	}
	before := other.cookies["sohoa"].Value
	goes(t, other.ask(t, "POST", "/dang-nhap/ma", url.Values{"code": {code(0)}, "den": {"/tai-khoan"}}), "/dang-nhap?den=%2Ftai-khoan&vao=1")
	if other.cookies["sohoa"].Value == before {
		t.Error("the session has its old name")
	}
	if r := other.ask(t, "GET", "/api/v1/users", nil); r.StatusCode != 200 {
		t.Errorf("the API: %d", r.StatusCode)
	}
	third := w.browser()
	third.signIn(t, "quan", word)
	goes(t, third.ask(t, "POST", "/dang-nhap/ma", url.Values{"code": {string(recovery[0][1])}}), "/dang-nhap?vao=1")
	if r := third.ask(t, "GET", "/tai-khoan", nil); !strings.Contains(string(r.text), "Còn 9 mã dự phòng") {
		t.Errorf("%s", r.text)
	}
	again := third.ask(t, "POST", "/tai-khoan/hai-lop/du-phong", url.Values{"code": {string(recovery[1][1])}})
	codes := recoverShown.FindAllSubmatch(again.text, -1)
	if len(codes) != 10 || string(codes[0][1]) == string(recovery[0][1]) {
		t.Fatalf("%d %s", again.StatusCode, again.text)
	}
	if r := third.ask(t, "POST", "/tai-khoan/hai-lop/go", url.Values{"code": {string(recovery[2][1])}}); r.StatusCode != 422 {
		t.Errorf("an old recovery code: %d", r.StatusCode)
	}
	goes(t, third.ask(t, "POST", "/tai-khoan/hai-lop/go", url.Values{"code": {string(codes[0][1])}}), "/tai-khoan?xong=go")
	goes(t, third.ask(t, "GET", "/tai-khoan", nil), "/tai-khoan/hai-lop")
}

// Whoever knows a login cannot keep its owner out of the browser in which they have signed in before, nor try more there.
func TestStrangersLockOutStrangers(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.SignInBurst = 1000 })
	own := w.browser()
	own.signIn(t, "lan", word)
	own.ask(t, "POST", "/dang-xuat", nil)
	for range 7 {
		w.browser().signIn(t, "lan", "sai rồi")
	}
	if r := w.browser().signIn(t, "lan", word); r.StatusCode != 429 {
		t.Errorf("a stranger: %d", r.StatusCode)
	}
	goes(t, own.signIn(t, "lan", word), "/dang-nhap?vao=1")
	// To another user this browser is a stranger's, and what it holds is kept for both.
	goes(t, own.signIn(t, "minh", word), "/dang-nhap?vao=1")
	goes(t, own.signIn(t, "lan", word), "/dang-nhap?vao=1")
	made := w.browser()
	made.cookies["sohoa-browser"] = &http.Cookie{Name: "sohoa-browser", Value: "made-up"}
	if r := made.signIn(t, "lan", word); r.StatusCode != 429 {
		t.Errorf("with something made up: %d", r.StatusCode)
	}
	for range 5 {
		own.signIn(t, "lan", "sai rồi")
	}
	if r := own.signIn(t, "lan", word); r.StatusCode != 429 {
		t.Errorf("its own failures: %d", r.StatusCode)
	}
}
