package web

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// TestOnPostgreSQLAndMinIO walks a paper's way on the engines of many machines.
func TestOnPostgreSQLAndMinIO(t *testing.T) {
	t.Parallel()
	minio := services.MinIO(t)
	records, err := services.Postgres(t).AddDatabase(t.Context())
	must(t, err)
	w := worldOver(t, t.TempDir(), catalogue.Config{URL: records}, object.Config{
		Endpoint: minio.Endpoint, AccessKey: minio.AccessKey, SecretKey: object.Secret(minio.SecretKey), Bucket: "web",
	}, func(c *Config) { c.Poll = 20 * time.Millisecond })
	id, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	events, file := w.listen(t, "/api/v1/events?dossier="+fmt.Sprint(id), w.desk, nil), scan(t, 1)
	p := w.handOne(t, path, "a.png", 1)
	until(t, events, catalogue.PaperReceived, p.ID)
	if again := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, file, nil}), 200); !again.Results[0].Again {
		t.Errorf("again: %+v", again)
	}
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id), "component": "TP2"})
	if r := w.do(t, patch(up, w.desk, 0, file)); r.StatusCode != 204 || r.Header.Get("Sohoa-Held") != "true" {
		t.Errorf("resumable: %d %v", r.StatusCode, r.Header)
	}
	w.read(t, p, "số hóa hồ sơ")
	until(t, events, catalogue.PaperRead, p.ID)
	paper := "/api/v1/papers/" + subject("", p.ID)[1:]
	if r := w.do(t, ask{"GET", paper + "/text", w.desk, nil, map[string]string{"Range": "bytes=0-2"}}); r.StatusCode != 206 || string(r.text) != "số"[:3] {
		t.Errorf("a range of the text: %d %q", r.StatusCode, r.text)
	}
	r := w.do(t, ask{"GET", paper + "/original?link=1", w.desk, nil, nil})
	wantStatus(t, r, http.StatusTemporaryRedirect)
	linked, err := http.Get(r.Header.Get("Location"))
	must(t, err)
	defer linked.Body.Close()
	got, err := io.ReadAll(linked.Body)
	must(t, err)
	if string(got) != string(file) || !strings.HasPrefix(linked.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("by the link: %d %v", len(got), linked.Header)
	}
	// While the store is away nothing is acknowledged; once it is back the same request goes well.
	must(t, minio.Kill())
	r = w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 2), nil})
	wantCode(t, r, 503, CodeUnavailable)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	must(t, minio.Start(t.Context()))
	want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 2), nil}), 201)
}

// TestManyDesksAtOnce has 50 desks hand in at once; each paper is kept and queued once.
func TestManyDesksAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.TokenRate, c.TokenBurst = 10_000, 10_000 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	const desks, each = 50, 4
	var all sync.WaitGroup
	for desk := range desks {
		_, token, err := w.records.AddToken(t.Context(), catalogue.NewToken{Name: fmt.Sprint("desk-", desk), Role: catalogue.RoleDesk, Agency: "H50.13"})
		must(t, err)
		all.Go(func() {
			for n := range each {
				body := append(scan(t, 0), fmt.Sprintf("%d %d %s", desk, n, strings.Repeat("x", 200<<10))...)
				want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", token, body, nil}), 201)
			}
		})
	}
	all.Wait()
	d := want[dossierJSON](t, w.do(t, ask{"GET", path, w.desk, nil, nil}), 200)
	scans, readings := make(map[string]bool), make(map[catalogue.ReadingID]bool)
	for _, p := range d.Papers {
		scans[p.SHA256] = true
	}
	for _, task := range w.queue.has() {
		readings[task.Reading] = true
	}
	if len(d.Papers) != desks*each || len(scans) != desks*each || len(readings) != desks*each || len(w.queue.has()) != desks*each {
		t.Errorf("%d papers of %d scans, %d readings queued %d times", len(d.Papers), len(scans), len(readings), len(w.queue.has()))
	}
	w.spoolIsEmpty(t)
}

// TestADatabaseThatStandsStillHoldsNobodyUp stops a PostgreSQL of its own as a machine that hangs does: connections stay, and
// nothing answers.
func TestADatabaseThatStandsStillHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "sohoa-web-") //nolint:usetesting // t.TempDir lies in a folder that PostgreSQL's user cannot pass
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	postgres, err := services.StartPostgres(t.Context(), filepath.Join(dir, "postgres"), false)
	services.Need(t, err)
	t.Cleanup(func() { must(t, postgres.Kill()) })
	const patience = time.Second
	folder := t.TempDir()
	w := worldOver(t, folder, catalogue.Config{URL: postgres.URL, Patience: patience}, object.Config{Directory: filepath.Join(folder, "objects")}, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	w.handOne(t, path, "a.png", 1)
	must(t, postgres.Pause())
	hand := func() reply { return w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 2), nil}) }
	for range 2 {
		start := time.Now()
		r := hand()
		wantCode(t, r, 503, CodeUnavailable)
		if r.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		if took := time.Since(start); took > 5*patience {
			t.Errorf("the answer came after %v", took)
		}
	}
	must(t, postgres.Resume())
	var back reply
	for range 20 { // the connections that stood still are given up one by one
		if back = hand(); back.StatusCode != 503 {
			break
		}
		time.Sleep(patience / 4)
	}
	want[handedJSON](t, back, 201)
	if d := want[dossierJSON](t, w.do(t, ask{"GET", path, w.desk, nil, nil}), 200); len(d.Papers) != 2 {
		t.Errorf("the dossier has %d papers", len(d.Papers))
	}
	w.spoolIsEmpty(t)
}
