package web

import (
	"fmt"
	"io"
	"net/http"
	"slices"
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
	w := worldOver(t, t.TempDir(), records, object.Config{
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

// TestManyDesksAtOnce has 50 desks hand in at once; each paper is kept once, and no answer is late.
func TestManyDesksAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.TokenRate, c.TokenBurst = 10_000, 10_000 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	const desks, each = 50, 4
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	for desk := range desks {
		all.Go(func() {
			for n := range each {
				start := time.Now()
				body := append(scan(t, 0), fmt.Sprintf("%d %d %s", desk, n, strings.Repeat("x", 200<<10))...)
				want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, body, nil}), 201)
				mu.Lock()
				took = append(took, time.Since(start))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	t.Logf("acknowledged after %v (p50), %v (p95)", took[len(took)/2], took[len(took)*95/100])
	d := want[dossierJSON](t, w.do(t, ask{"GET", path, w.desk, nil, nil}), 200)
	if len(d.Papers) != desks*each || len(w.queue.has()) != desks*each {
		t.Errorf("%d papers, %d readings", len(d.Papers), len(w.queue.has()))
	}
	w.spoolIsEmpty(t)
}
