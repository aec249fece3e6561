package web

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// begin begins an upload and gives its path.
func (w *world) begin(tb testing.TB, token string, size int, meta map[string]string) string {
	tb.Helper()
	r := w.tryBegin(tb, token, size, meta)
	if r.StatusCode != 201 || !strings.HasPrefix(r.Header.Get("Location"), uploadsPath) || r.Header.Get("Upload-Expires") == "" {
		tb.Fatalf("begin: %d %v %s", r.StatusCode, r.Header, r.text)
	}
	return r.Header.Get("Location")
}

func (w *world) tryBegin(tb testing.TB, token string, size int, meta map[string]string) reply {
	tb.Helper()
	var says []string
	for name, value := range meta {
		says = append(says, name+" "+base64.StdEncoding.EncodeToString([]byte(value)))
	}
	return w.do(tb, ask{"POST", uploadsPath, token, nil, map[string]string{
		"Tus-Resumable": "1.0.0", "Upload-Length": strconv.Itoa(size), "Upload-Metadata": strings.Join(says, ","),
	}})
}

func patch(path, token string, offset int, body []byte) ask {
	return ask{"PATCH", path, token, body, map[string]string{
		"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream",
	}}
}

func wantStatus(tb testing.TB, r reply, status int) {
	tb.Helper()
	if r.StatusCode != status {
		tb.Fatalf("%s %s: %d, want %d: %s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.text)
	}
}

func TestAnUploadGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id, dossier := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	meta := map[string]string{"dossier": fmt.Sprint(id), "filename": "../Đơn.png", "component": "TP1", "sha256": sum(file)}
	up := w.begin(t, w.desk, len(file), meta)
	r := w.do(t, patch(up, w.desk, 0, file[:10]))
	wantStatus(t, r, 204)
	if r.Header.Get("Upload-Offset") != "10" || r.Header.Get("Upload-Expires") == "" || r.Header.Get("Sohoa-Paper") != "" {
		t.Errorf("after the first bytes: %v", r.Header)
	}
	wantCode(t, w.do(t, patch(up, w.desk, 0, file)), 409, CodeTusOffset)
	wantCode(t, w.do(t, ask{"POST", up + "/finish", w.desk, nil, nil}), 409, CodeUploadOpen)
	r = w.do(t, ask{"HEAD", up, w.desk, nil, map[string]string{"Tus-Resumable": "1.0.0"}})
	if r.StatusCode != 200 || r.Header.Get("Upload-Offset") != "10" {
		t.Errorf("HEAD: %d %v", r.StatusCode, r.Header)
	}
	r = w.do(t, patch(up, w.desk, 10, file[10:]))
	wantStatus(t, r, 204)
	paper := r.Header.Get("Sohoa-Paper")
	if paper == "" || r.Header.Get("Sohoa-Held") != "false" || r.Header.Get("Upload-Expires") != "" {
		t.Fatalf("after the last bytes: %v", r.Header)
	}
	p := want[paperJSON](t, w.do(t, ask{"GET", "/api/v1/papers/" + paper, w.desk, nil, nil}), 200)
	if p.SHA256 != sum(file) || p.Name != "Đơn.png" || p.Component != "TP1" {
		t.Errorf("the paper is %+v", p)
	}
	// Whoever lost the answer hears it again, by HEAD, by an empty PATCH and by finish.
	r = w.do(t, ask{"HEAD", up, w.desk, nil, nil})
	if r.Header.Get("Upload-Offset") != strconv.Itoa(len(file)) || r.Header.Get("Sohoa-Paper") != paper {
		t.Errorf("HEAD after the end: %v", r.Header)
	}
	if r = w.do(t, patch(up, w.desk, len(file), nil)); r.StatusCode != 204 || r.Header.Get("Sohoa-Paper") != paper {
		t.Errorf("PATCH after the end: %d %v", r.StatusCode, r.Header)
	}
	if done := want[handedJSON](t, w.do(t, ask{"POST", up + "/finish", w.desk, nil, nil}), 200); done.Results[0].Paper.SHA256 != sum(file) {
		t.Errorf("finish: %+v", done)
	}
	// The spool's file may be the store's own: emptying it must not have emptied that.
	w.original(t, file)
	if d := want[dossierJSON](t, w.do(t, ask{"GET", dossier, w.desk, nil, nil}), 200); len(d.Papers) != 1 {
		t.Errorf("the dossier has %d papers", len(d.Papers))
	}
	if n := len(w.queue.has()); n != 1 {
		t.Errorf("%d readings were enqueued", n)
	}
}

