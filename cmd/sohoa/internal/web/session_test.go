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
	if len(v.cookies) != 1 || v.cookies["sohoa-browser"] == nil { // by which it is known at the next sign-in
		t.Errorf("the browser keeps %v", v.cookies)
	}
	v.cookies["sohoa"] = &old
	goes(t, v.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
	wantCode(t, v.ask(t, "GET", "/api/v1/dossiers", nil), 401, CodeUnauthorized)
	if r := w.browser().ask(t, "GET", "/dang-nhap?vao=1", nil); !strings.Contains(string(r.text), "không giữ được phiên đăng nhập") {
		t.Errorf("a browser that keeps no cookie is not told so: %s", r.text)
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

// browsersExpiry is what a browser's own cookie has, and its session's not, which ends with the browser.
var browsersExpiry = regexp.MustCompile(` Expires=[^;]+;`)

func TestTheCookiesFlags(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{Life: 2 * time.Hour}, func(c *Config) { c.Proxies = nil })
	for name, c := range map[string]struct {
		head         map[string]string
		cookie, text string
	}{
		"loopback": {nil, "sohoa", `^sohoa=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`},
		"through a proxy": {
			map[string]string{"X-Forwarded-For": "192.0.2.1"},
			"__Host-sohoa",
			`^__Host-sohoa=[\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`,
		},
	} {
		v := w.browser()
		v.head = c.head
		r := v.signIn(t, "lan", word)
		if set := r.Header.Values("Set-Cookie"); len(set) != 2 || !regexp.MustCompile(c.text).MatchString(set[0]) ||
			!regexp.MustCompile(c.text).MatchString(browsersExpiry.ReplaceAllString(strings.Replace(set[1], "-browser=", "=", 1), "")) {
			t.Errorf("%s: %q", name, set)
		}
		kept := v.cookies[c.cookie]
		if kept == nil {
			t.Fatalf("%s: %v", name, v.cookies)
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

var (
	secretShown  = regexp.MustCompile(`<code id="secret">([A-Z2-7 ]+)</code>`)
	recoverShown = regexp.MustCompile(`<li><code>([a-z2-7-]{19})</code></li>`)
)

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
