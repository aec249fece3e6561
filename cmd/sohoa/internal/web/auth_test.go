package web

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/storage/catalogue"
)

// mayAsk says for each route who may ask: d(esk), b(oss, a supervisor), i(t of the whole tree), s(ub-agency's IT), m(achine that
// may only hand in); * is everybody.
func mayAsk() map[string]string {
	return map[string]string{
		"GET /healthz":             "*",
		"GET /readyz":              "*",
		"GET /api/v1/openapi.yaml": "*",
		"GET /metrics":             "i",
		"/it/queues/":              "i",

		"POST /api/v1/dossiers":                   "dism",
		"POST /api/v1/dossiers/batch":             "dism",
		"GET /api/v1/dossiers":                    "dbis",
		"GET /api/v1/dossiers/{id}":               "dbis",
		"POST /api/v1/dossiers/{id}/papers":       "dism",
		"POST /api/v1/dossiers/{id}/papers/known": "dism",

		"POST /api/v1/dossiers/{id}/papers/reused": "dism",
		"GET /api/v1/dossiers/{id}/held":           "dbis",
		"GET /api/v1/papers/{id}/held":             "dbis",
		"POST /api/v1/papers/{id}/reuse":           "dis",

		"GET /api/v1/dossiers/{id}/covers":      "dbis",
		"GET /api/v1/dossiers/{id}/covers/code": "dbis",
		"GET /api/v1/scans/{sha256}":            "dbis",
		"GET /api/v1/papers/{id}/batch":         "dbis",

		"OPTIONS /api/v1/uploads/":             "dism",
		"POST /api/v1/uploads/{$}":             "dism",
		"HEAD /api/v1/uploads/{upload}":        "dism",
		"PATCH /api/v1/uploads/{upload}":       "dism",
		"DELETE /api/v1/uploads/{upload}":      "dism",
		"POST /api/v1/uploads/{upload}/finish": "dism",
		"GET /api/v1/papers/{id}":              "dbis",
		"GET /api/v1/papers/{id}/pages":        "dbis",
		"GET /api/v1/papers/{id}/pages/{page}": "dbis",
		"GET /api/v1/papers/{id}/original":     "dbis",
		"GET /api/v1/papers/{id}/pdf":          "dbis",
		"GET /api/v1/papers/{id}/text":         "dbis",
		"GET /api/v1/papers/{id}/json":         "dbis",
		"GET /api/v1/papers/{id}/fields":       "dbis",
		"PUT /api/v1/papers/{id}/fields":       "dism",
		"POST /api/v1/papers/{id}/retry":       "dism",

		"GET /api/v1/papers/{id}/pages/{page}/image":        "dbis",
		"GET /api/v1/papers/{id}/pages/{page}/words":        "dbis",
		"POST /api/v1/papers/{id}/pages/{page}/corrections": "dis",
		"PUT /api/v1/papers/{id}/approval":                  "dis",
		"DELETE /api/v1/papers/{id}/approval":               "dis",
		"GET /api/v1/papers/{id}/arrangement":               "dbis",
		"PUT /api/v1/papers/{id}/arrangement":               "dis",
		"POST /api/v1/papers/{id}/split":                    "dis",
		"POST /api/v1/papers/{id}/merge":                    "dis",
		"GET /api/v1/review":                                "dbis",
		"PUT /api/v1/papers/{id}/place":                     "dis",
		"DELETE /api/v1/papers/{id}":                        "dis",

		"GET /api/v1/search":            "dbis",
		"GET /api/v1/events":            "dbis",
		"GET /api/v1/rates":             "dbis",
		"GET /api/v1/rates/dossiers":    "dbis",
		"GET /api/v1/rates/settings":    "dbis",
		"PUT /api/v1/rates/settings":    "i",
		"GET /api/v1/public/rates":      "dbis",
		"GET /api/v1/agencies":          "dbis",
		"PUT /api/v1/agencies/{code}":   "is",
		"GET /api/v1/procedures":        "dbis",
		"PUT /api/v1/procedures/{code}": "i",
		"GET /api/v1/users":             "is",
		"PUT /api/v1/users/{login}":     "is",
		"GET /api/v1/tokens":            "is",
		"POST /api/v1/tokens":           "is",
		"DELETE /api/v1/tokens/{id}":    "is",
		"GET /api/v1/audit":             "i",
		"GET /api/v1/status":            "i",
		"GET /api/v1/failed":            "is",
	}
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// sample is a request for a route, of something that is not there.
func sample(pattern string) (method, path string) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = "GET", pattern
	}
	path = strings.ReplaceAll(path, "{$}", "")
	return method, placeholder.ReplaceAllString(path, "999")
}

func TestEveryRouteAsksForItsRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Inspect = http.NotFoundHandler() })
	tokens := map[byte]string{'d': w.desk, 'b': w.boss, 'i': w.it, 's': w.deptIT, 'm': w.machine}
	expect := mayAsk()
	for _, r := range w.routes {
		who, known := expect[r.pattern]
		if !known {
			t.Errorf("%s: no entry says who may ask", r.pattern)
			continue
		}
		delete(expect, r.pattern)
		method, path := sample(r.pattern)
		if path == "/api/v1/events" {
			path += "?paper=999" // a stream would not end
		}
		anonymous := w.do(t, ask{method: method, path: path})
		if open := anonymous.StatusCode != 401; open != (who == "*") {
			t.Errorf("%s: without a token %d", r.pattern, anonymous.StatusCode)
		}
		if who == "*" {
			continue
		}
		if got := w.do(t, ask{method: method, path: path, token: "sohoa_nonsense"}); got.StatusCode != 401 {
			t.Errorf("%s: with a token that is none %d", r.pattern, got.StatusCode)
		}
		for name, token := range tokens {
			got := w.do(t, ask{method: method, path: path, token: token})
			refused := got.StatusCode == 403
			if refused == (strings.IndexByte(who, name) >= 0) || got.StatusCode == 401 || got.StatusCode >= 500 {
				t.Errorf("%s: %c gets %d: %s", r.pattern, name, got.StatusCode, got.text)
			}
		}
	}
	for pattern := range expect {
		t.Errorf("%s: there is no such route", pattern)
	}
}

func TestRoutesAndDocumentSayTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Inspect = http.NotFoundHandler() })
	var routes []string
	for _, r := range w.routes {
		if !r.foreign {
			routes = append(routes, strings.ReplaceAll(r.pattern, "{$}", ""))
		}
	}
	doc := loadDocument(t)
	var described []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if !slices.Equal(routes, described) {
		t.Errorf("routes are\n%s\nand described are\n%s", strings.Join(routes, "\n"), strings.Join(described, "\n"))
	}
}

func TestWhatIsOutOfReachIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 1), nil}), 201).Results[0]
	paper := "/api/v1/papers/" + subject("", got.Paper.ID)[1:]
	for _, p := range []string{path, paper, paper + "/pages", paper + "/original", paper + "/fields", paper + "/pages/1"} {
		wantCode(t, w.do(t, ask{"GET", p, w.other, nil, nil}), 404, CodeNotFound)
	}
	wantCode(t, w.do(t, ask{"PUT", paper + "/fields", w.other, map[string]any{"fields": map[string]string{"title": "x"}}, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"POST", paper + "/retry", w.other, nil, nil}), 404, CodeNotFound)
	f := wantCode(t, w.do(t, ask{"POST", "/api/v1/dossiers", w.other, map[string]any{"code": "H50.13-220331-0001"}, nil}), 409, CodeConflict)
	if strings.Contains(f.Detail, "H50.13") {
		t.Errorf("the refusal tells whose dossier it is: %+v", f)
	}
	if l := want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers", w.other, nil, nil}), 200); len(l.Dossiers) != 0 {
		t.Errorf("the other office sees %+v", l)
	}
	if l := want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers?code=H50.13-220331-0001", w.boss, nil, nil}), 200); len(l.Dossiers) != 1 {
		t.Errorf("the supervisor sees %+v", l)
	}
	want[paperJSON](t, w.do(t, ask{"GET", paper, w.boss, nil, nil}), 200)
}

