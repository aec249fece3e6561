package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"sohoa/cmd/sohoa/internal/gallery"
	"sohoa/pipeline"
	"sohoa/pipeline/confine"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// The test binary is its own child, as cmd/sohoa is.
func TestMain(m *testing.M) {
	confine.Init()
	if len(os.Args) == 3 && os.Args[1] == pipeline.ChildVerb {
		if err := pipeline.ServeChild(os.Stdin, os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// world is a server over a real catalogue and a real store.
type world struct {
	*Server
	url     string
	store   *object.Store
	gallery *gallery.Gallery
	records *catalogue.Catalogue
	queue   *heldQueue
	log     *lockedLog
	paths   routers.Router
	// Tokens: officers of two departments, a supervisor and IT of the province above them, IT of one department, and a
	// machine that may only hand in.
	desk, other, boss, it, deptIT, machine string
}

// heldQueue keeps what it was given, or refuses it.
type heldQueue struct {
	mu    sync.Mutex
	tasks []catalogue.Task
	away  bool
}

func (q *heldQueue) Enqueue(_ context.Context, t catalogue.Task) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return errors.New("the queue is away")
	}
	q.tasks = append(q.tasks, t)
	return nil
}

func (q *heldQueue) has() []catalogue.Task {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]catalogue.Task(nil), q.tasks...)
}

// lockedLog is a log that requests and a test may use at once.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorld(tb testing.TB, change func(*Config)) *world {
	tb.Helper()
	return worldIn(tb, tb.TempDir(), change)
}

func worldIn(tb testing.TB, dir string, change func(*Config)) *world {
	tb.Helper()
	records := catalogue.Config{URL: "sqlite:" + filepath.Join(dir, "catalogue.db")}
	return worldOver(tb, dir, records, object.Config{Directory: filepath.Join(dir, "objects")}, change)
}

