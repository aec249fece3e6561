package object

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// connectWithin is how long a connection may take.
	connectWithin = 3 * time.Second
	// stallWithin is how long the store may neither take nor give a byte while we wait for it. An upload of any length may
	// go on for as long as it moves; a store that stands still is noticed, and not asked again for the same call.
	stallWithin = 8 * time.Second
	// joinWithin is how long the store may take to make one object of all the parts of an upload.
	joinWithin = 2 * time.Minute
	// attempts is how often minio-go sends a request that failed on the way.
	attempts = 3
)

// stalledError says that the store stood still.
type stalledError struct{ after time.Duration }

func (e *stalledError) Error() string {
	return fmt.Sprintf("the store neither took nor gave a byte for %v", e.after)
}

// newTransport connects to the store.
func newTransport(c Config) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: connectWithin, KeepAlive: 15 * time.Second}
	t := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: connectWithin,
		MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", c.CAFile)
	}
	t.TLSClientConfig.RootCAs = roots
	return t, nil
}

// patience is a transport that ends requests which do not move. Timeouts of net/http do not do: they bound a whole body, or
// nothing while it is sent.
type patience struct {
	next  http.RoundTripper
	stall time.Duration // within which something must move
}

// stalledKey finds, in a context, whether the store stood still before in the same call.
type stalledKey struct{}

// patiently is the context of one call: once the store has stood still, minio-go's further attempts and its abort of an upload
// fail at once instead of waiting as long again.
func patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, stalledKey{}, new(atomic.Bool))
}

// RoundTrip is http.RoundTripper's.
func (p *patience) RoundTrip(req *http.Request) (*http.Response, error) {
	before, _ := req.Context().Value(stalledKey{}).(*atomic.Bool)
	w := &watch{within: p.stall, before: before}
	if req.Method == http.MethodPost && req.URL.Query().Has("uploadId") {
		w.within = max(w.within, joinWithin)
	}
	if before != nil && before.Load() {
		if req.Body != nil {
			_ = req.Body.Close() // as a RoundTripper must
		}
		return nil, w.stalled()
	}
	ctx, cancel := context.WithCancel(req.Context())
	w.cancel = cancel
	w.timer = time.AfterFunc(w.within, w.fire)
	req = req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &sent{req.Body, w}
	}
	resp, err := p.next.RoundTrip(req)
	w.pause(true)
	if err != nil {
		cancel()
		return nil, w.explain(err)
	}
	resp.Body = &received{resp.Body, w}
	return resp, nil
}

// watch cancels a request that stands still.
type watch struct {
	within time.Duration
	timer  *time.Timer
	cancel context.CancelFunc
	fired  atomic.Bool
	before *atomic.Bool // of the whole call; may be nil

	mu       sync.Mutex
	answered bool
}

// pause stops the clock; for good, as far as the request's body is concerned, once the answer has begun: what of the body
// was not needed may be read after that.
func (w *watch) pause(answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = w.answered || answered
	w.timer.Stop()
}

// sending starts the clock again after a part of the request's body was read.
func (w *watch) sending() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.answered {
		w.timer.Reset(w.within)
	}
}

func (w *watch) fire() {
	w.fired.Store(true)
	if w.before != nil {
		w.before.Store(true)
	}
	w.cancel()
}

func (w *watch) stalled() error { return &stalledError{w.within} }

// explain is err, or that the store stood still where that is why.
func (w *watch) explain(err error) error {
	if err != nil && !errors.Is(err, io.EOF) && w.fired.Load() {
		return w.stalled()
	}
	return err
}

// sent is a request's body. While its source is slow the store is not to blame.
type sent struct {
	io.ReadCloser
	w *watch
}

func (s *sent) Read(p []byte) (int, error) {
	s.w.pause(false)
	defer s.w.sending()
	return s.ReadCloser.Read(p)
}

// received is a response's body. While nobody reads it the store is not to blame.
type received struct {
	io.ReadCloser
	w *watch
}

func (r *received) Read(p []byte) (int, error) {
	r.w.timer.Reset(r.w.within)
	defer r.w.timer.Stop()
	n, err := r.ReadCloser.Read(p)
	return n, r.w.explain(err)
}

func (r *received) Close() error {
	defer r.w.cancel()
	r.w.timer.Stop()
	return r.ReadCloser.Close()
}
