package web

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// mayVisit says for each page who may: d(esk), s(upervisor), i(t); * is everybody, also who is not signed in.
func mayVisit() map[string]string {
	return map[string]string{
		"GET /assets/{file...}": "*",
		"GET /{$}":              "dsi",

		"GET /dang-nhap":     "*",
		"POST /dang-nhap":    "*",
		"GET /dang-nhap/ma":  "dsi",
		"POST /dang-nhap/ma": "dsi",
		"POST /dang-xuat":    "*",

		"GET /thong-ke":                         "dsi",
		"GET /thong-ke/ho-so":                   "dsi",
		"GET /thong-ke/tai-ve":                  "dsi",
		"GET /cong-khai/so-lieu":                "*",
		"GET /thong-ke/nhap":                    "si",
		"POST /thong-ke/nhap":                   "si",
		"POST /thong-ke/nhap/ghi":               "si",
		"GET /thong-ke/nhap/{tep}/dong-sai.csv": "si",
		"GET /tiep-nhan":                        "di",
		"GET /tiep-nhan/ban":                    "di",
		"GET /tiep-nhan/tim":                    "di",
		"GET /tiep-nhan/thu-tuc":                "di",
		"POST /tiep-nhan/ho-so":                 "di",
		"GET /tiep-nhan/giay-to/{id}":           "di",
		"GET /ho-so/{id}/bia":                   "dsi",
		"GET /ho-so":                            "dsi",
		"GET /ho-so/{id}":                       "dsi",
		"GET /giay-to":                          "dsi",
		"GET /giay-to/{id}":                     "dsi",
		"GET /tra-cuu":                          "dsi",
		"GET /tra-cuu/tiep":                     "dsi",
		"GET /dang-nhap/oidc":                   "*",
		"GET /dang-nhap/oidc/ve":                "*",

		"GET /tai-khoan":                   "dsi",
		"POST /tai-khoan/mat-khau":         "dsi",
		"GET /tai-khoan/hai-lop":           "dsi",
		"POST /tai-khoan/hai-lop":          "dsi",
		"GET /tai-khoan/hai-lop/qr.png":    "dsi",
		"POST /tai-khoan/hai-lop/go":       "dsi",
		"POST /tai-khoan/hai-lop/du-phong": "dsi",
		"GET /tai-khoan/phien":             "dsi",
		"POST /tai-khoan/phien/{id}":       "dsi",

		"GET /van-hanh":                             "i",
		"GET /van-hanh/kho":                         "i",
		"GET /van-hanh/giay-to-loi":                 "i",
		"POST /van-hanh/giay-to-loi":                "i",
		"GET /van-hanh/tai-khoan":                   "i",
		"POST /van-hanh/tai-khoan":                  "i",
		"GET /van-hanh/tai-khoan/{login}":           "i",
		"POST /van-hanh/tai-khoan/{login}":          "i",
		"POST /van-hanh/tai-khoan/{login}/mat-khau": "i",
		"POST /van-hanh/tai-khoan/{login}/{act}":    "i",
		"GET /van-hanh/co-quan":                     "i",
		"POST /van-hanh/co-quan":                    "i",
		"GET /van-hanh/co-quan/nhap":                "i",
		"POST /van-hanh/co-quan/nhap":               "i",
		"POST /van-hanh/co-quan/nhap/ghi":           "i",
		"GET /van-hanh/thu-tuc":                     "i",
		"GET /van-hanh/thu-tuc/sua":                 "i",
		"POST /van-hanh/thu-tuc/sua":                "i",
		"GET /van-hanh/thu-tuc/nhap":                "i",
		"POST /van-hanh/thu-tuc/nhap":               "i",
		"POST /van-hanh/thu-tuc/nhap/ghi":           "i",
		"GET /van-hanh/ma-truy-cap":                 "i",
		"POST /van-hanh/ma-truy-cap":                "i",
		"POST /van-hanh/ma-truy-cap/{id}":           "i",
		"GET /van-hanh/nhat-ky":                     "i",
		"GET /van-hanh/ty-le":                       "i",
		"POST /van-hanh/ty-le":                      "i",
		"GET /van-hanh/nhan-dang":                   "i",
		"POST /van-hanh/nhan-dang":                  "i",
	}
}

// signedIn is a browser of somebody who has just signed in, without the work of a password.
func (w *world) signedIn(t *testing.T, login string) *visit {
	t.Helper()
	s, err := w.records.SignInAs(t.Context(), catalogue.Identity{Issuer: "test", Subject: login, Login: login}, catalogue.Origin{})
	must(t, err)
	v := w.browser()
	v.cookies["sohoa"] = &http.Cookie{Name: "sohoa", Value: s.Secret}
	return v
}

// eachPage asks for each page as each role, and as nobody ("").
func eachPage(t *testing.T, w *world, look func(page pages.Route, who string, r reply)) {
	t.Helper()
	logins := map[string]string{"d": "lan", "s": "minh", "i": "quan"}
	for _, page := range w.html.Routes() {
		method, path := sample(page.Pattern)
		var form url.Values
		if method == http.MethodPost {
			form = url.Values{}
		}
		look(page, "", w.browser().ask(t, method, path, form))
		for who, login := range logins {
			look(page, who, w.signedIn(t, login).ask(t, method, path, form))
		}
	}
}