// original checks that the store has a file's bytes.
func (w *world) original(t *testing.T, file []byte) {
	t.Helper()
	key, err := object.Original(sum(file))
	must(t, err)
	o, err := w.store.Get(t.Context(), key)
	must(t, err)
	defer o.Close()
	kept, err := io.ReadAll(o)
	must(t, err)
	if !bytes.Equal(kept, file) {
		t.Errorf("the store has %d other bytes", len(kept))
	}
}

func TestAnUploadIsItsTokensAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	up := w.begin(t, w.desk, 10, map[string]string{"dossier": fmt.Sprint(id)})
	tus := map[string]string{"Tus-Resumable": "1.0.0"}
	for _, token := range []string{w.other, w.machine, w.it} {
		wantStatus(t, w.do(t, ask{"HEAD", up, token, nil, tus}), 404)
		wantCode(t, w.do(t, patch(up, token, 0, []byte("x"))), 404, CodeNotFound)
		wantCode(t, w.do(t, ask{"DELETE", up, token, nil, tus}), 404, CodeNotFound)
		wantCode(t, w.do(t, ask{"POST", up + "/finish", token, nil, nil}), 404, CodeNotFound)
	}
	wantStatus(t, w.do(t, ask{"DELETE", up, w.desk, nil, tus}), 204)
	wantStatus(t, w.do(t, ask{"HEAD", up, w.desk, nil, tus}), 404)
	if left, _ := os.ReadDir(w.spool.resumable()); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
	if len(w.resumable.open) != 0 {
		t.Error("a terminated upload still counts")
	}
}

func TestAnUploadThatCannotBeIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MaxPaper = 1000; c.MaxUnfinished = 1 })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	dossier := fmt.Sprint(id)
	for name, c := range map[string]struct {
		token  string
		size   int
		meta   map[string]string
		status int
		code   Code
	}{
		"too large":   {w.desk, 1001, map[string]string{"dossier": dossier}, 413, CodePaperTooLarge},
		"empty":       {w.desk, 0, map[string]string{"dossier": dossier}, 422, CodePaperEmpty},
		"negative":    {w.desk, -1, map[string]string{"dossier": dossier}, 400, CodeTusRequest},
		"no dossier":  {w.desk, 5, nil, 400, CodeInvalid},
		"another's":   {w.other, 5, map[string]string{"dossier": dossier}, 404, CodeNotFound},
		"kind":        {w.desk, 5, map[string]string{"dossier": dossier, "kind": "x"}, 400, CodeInvalid},
		"sha256":      {w.desk, 5, map[string]string{"dossier": dossier, "sha256": "x"}, 400, CodeInvalid},
		"nonsense":    {w.desk, 5, map[string]string{"dossier": dossier, "nonsense": "x"}, 400, CodeInvalid},
		"not a token": {"sohoa_x", 5, map[string]string{"dossier": dossier}, 401, CodeUnauthorized},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, w.tryBegin(t, c.token, c.size, c.meta), c.status, c.code) })
	}
	if left, _ := os.ReadDir(w.spool.resumable()); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
	w.begin(t, w.desk, 5, map[string]string{"dossier": dossier})
	wantCode(t, w.tryBegin(t, w.desk, 5, map[string]string{"dossier": dossier}), 429, CodeTooManyOpen)
	head := map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": "5"}
	concat := map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Concat": "partial"}
	deferred := map[string]string{"Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1"}
	wantCode(t, w.do(t, ask{"POST", uploadsPath, w.desk, nil, concat}), 501, CodeTusUnsupported)
	wantCode(t, w.do(t, ask{"POST", uploadsPath, w.desk, nil, deferred}), 501, CodeTusUnsupported)
	head["Tus-Resumable"] = "0.2.2"
	wantCode(t, w.do(t, ask{"POST", uploadsPath, w.desk, nil, head}), 412, CodeTusVersion)
	for _, path := range []string{"..%2f..%2fcatalogue.db", "x", strings.Repeat("0", 32), "%00"} {
		wantStatus(t, w.do(t, ask{"HEAD", uploadsPath + path, w.desk, nil, nil}), 404)
	}
	r := w.do(t, ask{"OPTIONS", uploadsPath, w.desk, nil, nil})
	if r.StatusCode != 200 || r.Header.Get("Tus-Extension") != "creation,creation-with-upload,termination,expiration" || r.Header.Get("Tus-Max-Size") != "1000" {
		t.Errorf("OPTIONS: %d %v", r.StatusCode, r.Header)
	}
}

func TestAnUploadThatIsNoPaperEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	up := w.begin(t, w.desk, 5, map[string]string{"dossier": fmt.Sprint(id)})
	wantCode(t, w.do(t, patch(up, w.desk, 0, []byte("hello"))), 415, CodePaperUnknown)
	wantStatus(t, w.do(t, ask{"HEAD", up, w.desk, nil, nil}), 404)
	file := scan(t, 1)
	up = w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id), "sha256": sum(nil)})
	wantCode(t, w.do(t, patch(up, w.desk, 0, file)), 422, CodeChecksum)
	wantCode(t, w.do(t, patch(up, w.desk, len(file), nil)), 404, CodeNotFound)
}

func TestAnUploadWaitsForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	gate := &gatedObjects{}
	w := newWorld(t, func(c *Config) { gate.Objects = c.Objects; c.Objects = gate })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	gate.fail(object.ErrUnavailable)
	r := w.do(t, patch(up, w.desk, 0, file))
	wantCode(t, r, 503, CodeUnavailable)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantCode(t, w.do(t, patch(up, w.desk, len(file), nil)), 503, CodeUnavailable)
	gate.fail(object.ErrFull)
	wantCode(t, w.do(t, ask{"POST", up + "/finish", w.desk, nil, nil}), 507, CodeStoreFull)
	gate.fail(nil)
	r = w.do(t, patch(up, w.desk, len(file), nil))
	if r.StatusCode != 204 || r.Header.Get("Sohoa-Paper") == "" {
		t.Fatalf("once it is back: %d %v %s", r.StatusCode, r.Header, r.text)
	}
	w.original(t, file)
}

func TestOutlivedUploadsAreSwept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.UploadLife = 50 * time.Millisecond })
	id, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	up := w.begin(t, w.desk, 5, map[string]string{"dossier": fmt.Sprint(id)})
	for range 100 {
		if left, _ := os.ReadDir(w.spool.resumable()); len(left) == 0 {
			wantStatus(t, w.do(t, ask{"HEAD", up, w.desk, nil, nil}), 404)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("it is still there")
}

func TestTheSpoolIsOneServersAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if s, err := New(w.config); err == nil {
		must(t, s.Close())
		t.Error("a second server took the folder")
	}
}

// TestServeForKill is no test: it is the server that TestUploadsOutliveAKill kills.
func TestServeForKill(t *testing.T) {
	dir := os.Getenv("SOHOA_TEST_SERVE")
	if dir == "" {
		t.Skip("this is the server of another test")
	}
	w := worldIn(t, dir, nil)
	must(t, os.WriteFile(filepath.Join(dir, "url.new"), []byte(w.url+" "+w.desk), 0o600))
	must(t, os.Rename(filepath.Join(dir, "url.new"), filepath.Join(dir, "url")))
	time.Sleep(time.Minute)
}

// serveElsewhere starts a server in a process of its own.
func serveElsewhere(t *testing.T, dir string) (w *world, kill func()) {
	t.Helper()
	_ = os.Remove(filepath.Join(dir, "url"))
	cmd := exec.Command(os.Args[0], "-test.run=^TestServeForKill$") //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), "SOHOA_TEST_SERVE="+dir)
	must(t, cmd.Start())
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	for range 400 {
		if text, err := os.ReadFile(filepath.Join(dir, "url")); err == nil {
			url, desk, _ := strings.Cut(string(text), " ")
			return &world{url: url, desk: desk, paths: document(t, url)}, kill
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the server does not start")
	return nil, nil
}

func TestUploadsOutliveAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, kill := serveElsewhere(t, dir)
	id, dossier := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := append(scan(t, 1), bytes.Repeat([]byte("x"), 1<<20)...)
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	wantStatus(t, w.do(t, patch(up, w.desk, 0, file[:1000])), 204)
	// Killed in the middle of a PATCH: half of it has been sent.
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	must(t, err)
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 1000\r\n"+
		"Content-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", up, w.desk, len(file)-1000)
	_, err = conn.Write(file[1000 : len(file)/2])
	must(t, err)
	for data := filepath.Join(dir, "spool", resumableFolder, strings.TrimPrefix(up, uploadsPath)); ; time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(data); err == nil && info.Size() > 1000 {
			break
		}
	}
	kill()
	must(t, conn.Close())
	desk := w.desk
	w, _ = serveElsewhere(t, dir)
	r := w.do(t, ask{"HEAD", up, desk, nil, nil})
	at, err := strconv.Atoi(r.Header.Get("Upload-Offset"))
	must(t, err)
	if at <= 1000 || at >= len(file) {
		t.Fatalf("it goes on at %d", at)
	}
	r = w.do(t, patch(up, desk, at, file[at:]))
	wantStatus(t, r, 204)
	d := want[dossierJSON](t, w.do(t, ask{"GET", dossier, desk, nil, nil}), 200)
	if len(d.Papers) != 1 || d.Papers[0].SHA256 != sum(file) || d.Papers[0].State != catalogue.PaperReceived {
		t.Errorf("the dossier has %+v", d.Papers)
	}
	if r.Header.Get("Sohoa-Paper") == "" || r.StatusCode == http.StatusOK {
		t.Errorf("the answer is %v", r.Header)
	}
}
