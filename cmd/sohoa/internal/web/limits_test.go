package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// gatedObjects is a store that can be away or full.
type gatedObjects struct {
	Objects
	mu  sync.Mutex
	err error
}

func (g *gatedObjects) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err = err
}

func (g *gatedObjects) now() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

func (g *gatedObjects) PutFile(ctx context.Context, key object.Key, path string, size int64, sum string, fresh time.Duration) (bool, error) {
	if err := g.now(); err != nil {
		return false, fmt.Errorf("put %s: %w", key, err)
	}
	return g.Objects.PutFile(ctx, key, path, size, sum, fresh)
}

func TestAStoreThatIsAwayIsTold(t *testing.T) {
	t.Parallel()
	gate := &gatedObjects{}
	w := newWorld(t, func(c *Config) { gate.Objects = c.Objects; c.Objects = gate })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	gate.fail(object.ErrUnavailable)
	body, head := form(t, piece{"f", "a.png", scan(t, 1)}, piece{"f", "b.png", scan(t, 2)})
	r := w.do(t, ask{"POST", path + "/papers", w.desk, body, head})
	wantCode(t, r, 503, CodeUnavailable)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	gate.fail(object.ErrFull)
	wantCode(t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 1), nil}), 507, CodeStoreFull)
	gate.fail(errors.New("secret path /data/x"))
	r = w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 1), nil})
	f := wantCode(t, r, 500, CodeInternal)
	if strings.Contains(string(r.text), "secret") || !strings.Contains(w.log.String(), "secret path") || !strings.Contains(w.log.String(), f.Reference) {
		t.Errorf("the client is told %s, the log %s", r.text, w.log)
	}
	if d := want[dossierJSON](t, w.do(t, ask{"GET", path, w.desk, nil, nil}), 200); len(d.Papers) != 0 {
		t.Errorf("the dossier has %+v", d.Papers)
	}
	w.spoolIsEmpty(t)
}

func TestACatalogueThatIsAwayIsTold(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, gone.Close())
	away, err := catalogue.Open(catalogue.Config{URL: "postgres://u:secret@" + gone.Addr().String() + "/x"})
	must(t, err)
	t.Cleanup(func() { must(t, away.Close()) })
	w := newWorld(t, func(c *Config) { c.Catalogue = away })
	for _, a := range []ask{
		{"GET", "/api/v1/dossiers", w.desk, nil, nil},
		{"POST", "/api/v1/dossiers/1/papers", w.desk, scan(t, 1), nil},
		{"GET", "/api/v1/events", w.desk, nil, nil},
	} {
		r := w.do(t, a)
		wantCode(t, r, 503, CodeUnavailable)
		if r.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	r := w.do(t, ask{method: "GET", path: "/readyz"})
	got := want[readyJSON](t, r, 503)
	if got.Ready || len(got.Problems) != 1 || got.Problems[0] != (missingJSON{"catalogue", CodeUnavailable}) {
		t.Errorf("readyz: %s", r.text)
	}
	if r := w.do(t, ask{method: "GET", path: "/healthz"}); r.StatusCode != 200 {
		t.Errorf("healthz: %d", r.StatusCode)
	}
	if strings.Contains(w.log.String(), "u:secret") {
		t.Errorf("the log has a password: %s", w.log)
	}
}

func TestADiskWithoutReserveTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Reserve = 1 << 60 })
	id, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	r := w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 1), nil})
	wantCode(t, r, 507, CodeSpoolFull)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantCode(t, w.tryBegin(t, w.desk, 5, map[string]string{"dossier": fmt.Sprint(id)}), 507, CodeSpoolFull)
}

func TestUploadsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MaxUploads = 1 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	body, more := io.Pipe()
	first := make(chan reply)
	go func() { first <- w.do(t, ask{"POST", path + "/papers", w.desk, io.Reader(body), nil}) }()
	file := scan(t, 1)
	_, err := more.Write(file[:20])
	must(t, err)
	for w.uploads.count() == 0 {
		time.Sleep(time.Millisecond)
	}
	r := w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 2), nil})
	wantCode(t, r, 503, CodeBusy)
	_, err = more.Write(file[20:])
	must(t, err)
	must(t, more.Close())
	want[handedJSON](t, <-first, 201)
	want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 2), nil}), 201)
}

func TestAClientThatSendsNothingIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Patience = 200 * time.Millisecond })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s/papers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100000\r\n\r\n", path, w.desk)
	start := time.Now()
	go func() { // a byte now and then is not enough
		for range 100 {
			if _, err := conn.Write([]byte("x")); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	answer := make([]byte, 4096)
	must(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	n, err := conn.Read(answer)
	must(t, err)
	if !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 408") || !strings.Contains(string(answer[:n]), string(CodeTooSlow)) {
		t.Errorf("the answer is %s", answer[:n])
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	w.spoolIsEmpty(t)
}

// nothing gives so many zero bytes.
func nothing(n int64) io.Reader { return io.LimitReader(zeros{}, n) }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// It runs beside no other test: hashing passwords takes 19 MiB each.
func TestALargeFileNeedsLittleMemory(t *testing.T) {
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	const size = 256 << 20
	start := scan(t, 1)
	hash := sha256.New()
	body := io.TeeReader(io.MultiReader(strings.NewReader(string(start)), nothing(size)), hash)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, body, nil}), 201).Results[0]
	runtime.ReadMemStats(&after)
	if got.Paper.Size != size+int64(len(start)) || got.SHA256 != fmt.Sprintf("%x", hash.Sum(nil)) {
		t.Errorf("the paper is %+v", got.Paper)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 128<<20 { // the file itself would be twice as much
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}

func TestJSONThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	post := func(body, kind string) reply {
		return w.do(t, ask{"POST", "/api/v1/dossiers", w.desk, []byte(body), map[string]string{"Content-Type": kind}})
	}
	const media = "application/json"
	wantCode(t, post(`{}`, "text/plain"), 415, CodeNotJSON)
	wantCode(t, post(`{"code":`, media), 400, CodeBadRequest)
	wantCode(t, post(`{"nonsense":1}`, media), 400, CodeBadRequest)
	wantCode(t, post(`{} {}`, media), 400, CodeBadRequest)
	wantCode(t, post(``, media), 400, CodeBadRequest)
	if f := wantCode(t, post(`{"code":1}`, media), 400, CodeInvalid); f.Field != "code" {
		t.Errorf("%+v", f)
	}
	if f := wantCode(t, post(`{"code":"x"}`, media), 400, CodeInvalid); f.Field != "code" || !strings.Contains(f.Hint, "H50") {
		t.Errorf("%+v", f)
	}
	wantCode(t, post(`{"subject":"`+strings.Repeat("x", mostJSON)+`"}`, media), 413, CodeRequestTooLarge)
}

func TestWhatIsNotThereIsToldInJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	wantCode(t, w.do(t, ask{method: "GET", path: "/nothing"}), 404, CodeNotFound)
	r := w.do(t, ask{method: "DELETE", path: "/api/v1/dossiers"})
	wantCode(t, r, 405, CodeMethod)
	if allow := r.Header.Values("Allow"); len(allow) != 3 {
		t.Errorf("Allow is %v", allow)
	}
	for _, id := range []string{"0", "-1", "x", "99999999999999999999", "%2e%2e"} {
		wantCode(t, w.do(t, ask{"GET", "/api/v1/papers/" + id, w.desk, nil, nil}), 404, CodeNotFound)
	}
	for _, query := range []string{"limit=0", "limit=x", "received_from=yesterday", "before=-1"} {
		wantCode(t, w.do(t, ask{"GET", "/api/v1/dossiers?" + query, w.desk, nil, nil}), 400, CodeInvalid)
	}
}

func TestALogLineHasNothingThatAClientMadeUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	w.do(t, ask{"POST", path + "/papers?name=Nguyen-Van-A.png", w.desk, scan(t, 1), map[string]string{"X-Request-ID": "good-id-1"}})
	w.do(t, ask{"GET", "/api/v1/search?q=Nguyen+Van+B", w.desk, nil, map[string]string{"X-Request-ID": "bad id\twith=tab"}})
	w.do(t, ask{method: "BREW", path: "/Nguyen-Van-C"})
	log := w.log.String()
	for _, never := range []string{"Nguyen", "bad id", "BREW", w.desk, "H50.13-220331"} {
		if strings.Contains(log, never) {
			t.Errorf("the log has %s:\n%s", never, log)
		}
	}
	var last struct {
		ID, Method, Route, Actor string
		Status                   int
	}
	lines := strings.Split(strings.TrimSpace(log), "\n")
	must(t, json.Unmarshal([]byte(lines[1]), &last))
	if last.ID != "good-id-1" || last.Route != "POST /api/v1/dossiers/{id}/papers" || last.Status != 201 || !strings.HasPrefix(last.Actor, "client:desk#") {
		t.Errorf("the line is %s", lines[1])
	}
}

func TestMetricsAreForITOrThisMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 1), nil})
	if r := w.do(t, ask{method: "GET", path: "/metrics"}); r.StatusCode != 401 {
		t.Errorf("without a token: %d", r.StatusCode)
	}
	page := string(w.do(t, ask{"GET", "/metrics", w.it, nil, nil}).text)
	for _, line := range []string{
		`sohoa_http_requests_total{route="POST /api/v1/dossiers/{id}/papers",status="201"} 1`, `sohoa_intake_papers_total{outcome="new"} 1`,
		"sohoa_intake_acknowledgement_seconds_count 1", "sohoa_spool_bytes 0", "sohoa_events_listeners 0",
	} {
		if !strings.Contains(page, line) {
			t.Errorf("no line %s", line)
		}
	}
	v := newWorld(t, func(c *Config) { c.LocalMetrics = true })
	if r := v.do(t, ask{method: "GET", path: "/metrics"}); r.StatusCode != 200 {
		t.Errorf("from this machine: %d", r.StatusCode)
	}
	if r := v.do(t, ask{method: "GET", path: "/metrics", head: map[string]string{"X-Forwarded-For": "192.0.2.1"}}); r.StatusCode != 401 {
		t.Errorf("through a proxy on this machine: %d", r.StatusCode)
	}
}

func TestAPanicIsAnInternalError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) {
		c.Inspect = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })
	})
	r := w.do(t, ask{"GET", "/it/queues/", w.it, nil, nil})
	wantCode(t, r, 500, CodeInternal)
	if strings.Contains(string(r.text), "secret") || !strings.Contains(w.log.String(), "secret") {
		t.Errorf("%s\n%s", r.text, w.log)
	}
}

func TestAConfigurationThatCannotBeIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	good := w.config
	for name, change := range map[string]func(*Config){
		"catalogue": func(c *Config) { c.Catalogue = nil },
		"revision":  func(c *Config) { c.Revision = "" },
		"folder":    func(c *Config) { c.Spool = "" },
		"limit":     func(c *Config) { c.MaxFiles = -1 },
		"room":      func(c *Config) { c.MaxRequest = 1 },
		"time":      func(c *Config) { c.Poll = -1 },
		"rate":      func(c *Config) { c.TokenRate = -1 },
	} {
		c := good
		c.Spool = filepath.Join(t.TempDir(), "spool")
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
