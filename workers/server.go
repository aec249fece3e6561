package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"sohoa/pipeline"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Config says what a Server works with.
type Config struct {
	Queue     *Queue
	Catalogue *catalogue.Catalogue
	Objects   *object.Store
	// Reading says how papers are read; its Jobs is how many pages at once, officers' and others' each.
	Reading pipeline.Options
	// Scratch is a folder of this process alone, for originals, outputs under way and all other temporary files. What is in it
	// but originals is removed at the start: a killed process left it.
	Scratch string
	// CacheBytes is how much of originals is kept in Scratch. Defaults to 4 GiB.
	CacheBytes int64
	// Grace is how long work under way may go on when the server is told to end; what is left goes back to the queue.
	// Defaults to 25 s.
	Grace time.Duration
	// Metrics gets what Prometheus is told; nil for nothing.
	Metrics prometheus.Registerer
	Log     *slog.Logger
}

func (c Config) withDefaults() Config {
	c.Reading = c.Reading.WithDefaults()
	c.CacheBytes = cmp.Or(c.CacheBytes, 4<<30)
	c.Grace = cmp.Or(c.Grace, 25*time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Server takes tasks out of the queue and does them, sweeps and collects.
type Server struct {
	Config

	catalogue *catalogue.Catalogue
	objects   *object.Store
	log       *slog.Logger
	metrics   *metrics
	papers    *papers
	originals *object.Cache
	lines     []*line
}

// line is one of the two servers that take tasks, with children of its own.
type line struct {
	name   string
	reader *pipeline.Reader
	server *asynq.Server
}

// pollEvery is how often an idle server looks for tasks: it adds to how long an officer waits, three times a paper.
const pollEvery = 60 * time.Millisecond

// NewServer prepares the readers; nothing is taken from the queue before Run.
func NewServer(c Config) (s *Server, err error) {
	if err := pipeline.CanRecognize(); err != nil {
		return nil, fmt.Errorf("take tasks: %w", err)
	}
	c = c.withDefaults()
	s = &Server{Config: c, catalogue: c.Catalogue, objects: c.Objects, log: c.Log}
	if s.metrics, err = newMetrics(c.Metrics); err != nil {
		return nil, err
	}
	if s.originals, err = object.NewCache(c.Objects, filepath.Join(c.Scratch, "originals"), c.CacheBytes); err != nil {
		return nil, fmt.Errorf("prepare the folder for originals: %w", err)
	}
	c.Reading.WorkDir = filepath.Join(c.Scratch, "work")
	for _, dir := range []string{s.outputs(), c.Reading.WorkDir} {
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o750)); err != nil {
			return nil, fmt.Errorf("make a new folder for work under way: %w", err)
		}
	}
	s.papers = newPapers(s.originals)
	jobs := c.Reading.Jobs
	bulk := weights(catalogue.Batch, 4)
	maps.Copy(bulk, weights(catalogue.Reread, 1))
	for _, l := range []struct {
		name       string
		queues     map[string]int
		background bool
	}{
		{"desk", weights(catalogue.Desk, 1), false},
		{"bulk", bulk, true},
	} {
		options := c.Reading
		options.Background = l.background
		reader, err := pipeline.NewReader(options)
		if err != nil {
			return nil, errors.Join(err, s.closeReaders())
		}
		// One task more than there are children: while a paper is split or bound the children have pages.
		server := asynq.NewServerFromRedisClient(c.Queue.redis, asynq.Config{
			Concurrency: jobs + 1 + jobs/2, Queues: l.queues, RetryDelayFunc: delay, IsFailure: counts,
			TaskCheckInterval: pollEvery, DelayedTaskCheckInterval: time.Second, ShutdownTimeout: c.Grace,
			Logger: asynqLog{c.Log}, LogLevel: asynq.WarnLevel,
		})
		s.lines = append(s.lines, &line{name: l.name, reader: reader, server: server})
	}
	return s, nil
}

// Revision names how this server's readers read.
func (s *Server) Revision() string { return s.lines[0].reader.Revision() }

func (s *Server) outputs() string { return filepath.Join(s.Scratch, "outputs") }

// handlers are a line's, by kind.
func (s *Server) handlers(l *line) asynq.Handler {
	mux := asynq.NewServeMux()
	for kind, handle := range map[string]func(context.Context, *line, payload) error{
		KindSplit: s.split, KindPage: s.readPage, KindBind: s.bind,
	} {
		mux.HandleFunc(kind, func(ctx context.Context, t *asynq.Task) error {
			p, err := parsePayload(t)
			if err != nil {
				return fmt.Errorf("%w: %w", asynq.SkipRetry, err)
			}
			start := time.Now()
			err = handle(ctx, l, p)
			s.metrics.task(kind, l.name, time.Since(start), err)
			return err
		})
	}
	return mux
}

// Run works until ctx ends; then what is under way has Grace to end, and the rest goes back to the queue. A machine that cannot
// read takes no task: it would only be quick to hand each back.
func (s *Server) Run(ctx context.Context) error {
	if err := s.lines[0].reader.Check(ctx); err != nil {
		return errors.Join(fmt.Errorf("look whether this machine can read: %w", err), s.closeReaders())
	}
	var started []*line
	for _, l := range s.lines {
		if err := l.server.Start(s.handlers(l)); err != nil {
			for _, other := range started {
				other.server.Shutdown()
			}
			return errors.Join(fmt.Errorf("start taking tasks: %w", err), s.closeReaders())
		}
		started = append(started, l)
	}
	sweeping, stopSweeping := context.WithCancel(ctx)
	var background errgroup.Group
	background.Go(func() error { s.sweep(sweeping); return nil })
	background.Go(func() error { s.collect(sweeping); return nil })
	<-ctx.Done()
	s.log.InfoContext(ctx, "ending: work under way may end", "grace", s.Grace)
	stopSweeping()
	var ending errgroup.Group
	for _, l := range s.lines {
		ending.Go(func() error { l.server.Shutdown(); return nil })
	}
	return errors.Join(ending.Wait(), background.Wait(), s.closeReaders())
}

func (s *Server) closeReaders() error {
	var errs []error
	for _, l := range s.lines {
		errs = append(errs, l.reader.Close())
	}
	if s.papers != nil {
		s.papers.close()
	}
	return errors.Join(errs...)
}

// asynqLog has asynq's own messages in our log.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) say(level slog.Level, args []any) {
	l.log.Log(context.Background(), level, "asynq", "said", fmt.Sprint(args...))
}
func (l asynqLog) Debug(args ...any) { l.say(slog.LevelDebug, args) }
func (l asynqLog) Info(args ...any)  { l.say(slog.LevelInfo, args) }
func (l asynqLog) Warn(args ...any)  { l.say(slog.LevelWarn, args) }
func (l asynqLog) Error(args ...any) { l.say(slog.LevelError, args) }

// Fatal is asynq's word for a server that cannot go on; the process ends by our own decision.
func (l asynqLog) Fatal(args ...any) {
	l.say(slog.LevelError, args)
	runtime.Goexit()
}
