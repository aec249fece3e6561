package workers

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
	"sohoa/storage/catalogue"
)

// What the queue makes of a paper is what `sohoa read` makes of it.
func TestThePaperIsReadAsRunReadsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	data := scan(t, 3, 3)
	registry := prometheus.NewRegistry()
	s.server(func(c *Config) { c.Metrics = registry })
	r := s.handIn(data, catalogue.Desk, true)
	p := s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	if p.Pages != 3 || p.PagesRead != 3 || p.Failed != 0 || p.Words < 100 || p.Confidence < 50 {
		t.Errorf("%+v", p)
	}
	reader, err := pipeline.NewReader(s.reading())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "đơn.tif")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Run(t.Context(), path, filepath.Join(dir, "run"), nil); err != nil {
		t.Fatal(err)
	}
	nameless(t, reader, path, filepath.Join(dir, "nameless"))
	for output, file := range map[string]string{objectText: "run.txt", objectPDF: "nameless.pdf"} {
		want, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(s.output(p, output), want) {
			t.Errorf("%s is another than %s", output, file)
		}
	}
	for _, output := range []string{objectPDF, objectJSON} {
		if bytes.Contains(s.output(p, output), []byte("đơn")) {
			t.Errorf("%s has the name of the file that was handed in", output)
		}
	}
	for n := 1; n <= 3; n++ {
		if !bytes.Contains(s.output(p, pageJSON(n)), []byte(`"words"`)) {
			t.Errorf("page %d has no words with boxes", n)
		}
	}
	sameFields(t, s, p.ID, filepath.Join(dir, "run.json"))
	metrics := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, want := range []string{`sohoa_pages_total{source="recognized"} 3`, `sohoa_papers_total{queue="desk"} 1`, `sohoa_task_seconds_count{kind="paper:bind",line="desk",outcome="done"} 1`} {
		if !strings.Contains(metrics.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

// sameFields compares the fields that a paper has in the catalogue with those in a JSON of Run.
func sameFields(t *testing.T, s *site, id catalogue.PaperID, path string) {
	t.Helper()
	f, err := os.Open(path) //nolint:gosec // what Run wrote
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head, _, err := bind.ReadJSON(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.catalogue.Fields(t.Context(), catalogue.Everywhere, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(head.Fields) == 0 || len(kept) != len(head.Fields) {
		t.Errorf("%d fields are kept of %d", len(kept), len(head.Fields))
	}
	for _, said := range head.Fields {
		at := slices.IndexFunc(kept, func(k catalogue.Field) bool { return string(k.Name) == string(said.Name) })
		if at < 0 {
			t.Errorf("%s is not kept", said.Name)
			continue
		}
		k, box := kept[at], said.Box()
		place := catalogue.Place{X0: box.X0, Y0: box.Y0, X1: box.X1, Y1: box.Y1}
		if k.Source != catalogue.SourceRecognized || k.Found == nil || k.Found.Value != said.Value || k.Found.Normal != said.Normal ||
			k.Confidence != said.Confidence || k.Page != said.Page || k.Place != place {
			t.Errorf("%s is kept as %+v (%+v), was found as %+v", said.Name, k, k.Found, said)
		}
	}
}

// nameless does what Run does, for a paper that has no name.
func nameless(t *testing.T, reader *pipeline.Reader, path, stem string) {
	t.Helper()
	paper, err := reader.Split(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer paper.Close()
	paper.Name = ""
	_, err = reader.Bind(t.Context(), paper, stem, func(ctx context.Context, take func(*pipeline.PageResult) error) error {
		for n := range paper.Pages {
			result, err := reader.ReadPage(ctx, paper, n)
			if err != nil {
				return err
			}
			if err := take(result); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What was never queued, and what an emptied Redis forgot, is read all the same.
func TestAnEmptiedRedisLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var papers []catalogue.PaperID
	for n := range 4 {
		papers = append(papers, s.handIn(scan(t, n, 2), catalogue.Batch, n%2 == 0).Paper.ID)
	}
	s.server(nil)
	s.await(papers[0], patience, catalogue.PaperReading, catalogue.PaperRead, catalogue.PaperReview)
	if err := s.redis.Empty(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range papers {
		s.await(id, patience, catalogue.PaperRead, catalogue.PaperReview)
	}
}

func TestRedisIsKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	var papers []catalogue.PaperID
	for n := range 3 {
		papers = append(papers, s.handIn(scan(t, n, 3), catalogue.Desk, true).Paper.ID)
	}
	s.await(papers[0], patience, catalogue.PaperReading, catalogue.PaperRead, catalogue.PaperReview)
	if err := s.redis.Kill(); err != nil {
		t.Fatal(err)
	}
	late := s.handIn(scan(t, 9, 1), catalogue.Desk, false) // Redis is away: it is acknowledged all the same
	time.Sleep(time.Second)
	if err := s.redis.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(papers, late.Paper.ID) {
		p := s.await(id, patience, catalogue.PaperRead, catalogue.PaperReview)
		if p.PagesRead != p.Pages {
			t.Errorf("%d of %d pages", p.PagesRead, p.Pages)
		}
	}
}

// A server that is told to end finishes or hands back what it has; the next one goes on at once.
func TestEndingHandsBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.handIn(scan(t, 8, 6), catalogue.Batch, true)
	stop := s.server(func(c *Config) { c.Grace = time.Second })
	s.await(r.Paper.ID, patience, catalogue.PaperReading)
	stop()
	counts, err := s.queue.Counts(t.Context())
	if err != nil || counts[1].Active != 0 {
		t.Errorf("left active: %+v, %v", counts, err)
	}
	s.server(nil)
	s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	pages, err := s.catalogue.Pages(t.Context(), r.Work.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if p.State != "read" {
			t.Errorf("%+v", p)
		}
	}
}

func TestQueuedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	task := catalogue.Task{Step: catalogue.StepPages, Reading: 7, Page: 3, Queue: catalogue.Batch}
	for range 3 {
		if err := s.queue.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := s.queue.Counts(t.Context())
	if err != nil || counts[1].Pending != 1 || counts[0].Pending != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
	// One that asynq keeps as given up does not stand in the way.
	if err := s.queue.inspector.ArchiveTask("batch-pages", id(task)); err != nil {
		t.Fatal(err)
	}
	if err := s.queue.Enqueue(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if counts, err = s.queue.Counts(t.Context()); err != nil || counts[1].Pending != 1 || counts[1].Archived != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
}

func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"v":1,"reading":12,"page":3}`))
	f.Add([]byte(`{"v":2,"reading":12}`))
	f.Add([]byte(`{"v":1,"reading":-1}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, said []byte) {
		p, err := parsePayload(asynq.NewTask(KindPage, said))
		if err != nil {
			if !errors.Is(err, errPayload) {
				t.Errorf("another error: %v", err)
			}
			return
		}
		if p.Reading <= 0 || p.Page < 0 || p.Version != payloadVersion {
			t.Errorf("understood: %+v", p)
		}
	})
}
