package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hibiken/asynqmon"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"sohoa/cmd/sohoa/internal/gallery"
	"sohoa/cmd/sohoa/internal/web"
	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/pipeline"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
	"sohoa/workers"
)

// service is what up, serve and work share: the stores, the queue, and what runs on them.
type service struct {
	config    config
	log       *slog.Logger
	metrics   *prometheus.Registry
	catalogue *catalogue.Catalogue
	objects   *object.Store
	queue     *workers.Queue
}

// openService prepares the connections to everything. Whatever is away is met later: a service that is started meanwhile says
// so to whoever asks.
func openService(ctx context.Context, c config) (s *service, err error) {
	s = &service{config: c, metrics: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.log, err = c.logger(); err != nil {
		return s, err
	}
	latency := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sohoa_store_seconds", Help: "Seconds of each call of the object store and each transaction of the catalogue.",
		Buckets: []float64{.0005, .001, .003, .01, .03, .1, .3, 1, 3, 10, 60},
	}, []string{"store", "act", "outcome"})
	for _, m := range []prometheus.Collector{
		latency, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := s.metrics.Register(m); err != nil {
			return s, err
		}
	}
	observe := func(store string) func(string, time.Duration, error) {
		return func(act string, took time.Duration, err error) {
			latency.WithLabelValues(store, act, workers.Outcome(err)).Observe(took.Seconds())
		}
	}
	if s.catalogue, err = catalogue.Open(catalogue.Config{
		URL: c.Catalogue, Connections: c.CatalogueConnections, Log: s.log, Observe: observe("catalogue"), SignIns: c.signIns(),
	}); err != nil {
		return s, &usageError{err}
	}
	if s.queue, err = workers.OpenQueue(c.redis(), workers.LimitsFor(c.reading(s.log)), s.log); err != nil {
		return s, &usageError{err}
	}
	store, err := c.objects()
	if err != nil {
		return s, err
	}
	store.Observe = observe("objects")
	if s.objects, err = object.Open(ctx, store); err != nil {
		return s, err
	}
	return s, s.metrics.Register(&workers.Backlog{Catalogue: s.catalogue, Queue: s.queue, Objects: s.objects})
}

func (s *service) close() error {
	var errs []error
	if s.objects != nil {
		errs = append(errs, s.objects.Close())
	}
	if s.queue != nil {
		errs = append(errs, s.queue.Close())
	}
	if s.catalogue != nil {
		errs = append(errs, s.catalogue.Close())
	}
	return errors.Join(errs...)
}

// missing names the parts that do not answer.
func (s *service) missing(ctx context.Context) []web.Problem {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	checks := []struct {
		part  string
		check func(context.Context) error
	}{{"catalogue", s.catalogue.Check}, {"objects", s.objects.Check}, {"queue", s.queue.Check}}
	problems := make([]error, len(checks))
	var group errgroup.Group
	for i, c := range checks {
		group.Go(func() error { problems[i] = c.check(ctx); return nil })
	}
	_ = group.Wait() // none of them fails
	var all []web.Problem
	for i, c := range checks {
		if problems[i] != nil {
			all = append(all, web.Missing(c.part, problems[i]))
		}
	}
	return all
}

// api serves the HTTP API until ctx ends. listening is told the address.
func (s *service) api(ctx context.Context, listening func(net.Addr)) (err error) {
	revision, err := pipeline.RevisionOf(s.config.reading(s.log))
	if err != nil {
		return err
	}
	connection, err := s.config.redis().Connection()
	if err != nil {
		return err
	}
	inspect := asynqmon.New(asynqmon.Options{RootPath: "/it/queues", RedisConnOpt: connection})
	defer func() { err = errors.Join(err, inspect.Close()) }()
	pictures, unlock, err := s.pictures()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pictures.Close()); unlock() }()
	issuer, err := s.config.issuer()
	if err != nil {
		return err
	}
	handler, err := web.New(web.Config{ //nolint:contextcheck // its goroutines end with Close, after what they serve
		Catalogue: s.catalogue, Objects: s.objects, Queue: s.queue, Gallery: pictures, Revision: revision, Spool: filepath.Join(s.config.Data, "spool"),
		MaxPaper: s.config.MaxPaper, Reserve: s.config.reserve(), Ready: s.missing, Metrics: s.metrics, LocalMetrics: s.config.MetricsLocal,
		Machines: s.machines, Tasks: s.tasks, Folders: s.folders(), Issuer: issuer,
		Proxies: s.config.Proxies, Links: s.config.Links, PublicRates: s.config.PublicRates == "open", Inspect: inspect, Log: s.log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, handler.Close()) }()
	s.warnOfKey(ctx)
	return serveHTTP(ctx, web.NewHTTPServer(s.config.Listen, handler, s.log), s.config.Grace, listening)
}

