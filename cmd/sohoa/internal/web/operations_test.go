package web

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// shows checks that a page is shown and says something.
func shows(t *testing.T, r reply, says ...string) {
	t.Helper()
	for _, s := range says {
		if r.StatusCode != 200 || !strings.Contains(string(r.text), s) {
			t.Fatalf("%s %s: %d, without %q: %s", r.Request.Method, r.Request.URL, r.StatusCode, s, r.text)
		}
	}
}

var secretOnce = regexp.MustCompile(`<code id="secret">([^<]+)</code>`)

func TestITKeepsAccounts(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.SignInBurst = 1000 })
	it := w.signedIn(t, "quan")
	made := it.ask(t, "POST", "/van-hanh/tai-khoan", url.Values{"login": {" Hoa.Pham "}, "name": {"Phạm Thị Hoa"}, "role": {"desk"}, "agency": {"H50.14"}})
	shows(t, made, "Chỉ hiện một lần", "hoa.pham")
	once := secretOnce.FindSubmatch(made.text)
	if once == nil {
		t.Fatalf("%s", made.text)
	}
	hoa := w.browser()
	goes(t, hoa.signIn(t, "hoa.pham", string(once[1])), "/dang-nhap?vao=1")
	goes(t, hoa.ask(t, "GET", "/", nil), "/tai-khoan")
	if r := it.ask(t, "POST", "/van-hanh/tai-khoan", url.Values{"login": {"hoa.pham"}, "name": {"x"}, "role": {"desk"}, "agency": {"H50"}}); r.StatusCode != 409 {
		t.Errorf("the same login again: %d", r.StatusCode)
	}
	shows(t, it.ask(t, "GET", "/van-hanh/tai-khoan?tim=pham+thi", nil), "hoa.pham", "Chờ đổi mật khẩu", "1 trong")
	if r := it.ask(t, "GET", "/van-hanh/tai-khoan?tim=pham+thi", nil); strings.Contains(string(r.text), ">minh<") {
		t.Error("others are shown, too")
	}
	const path = "/van-hanh/tai-khoan/hoa.pham"
	shows(t, it.ask(t, "GET", path, nil), "Phạm Thị Hoa", "Kết thúc mọi phiên")
	for range 5 {
		w.browser().signIn(t, "hoa.pham", "sai rồi")
	}
	shows(t, it.ask(t, "GET", path, nil), "Tạm khóa đến")
	goes(t, it.ask(t, "POST", path+"/mo-khoa", nil), path+"?xong=mo-khoa")
	if a, err := w.records.AccountByLogin(t.Context(), catalogue.Everywhere, "hoa.pham"); err != nil || !a.LockedUntil.IsZero() {
		t.Errorf("%+v, %v", a, err)
	}
	goes(t, it.ask(t, "POST", path+"/ket-thuc", nil), path+"?xong=ket-thuc")
	goes(t, hoa.ask(t, "GET", "/tai-khoan", nil), "/dang-nhap?den=%2Ftai-khoan")
	again := it.ask(t, "POST", path+"/mat-khau", nil)
	if second := secretOnce.FindSubmatch(again.text); second == nil || string(second[1]) == string(once[1]) {
		t.Errorf("%d %s", again.StatusCode, again.text)
	}
	goes(t, it.ask(t, "POST", path, url.Values{"name": {"Phạm Hoa"}, "role": {"supervisor"}, "agency": {"H50"}, "disabled": {"1"}}), path+"?xong=sua")
	a, err := w.records.AccountByLogin(t.Context(), catalogue.Everywhere, "hoa.pham")
	if err != nil || a.Name != "Phạm Hoa" || a.Role != catalogue.RoleSupervisor || a.Agency != "H50" || !a.Disabled {
		t.Errorf("%+v, %v", a, err)
	}
	// Nobody shuts themselves out.
	for _, change := range []url.Values{
		{"name": {"Quân"}, "role": {"it"}, "agency": {"H50"}, "disabled": {"1"}},
		{"name": {"Quân"}, "role": {"desk"}, "agency": {"H50"}},
		{"name": {"Quân"}, "role": {"it"}, "agency": {"H50.13"}},
	} {
		if r := it.ask(t, "POST", "/van-hanh/tai-khoan/quan", change); r.StatusCode != 409 || !strings.Contains(string(r.text), "Không thể tự khóa") {
			t.Errorf("%v: %d %s", change, r.StatusCode, r.text)
		}
	}
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Actor: "user:quan", Action: "password.set"})
	must(t, err)
	if len(acts) != 2 || acts[0].Remote != "127.0.0.1" {
		t.Errorf("the audit has %+v", acts)
	}
}

