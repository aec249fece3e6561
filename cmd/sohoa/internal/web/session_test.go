package web

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

const (
	word  = "cá kho tộ và canh chua"
	fresh = "một bát bún bò thật cay"
)

// deeds counts what the catalogue does.
type deeds struct {
	mu  sync.Mutex
	did map[string]int
}

func (d *deeds) observe(act string, _ time.Duration, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did[act]++
}

func (d *deeds) take() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	said := fmt.Sprint(d.did)
	d.did = make(map[string]int)
	return said
}

// newOffice is a world with people: lan (desk of H50.13), minh (supervisor), quan (IT), each with the password word; and khoa, who
// is disabled, and khong, who has no password.
func newOffice(t *testing.T, signIns catalogue.SignIns, change func(*Config)) (*world, *deeds) {
	t.Helper()
	dir, did := t.TempDir(), &deeds{did: make(map[string]int)}
	records := catalogue.Config{URL: "sqlite:" + filepath.Join(dir, "catalogue.db"), SignIns: signIns, Observe: did.observe}
	w := worldOver(t, dir, records, object.Config{Directory: filepath.Join(dir, "objects")}, change)
	for _, u := range []catalogue.User{
		{Login: "lan", Name: "Lan", Role: catalogue.RoleDesk, Agency: "H50.13"},
		{Login: "minh", Name: "Minh", Role: catalogue.RoleSupervisor, Agency: "H50"},
		{Login: "quan", Name: "Quân", Role: catalogue.RoleIT, Agency: "H50"},
		{Login: "khoa", Name: "Khóa", Role: catalogue.RoleDesk, Agency: "H50", Disabled: true},
		{Login: "khong", Name: "Không", Role: catalogue.RoleDesk, Agency: "H50"},
	} {
		_, err := w.records.PutUser(t.Context(), u)
		must(t, err)
		if u.Login != "khong" {
			must(t, w.records.SetPassword(t.Context(), catalogue.Everywhere, u.Login, word, true))
		}
	}
	return w, did
}

// visit is a browser without scripts: it keeps cookies, and follows no redirect.
type visit struct {
	w       *world
	cookies map[string]*http.Cookie
	head    map[string]string
}

func (w *world) browser() *visit { return &visit{w: w, cookies: make(map[string]*http.Cookie)} }

func (v *visit) ask(t *testing.T, method, path string, form url.Values) reply {
	t.Helper()
	head := map[string]string{"Accept": "text/html"}
	for name, value := range v.head {
		head[name] = value
	}
	a := ask{method: method, path: path, head: head}
	if form != nil {
		a.body, head["Content-Type"] = []byte(form.Encode()), "application/x-www-form-urlencoded"
	}
	var said []string
	for _, c := range v.cookies {
		said = append(said, c.Name+"="+c.Value)
	}
	if len(said) > 0 {
		head["Cookie"] = strings.Join(said, "; ")
	}
	r := v.w.do(t, a)
	for _, c := range r.Cookies() {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c
		}
	}
	return r
}

func (v *visit) signIn(t *testing.T, login, password string) reply {
	t.Helper()
	return v.ask(t, "POST", "/dang-nhap", url.Values{"login": {login}, "password": {password}})
}