// machines are the processes that read papers, for IT's pages.
func (s *service) machines(ctx context.Context) (all []pages.Machine, err error) {
	known, err := s.queue.Machines(ctx)
	for _, m := range known {
		all = append(all, pages.Machine(m))
	}
	return all, err
}

// tasks are what the queue carries, for IT's pages.
func (s *service) tasks(ctx context.Context) (all []pages.Tasks, err error) {
	counts, err := s.queue.Counts(ctx)
	for _, c := range counts {
		all = append(all, pages.Tasks{Queue: c.Queue, Waiting: c.Pending, Active: c.Active, Later: c.Scheduled + c.Retry})
	}
	return all, err
}

// folders are those on this machine's disks; an S3 store knows its own.
func (s *service) folders() []web.Folder {
	all := []web.Folder{{Name: "Thư mục dữ liệu của máy này", Path: s.config.Data}}
	if !strings.Contains(s.config.Objects, "://") {
		all = append(all, web.Folder{Name: "Kho tệp", Path: s.config.Objects})
	}
	return all
}

// warnOfKey tells IT of what keeps people with a second factor from signing in here.
func (s *service) warnOfKey(ctx context.Context) {
	if s.config.Key == "" {
		s.log.WarnContext(ctx, "SOHOA_KEY is not set: nobody can set up a second factor")
	}
	n, err := s.catalogue.FactorsOfOtherKeys(ctx)
	if err == nil && n > 0 { // an error is told by who asks whether all is ready
		s.log.ErrorContext(ctx, "second factors were set up under another SOHOA_KEY: their users cannot sign in here", "users", n)
	}
}

// pictures prepares what makes pictures of pages, in a folder that no other process uses.
func (s *service) pictures() (g *gallery.Gallery, unlock func(), err error) {
	folder, unlock, err := ownScratch(filepath.Join(s.config.Data, "pictures"))
	if err != nil {
		return nil, nil, err
	}
	painting := s.config.reading(s.log)
	painting.Jobs = max(s.config.PictureJobs, 1)
	g, err = gallery.New(gallery.Config{Objects: s.objects, Painting: painting, Folder: folder, Most: max(s.config.PictureRoom, 1)})
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return g, unlock, nil
}

// serveHTTP listens, says where, and serves until ctx ends; then requests under way have grace to end.
func serveHTTP(ctx context.Context, server *http.Server, grace time.Duration, listening func(net.Addr)) error {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", server.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	listening(l.Addr())
	var group errgroup.Group
	ended := make(chan struct{})
	group.Go(func() error {
		defer close(ended)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	select {
	case <-ctx.Done():
	case <-ended:
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		_ = server.Close() // uploads that go on longer are resumed by their clients
	}
	return group.Wait()
}

// work takes tasks until ctx ends.
func (s *service) work(ctx context.Context) error {
	scratch, unlock, err := ownScratch(filepath.Join(s.config.Data, "work"))
	if err != nil {
		return err
	}
	defer unlock()
	server, err := workers.NewServer(workers.Config{
		Queue: s.queue, Catalogue: s.catalogue, Objects: s.objects, Reading: s.config.reading(s.log), Scratch: scratch,
		CacheBytes: s.config.cacheBytes(), Grace: s.config.Grace, Metrics: s.metrics, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.log.InfoContext(ctx, "taking tasks", "revision", server.Revision(), "jobs", s.config.Jobs)
	return server.Run(ctx)
}

// report serves /healthz, /readyz and /metrics alone, for a process without an API.
func (s *service) report(ctx context.Context) error {
	if s.config.MetricsListen == "" {
		<-ctx.Done()
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		problems := s.missing(r.Context())
		if len(problems) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		for _, p := range problems {
			fmt.Fprintf(w, "%s: %s\n", p.Part, p.Code) // why stands in the log and in what "sohoa status" says
		}
		if len(problems) == 0 {
			fmt.Fprintln(w, "ready")
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	return serveHTTP(ctx, web.NewHTTPServer(s.config.MetricsListen, mux, s.log), s.config.Grace, func(a net.Addr) {
		s.log.InfoContext(ctx, "telling health and metrics", "address", a.String())
	})
}

// together runs parts until ctx ends or one of them fails, which ends the others.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		group.Go(func() error {
			err := part(ctx)
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}

// ownScratch gives this process a folder below dir that no other process uses: the first whose lock is free. What a killed
// process left in it is taken over.
func ownScratch(dir string) (path string, unlock func(), err error) {
	const most = 256
	for n := range most {
		path := filepath.Join(dir, fmt.Sprintf("%02d", n))
		if err := os.MkdirAll(path, 0o750); err != nil {
			return "", nil, fmt.Errorf("make a folder for work under way: %w", err)
		}
		unlock, err := lock(filepath.Join(path, "lock"))
		if err == nil {
			return path, unlock, nil
		}
		if !errors.Is(err, errLocked) {
			return "", nil, err
		}
	}
	return "", nil, fmt.Errorf("%d processes work in %s already", most, dir)
}