// IT of a department reaches the department, and not what is above or beside it.
func TestITOfADepartmentReachesNoFurther(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) { c.SignInBurst = 1000 })
	_, err := w.records.PutUser(t.Context(), catalogue.User{Login: "son", Name: "Sơn", Role: catalogue.RoleIT, Agency: "H50.13"})
	must(t, err)
	it := w.signedIn(t, "son")
	account := func(login, agency string) url.Values {
		return url.Values{"login": {login}, "name": {"x"}, "role": {"desk"}, "agency": {agency}, "days": {"1"}}
	}
	for name, c := range map[string]struct {
		method, path string
		form         url.Values
		status       int
	}{
		"a user above":         {"POST", "/van-hanh/tai-khoan", account("moi", "H50"), 400},
		"a user beside":        {"POST", "/van-hanh/tai-khoan", account("moi", "H50.14"), 400},
		"a user who is above":  {"POST", "/van-hanh/tai-khoan", account("minh", "H50.13"), 409},
		"to look at one above": {"GET", "/van-hanh/tai-khoan/minh", nil, 404},
		"to change one above":  {"POST", "/van-hanh/tai-khoan/minh", account("", "H50.13"), 404},
		"to move one away":     {"POST", "/van-hanh/tai-khoan/lan", account("", "H50"), 400},
		"a password of above":  {"POST", "/van-hanh/tai-khoan/minh/mat-khau", nil, 404},
		"to end one above":     {"POST", "/van-hanh/tai-khoan/minh/ket-thuc", nil, 404},
		"to unlock one above":  {"POST", "/van-hanh/tai-khoan/minh/mo-khoa", nil, 404},
		"a factor of above":    {"POST", "/van-hanh/tai-khoan/minh/go-hai-lop", nil, 404},
		"an own password":      {"POST", "/van-hanh/tai-khoan/son/mat-khau", nil, 409},
		"an own factor":        {"POST", "/van-hanh/tai-khoan/son/go-hai-lop", nil, 409},
		"an own link":          {"POST", "/van-hanh/tai-khoan/son/go-lien-ket", nil, 409},
		"another act":          {"POST", "/van-hanh/tai-khoan/lan/xoa", nil, 404},
		"an agency above":      {"POST", "/van-hanh/co-quan", url.Values{"code": {"H50.9"}, "name": {"x"}, "parent": {"H50"}}, 400},
		"another's agency":     {"POST", "/van-hanh/co-quan", url.Values{"code": {"H50.14"}, "name": {"x"}}, 409},
		"a procedure":          {"POST", "/van-hanh/thu-tuc/sua", url.Values{"code": {"1.1"}, "name": {"x"}}, 403},
		"a procedure's form":   {"GET", "/van-hanh/thu-tuc/sua", nil, 403},
		"the audit":            {"GET", "/van-hanh/nhat-ky", nil, 403},
		"the rates' settings":  {"GET", "/van-hanh/ty-le", nil, 403},
		"to change them":       {"POST", "/van-hanh/ty-le", url.Values{"received": {"2"}}, 403},
		"reading's settings":   {"GET", "/van-hanh/nhan-dang", nil, 403},
		"to change these":      {"POST", "/van-hanh/nhan-dang", url.Values{"review_below": {"80"}, "doubt_below": {"80"}}, 403},
		"a token above":        {"POST", "/van-hanh/ma-truy-cap", account("", "H50"), 400},
		"a token of above":     {"POST", "/van-hanh/ma-truy-cap", account("minh", ""), 404},
		"to end a token above": {"POST", "/van-hanh/ma-truy-cap/3", nil, 404},
	} {
		if r := it.ask(t, c.method, c.path, c.form); r.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", name, r.StatusCode, c.status, r.text)
		}
	}
	for _, path := range []string{"/van-hanh", "/van-hanh/kho", "/van-hanh/tai-khoan", "/van-hanh/co-quan", "/van-hanh/ma-truy-cap"} {
		r := it.ask(t, "GET", path, nil)
		shows(t, r, "<main")
		for _, above := range []string{">minh<", "Sở Y tế", ">boss<", "Hàng đợi</h2>", "Chỗ trống"} {
			if strings.Contains(string(r.text), above) {
				t.Errorf("%s shows %s", path, above)
			}
		}
	}
}