// goes checks that an answer sends a browser somewhere.
func goes(t *testing.T, r reply, to string) {
	t.Helper()
	if got := r.Header.Get("Location"); r.StatusCode != 303 || got != to {
		t.Fatalf("%s %s: %d to %q, want %q: %s", r.Request.Method, r.Request.URL, r.StatusCode, got, to, r.text)
	}
}

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	v := w.browser()
	goes(t, v.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
	if r := v.ask(t, "GET", "/dang-nhap?den=%2Ftai-khoan", nil); r.StatusCode != 200 || !strings.Contains(string(r.text), `name="den" value="/tai-khoan"`) {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	r := v.ask(t, "POST", "/dang-nhap", url.Values{"login": {"lan"}, "password": {word}, "den": {"/tai-khoan"}})
	goes(t, r, "/dang-nhap?den=%2Ftai-khoan&vao=1")
	goes(t, v.ask(t, "GET", "/dang-nhap?den=%2Ftai-khoan&vao=1", nil), "/tai-khoan")
	page := v.ask(t, "GET", "/tai-khoan", nil)
	if page.StatusCode != 200 || !strings.Contains(string(page.text), "Phiên này") {
		t.Errorf("%d %s", page.StatusCode, page.text)
	}
	// The API takes the session as it takes a token: with the role's scopes and the agency's reach.
	if r := v.ask(t, "GET", "/api/v1/dossiers", nil); r.StatusCode != 200 {
		t.Errorf("the API: %d %s", r.StatusCode, r.text)
	}
	wantCode(t, v.ask(t, "GET", "/api/v1/users", nil), 403, CodeForbidden)
	old := *v.cookies["sohoa"]
	goes(t, v.ask(t, "POST", "/dang-xuat", nil), "/dang-nhap?ra=1")
	if len(v.cookies) != 0 {
		t.Errorf("the browser keeps %v", v.cookies)
	}
	v.cookies["sohoa"] = &old
	goes(t, v.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
	wantCode(t, v.ask(t, "GET", "/api/v1/dossiers", nil), 401, CodeUnauthorized)
	if r := w.browser().ask(t, "GET", "/dang-nhap?vao=1", nil); !strings.Contains(string(r.text), "không giữ được phiên đăng nhập") {
		t.Errorf("a browser that keeps no cookie is not told so: %s", r.text)
	}
}

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

// Who puts a session of their own into somebody's browser does not get theirs.
func TestASessionIsNewAtEachSignIn(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	v := w.browser()
	v.cookies["sohoa"] = &http.Cookie{Name: "sohoa", Value: "planted"}
	v.signIn(t, "lan", word)
	first := v.cookies["sohoa"].Value
	if first == "planted" {
		t.Fatal("the planted session was taken")
	}
	v.signIn(t, "minh", word)
	second := v.cookies["sohoa"].Value
	if second == first {
		t.Fatal("the next one has the same session")
	}
	stale := w.browser()
	stale.cookies["sohoa"] = &http.Cookie{Name: "sohoa", Value: first}
	goes(t, stale.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
}

func TestTheCookiesFlags(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{Life: 2 * time.Hour}, func(c *Config) { c.Proxies = nil })
	for name, c := range map[string]struct {
		head         map[string]string
		cookie, text string
	}{
		"loopback": {nil, "sohoa", `^sohoa=[\w-]{43}; Path=/; Expires=[^;]+; HttpOnly; SameSite=Lax$`},
		"through a proxy": {
			map[string]string{"X-Forwarded-For": "192.0.2.1"},
			"__Host-sohoa",
			`^__Host-sohoa=[\w-]{43}; Path=/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$`,
		},
	} {
		v := w.browser()
		v.head = c.head
		r := v.signIn(t, "lan", word)
		if set := r.Header.Values("Set-Cookie"); len(set) != 1 || !regexp.MustCompile(c.text).MatchString(set[0]) {
			t.Errorf("%s: %q", name, set)
		}
		kept := v.cookies[c.cookie]
		if kept == nil {
			t.Fatalf("%s: %v", name, v.cookies)
		}
		if left := time.Until(kept.Expires); left < time.Hour || left > 2*time.Hour+time.Minute {
			t.Errorf("%s: it lasts %v", name, left)
		}
		if r := v.ask(t, "GET", "/tai-khoan", nil); r.StatusCode != 200 {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
		// The one's cookie is none to the other: an unencrypted line must not open what an encrypted one began.
		for _, other := range []string{"sohoa", "__Host-sohoa"} {
			if other == c.cookie {
				continue
			}
			wrong := w.browser()
			wrong.head = c.head
			wrong.cookies[other] = &http.Cookie{Name: other, Value: kept.Value}
			goes(t, wrong.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
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

var (
	secretShown  = regexp.MustCompile(`<code id="secret">([A-Z2-7 ]+)</code>`)
	recoverShown = regexp.MustCompile(`<li><code>([a-z2-7-]{19})</code></li>`)
)

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

func TestSessionsAreEndedFromTheAccount(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	here, there, others := w.browser(), w.browser(), w.browser()
	for _, v := range []*visit{here, there} {
		v.signIn(t, "lan", word)
	}
	others.signIn(t, "minh", word)
	page := here.ask(t, "GET", "/tai-khoan", nil)
	end := regexp.MustCompile(`action="(/tai-khoan/phien/\d+)"`).FindSubmatch(page.text)
	if end == nil {
		t.Fatalf("%s", page.text)
	}
	if r := others.ask(t, "POST", string(end[1]), nil); r.StatusCode != 404 {
		t.Errorf("somebody else ends it: %d", r.StatusCode)
	}
	goes(t, here.ask(t, "POST", string(end[1]), nil), "/tai-khoan?xong=phien")
	goes(t, there.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
	if r := here.ask(t, "GET", "/tai-khoan", nil); r.StatusCode != 200 {
		t.Errorf("this one: %d", r.StatusCode)
	}
}

// A session opens of the API what a token of the same role and agency does, no more and no less.
func TestASessionOpensOfTheAPIWhatATokenDoes(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.Inspect = http.NotFoundHandler() })
	for login, token := range map[string]string{"lan": w.desk, "minh": w.boss, "quan": w.it} {
		v := w.signedIn(t, login)
		for _, route := range w.routes {
			method, path := sample(route.pattern)
			if path == "/api/v1/events" {
				path += "?paper=999" // a stream would not end
			}
			by, with := w.do(t, ask{method: method, path: path, token: token}), v.ask(t, method, path, nil)
			if by.StatusCode != with.StatusCode {
				t.Errorf("%s: %s gets %d, their token %d", route.pattern, login, with.StatusCode, by.StatusCode)
			}
		}
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.Recheck = 50 * time.Millisecond })
	v := w.signedIn(t, "lan")
	req := w.request(t, ask{method: "GET", path: "/api/v1/events", head: map[string]string{"Cookie": "sohoa=" + v.cookies["sohoa"].Value}})
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Fatalf("%d", resp.StatusCode)
	}
	goes(t, v.ask(t, "POST", "/dang-xuat", nil), "/dang-nhap?ra=1")
	if _, err := io.ReadAll(resp.Body); err != nil { // it ends
		t.Error(err)
	}
}

// What somebody began to send in one session goes on in the next, and is nobody else's.
func TestAnUploadGoesOnInTheNextSession(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	as := func(login string, a ask) reply {
		if a.head == nil {
			a.head = make(map[string]string)
		}
		a.head["Cookie"] = "sohoa=" + w.signedIn(t, login).cookies["sohoa"].Value
		return w.do(t, a)
	}
	begun := as("lan", ask{"POST", uploadsPath, "", nil, map[string]string{
		"Tus-Resumable": "1.0.0", "Upload-Length": fmt.Sprint(len(file)), "Upload-Metadata": "dossier " + base64.StdEncoding.EncodeToString(fmt.Append(nil, id)),
	}})
	wantStatus(t, begun, 201)
	up := begun.Header.Get("Location")
	wantStatus(t, as("lan", patch(up, "", 0, file[:10])), 204)
	where := ask{"HEAD", up, "", nil, map[string]string{"Tus-Resumable": "1.0.0"}}
	if r := as("quan", where); r.StatusCode != 404 {
		t.Errorf("somebody else's: %d", r.StatusCode)
	}
	if r := as("lan", where); r.StatusCode != 200 || r.Header.Get("Upload-Offset") != "10" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if r := as("lan", patch(up, "", 10, file[10:])); r.StatusCode != 204 || r.Header.Get("Sohoa-Paper") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}
