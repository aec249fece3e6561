package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"
)

// exchange is one request and its answer: what the log and the figures say of it.
type exchange struct {
	http.ResponseWriter
	control *http.ResponseController
	body    *steadyBody
	id      string
	start   time.Time
	patient time.Duration

	status  int
	bytes   int64
	actor   string
	code    Code
	err     error
	aborted bool
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func newExchange(w http.ResponseWriter, r *http.Request, patience time.Duration) *exchange {
	id := r.Header.Get("X-Request-ID")
	if !requestID.MatchString(id) {
		id = rand.Text()
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // the connection still has that of its last answer
	return &exchange{
		ResponseWriter: w, control: control, id: id, start: time.Now(), patient: patience,
		body: &steadyBody{body: r.Body, control: control, patience: patience, ended: r.ContentLength == 0},
	}
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf is the exchange that ServeHTTP put there.
func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (x *exchange) begun() bool { return x.status != 0 }

func (x *exchange) failed(code Code, err error) { x.code, x.err = code, err }

// WriteHeader notes the status.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= http.StatusOK {
		x.status = status
	}
	_ = x.control.SetWriteDeadline(time.Now().Add(2 * x.patient)) // not every connection has deadlines
	if !x.body.ended {
		// net/http reads on for a while before it answers, and would wait for a client that sends nothing.
		_ = x.control.SetReadDeadline(time.Now().Add(x.patient))
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write gives a client that takes nothing only so long.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	_ = x.control.SetWriteDeadline(time.Now().Add(2 * x.patient)) // not every connection has deadlines
	n, err := x.ResponseWriter.Write(b)
	x.bytes += int64(n)
	return n, err
}

// steadyBody is a request's body that has to move: a client must send slowest bytes, or the rest, within patience, and hurried
// times as many while somebody waits for its place. The time in which nobody reads does not count.
type steadyBody struct {
	body     io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
	spent    time.Duration // of the present span
	got      int64         // in the present span
	ended    bool
	scarce   func() bool // whether others wait for its place; nil: it has none
	sum      atomic.Int64
}

func (b *steadyBody) Read(p []byte) (int, error) {
	start := time.Now()
	_ = b.control.SetReadDeadline(start.Add(b.patience - b.spent)) // not every connection has deadlines
	n, err := b.body.Read(p)
	b.sum.Add(int64(n))
	b.got += int64(n)
	b.spent += time.Since(start)
	if b.got >= b.least() {
		b.got, b.spent = 0, 0
	}
	if err == io.EOF {
		b.ended = true
		b.rest()
	}
	return n, err
}

// least is how many bytes have to come within patience.
func (b *steadyBody) least() int64 {
	if b.scarce != nil && b.scarce() {
		return hurried * slowest
	}
	return slowest
}

// rest takes the deadline off: net/http listens on while the answer is made, and would take a deadline that passes then for
// a client that has gone.
func (b *steadyBody) rest() { _ = b.control.SetReadDeadline(time.Time{}) }

func (b *steadyBody) Close() error { return b.body.Close() }

func (b *steadyBody) total() int64 { return b.sum.Load() }

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types can be written
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has gone hears nothing
}

// take reads a request's JSON.
func take(r *http.Request, v any) error { return takeUpTo(r, v, mostJSON) }

// takeUpTo is take for a body of at most so many bytes.
func takeUpTo(r *http.Request, v any, most int64) error {
	if !isJSON(r.Header.Get("Content-Type")) {
		return refuse(CodeNotJSON)
	}
	if err := plainEncoding(r); err != nil {
		return err
	}
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, most))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return &refusal{code: CodeBadRequest, detail: "more than one JSON value"}
	}
	return badJSON(err)
}

func badJSON(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return &refusal{code: CodeInvalid, field: kind.Field, detail: "it cannot be a JSON " + kind.Value}
	case codeOf(err) != CodeInternal: // too large, too slow, gone
		return err
	}
	return &refusal{code: CodeBadRequest, detail: "not the JSON that is expected here", err: err}
}