func TestARevokedTokenIsRefusedAndTheAuditKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	made := want[tokenJSON](t, w.do(t, ask{"POST", "/api/v1/tokens", w.it, map[string]any{"name": "scanner", "role": "desk", "agency": "H50.13", "days": 1}, nil}), 201)
	if made.Expires == nil || made.Secret == "" {
		t.Fatalf("the token is %+v", made)
	}
	want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers", made.Secret, nil, nil}), 200)
	if r := w.do(t, ask{"DELETE", "/api/v1/tokens/" + subject("", made.ID)[1:], w.it, nil, nil}); r.StatusCode != 204 {
		t.Fatalf("revoke: %d %s", r.StatusCode, r.text)
	}
	r := w.do(t, ask{"GET", "/api/v1/dossiers", made.Secret, nil, nil})
	wantCode(t, r, 401, CodeUnauthorized)
	if !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("no challenge: %v", r.Header)
	}
	w.do(t, ask{"GET", "/api/v1/dossiers", made.Secret, nil, nil})
	acts := want[actsJSON](t, w.do(t, ask{"GET", "/api/v1/audit?action=sign_in.refused", w.it, nil, nil}), 200)
	if len(acts.Acts) != 1 || acts.Acts[0].Remote != "127.0.0.1" {
		t.Errorf("the audit has %+v", acts)
	}
	list := want[tokensJSON](t, w.do(t, ask{"GET", "/api/v1/tokens", w.it, nil, nil}), 200)
	for _, token := range list.Tokens {
		if token.Secret != "" {
			t.Errorf("a listing tells a secret: %+v", token)
		}
	}
}

func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	narrow := want[tokenJSON](t, w.do(t, ask{"POST", "/api/v1/tokens", w.deptIT, map[string]any{"name": "narrow", "role": "it", "agency": "H50.13", "scopes": []string{"operate"}}, nil}), 201).Secret
	want[userJSON](t, w.do(t, ask{"PUT", "/api/v1/users/an", w.it, map[string]any{"name": "An", "role": "desk", "agency": "H50.14"}, nil}), 200)
	for name, c := range map[string]struct {
		method, path, token string
		body                any
		status              int
		code                Code
	}{
		"a token above":        {"POST", "/tokens", w.deptIT, map[string]any{"name": "x", "role": "desk", "agency": "H50"}, 400, CodeInvalid},
		"a token beside":       {"POST", "/tokens", w.deptIT, map[string]any{"name": "x", "role": "desk", "agency": "H50.14"}, 400, CodeInvalid},
		"another's user":       {"POST", "/tokens", w.deptIT, map[string]any{"name": "x", "login": "an"}, 400, CodeInvalid},
		"more scopes":          {"POST", "/tokens", narrow, map[string]any{"name": "x", "role": "desk", "agency": "H50.13"}, 403, CodeBeyondYours},
		"scopes beyond a role": {"POST", "/tokens", w.it, map[string]any{"name": "x", "role": "desk", "agency": "H50", "scopes": []string{"operate"}}, 400, CodeInvalid},
		"days":                 {"POST", "/tokens", w.it, map[string]any{"name": "x", "role": "desk", "agency": "H50", "days": -1}, 400, CodeInvalid},
		"a user above":         {"PUT", "/users/binh", w.deptIT, map[string]any{"name": "B", "role": "desk", "agency": "H50"}, 400, CodeInvalid},
		"another's user moved": {"PUT", "/users/an", w.deptIT, map[string]any{"name": "B", "role": "desk", "agency": "H50.13"}, 409, CodeConflict},
		"a user's role":        {"PUT", "/users/binh", narrow, map[string]any{"name": "B", "role": "desk", "agency": "H50.13"}, 403, CodeBeyondYours},
		"no role":              {"PUT", "/users/binh", w.it, map[string]any{"name": "B", "role": "king", "agency": "H50"}, 400, CodeInvalid},
		"another's agency":     {"PUT", "/agencies/H50.14", w.deptIT, map[string]any{"name": "x"}, 409, CodeConflict},
		"an agency beside":     {"PUT", "/agencies/H50.15", w.deptIT, map[string]any{"name": "x", "parent": "H50"}, 400, CodeInvalid},
		"a root":               {"PUT", "/agencies/H51", w.it, map[string]any{"name": "x"}, 400, CodeInvalid},
		"another's token":      {"DELETE", "/tokens/1", w.deptIT, nil, 204, ""},
		"a token that is none": {"DELETE", "/tokens/999", w.deptIT, nil, 404, CodeNotFound},
		"a token of another":   {"DELETE", "/tokens/2", w.deptIT, nil, 404, CodeNotFound},
		"the whole audit":      {"GET", "/audit", w.deptIT, nil, 403, CodeForbidden},
		"everybody's work":     {"PUT", "/procedures/1.1", w.deptIT, map[string]any{"name": "x"}, 403, CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.do(t, ask{c.method, "/api/v1" + c.path, c.token, c.body, nil})
			if c.code != "" {
				wantCode(t, r, c.status, c.code)
			} else if r.StatusCode != c.status {
				t.Errorf("%d %s", r.StatusCode, r.text)
			}
		})
	}
	want[agencyJSON](t, w.do(t, ask{"PUT", "/api/v1/agencies/H50.13.01", w.deptIT, map[string]any{"name": "Phòng", "parent": "H50.13"}, nil}), 200)
	if a := want[agencyJSON](t, w.do(t, ask{"PUT", "/api/v1/agencies/H50.13", w.deptIT, map[string]any{"name": "Sở mới"}, nil}), 200); a.Parent != "H50" || a.Name != "Sở mới" {
		t.Errorf("renamed: %+v", a)
	}
}

func TestRatesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.TokenRate, c.TokenBurst = 0.001, 2 })
	for range 2 {
		want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers", w.desk, nil, nil}), 200)
	}
	r := w.do(t, ask{"GET", "/api/v1/dossiers", w.desk, nil, nil})
	wantCode(t, r, 429, CodeTooMany)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers", w.boss, nil, nil}), 200)
	v := newWorld(t, func(c *Config) { c.AddressRate, c.AddressBurst = 0.001, 1 })
	v.do(t, ask{method: "GET", path: "/healthz"})
	wantCode(t, v.do(t, ask{method: "GET", path: "/healthz"}), 429, CodeTooMany)
	wantCode(t, v.do(t, ask{method: "GET", path: "/nothing"}), 429, CodeTooMany)
	wantCode(t, v.do(t, ask{method: "DELETE", path: "/healthz"}), 429, CodeTooMany)
}

func TestLimitersForgetWhatWasNotSeenForLongest(t *testing.T) {
	t.Parallel()
	l := newLimiters[int](0.001, 1)
	for i := range mostRemembered + 10 {
		l.allow(i)
	}
	if n := len(l.known.at); n != mostRemembered || l.known.order.Len() != n {
		t.Errorf("%d are remembered", n)
	}
	if !l.allow(0) || l.allow(mostRemembered) {
		t.Error("the wrong ones were forgotten")
	}
	r := newRecent[string](time.Hour)
	if !r.first("a") || r.first("a") || !r.first("b") {
		t.Error("recent is not")
	}
}

func TestAForwardedAddressIsBelievedOfOurProxiesAlone(t *testing.T) {
	t.Parallel()
	s := &Server{config: Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	for _, c := range []struct{ from, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "198.51.100.7", "192.0.2.1"},
		{"10.0.0.1:5", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:5", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"},
		{"10.0.0.1:5", "nonsense", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5", "2001:db8::1", "2001:db8::1"},
		{"[fe80::1%eth0]:5", "", "fe80::1"},
		{"@", "", "unknown"},
	} {
		r := &http.Request{RemoteAddr: c.from, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		if got := s.remote(r); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	t.Parallel()
	var inspected []string
	w := newWorld(t, func(c *Config) {
		c.Inspect = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			inspected = append(inspected, r.Method+r.Header.Get("Authorization"))
		})
	})
	cross := map[string]string{"Sec-Fetch-Site": "cross-site"}
	wantCode(t, w.do(t, ask{"POST", "/it/queues/x", w.it, nil, cross}), 403, CodeCrossOrigin)
	basic := func(method, password string) reply {
		req := w.request(t, ask{method: method, path: "/it/queues/"})
		req.SetBasicAuth("anybody", password)
		resp, err := http.DefaultTransport.RoundTrip(req)
		must(t, err)
		must(t, resp.Body.Close())
		return reply{resp, nil}
	}
	if r := basic("GET", "wrong"); r.StatusCode != 401 || !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Basic") {
		t.Errorf("with a wrong password: %d %v", r.StatusCode, r.Header)
	}
	if r := basic("GET", w.desk); r.StatusCode != 403 {
		t.Errorf("an officer: %d", r.StatusCode)
	}
	if r := basic("POST", w.it); r.StatusCode != 200 {
		t.Errorf("IT: %d", r.StatusCode)
	}
	if !slices.Equal(inspected, []string{"POST"}) {
		t.Errorf("the pages saw %q", inspected)
	}
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "queue.inspect"})
	must(t, err)
	if len(acts) != 1 {
		t.Errorf("the audit has %+v", acts)
	}
	req := w.request(t, ask{method: "GET", path: "/api/v1/dossiers"})
	req.SetBasicAuth("x", w.desk)
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != 401 {
		t.Errorf("the API takes a browser's password: %d", resp.StatusCode)
	}
}
