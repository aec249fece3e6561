package workers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sohoa/pipeline"
	"sohoa/pipeline/confine"
	"sohoa/scripts/corpus"
	"sohoa/scripts/services"
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

// site is a whole service without its API: real Redis, catalogue and store.
type site struct {
	t         *testing.T
	redis     *services.RedisServer
	queue     *Queue
	catalogue *catalogue.Catalogue
	objects   *object.Store
	dossier   catalogue.DossierID
	revision  string
	cache     string
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newLimitedSite(t, LimitsFor(pipeline.Options{PageTime: pageTime}))
}

func newLimitedSite(t *testing.T, limits Limits) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, cache: filepath.Join(dir, "cache")}
	var err error
	s.redis, err = services.StartRedis(t.Context(), filepath.Join(dir, "redis"))
	services.Need(t, err)
	t.Cleanup(func() { _ = s.redis.Kill() })
	if s.queue, err = OpenQueue(Redis{URL: s.redis.Addr}, limits, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.queue.Close() })
	if s.catalogue, err = catalogue.Open(catalogue.Config{URL: "sqlite:" + filepath.Join(dir, "catalogue.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.catalogue.Close() })
	if _, err := s.catalogue.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.objects, err = object.Open(t.Context(), object.Config{Directory: filepath.Join(dir, "objects")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.objects.Close() })
	if _, err := s.catalogue.PutAgency(t.Context(), "H50", "Tỉnh", ""); err != nil {
		t.Fatal(err)
	}
	d, _, err := s.catalogue.PutDossier(t.Context(), catalogue.Everywhere, catalogue.Dossier{Code: "H50-260331-0001", Agency: "H50"})
	if err != nil {
		t.Fatal(err)
	}
	s.dossier = d.ID
	if s.revision, err = pipeline.RevisionOf(s.reading()); err != nil {
		t.Fatal(err)
	}
	return s
}

const pageTime = 30 * time.Second

func (s *site) reading() pipeline.Options {
	return pipeline.Options{Jobs: 2, CacheDir: s.cache, PageTime: pageTime}
}

// server is one that works until the test ends, or until stop.
func (s *site) server(change func(*Config)) (stop func()) {
	s.t.Helper()
	c := Config{
		Queue: s.queue, Catalogue: s.catalogue, Objects: s.objects, Reading: s.reading(), Scratch: s.t.TempDir(), Grace: 10 * time.Second,
		Log: slog.New(slog.NewTextHandler(testLog{s.t}, nil)),
	}
	if change != nil {
		change(&c)
	}
	server, err := NewServer(c)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				s.t.Errorf("the server ended with %v", err)
			}
		})
	}
	s.t.Cleanup(stop)
	return stop
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(string(bytes.TrimSpace(p)))
	return len(p), nil
}

// handIn stores a scan, adds the paper, and queues it unless told not to.
func (s *site) handIn(data []byte, queue catalogue.Queue, enqueue bool) catalogue.Receipt {
	s.t.Helper()
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:])
	key, err := object.Original(name)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.objects.Put(s.t.Context(), key, bytes.NewReader(data), int64(len(data)), name); err != nil {
		s.t.Fatal(err)
	}
	r, err := s.catalogue.HandIn(s.t.Context(), catalogue.Everywhere, catalogue.HandIn{
		Dossier: s.dossier, Scan: catalogue.Scan{SHA256: name, Size: int64(len(data)), MediaType: "image/tiff"}, Name: "đơn.tif",
		Queue: queue, Revision: s.revision,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if enqueue && r.Due {
		if err := s.queue.Enqueue(s.t.Context(), catalogue.Task{Step: r.Work.Step, Reading: r.Work.ID, Queue: r.Work.Queue}); err != nil {
			s.t.Fatal(err)
		}
	}
	return r
}

// await waits until a paper has one of the states.
func (s *site) await(id catalogue.PaperID, patience time.Duration, states ...catalogue.PaperState) catalogue.Paper {
	s.t.Helper()
	var p catalogue.Paper
	for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
		var err error
		if p, err = s.catalogue.Paper(s.t.Context(), catalogue.Everywhere, id); err != nil {
			s.t.Fatal(err)
		}
		for _, state := range states {
			if p.State == state {
				return p
			}
		}
	}
	s.t.Fatalf("paper %d is %s after %v: %+v", id, p.State, patience, p)
	return p
}

// output is one of a paper's results.
func (s *site) output(p catalogue.Paper, name string) []byte {
	s.t.Helper()
	key, err := object.Reading(p.SHA256, p.Revision, name)
	if err != nil {
		s.t.Fatal(err)
	}
	o, err := s.objects.Get(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// scan is a paper of so many pages, as a fax machine sends it: small and quick to read. Another seed gives another scan of the
// same pages.
func scan(tb testing.TB, seed, pages int) []byte {
	tb.Helper()
	page := slip(tb)
	all := make([]corpus.Scan, pages)
	for i := range all {
		all[i] = page
	}
	var b bytes.Buffer
	if err := corpus.EncodeTIFF(&b, all); err != nil {
		tb.Fatal(err)
	}
	fmt.Fprintf(&b, "\n%% %d\n", seed) // behind the file's end
	return b.Bytes()
}

// slip is drawn once: with the race detector it takes seconds.
func slip(tb testing.TB) corpus.Scan {
	tb.Helper()
	s, err := drawSlip()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

//nolint:gochecknoglobals // one for the test process
var drawSlip = sync.OnceValues(func() (s corpus.Scan, err error) {
	const seed = 3
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return s, err
	}
	sheet, err := corpus.Slip(fonts, seed)
	if err != nil {
		return s, err
	}
	return corpus.Apply(sheet, corpus.Fax, seed)
})

// patience is how long a paper may take on a machine that does much else: asynq alone needs a minute to find a dead worker.
const patience = 4 * time.Minute