func TestITKeepsAgenciesProceduresAndTokens(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	it := w.signedIn(t, "quan")
	goes(t, it.ask(t, "POST", "/van-hanh/co-quan", url.Values{"code": {"H50.13.1"}, "name": {"Phòng Vận tải"}, "parent": {"H50.13"}}), "/van-hanh/co-quan?xong=1")
	goes(t, it.ask(t, "POST", "/van-hanh/co-quan", url.Values{"code": {"H50.13.1"}, "name": {"Phòng <b>Vận tải</b>"}}), "/van-hanh/co-quan?xong=1")
	shows(t, it.ask(t, "GET", "/van-hanh/co-quan", nil), "Phòng &lt;b&gt;Vận tải&lt;/b&gt;", "thuộc H50.13")

	procedure := url.Values{
		"code": {"1.002809"}, "name": {"Đổi giấy phép"}, "field_code": {"GT"}, "field_name": {"Đường bộ"}, "result": {"1"},
		"component_code": {"TP01", "", "TP02"}, "component_name": {"Đơn", "", "Ảnh"}, "component_required": {"1", "1", "0"},
	}
	goes(t, it.ask(t, "POST", "/van-hanh/thu-tuc/sua", procedure), "/van-hanh/thu-tuc?tim=1.002809&xong=1")
	all, err := w.records.Procedures(t.Context())
	must(t, err)
	if len(all) != 1 || fmt.Sprint(all[0].Components) != "[{TP01 Đơn true} {TP02 Ảnh false}]" || !all[0].Result {
		t.Errorf("%+v", all)
	}
	shows(t, it.ask(t, "GET", "/van-hanh/thu-tuc/sua?ma=1.002809", nil), `value="TP02"`)
	shows(t, it.ask(t, "GET", "/van-hanh/thu-tuc?tim=duong+bo", nil), "1.002809")

	made := it.ask(t, "POST", "/van-hanh/ma-truy-cap", url.Values{"name": {"may-quet"}, "role": {"desk"}, "agency": {"H50.13"}, "days": {"30"}, "scope": {"intake"}})
	once := secretOnce.FindSubmatch(made.text)
	if once == nil {
		t.Fatalf("%d %s", made.StatusCode, made.text)
	}
	token, err := w.records.Authenticate(t.Context(), string(once[1]))
	if err != nil || token.Agency != "H50.13" || fmt.Sprint(token.Scopes) != "[intake]" || time.Until(token.Expires) < 29*24*time.Hour {
		t.Errorf("%+v, %v", token, err)
	}
	list := it.ask(t, "GET", "/van-hanh/ma-truy-cap", nil)
	shows(t, list, "may-quet", "Nộp giấy tờ")
	if strings.Contains(string(list.text), string(once[1])) {
		t.Error("a token is told again")
	}
	goes(t, it.ask(t, "POST", fmt.Sprintf("/van-hanh/ma-truy-cap/%d", token.ID), nil), "/van-hanh/ma-truy-cap?xong=1")
	if _, err := w.records.Authenticate(t.Context(), string(once[1])); err == nil {
		t.Error("it still works")
	}
}

func TestITSearchesTheAudit(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	it := w.signedIn(t, "quan")
	for n := range 120 {
		must(t, w.records.As(catalogue.Actor{Name: "user:lan", Remote: "192.0.2.1"}).Record(t.Context(), "paper.download", fmt.Sprintf("paper:%d", n+1), nil))
	}
	must(t, w.records.As(catalogue.Actor{Name: "user:minh"}).Record(t.Context(), "paper.download", "paper:7", map[string]any{"part": "<script>alert(1)</script>"}))
	subjects := regexp.MustCompile(`<a href="/giay-to/(\d+)">`)
	seen := make(map[string]int)
	path, pages := "/van-hanh/nhat-ky?nguoi=Lan&viec=paper.download", 0
	for path != "" {
		r := it.ask(t, "GET", path, nil)
		shows(t, r, "Tải giấy tờ", "192.0.2.1")
		for _, m := range subjects.FindAllSubmatch(r.text, -1) {
			seen[string(m[1])]++
		}
		next := regexp.MustCompile(`href="(/van-hanh/nhat-ky\?[^"]+)">Trang sau`).FindSubmatch(r.text)
		path = ""
		if next != nil {
			path = strings.ReplaceAll(string(next[1]), "&amp;", "&")
		}
		pages++
	}
	if len(seen) != 120 || pages != 3 {
		t.Errorf("%d acts on %d pages", len(seen), pages)
	}
	for subject, times := range seen {
		if times != 1 {
			t.Errorf("paper %s is told %d times", subject, times)
		}
	}
	shows(t, it.ask(t, "GET", "/van-hanh/nhat-ky?doi-tuong=paper:7", nil), "user:lan", "user:minh", `\u003cscript\u003e`)
	today, tomorrow := time.Now().In(time.FixedZone("", 7*3600)).Format(time.DateOnly), time.Now().Add(24*time.Hour).In(time.FixedZone("", 7*3600)).Format(time.DateOnly)
	shows(t, it.ask(t, "GET", "/van-hanh/nhat-ky?nguoi=minh&tu="+today+"&den="+today, nil), "user:minh")
	shows(t, it.ask(t, "GET", "/van-hanh/nhat-ky?nguoi=minh&tu="+tomorrow, nil), "Không có việc nào")
	if r := it.ask(t, "GET", "/van-hanh/nhat-ky?tu=hom-nay", nil); r.StatusCode != 400 {
		t.Errorf("a day that is none: %d", r.StatusCode)
	}
}

