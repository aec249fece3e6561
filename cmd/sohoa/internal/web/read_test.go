package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// handOne hands one paper in and gives it.
func (w *world) handOne(t *testing.T, path, name string, n int) paperJSON {
	t.Helper()
	return *want[handedJSON](t, w.do(t, ask{"POST", path + "/papers?name=" + name, w.desk, scan(t, n), nil}), 201).Results[0].Paper
}

// read does what the readers do, with one page whose text is given.
func (w *world) read(t *testing.T, p paperJSON, text string) {
	t.Helper()
	ctx := t.Context()
	full, err := w.records.Paper(ctx, catalogue.Everywhere, p.ID)
	must(t, err)
	began, err := w.records.ReadingByID(ctx, full.Reading)
	must(t, err)
	_, err = w.records.Split(ctx, began, "png", 1, time.Minute)
	must(t, err)
	for name, content := range map[string]string{"paper.pdf": "%PDF-1.4 x", "paper.txt": text, "paper.json": `{"pages":[]}`, "pages/1.json": `{"number":1}`} {
		key, err := object.Reading(p.SHA256, "r1", name)
		must(t, err)
		must(t, w.store.Put(ctx, key, strings.NewReader(content), int64(len(content)), ""))
	}
	_, last, err := w.records.EndPage(ctx, began, catalogue.PageRecord{Number: 1, State: "read", Source: "recognized", Confidence: 91.5, Words: 4, Width: 100, Height: 100}, time.Minute)
	must(t, err)
	if !last {
		t.Fatal("a page is left")
	}
	page := catalogue.PageText{Number: 1, Text: text, Width: 100, Height: 100}
	for at := 0; ; {
		word, _, more := strings.Cut(text[at:], " ")
		page.Words = append(page.Words, catalogue.WordBox{Start: at, End: at + len(word), X0: 1, Y0: 1, X1: 9, Y1: 9, Confidence: 90})
		if !more {
			break
		}
		at += len(word) + 1
	}
	must(t, w.records.Bound(ctx, began, catalogue.Summary{Words: len(page.Words), Confidence: 91.5}, []catalogue.PageText{page}))
}

func TestWhatWasReadIsDownloaded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.handOne(t, path, "%C4%90%C6%A1n%20%22x%22.png", 1)
	paper := "/api/v1/papers/" + subject("", p.ID)[1:]
	wantCode(t, w.do(t, ask{"GET", paper + "/pdf", w.desk, nil, nil}), 404, CodeNotReadYet)
	wantCode(t, w.do(t, ask{"GET", paper + "/pages/1", w.desk, nil, nil}), 404, CodeNotReadYet)
	w.read(t, p, "số hóa hồ sơ")
	now := want[paperJSON](t, w.do(t, ask{"GET", paper, w.desk, nil, nil}), 200)
	if now.State != catalogue.PaperRead || now.Pages != 1 || now.PagesRead != 1 || now.Confidence != 91.5 {
		t.Errorf("the paper is %+v", now)
	}
	pages := want[pagesJSON](t, w.do(t, ask{"GET", paper + "/pages", w.desk, nil, nil}), 200)
	if len(pages.Pages) != 1 || pages.Pages[0].State != "read" {
		t.Errorf("the pages are %+v", pages)
	}
	for what, c := range map[string]struct{ media, text, saved string }{
		"/original": {"image/png", string(scan(t, 1)), `attachment; filename="Don _x_.png"; filename*=UTF-8''%C4%90%C6%A1n%20%22x%22.png`},
		"/pdf":      {"application/pdf", "%PDF-1.4 x", `attachment; filename="Don _x_.pdf"; filename*=UTF-8''%C4%90%C6%A1n%20%22x%22.pdf`},
		"/text":     {"text/plain; charset=utf-8", "số hóa hồ sơ", `attachment; filename="Don _x_.txt"; filename*=UTF-8''%C4%90%C6%A1n%20%22x%22.txt`},
		"/json":     {"application/json", `{"pages":[]}`, `attachment; filename="Don _x_.json"; filename*=UTF-8''%C4%90%C6%A1n%20%22x%22.json`},
		"/pages/1":  {"application/json", `{"number":1}`, ""},
	} {
		r := w.do(t, ask{"GET", paper + what + "?link=1", w.desk, nil, nil})
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != c.media || string(r.text) != c.text || r.Header.Get("Content-Disposition") != c.saved {
			t.Errorf("%s: %d %v %q", what, r.StatusCode, r.Header, r.text)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(r.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v", what, r.Header)
		}
		same := w.do(t, ask{"GET", paper + what, w.desk, nil, map[string]string{"If-None-Match": r.Header.Get("ETag")}})
		wantStatus(t, same, 304)
		part := w.do(t, ask{"GET", paper + what, w.desk, nil, map[string]string{"Range": "bytes=1-3"}})
		if part.StatusCode != 206 || string(part.text) != c.text[1:4] {
			t.Errorf("%s: a range is %d %q", what, part.StatusCode, part.text)
		}
	}
	for _, what := range []string{"/text", "/pages/1"} {
		wantStatus(t, w.do(t, ask{"GET", paper + what, w.desk, nil, map[string]string{"Range": "bytes=900-"}}), 416)
	}
	wantCode(t, w.do(t, ask{"GET", paper + "/pages/2", w.desk, nil, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"GET", paper + "/pages/x", w.desk, nil, nil}), 404, CodeNotFound)
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "paper.download"})
	must(t, err)
	if len(acts) != 5 {
		t.Errorf("the audit has %d downloads: %+v", len(acts), acts)
	}
}

func TestFieldsAreTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	fields := "/api/v1/papers/" + subject("", w.handOne(t, path, "a.png", 1).ID)[1:] + "/fields"
	put := func(values map[string]string) reply {
		return w.do(t, ask{"PUT", fields, w.desk, map[string]any{"fields": values}, nil})
	}
	got := want[fieldsJSON](t, put(map[string]string{"title": "Đơn", "number": "12", "issued_on": "2022-03-31"}), 200)
	if len(got.Fields) != 3 || got.Fields[0].Value != "Đơn" || !strings.HasPrefix(got.Fields[0].By, "client:desk#") {
		t.Errorf("fields: %+v", got)
	}
	if got = want[fieldsJSON](t, put(map[string]string{"number": ""}), 200); len(got.Fields) != 2 {
		t.Errorf("fields: %+v", got)
	}
	if f := wantCode(t, put(map[string]string{"issued_on": "yesterday"}), 400, CodeInvalid); f.Field != "issued_on" {
		t.Errorf("%+v", f)
	}
	wantCode(t, put(map[string]string{"nonsense": "x"}), 400, CodeInvalid)
	if got = want[fieldsJSON](t, w.do(t, ask{"GET", fields, w.boss, nil, nil}), 200); len(got.Fields) != 2 {
		t.Errorf("fields: %+v", got)
	}
}

func TestWhatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.handOne(t, path, "a.png", 1)
	retry := ask{"POST", "/api/v1/papers/" + subject("", p.ID)[1:] + "/retry", w.desk, nil, nil}
	wantCode(t, w.do(t, retry), 409, CodeNothingFailed)
	full, err := w.records.Paper(t.Context(), catalogue.Everywhere, p.ID)
	must(t, err)
	began, err := w.records.ReadingByID(t.Context(), full.Reading)
	must(t, err)
	must(t, w.records.Fail(t.Context(), began, "broken"))
	failed := want[papersJSON](t, w.do(t, ask{"GET", "/api/v1/failed", w.it, nil, nil}), 200)
	if len(failed.Papers) != 1 || failed.Papers[0].Reason != "broken" {
		t.Errorf("failed: %+v", failed)
	}
	if again := want[paperJSON](t, w.do(t, retry), 202); again.State != catalogue.PaperReceived {
		t.Errorf("again: %+v", again)
	}
	if n := len(w.queue.has()); n != 2 {
		t.Errorf("the queue has %d", n)
	}
	status := want[statusJSON](t, w.do(t, ask{"GET", "/api/v1/status", w.it, nil, nil}), 200)
	if !status.Ready || status.Revision != "r1" || len(status.Backlogs) != 3 || status.Backlogs[0].Papers != 1 {
		t.Errorf("status: %+v", status)
	}
}

func TestProceduresAndUsersAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	in := map[string]any{"name": "Đổi giấy phép lái xe", "result": true, "components": []any{map[string]any{"code": "TP1", "name": "Đơn", "required": true}}}
	want[procedureJSON](t, w.do(t, ask{"PUT", "/api/v1/procedures/1.002809", w.it, in, nil}), 200)
	all := want[proceduresJSON](t, w.do(t, ask{"GET", "/api/v1/procedures", w.desk, nil, nil}), 200)
	if len(all.Procedures) != 1 || len(all.Procedures[0].Components) != 1 || !all.Procedures[0].Result {
		t.Errorf("procedures: %+v", all)
	}
	want[userJSON](t, w.do(t, ask{"PUT", "/api/v1/users/an", w.it, map[string]any{"name": "An", "role": "desk", "agency": "H50.13"}, nil}), 200)
	own := want[tokenJSON](t, w.do(t, ask{"POST", "/api/v1/tokens", w.deptIT, map[string]any{"name": "an-1", "login": "an"}, nil}), 201)
	want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers", own.Secret, nil, nil}), 200)
	want[userJSON](t, w.do(t, ask{"PUT", "/api/v1/users/an", w.it, map[string]any{"name": "An", "role": "desk", "agency": "H50.13", "disabled": true}, nil}), 200)
	wantCode(t, w.do(t, ask{"GET", "/api/v1/dossiers", own.Secret, nil, nil}), 401, CodeUnauthorized)
	if users := want[usersJSON](t, w.do(t, ask{"GET", "/api/v1/users", w.deptIT, nil, nil}), 200); len(users.Users) != 1 {
		t.Errorf("users: %+v", users)
	}
	if agencies := want[agenciesJSON](t, w.do(t, ask{"GET", "/api/v1/agencies", w.desk, nil, nil}), 200); len(agencies.Agencies) != 1 {
		t.Errorf("agencies: %+v", agencies)
	}
}