func worldOver(tb testing.TB, dir string, records catalogue.Config, store object.Config, change func(*Config)) *world {
	tb.Helper()
	w := &world{queue: &heldQueue{}, log: &lockedLog{}}
	ctx := tb.Context()
	var err error
	w.records, err = catalogue.Open(records)
	must(tb, err)
	tb.Cleanup(func() { must(tb, w.records.Close()) })
	_, err = w.records.Migrate(ctx)
	must(tb, err)
	w.store, err = object.Open(ctx, store)
	must(tb, err)
	tb.Cleanup(func() { must(tb, w.store.Close()) })
	w.gallery, err = gallery.New(gallery.Config{
		Objects: w.store, Painting: pipeline.Options{Jobs: 1, CacheDir: dir}, Folder: filepath.Join(dir, "pictures"), Most: 1 << 20,
	})
	must(tb, err)
	tb.Cleanup(func() { must(tb, w.gallery.Close()) })
	w.people(tb)
	c := Config{
		Catalogue: w.records, Objects: w.store, Queue: w.queue, Gallery: w.gallery, Revision: "r1", Spool: filepath.Join(dir, "spool"),
		Reserve: -1, Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
	if change != nil {
		change(&c)
	}
	w.Server, err = New(c)
	must(tb, err)
	web := httptest.NewUnstartedServer(w.Server)
	web.Config = NewHTTPServer("", w.Server, slog.New(slog.DiscardHandler))
	web.Start()
	tb.Cleanup(func() {
		w.endStreams()
		web.Close()
		must(tb, w.Close())
	})
	w.url = web.URL
	w.paths = document(tb, web.URL)
	return w
}

// people makes the agencies and the tokens, unless they are there already.
func (w *world) people(tb testing.TB) {
	tb.Helper()
	ctx := tb.Context()
	for _, a := range [][3]string{{"H50", "Tỉnh", ""}, {"H50.13", "Sở Xây dựng", "H50"}, {"H50.14", "Sở Y tế", "H50"}} {
		_, err := w.records.PutAgency(ctx, a[0], a[1], a[2])
		must(tb, err)
	}
	token := func(name string, role catalogue.Role, agency string, scopes ...catalogue.Scope) string {
		_, secret, err := w.records.AddToken(ctx, catalogue.NewToken{Name: name, Role: role, Agency: agency, Scopes: scopes})
		must(tb, err)
		return secret
	}
	w.desk = token("desk", catalogue.RoleDesk, "H50.13")
	w.other = token("other", catalogue.RoleDesk, "H50.14")
	w.boss = token("boss", catalogue.RoleSupervisor, "H50")
	w.it = token("it", catalogue.RoleIT, "H50")
	w.deptIT = token("dept-it", catalogue.RoleIT, "H50.13")
	w.machine = token("machine", catalogue.RoleDesk, "H50.13", catalogue.ScopeIntake)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func loadDocument(tb testing.TB) *openapi3.T {
	tb.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	must(tb, err)
	must(tb, doc.Validate(tb.Context()))
	return doc
}

// document is the API's description, as a router that finds a request's entry.
func document(tb testing.TB, url string) routers.Router {
	tb.Helper()
	doc := loadDocument(tb)
	doc.Servers = openapi3.Servers{{URL: url}}
	router, err := gorillamux.NewRouter(doc)
	must(tb, err)
	return router
}

// ask is one request; its answer is checked against the API's description.
type ask struct {
	method, path, token string
	body                any // nil, a []byte, an io.Reader, or what is sent as JSON
	head                map[string]string
}

type reply struct {
	*http.Response
	text []byte
}

func (w *world) do(tb testing.TB, a ask) reply {
	tb.Helper()
	req := w.request(tb, a)
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(tb, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(tb, err)
	w.validate(tb, req, resp, text)
	return reply{resp, text}
}

func (w *world) request(tb testing.TB, a ask) *http.Request {
	tb.Helper()
	var body io.Reader
	head := map[string]string{}
	switch b := a.body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	case io.Reader:
		body = b
	default:
		text, err := json.Marshal(b)
		must(tb, err)
		body = bytes.NewReader(text)
		head["Content-Type"] = "application/json"
	}
	req, err := http.NewRequestWithContext(tb.Context(), a.method, w.url+a.path, body)
	must(tb, err)
	for name, value := range head {
		req.Header.Set(name, value)
	}
	for name, value := range a.head {
		req.Header.Set(name, value)
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	return req
}

// validate checks an answer against the description; what no route has is described by the form of errors alone.
func (w *world) validate(tb testing.TB, req *http.Request, resp *http.Response, text []byte) {
	tb.Helper()
	route, params, err := w.paths.FindRoute(req)
	if err != nil {
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(text)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: resp.StatusCode == 206 || len(text) == 0 || !isJSON(resp.Header.Get("Content-Type"))},
	}
	if err := openapi3filter.ValidateResponse(tb.Context(), out); err != nil {
		tb.Errorf("%s %s answers %d what openapi.yaml does not describe: %v\n%s", req.Method, req.URL.Path, resp.StatusCode, err, text)
	}
}

// want checks the status and decodes the answer.
func want[T any](tb testing.TB, r reply, status int) (v T) {
	tb.Helper()
	if r.StatusCode != status {
		tb.Fatalf("%s %s: status %d, want %d: %s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.text)
	}
	must(tb, json.Unmarshal(r.text, &v))
	return v
}

// wantCode checks an answer that refuses.
func wantCode(tb testing.TB, r reply, status int, code Code) Failure {
	tb.Helper()
	f := want[failed](tb, r, status)
	if f.Error.Code != code {
		tb.Fatalf("%s %s: code %s, want %s: %s", r.Request.Method, r.Request.URL.Path, f.Error.Code, code, r.text)
	}
	if f.Error.Reference == "" || f.Error.Message == "" || f.Error.Hint == "" {
		tb.Errorf("the refusal says not all: %s", r.text)
	}
	return f.Error
}

// dossierOf adds a dossier and gives its path.
func (w *world) newDossier(tb testing.TB, token, agency, code string) (catalogue.DossierID, string) {
	tb.Helper()
	d := want[dossierJSON](tb, w.do(tb, ask{"POST", "/api/v1/dossiers", token, map[string]any{"code": code, "agency": agency}, nil}), 201)
	return d.ID, "/api/v1/dossiers/" + subject("", d.ID)[1:]
}

// scan is a small PNG, another for each n.
func scan(tb testing.TB, n int) []byte {
	tb.Helper()
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range 8 {
		img.Pix[i] = byte(n >> i)
	}
	must(tb, png.Encode(&b, img))
	return b.Bytes()
}