func TestITSeesQueuesAndRetries(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) {
		c.Machines = func(context.Context) ([]pages.Machine, error) {
			return []pages.Machine{{Host: "may-doc-1", PID: 42, Jobs: 4, Active: 2, Since: time.Now(), Longest: 3 * time.Second}}, nil
		}
		c.Tasks = func(context.Context) ([]pages.Tasks, error) {
			return []pages.Tasks{{Queue: catalogue.Desk, Waiting: 17, Active: 2, Later: 1}}, nil
		}
		c.Folders = []Folder{{"Kho tệp", "/"}, {"Không có", "/khong/co"}}
	})
	ctx := t.Context()
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	var ids []string
	for n := range 2 {
		got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, n+1), nil}), 201).Results[0]
		ids = append(ids, fmt.Sprint(got.Paper.ID))
		p, err := w.records.Paper(ctx, catalogue.Everywhere, got.Paper.ID)
		must(t, err)
		reading, err := w.records.Begin(ctx, p.Reading, "r1", catalogue.StepSplit, time.Minute)
		must(t, err)
		must(t, w.records.Fail(ctx, reading, "<b>tệp hỏng</b>"))
	}
	it := w.signedIn(t, "quan")
	shows(t, it.ask(t, "GET", "/van-hanh", nil), "may-doc-1", ">17<", "Cán bộ đang chờ", `<span class="state failed">2</span>`)
	shows(t, it.ask(t, "GET", "/van-hanh/kho", nil), "Kho tệp", "Còn ", "<dt>Giấy tờ</dt><dd>2</dd>")
	if r := it.ask(t, "GET", "/van-hanh/kho", nil); strings.Contains(string(r.text), "Không có") {
		t.Error("a folder that is not there has room")
	}
	shows(t, it.ask(t, "GET", "/van-hanh/giay-to-loi", nil), "&lt;b&gt;tệp hỏng&lt;/b&gt;", "H50.13-220331-0001")
	before := len(w.queue.has())
	goes(t, it.ask(t, "POST", "/van-hanh/giay-to-loi", url.Values{"giay-to": append([]string{"999"}, ids...)}), "/van-hanh/giay-to-loi?xong=2&con=1")
	if got := len(w.queue.has()) - before; got != 2 {
		t.Errorf("%d were queued", got)
	}
	shows(t, it.ask(t, "GET", "/van-hanh/giay-to-loi?xong=2&con=1", nil), "Đã cho đọc lại 2 giấy tờ", "Không có giấy tờ nào")
	acts, err := w.records.Acts(ctx, catalogue.ActFilter{Actor: "user:quan", Action: "paper.retry"})
	must(t, err)
	if len(acts) != 2 {
		t.Errorf("the audit has %+v", acts)
	}
	if r := it.ask(t, "POST", "/van-hanh/giay-to-loi", nil); r.StatusCode != 400 {
		t.Errorf("none chosen: %d", r.StatusCode)
	}
}

func TestAQueueThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	away := fmt.Errorf("dial tcp: %w", context.DeadlineExceeded)
	w, _ := newOffice(t, catalogue.SignIns{}, func(c *Config) {
		c.Machines = func(context.Context) ([]pages.Machine, error) { return nil, away }
		c.Tasks = func(context.Context) ([]pages.Tasks, error) { return nil, away }
		c.Ready = func(context.Context) []Problem { return []Problem{Missing("queue", away)} }
	})
	shows(t, w.signedIn(t, "quan").ask(t, "GET", "/van-hanh", nil), "Không hỏi được hàng đợi", "Bộ phận không hoạt động", "dial tcp", "không rõ")
}