// heard is one event of a stream.
type heard struct {
	id    string
	paper paperJSON
}

// listen opens a stream; its events come until it ends.
func (w *world) listen(t *testing.T, path, token string, head map[string]string) <-chan heard {
	t.Helper()
	req := w.request(t, ask{"GET", path, token, nil, head})
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	events := make(chan heard, 100)
	go func() {
		defer close(events)
		var h heard
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			name, value, _ := bytes.Cut(lines.Bytes(), []byte(": "))
			switch string(name) {
			case "id":
				h.id = string(value)
			case "data":
				if json.Unmarshal(value, &h.paper) == nil {
					events <- h
				}
			}
		}
	}()
	return events
}

// until waits for a paper in a state.
func until(t *testing.T, events <-chan heard, state catalogue.PaperState, paper catalogue.PaperID) heard {
	t.Helper()
	late := time.After(5 * time.Second)
	for {
		select {
		case h, on := <-events:
			if !on {
				t.Fatal("the stream ended")
			}
			if h.paper.State == state && h.paper.ID == paper {
				return h
			}
		case <-late:
			t.Fatalf("no event that paper %d is %s", paper, state)
		}
	}
}

func TestPapersAreWatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Poll = 10 * time.Millisecond; c.Recheck = 50 * time.Millisecond })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	_, other := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0002")
	first := w.handOne(t, path, "a.png", 1)
	id := strings.TrimPrefix(path, "/api/v1/dossiers/")
	dossier := w.listen(t, "/api/v1/events?dossier="+id, w.desk, nil)
	paper := w.listen(t, "/api/v1/events?paper="+subject("", first.ID)[1:], w.boss, nil)
	everything := w.listen(t, "/api/v1/events", w.boss, nil)
	foreign := w.listen(t, "/api/v1/events", w.other, nil)
	until(t, dossier, catalogue.PaperReceived, first.ID)
	until(t, paper, catalogue.PaperReceived, first.ID)
	until(t, everything, catalogue.PaperReceived, first.ID)
	second, third := w.handOne(t, path, "b.png", 2), w.handOne(t, other, "c.png", 3)
	until(t, dossier, catalogue.PaperReceived, second.ID)
	until(t, everything, catalogue.PaperReceived, third.ID)
	w.read(t, first, "một")
	w.read(t, third, "ba")
	until(t, dossier, catalogue.PaperRead, first.ID)
	until(t, paper, catalogue.PaperRead, first.ID)
	last := until(t, everything, catalogue.PaperRead, third.ID)
	again := w.listen(t, "/api/v1/events", w.boss, map[string]string{"Last-Event-ID": last.id})
	until(t, again, catalogue.PaperRead, third.ID)
	for {
		select {
		case h := <-dossier:
			if h.paper.ID == third.ID {
				t.Error("a dossier's stream has another's paper")
			}
			continue
		case h := <-foreign:
			t.Errorf("another office hears of paper %d", h.paper.ID)
			continue
		default:
		}
		break
	}
	wantCode(t, w.do(t, ask{"GET", "/api/v1/events?dossier=" + id, w.other, nil, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"GET", "/api/v1/events?dossier=x", w.other, nil, nil}), 400, CodeInvalid)
}

func TestAStreamEndsWithItsTokenAndItsServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Recheck = 20 * time.Millisecond; c.MaxListeners = 2 })
	own := want[tokenJSON](t, w.do(t, ask{"POST", "/api/v1/tokens", w.it, map[string]any{"name": "x", "role": "desk", "agency": "H50.13"}, nil}), 201)
	ended := w.listen(t, "/api/v1/events", own.Secret, nil)
	lasting := w.listen(t, "/api/v1/events", w.desk, nil)
	wantCode(t, w.do(t, ask{"GET", "/api/v1/events", w.desk, nil, nil}), 503, CodeBusy)
	w.do(t, ask{"DELETE", "/api/v1/tokens/" + subject("", own.ID)[1:], w.it, nil, nil})
	over := func(events <-chan heard) {
		t.Helper()
		select {
		case h, on := <-events:
			if on {
				t.Errorf("an event: %+v", h)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("the stream does not end")
		}
	}
	over(ended)
	w.endStreams()
	over(lasting)
}

