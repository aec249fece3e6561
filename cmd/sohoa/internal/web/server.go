package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// Server is the API and the pages, an http.Handler. New makes it and Close ends it.
type Server struct {
	config  Config
	log     *slog.Logger
	spool   *spool
	figures *figures
	mux     *http.ServeMux
	routes  []route
	html    *pages.Pages
	foreign *http.CrossOriginProtection

	addresses *limiters[string]
	signIns   *limiters[string] // of each address
	tokens    *limiters[catalogue.TokenID]
	noted     *recent[string] // what was told to the audit a moment ago
	uploads   *places         // for requests that bring files
	watchers  *places         // for streams of events
	resumable *resumable
	hub       *hub
	readiness readiness

	stop    context.CancelFunc
	streams chan struct{} // closed when streams of events are to end
	ending  sync.Once
	working sync.WaitGroup
}

// New starts the API: its folder for uploads is taken, and its goroutines run until Close.
func New(c Config) (*Server, error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	spool, err := takeSpool(c.Spool, c.Reserve)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: c, log: c.Log, spool: spool, mux: http.NewServeMux(), foreign: http.NewCrossOriginProtection(),
		addresses: newLimiters[string](c.AddressRate, c.AddressBurst),
		signIns:   newLimiters[string](c.SignInRate, c.SignInBurst),
		tokens:    newLimiters[catalogue.TokenID](c.TokenRate, c.TokenBurst),
		noted:     newRecent[string](time.Minute),
		uploads:   newPlaces(c.MaxUploads, c.TokenUploads),
		watchers:  newPlaces(c.MaxListeners, c.TokenListeners),
		streams:   make(chan struct{}),
	}
	if s.html, err = pages.New(pages.Config{
		Catalogue: c.Catalogue, Secure: s.secure, Service: beneath{s}, PublicRates: c.PublicRates, Issuer: c.Issuer, Sheets: spool.sheets(),
	}); err != nil {
		return nil, errors.Join(err, spool.close())
	}
	s.hub = newHub(c.Catalogue, c.Poll, c.Log)
	if s.figures, err = newFigures(c.Metrics, s); err != nil {
		return nil, errors.Join(err, spool.close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	if s.resumable, err = newResumable(ctx, s); err != nil {
		stop()
		return nil, errors.Join(err, spool.close())
	}
	s.routes = s.table()
	for _, r := range s.routes {
		s.mux.Handle(r.pattern, s.serve(r))
	}
	for _, page := range s.html.Routes() {
		s.mux.Handle(page.Pattern, s.servePage(page))
	}
	s.working.Go(func() { s.hub.run(ctx) })
	s.working.Go(func() { s.resumable.sweep(ctx) })
	s.working.Go(func() {
		s.html.Sweep(ctx, func(err error) { s.log.WarnContext(ctx, "a sheet that was looked at was not removed", "error", err) })
	})
	return s, nil
}

// Close ends streams and goroutines and gives the folder for uploads free. Requests under way are the http.Server's to end
// before.
func (s *Server) Close() error {
	s.endStreams()
	s.stop()
	s.working.Wait()
	return errors.Join(s.resumable.store.close(), s.spool.close())
}

// endStreams lets an http.Server shut down: a stream of events never ends by itself.
func (s *Server) endStreams() { s.ending.Do(func() { close(s.streams) }) }

// ServeHTTP answers one request, writes its line into the log and counts it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := newExchange(w, r, s.config.Patience)
	w.Header().Set("X-Request-ID", x.id)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	r.Body = x.body
	r = r.WithContext(withExchange(r.Context(), x))
	defer s.finish(r, x)
	defer s.recover(r, x)
	switch _, pattern := s.mux.Handler(r); {
	case !s.addresses.allow(s.remote(r)): // whatever is asked for
		r.Pattern = pattern
		s.fail(x, x, refuse(CodeTooMany))
	case pattern == "":
		s.strayed(x, r)
	default:
		s.mux.ServeHTTP(x, r)
	}
}

// recover answers a panic with an internal error.
func (s *Server) recover(r *http.Request, x *exchange) {
	p := recover()
	if p == nil {
		return
	}
	err, isErr := p.(error)
	if isErr && errors.Is(err, http.ErrAbortHandler) {
		x.aborted = true
		return
	}
	s.log.ErrorContext(r.Context(), "panic", "id", x.id, "route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if x.begun() {
		x.aborted = true
		return
	}
	s.fail(x, x, refuse(CodeInternal))
}

// finish writes the request's line: ids and figures, never a query, a name or a body.
func (s *Server) finish(r *http.Request, x *exchange) {
	took := time.Since(x.start)
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	s.figures.request(route, x, took)
	attrs := []slog.Attr{
		slog.String("id", x.id), slog.String("method", knownMethod(r.Method)), slog.String("route", route), slog.Int("status", x.status),
		slog.Int64("bytes_in", x.body.total()), slog.Int64("bytes", x.bytes), slog.Int64("duration_ms", took.Milliseconds()),
		slog.String("actor", x.actor),
	}
	level := slog.LevelInfo
	if x.code != "" {
		attrs = append(attrs, slog.String("code", string(x.code)))
	}
	if x.status >= http.StatusInternalServerError && x.err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("error", x.err))
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
	if x.aborted {
		panic(http.ErrAbortHandler)
	}
}

// knownMethod keeps what a client makes up out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// strayed answers where no route is: 405 where another method has one. A browser that looks for a page sees one.
func (s *Server) strayed(x *exchange, r *http.Request) {
	code := CodeNotFound
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *r
		other.Method = method
		if _, pattern := s.mux.Handler(&other); pattern != "" {
			code = CodeMethod
			x.Header().Add("Allow", method)
		}
	}
	if !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.failPage(x, r, &call{exchange: x}, &pages.Visit{}, refuse(code))
		return
	}
	s.fail(x, x, refuse(code))
}

// NewHTTPServer makes the server that h is served with. Heads of requests are bounded in time and bytes; bodies are not
// bounded in time as a whole, since 2 GB over a slow line take hours: h bounds how long a client may send or take nothing.
func NewHTTPServer(addr string, h http.Handler, log *slog.Logger) *http.Server {
	server := &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if s, ours := h.(*Server); ours {
		server.RegisterOnShutdown(s.endStreams)
	}
	return server
}
