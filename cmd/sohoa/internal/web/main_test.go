package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// world is a server over a real catalogue and a real store.
type world struct {
	*Server
	url     string
	store   *object.Store
	records *catalogue.Catalogue
	queue   *heldQueue
	log     *bytes.Buffer
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
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (l lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	return worldIn(t, t.TempDir(), change)
}

func worldIn(t *testing.T, dir string, change func(*Config)) *world {
	t.Helper()
	return worldOver(t, dir, "sqlite:"+filepath.Join(dir, "catalogue.db"), object.Config{Directory: filepath.Join(dir, "objects")}, change)
}

func worldOver(t *testing.T, dir, records string, store object.Config, change func(*Config)) *world {
	t.Helper()
	w := &world{queue: &heldQueue{}, log: &bytes.Buffer{}}
	ctx := t.Context()
	var err error
	w.records, err = catalogue.Open(catalogue.Config{URL: records})
	must(t, err)
	t.Cleanup(func() { must(t, w.records.Close()) })
	_, err = w.records.Migrate(ctx)
	must(t, err)
	w.store, err = object.Open(ctx, store)
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.people(t)
	c := Config{
		Catalogue: w.records, Objects: w.store, Queue: w.queue, Revision: "r1", Spool: filepath.Join(dir, "spool"),
		Reserve: -1, Log: slog.New(slog.NewJSONHandler(lockedLog{&sync.Mutex{}, w.log}, nil)),
	}
	if change != nil {
		change(&c)
	}
	w.Server, err = New(c)
	must(t, err)
	web := httptest.NewUnstartedServer(w.Server)
	web.Config = NewHTTPServer("", w.Server, slog.New(slog.DiscardHandler))
	web.Start()
	t.Cleanup(func() {
		w.endStreams()
		web.Close()
		must(t, w.Close())
	})
	w.url = web.URL
	w.paths = document(t, web.URL)
	return w
}

// people makes the agencies and the tokens, unless they are there already.
func (w *world) people(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for _, a := range [][3]string{{"H50", "Tỉnh", ""}, {"H50.13", "Sở Xây dựng", "H50"}, {"H50.14", "Sở Y tế", "H50"}} {
		_, err := w.records.PutAgency(ctx, a[0], a[1], a[2])
		must(t, err)
	}
	token := func(name string, role catalogue.Role, agency string, scopes ...catalogue.Scope) string {
		_, secret, err := w.records.AddToken(ctx, catalogue.NewToken{Name: name, Role: role, Agency: agency, Scopes: scopes})
		must(t, err)
		return secret
	}
	w.desk = token("desk", catalogue.RoleDesk, "H50.13")
	w.other = token("other", catalogue.RoleDesk, "H50.14")
	w.boss = token("boss", catalogue.RoleSupervisor, "H50")
	w.it = token("it", catalogue.RoleIT, "H50")
	w.deptIT = token("dept-it", catalogue.RoleIT, "H50.13")
	w.machine = token("machine", catalogue.RoleDesk, "H50.13", catalogue.ScopeIntake)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func loadDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	must(t, err)
	must(t, doc.Validate(t.Context()))
	return doc
}

// document is the API's description, as a router that finds a request's entry.
func document(t *testing.T, url string) routers.Router {
	t.Helper()
	doc := loadDocument(t)
	doc.Servers = openapi3.Servers{{URL: url}}
	router, err := gorillamux.NewRouter(doc)
	must(t, err)
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

func (w *world) do(t *testing.T, a ask) reply {
	t.Helper()
	req := w.request(t, a)
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	w.validate(t, req, resp, text)
	return reply{resp, text}
}

func (w *world) request(t *testing.T, a ask) *http.Request {
	t.Helper()
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
		must(t, err)
		body = bytes.NewReader(text)
		head["Content-Type"] = "application/json"
	}
	req, err := http.NewRequestWithContext(t.Context(), a.method, w.url+a.path, body)
	must(t, err)
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
func (w *world) validate(t *testing.T, req *http.Request, resp *http.Response, text []byte) {
	t.Helper()
	route, params, err := w.paths.FindRoute(req)
	if err != nil {
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(text)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: resp.StatusCode == 206 || len(text) == 0 || !isJSON(resp.Header.Get("Content-Type"))},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("%s %s answers %d what openapi.yaml does not describe: %v\n%s", req.Method, req.URL.Path, resp.StatusCode, err, text)
	}
}

// want checks the status and decodes the answer.
func want[T any](t *testing.T, r reply, status int) (v T) {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.text)
	}
	must(t, json.Unmarshal(r.text, &v))
	return v
}

// wantCode checks an answer that refuses.
func wantCode(t *testing.T, r reply, status int, code Code) Failure {
	t.Helper()
	f := want[failed](t, r, status)
	if f.Error.Code != code {
		t.Fatalf("%s %s: code %s, want %s: %s", r.Request.Method, r.Request.URL.Path, f.Error.Code, code, r.text)
	}
	if f.Error.Reference == "" || f.Error.Message == "" || f.Error.Hint == "" {
		t.Errorf("the refusal says not all: %s", r.text)
	}
	return f.Error
}

// dossierOf adds a dossier and gives its path.
func (w *world) newDossier(t *testing.T, token, agency, code string) (catalogue.DossierID, string) {
	t.Helper()
	d := want[dossierJSON](t, w.do(t, ask{"POST", "/api/v1/dossiers", token, map[string]any{"code": code, "agency": agency}, nil}), 201)
	return d.ID, "/api/v1/dossiers/" + subject("", d.ID)[1:]
}

// scan is a small PNG, another for each n.
func scan(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range 8 {
		img.Pix[i] = byte(n >> i)
	}
	must(t, png.Encode(&b, img))
	return b.Bytes()
}