func TestASlowListenerIsDropped(t *testing.T) {
	t.Parallel()
	h := newHub(nil, time.Hour, nil)
	slow, quick := &listener{reach: catalogue.Everywhere}, &listener{reach: catalogue.Everywhere}
	for _, l := range []*listener{slow, quick} {
		h.join(l)
		if !h.caughtUp(l) {
			t.Error("nothing happened, and yet it was missed")
		}
	}
	for i := range mostBehind + 1 {
		h.publish(&catalogue.Paper{ID: 1, Path: "/1/", Words: i})
		h.publish(&catalogue.Paper{ID: 1, Path: "/1/", Words: i}) // the same again is not told again
		<-quick.events
	}
	n := 0
	for range slow.events {
		n++
	}
	if n != mostBehind || h.listening() != 1 || len(quick.events) != 0 {
		t.Errorf("the slow one got %d, %d listen, the quick one has %d left", n, h.listening(), len(quick.events))
	}
}

func TestWordsAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.handOne(t, path, "a.png", 1)
	w.read(t, p, "số hóa hồ sơ")
	find := func(token, q string) hitsJSON {
		return want[hitsJSON](t, w.do(t, ask{"GET", "/api/v1/search?" + q, token, nil, nil}), 200)
	}
	got := find(w.desk, "q=so+hoa+ho+so&kind=component&state=read&limit=5")
	if len(got.Hits) != 1 || got.Hits[0].Paper != p.ID || got.Hits[0].Page != 1 {
		t.Errorf("found: %+v", got)
	}
	if got = find(w.desk, "q=so+hoa+ho+so&offset="+strconv.Itoa(catalogue.MostOffset)); len(got.Hits) != 0 {
		t.Errorf("far behind the only hit: %+v", got)
	}
	two := w.handOne(t, path, "b.png", 2)
	w.read(t, two, "số hóa hồ sơ")
	first := find(w.desk, "q=so+hoa+ho+so&limit=1")
	if rest := find(w.desk, "q=so+hoa+ho+so&limit=1&behind="+first.Next); !first.More || len(rest.Hits) != 1 || rest.Hits[0].Paper == first.Hits[0].Paper || rest.More || rest.Next != "" {
		t.Errorf("behind %+v come %+v", first, rest)
	}
	offset := loadDocument(t).Paths.Find("/api/v1/search").Get.Parameters.GetByInAndName("query", "offset")
	if most := *offset.Schema.Value.Max; most != catalogue.MostOffset {
		t.Errorf("openapi.yaml lets %v hits be left out", most)
	}
	if got = find(w.other, "q=so+hoa+ho+so"); len(got.Hits) != 0 {
		t.Errorf("another office found %+v", got)
	}
	for _, q := range []string{"limit=101", "kind=x", "state=x", "from=x", "offset=-1", "offset=1001", "q=a&behind=x", "q=" + strings.Repeat("a", 501)} {
		wantCode(t, w.do(t, ask{"GET", "/api/v1/search?" + q, w.desk, nil, nil}), 400, CodeInvalid)
	}
}

func TestADossierThatIsFoundKeepsWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	put := func(d map[string]any, status int) dossierJSON {
		d["code"] = "H50.13-220331-0001"
		return want[dossierJSON](t, w.do(t, ask{"POST", "/api/v1/dossiers", w.desk, d, nil}), status)
	}
	put(map[string]any{"agency": "H50.13", "procedure": "1.002809", "state": 9, "received": "2022-03-31", "owner": map[string]any{"name": "A", "kind": 1}}, 201)
	got := put(map[string]any{"subject": "đổi"}, 200)
	if got.State != catalogue.StateResolved || got.Procedure != "1.002809" || got.Received != "2022-03-31" || got.Owner.Name != "A" || got.Subject != "đổi" {
		t.Errorf("found: %+v", got)
	}
	list := want[dossiersJSON](t, w.do(t, ask{"GET", "/api/v1/dossiers?procedure=1.002809&received_from=2022-03-31&received_till=2022-03-31&limit=1", w.desk, nil, nil}), 200)
	if len(list.Dossiers) != 1 || list.Before != got.ID {
		t.Errorf("listed: %+v", list)
	}
}