func TestITSaysHowRatesAreCounted(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	it := w.signedIn(t, "quan")
	shows(t, it.ask(t, "GET", "/van-hanh/ty-le", nil), `id="target-components" name="target-components" value="80"`, "Công dân rút")
	form := url.Values{
		"received": {"2", "4"}, "scope": {"4"}, "resolved": {"10"}, "target-components": {"83,15"}, "target-dossiers": {"100 %"}, "target-results": {""},
	}
	goes(t, it.ask(t, "POST", "/van-hanh/ty-le", form), "/van-hanh/ty-le?xong=1")
	s, err := w.records.RateSettings(t.Context())
	must(t, err)
	if fmt.Sprint(s.Received, s.Scope, s.Resolved, s.Targets) != "[2 4] [4] [10] map[components:8315 dossiers:10000]" {
		t.Errorf("%+v", s)
	}
	shows(t, it.ask(t, "GET", "/van-hanh/ty-le", nil), `value="83,15"`, `value="100"`)
	for name, change := range map[string][2]string{"no state": {"scope", ""}, "no such state": {"scope", "11"}, "too much": {"target-results", "101"}, "no number": {"target-results", "NaN"}} {
		bad := url.Values{"received": {"2"}, "scope": {"2"}, "resolved": {"9"}}
		bad.Set(change[0], change[1])
		if r := it.ask(t, "POST", "/van-hanh/ty-le", bad); r.StatusCode != 400 {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
}

// The confidence below which somebody should look is data: IT changes it, the audit is told, and a paper's page follows at once.
func TestITSaysWhatIsDoubtful(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	it := w.signedIn(t, "quan")
	shows(t, it.ask(t, "GET", "/van-hanh/nhan-dang", nil), `name="review_below" value="80"`, `name="doubt_below" value="80"`)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.handOne(t, path, "a.png", 1)
	w.read(t, p, "số hóa hồ sơ")
	page := fmt.Sprint("/giay-to/", p.ID)
	shows(t, it.ask(t, "GET", page, nil), `data-doubt="80"`)
	goes(t, it.ask(t, "POST", "/van-hanh/nhan-dang", url.Values{"review_below": {"72,5"}, "doubt_below": {"91 %"}}), "/van-hanh/nhan-dang?xong=1")
	s, err := w.records.ReadingSettings(t.Context())
	if err != nil || s.ReviewBelow != 72.5 || s.DoubtBelow != 91 {
		t.Errorf("%+v, %v", s, err)
	}
	shows(t, it.ask(t, "GET", "/van-hanh/nhan-dang", nil), `value="72,5"`, `value="91"`)
	shows(t, it.ask(t, "GET", page, nil), `data-doubt="91"`)
	if acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "reading.settings"}); err != nil || len(acts) != 1 || acts[0].Actor != "user:quan" || !strings.Contains(fmt.Sprint(acts[0].Detail), "72.5") {
		t.Errorf("the audit says %+v, %v", acts, err)
	}
	for _, bad := range []string{"", "x", "-1", "100,1", "NaN", "Inf"} {
		for _, field := range []string{"review_below", "doubt_below"} {
			form := url.Values{"review_below": {"80"}, "doubt_below": {"80"}}
			form.Set(field, bad)
			if r := it.ask(t, "POST", "/van-hanh/nhan-dang", form); r.StatusCode != 400 {
				t.Errorf("%s %q: %d", field, bad, r.StatusCode)
			}
		}
	}
}

// What was handed in is never shown by a browser as a page of ours, whatever it is and says it is.
func TestUploadsAreNeverServedAsPages(t *testing.T) {
	t.Parallel()
	w, _ := newOffice(t, catalogue.SignIns{}, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	page := []byte("<!doctype html><script>alert(1)</script>")
	for _, kind := range []string{"", "text/html", "image/svg+xml", "application/xhtml+xml"} {
		wantCode(t, w.do(t, ask{"POST", path + "/papers", w.desk, page, map[string]string{"Content-Type": kind}}), 415, CodePaperUnknown)
	}
	// A scan that is one, with a page behind it, and called one.
	both := append(scan(t, 1), page...)
	head := map[string]string{"Content-Type": "text/html", "Content-Disposition": `attachment; filename="x.html"`}
	got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, both, head}), 201).Results[0]
	lan := w.signedIn(t, "lan")
	for _, query := range []string{"", "?x=.html"} {
		r := lan.ask(t, "GET", fmt.Sprintf("/api/v1/papers/%d/original%s", got.Paper.ID, query), nil)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/png" || r.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	}
}
