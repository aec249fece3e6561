package workers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// metrics are what Prometheus is told of the work.
type metrics struct {
	tasks      *prometheus.HistogramVec
	pages      *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	confidence prometheus.Histogram
	papers     *prometheus.CounterVec
	failures   *prometheus.CounterVec
	sweeps     prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		tasks: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sohoa_task_seconds", Help: "Seconds on the clock of each task, by kind (stage), line (desk, bulk) and outcome (done, wait, failed).",
			Buckets: []float64{.01, .03, .1, .3, 1, 2, 4, 8, 15, 30, 60, 300},
		}, []string{"kind", "line", "outcome"}),
		pages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sohoa_pages_total", Help: "Pages that were read, by where their words come from (recognized, digital, text-layer, blank, failed).",
		}, []string{"source"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sohoa_page_core_seconds", Help: "Seconds of one core that a page took, by where its words come from.",
			Buckets: []float64{.1, .25, .5, .75, 1, 1.5, 2, 3, 5, 10, 30},
		}, []string{"source"}),
		confidence: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sohoa_page_confidence", Help: "Mean confidence of each page that was recognized, 0 to 100.",
			Buckets: []float64{40, 50, 60, 70, 75, 80, 85, 90, 92, 94, 96, 98, 100},
		}),
		papers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sohoa_papers_total", Help: "Papers that were read to the end, by queue.",
		}, []string{"queue"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sohoa_failures_total", Help: "Pages and papers that were given up, by reason.",
		}, []string{"reason"}),
		sweeps: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sohoa_swept_tasks_total", Help: "Tasks that the sweeper looked after because they were not done in their time.",
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.tasks, m.pages, m.seconds, m.confidence, m.papers, m.failures, m.sweeps} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) task(kind, line string, took time.Duration, err error) {
	outcome := "done"
	switch {
	case err != nil && !counts(err):
		outcome = "wait"
	case err != nil:
		outcome = "failed"
	}
	m.tasks.WithLabelValues(kind, line, outcome).Observe(took.Seconds())
}

func (m *metrics) page(p *page.Page) {
	m.pages.WithLabelValues(string(p.Source)).Inc()
	m.seconds.WithLabelValues(string(p.Source)).Observe(p.Seconds)
	if p.Source == page.Recognized {
		m.confidence.Observe(p.Confidence)
	}
}

func (m *metrics) paper(queue catalogue.Queue) { m.papers.WithLabelValues(string(queue)).Inc() }
func (m *metrics) failed(reason string)        { m.failures.WithLabelValues(reason).Inc() }
func (m *metrics) swept(n int)                 { m.sweeps.Add(float64(n)) }

// Backlog tells Prometheus how much waits, as the catalogue and Redis know it, and which parts answer: asked for at each scrape.
type Backlog struct {
	Catalogue *catalogue.Catalogue
	Queue     *Queue
	Objects   *object.Store

	// Asking the object store writes to it: what it said counts for a while.
	mu     sync.Mutex
	asked  time.Time
	stored error
}

// storeFor is for how long the object store's answer counts.
const storeFor = 30 * time.Second

func (b *Backlog) askStore(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.asked) >= storeFor {
		b.stored, b.asked = b.Objects.Check(ctx), time.Now()
	}
	return b.stored
}

var (
	backlogPapers = prometheus.NewDesc("sohoa_queue_papers", "Papers that are not read to the end, by queue.", []string{"queue"}, nil)
	backlogPages  = prometheus.NewDesc("sohoa_queue_pages", "Pages that wait to be read, of papers that were split, by queue.", []string{"queue"}, nil)
	backlogOldest = prometheus.NewDesc("sohoa_queue_oldest_seconds", "Since the oldest paper in the queue was handed in.", []string{"queue"}, nil)
	redisTasks    = prometheus.NewDesc("sohoa_redis_tasks", "Tasks in Redis, by queue and state.", []string{"queue", "state"}, nil)
	partUp        = prometheus.NewDesc("sohoa_up", "Whether a part answers.", []string{"part"}, nil)
)

// Describe implements prometheus.Collector.
func (b *Backlog) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{backlogPapers, backlogPages, backlogOldest, redisTasks, partUp} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. A part that is away is told as such.
func (b *Backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	up := func(part string, err error) bool {
		if err != nil {
			gauge(partUp, 0, part)
			return false
		}
		gauge(partUp, 1, part)
		return true
	}
	if all, err := b.Catalogue.Backlogs(ctx); up("catalogue", err) {
		for _, q := range all {
			gauge(backlogPapers, float64(q.Papers), string(q.Queue))
			gauge(backlogPages, float64(q.Pages), string(q.Queue))
			gauge(backlogOldest, q.Oldest.Seconds(), string(q.Queue))
		}
	}
	up("objects", b.askStore(ctx))
	if all, err := b.Queue.Counts(ctx); up("queue", err) {
		for _, c := range all {
			for state, n := range map[string]int{
				"pending": c.Pending, "active": c.Active, "scheduled": c.Scheduled, "retry": c.Retry, "archived": c.Archived,
			} {
				gauge(redisTasks, float64(n), string(c.Queue), state)
			}
		}
	}
}

// Outcome is how a call of a store went, for a label.
func Outcome(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, catalogue.ErrNotFound), errors.Is(err, catalogue.ErrNotDue), errors.Is(err, object.ErrNotFound):
		return "none" // an answer like any other
	default:
		return "failed"
	}
}
