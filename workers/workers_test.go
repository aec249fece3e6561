package workers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sohoa/pipeline"
	"sohoa/scripts/corpus"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
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
	metrics := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, want := range []string{`sohoa_pages_total{source="recognized"} 3`, `sohoa_papers_total{queue="desk"} 1`, `sohoa_task_seconds_count{kind="paper:bind",line="desk",outcome="done"} 1`} {
		if !strings.Contains(metrics.Body.String(), want) {
			t.Errorf("no %s", want)
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

// Papers that cannot be read end visibly with the reason, at once where there is no hope, and keep nobody else.
func TestBadPapersEndWithTheirReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no scan":  {[]byte("xin chào"), "format: "},
		"cut TIFF": {[]byte("II*\x00\x08\x00\x00\x00"), "damaged: "},
		"cut PDF":  {[]byte("%PDF-1.4\n"), "damaged: "},
	} {
		r := s.handIn(c.data, catalogue.Desk, true)
		if p := s.await(r.Paper.ID, patience, catalogue.PaperFailed); !strings.HasPrefix(p.Reason, c.want) {
			t.Errorf("%s: %q", name, p.Reason)
		}
	}
	missing := s.handIn(scan(t, 5, 1), catalogue.Desk, false)
	key, err := object.Original(missing.Paper.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.objects.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	good := s.handIn(scan(t, 6, 1), catalogue.Desk, true)
	s.await(good.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	if p := s.await(missing.Paper.ID, patience, catalogue.PaperFailed); !strings.HasPrefix(p.Reason, "missing: ") {
		t.Errorf("without its scan: %q", p.Reason)
	}
	// Put back, it is read when somebody says so.
	data := scan(t, 5, 1)
	if err := s.objects.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), ""); err != nil {
		t.Fatal(err)
	}
	again, err := s.catalogue.Retry(t.Context(), catalogue.Everywhere, missing.Paper.ID, s.revision)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.queue.Enqueue(t.Context(), catalogue.Task{Step: again.Step, Reading: again.ID, Queue: again.Queue}); err != nil {
		t.Fatal(err)
	}
	s.await(missing.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
}

// A page over which children die is tried a bounded number of times; the other pages and papers go on.
func TestAPoisonPageBlocksNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(func(c *Config) { c.Reading.PageMemory = 256 << 20 })
	poison := s.handIn(bomb(t), catalogue.Desk, true)
	good := s.handIn(scan(t, 7, 1), catalogue.Desk, true)
	s.await(good.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	p := s.await(poison.Paper.ID, patience, catalogue.PaperFailed, catalogue.PaperReview)
	if p.Pages != 1 {
		t.Errorf("%+v", p)
	}
	pages, err := s.catalogue.Pages(t.Context(), p.Reading)
	if err != nil || len(pages) != 1 || pages[0].State != "failed" || !strings.HasPrefix(pages[0].Reason, "memory: ") {
		t.Errorf("%+v, %v", pages, err)
	}
}

// bomb is a small file that unpacks to more than a page may need; unpacking is C's work, and quick with the race detector, too.
func bomb(t *testing.T) []byte {
	t.Helper()
	const side = 13_000
	huge := slip(t)
	huge.Image = image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := corpus.EncodeTIFF(&b, []corpus.Scan{huge}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An officer's page does not wait behind an archive.
func TestOfficersGoFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.handIn(scan(t, 100, 1), catalogue.Batch, true)
	for n := range 40 {
		s.handIn(scan(t, 101+n, 1), catalogue.Batch, true)
	}
	s.server(nil)
	s.await(first.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	desk := s.handIn(scan(t, 200, 1), catalogue.Desk, true)
	s.await(desk.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	backlog, err := s.catalogue.Backlogs(t.Context())
	if err != nil || backlog[1].Papers == 0 {
		t.Errorf("the archive was first: %+v, %v", backlog, err)
	}
}

// An officer's page does not wait behind all pages of another officer's long paper.
func TestALongPaperLetsOthersGoFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	long := s.handIn(scan(t, 50, 60), catalogue.Desk, true)
	s.server(func(c *Config) { c.Reading.Jobs = 1 })
	read := func() int {
		p, err := s.catalogue.Paper(t.Context(), catalogue.Everywhere, long.Paper.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p.PagesRead
	}
	for start := time.Now(); read() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatal("no page was read")
		}
	}
	short := s.handIn(scan(t, 51, 1), catalogue.Desk, true)
	s.await(short.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	if n := read(); n > 45 {
		t.Errorf("the long paper was first: %d pages of it are read", n)
	}
	s.await(long.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
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

func TestCollectRemovesWhatNoRowNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	r := s.handIn(scan(t, 11, 1), catalogue.Desk, true)
	p := s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	put := func(k object.Key, err error) {
		t.Helper()
		if err == nil {
			err = s.objects.Put(t.Context(), k, strings.NewReader("x"), 1, "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(object.Original(strings.Repeat("0", 64)))
	put(object.Reading(strings.Repeat("0", 64), s.revision, "paper.pdf"))
	put(object.Reading(p.SHA256, "another", "paper.pdf"))
	if got, err := Collect(t.Context(), s.objects, s.catalogue, time.Hour, time.Hour); err != nil || got != (Collected{}) {
		t.Errorf("young objects: %+v, %v", got, err)
	}
	got, err := Collect(t.Context(), s.objects, s.catalogue, 0, 0)
	if err != nil || got.Originals != 1 || got.Readings != 2 || got.Parts != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := Collect(t.Context(), s.objects, s.catalogue, 0, 0); err != nil || got != (Collected{}) {
		t.Errorf("again: %+v, %v", got, err)
	}
	s.output(p, objectPDF)
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

func TestVerdicts(t *testing.T) {
	t.Parallel()
	on := context.Background()
	ending, end := context.WithCancel(on)
	end()
	late, done := context.WithTimeout(on, 0)
	defer done()
	for _, c := range []struct {
		ctx  context.Context //nolint:containedctx // a row of a table
		err  error
		want verdict
		code string
	}{
		{on, catalogue.ErrNotDue, over, ""},
		{ending, catalogue.ErrNotDue, over, ""},
		{on, fmt.Errorf("x: %w", catalogue.ErrUnavailable), wait, "wait"},
		{on, object.ErrFull, wait, "wait"},
		{ending, context.Canceled, wait, "wait"},
		{ending, errors.New("what comes of being cancelled"), wait, "wait"},
		{late, context.DeadlineExceeded, again, "time"},
		{late, fmt.Errorf("x: %w", object.ErrUnavailable), again, "time"},
		{on, context.DeadlineExceeded, again, "reader"}, // somebody else's
		{on, catalogue.ErrOtherRevision, wait, "wait"},
		{on, object.ErrNotFound, again, "missing"},
		{on, &startsError{starts: 20}, giveUp, "starts"},
		{on, &pipeline.NothingReadError{Pages: 1}, giveUp, "damaged"},
		{on, errors.New("who knows"), again, "reader"},
	} {
		if v, reason := judge(c.ctx, c.err); v != c.want || reason.Code != c.code {
			t.Errorf("%v (%v): %v %q", c.err, c.ctx.Err(), v, reason.Code)
		}
	}
}

func TestRedisAddresses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"localhost:6379":            "asynq.RedisClientOpt tcp localhost:6379 0",
		"redis://h:1/3":             "asynq.RedisClientOpt tcp h:1 3",
		"rediss://h:1":              "asynq.RedisClientOpt tls h:1 0",
		"unix:/run/redis.sock":      "asynq.RedisClientOpt unix /run/redis.sock 0",
		"unix:///run/redis.sock":    "asynq.RedisClientOpt unix /run/redis.sock 0",
		"sentinel://main@a:1,b:2/4": "asynq.RedisFailoverClientOpt main [a:1 b:2] 4",
		"cluster://a:1,b:2":         "asynq.RedisClusterClientOpt [a:1 b:2]",
		"":                          "",
		"redis://h":                 "",
		"redis://a:1,b:2":           "",
		"redis://user:secret@h:1":   "",
		"sentinel://a:1":            "",
		"cluster://a:1/2":           "",
		"http://h:1":                "",
		"unix:relative.sock":        "",
		"redis://h:1/x":             "",
	} {
		got := ""
		opt, err := Redis{URL: url}.Connection()
		switch o := opt.(type) {
		case asynq.RedisClientOpt:
			network := "tcp"
			if o.Network != "" {
				network = o.Network
			}
			if o.TLSConfig != nil {
				network = "tls"
			}
			got = fmt.Sprintf("%T %s %s %d", o, network, o.Addr, o.DB)
		case asynq.RedisFailoverClientOpt:
			got = fmt.Sprintf("%T %s %v %d", o, o.MasterName, o.SentinelAddrs, o.DB)
		case asynq.RedisClusterClientOpt:
			got = fmt.Sprintf("%T %v", o, o.Addrs)
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", url, got, err, want)
		}
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

// Scans stay open for the pages that follow, and no longer.
func TestOpenPapersAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	originals, err := object.NewCache(s.objects, filepath.Join(t.TempDir(), "c"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := pipeline.NewReader(s.reading())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	open := newPapers(originals)
	open.most = 2
	var releases atomic.Int32
	var first *pipeline.Paper
	for n := range 5 {
		r := s.handIn(scan(t, 300+n, 1), catalogue.Desk, false)
		p, release, err := open.get(t.Context(), reader, r.Paper.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		same, again, err := open.get(t.Context(), reader, r.Paper.SHA256)
		if err != nil || same != p {
			t.Errorf("opened twice: %v", err)
		}
		if n == 0 {
			first = p
		}
		release()
		again()
		releases.Add(2)
	}
	if len(open.open) != 2 {
		t.Errorf("%d stay open", len(open.open))
	}
	for _, o := range open.open {
		if o.paper == first {
			t.Error("the oldest stays")
		}
	}
	if _, _, err := open.get(t.Context(), reader, strings.Repeat("0", 64)); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	open.close()
	if len(open.open) != 0 {
		t.Error("not all were closed")
	}
}
