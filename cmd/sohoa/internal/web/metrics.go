package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// figures are what /metrics says of the API.
type figures struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytesIn  *prometheus.CounterVec
	acks     prometheus.Histogram
	papers   *prometheus.CounterVec
	unqueued prometheus.Counter
	page     http.Handler
}

func newFigures(registry *prometheus.Registry, s *Server) (*figures, error) {
	f := &figures{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sohoa_http_requests_total", Help: "Requests that were answered, by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sohoa_http_request_seconds", Help: "How long requests took, by route.",
			Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 600},
		}, []string{"route"}),
		bytesIn: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sohoa_http_received_bytes_total", Help: "Bytes of requests' bodies, by route.",
		}, []string{"route"}),
		acks: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sohoa_intake_acknowledgement_seconds", Help: "From the beginning of a hand-in, or of the request that ends a resumable one, to its acknowledgement.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 600},
		}),
		papers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sohoa_intake_papers_total", Help: "Files that were handed in, by what became of them: new, held, again, refused.",
		}, []string{"outcome"}),
		unqueued: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sohoa_intake_unqueued_total", Help: "Readings that the queue did not take and the sweeper has to find.",
		}),
		page: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	all := []prometheus.Collector{
		f.requests, f.seconds, f.bytesIn, f.acks, f.papers, f.unqueued,
		gauge("sohoa_intake_uploads_under_way", "Requests that bring files now.", func() float64 { return float64(s.uploads.count()) }),
		gauge("sohoa_events_listeners", "Streams of events that are open.", func() float64 { return float64(s.hub.listening()) }),
		gauge("sohoa_spool_bytes", "What uploads under way take on the disk.", func() float64 { return float64(s.spool.bytes()) }),
	}
	for _, one := range all {
		if err := registry.Register(one); err != nil {
			return nil, fmt.Errorf("register the API's figures: %w", err)
		}
	}
	return f, nil
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

func (f *figures) request(route string, x *exchange, took time.Duration) {
	f.requests.WithLabelValues(route, strconv.Itoa(x.status)).Inc()
	f.seconds.WithLabelValues(route).Observe(took.Seconds())
	f.bytesIn.WithLabelValues(route).Add(float64(x.body.total()))
}

// acknowledged notes that what a request hands in is kept, just before it is told so.
func (f *figures) acknowledged(c *call) { f.acks.Observe(time.Since(c.start).Seconds()) }

func (f *figures) handedIn(held, again bool) {
	outcome := "new"
	switch {
	case again:
		outcome = "again"
	case held:
		outcome = "held"
	}
	f.papers.WithLabelValues(outcome).Inc()
}

func (f *figures) refusedFile() { f.papers.WithLabelValues("refused").Inc() }

// metricsOpen tells whether the figures are told without a token.
func metricsOpen(s *Server, r *http.Request) bool { return s.config.LocalMetrics && local(r) }

func (s *Server) metrics(w http.ResponseWriter, r *http.Request, _ *call) error {
	s.figures.page.ServeHTTP(w, r)
	return nil
}