func TestEveryPageAsksForItsRole(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{Key: []byte("0123456789abcdef0123456789abcdef")}, func(c *Config) { c.SignInBurst = 10_000 })
	expect := mayVisit()
	for _, page := range w.html.Routes() {
		if _, known := expect[page.Pattern]; !known {
			t.Errorf("%s: no entry says who may ask", page.Pattern)
		}
	}
	seen := make(map[string]bool)
	eachPage(t, w, func(page pages.Route, who string, r reply) {
		seen[page.Pattern] = true
		may := expect[page.Pattern]
		sentAway := r.StatusCode == http.StatusSeeOther && strings.HasPrefix(r.Header.Get("Location"), "/dang-nhap") && !strings.HasPrefix(page.Pattern, "POST /dang-xuat") &&
			!strings.Contains(page.Pattern, "/dang-nhap/ma")
		switch {
		case r.StatusCode >= 500:
			t.Errorf("%s: %q gets %d: %s", page.Pattern, who, r.StatusCode, r.text)
		case may == "*":
			if r.StatusCode == http.StatusForbidden || sentAway && who == "" {
				t.Errorf("%s: %q gets %d", page.Pattern, who, r.StatusCode)
			}
		case who == "":
			if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/dang-nhap") {
				t.Errorf("%s: nobody gets %d: %s", page.Pattern, r.StatusCode, r.text)
			}
		case strings.Contains(may, who):
			if r.StatusCode == http.StatusForbidden || sentAway {
				t.Errorf("%s: %s gets %d to %s", page.Pattern, who, r.StatusCode, r.Header.Get("Location"))
			}
		default:
			if r.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s gets %d", page.Pattern, who, r.StatusCode)
			}
		}
	})
	for pattern := range expect {
		if !seen[pattern] {
			t.Errorf("%s: there is no such page", pattern)
		}
	}
}

// What a session that is not whole opens: the page where it is made whole, and nothing else.
func TestASessionThatIsNotWholeOpensNothing(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{Key: []byte("0123456789abcdef0123456789abcdef"), Factor: []catalogue.Role{catalogue.RoleIT}}, func(c *Config) { c.SignInBurst = 10_000 })
	once, err := w.records.ResetPassword(t.Context(), catalogue.Everywhere, "lan")
	must(t, err)
	for due, v := range map[catalogue.Due]*visit{catalogue.DuePassword: w.browser(), catalogue.DueFactor: w.signedIn(t, "quan")} {
		if due == catalogue.DuePassword {
			v.signIn(t, "lan", once)
		}
		for _, page := range w.html.Routes() {
			may := page.Open
			for _, d := range page.Due {
				may = may || d == due
			}
			if method, path := sample(page.Pattern); !may {
				goes(t, v.ask(t, method, path, nil), w.html.DuePath(due))
			}
		}
		for _, route := range w.routes {
			method, path := sample(route.pattern)
			if route.open == nil {
				if r := v.ask(t, method, path, nil); r.StatusCode != 403 {
					t.Errorf("%s: with %s due %d", route.pattern, due, r.StatusCode)
				}
			}
		}
	}
}

func TestEveryAnswerForbidsWhatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{Key: []byte("0123456789abcdef0123456789abcdef")}, func(c *Config) { c.SignInBurst = 10_000 })
	eachPage(t, w, func(page pages.Route, who string, r reply) {
		head := r.Header
		if head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %q is not told to believe the type", page.Pattern, who)
		}
		if caching := head.Get("Cache-Control"); caching != "no-store" && !strings.HasPrefix(page.Pattern, "GET /assets/") {
			t.Errorf("%s: %q may keep it: %q", page.Pattern, who, caching)
		}
		kind, _, _ := mime.ParseMediaType(head.Get("Content-Type"))
		if r.StatusCode >= 300 && r.StatusCode < 400 { // net/http's word on where it is
			return
		}
		if head.Get("Content-Security-Policy") != pages.ContentPolicy || head.Get("Referrer-Policy") == "" || head.Get("Permissions-Policy") == "" ||
			head.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s: %q gets %d %s with %v", page.Pattern, who, r.StatusCode, kind, head)
		}
		if kind == "text/html" && (strings.Contains(string(r.text), "<script>") || strings.Contains(string(r.text), "<style") ||
			strings.Contains(string(r.text), " style=") || strings.Contains(string(r.text), " onclick=")) {
			t.Errorf("%s: %q gets a page that its policy forbids: %s", page.Pattern, who, r.text)
		}
	})
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(pages.ContentPolicy, part) {
			t.Errorf("the policy lacks %s", part)
		}
	}
	if strings.Contains(pages.ContentPolicy, "unsafe") {
		t.Error("the policy allows what is unsafe")
	}
}

// Another site's page cannot change anything in the name of who is signed in.
func TestOtherSitesCannotUseASession(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	for _, head := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://ac.example"}} {
		for _, page := range w.html.Routes() {
			method, path := sample(page.Pattern)
			if method != http.MethodPost {
				continue
			}
			v := w.signedIn(t, "quan")
			v.head = head
			if r := v.ask(t, method, path, url.Values{}); r.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: %d", page.Pattern, head, r.StatusCode)
			}
		}
		for _, route := range w.routes {
			method, path := sample(route.pattern)
			if method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions || route.open != nil {
				continue
			}
			v := w.signedIn(t, "quan")
			v.head = head
			wantCode(t, v.ask(t, method, path, nil), 403, CodeCrossOrigin)
		}
	}
}
