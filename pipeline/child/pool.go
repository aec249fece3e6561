package child

import (
	"context"
	"errors"
	"sync"
	"time"

	"sohoa/pipeline/confine"
)

// Config says what the children are and what they may use.
type Config struct {
	// Command is what follows our own binary's name to make it a child: a hidden verb and its arguments.
	Command []string
	// Size is how many children there are at most. Defaults to 1.
	Size int
	// Limits hold for each child.
	Limits confine.Limits
	// Timeout is the most time on the clock for one request. Defaults to a minute.
	Timeout time.Duration
	// MaxRequests is after how many requests a child is replaced. Defaults to 100.
	MaxRequests int
	// MaxRSS replaces a child whose resident memory is above it after a request. Defaults to 300 MiB.
	MaxRSS int64
	// MaxAnswer is the most bytes of one answer. Defaults to 512 MiB.
	MaxAnswer int64
}

const mostRequest = 1 << 20 // a request names files and options

// WithDefaults fills what was not set.
func (c Config) WithDefaults() Config {
	if c.Size == 0 {
		c.Size = 1
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.MaxRequests == 0 {
		c.MaxRequests = 100
	}
	if c.MaxRSS == 0 {
		c.MaxRSS = 300 << 20
	}
	if c.MaxAnswer == 0 {
		c.MaxAnswer = 512 << 20
	}
	return c
}

// Validate names the first field that cannot be.
func (c Config) Validate() error {
	switch {
	case len(c.Command) == 0:
		return errors.New("child: no command")
	case c.Size < 1:
		return errors.New("child: a pool needs at least one child")
	case c.Timeout < 0 || c.MaxRequests < 0 || c.MaxRSS < 0 || c.MaxAnswer < 0:
		return errors.New("child: a limit is negative")
	}
	return nil
}

// ErrClosed is the answer of a pool that was closed.
var ErrClosed = errors.New("the pool of children is closed")

// Pool answers requests with child processes, which start when they are first needed. It is safe for concurrent use.
type Pool[Req, Res any] struct {
	config Config
	seats  chan *process // one for each child that may be; nil where none is running
	close  sync.Once
	closed chan struct{}
}

// NewPool makes a pool; nothing is started yet.
func NewPool[Req, Res any](c Config) (*Pool[Req, Res], error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := &Pool[Req, Res]{config: c, seats: make(chan *process, c.Size), closed: make(chan struct{})}
	for range c.Size {
		p.seats <- nil
	}
	return p, nil
}

// Do has a child answer one request; it waits for an idle one. The error is a *RequestError where the child refused the
// request, a *TimeoutError or *CrashError where the child was lost over it, or the context's.
func (p *Pool[Req, Res]) Do(ctx context.Context, req Req) (Res, error) {
	var none Res
	var proc *process
	select {
	case proc = <-p.seats:
	case <-ctx.Done():
		return none, ctx.Err()
	case <-p.closed:
		return none, ErrClosed
	}
	defer func() { p.seats <- proc }()
	select {
	case <-p.closed:
		return none, ErrClosed
	default:
	}
	if proc == nil {
		var err error
		if proc, err = start(p.config); err != nil {
			return none, err
		}
	}
	res, err := p.ask(ctx, proc, req)
	refused := (&RequestError{})
	if err != nil && !errors.As(err, &refused) || proc.served >= p.config.MaxRequests || proc.rss() > p.config.MaxRSS {
		proc.stop()
		proc = nil
	}
	return res, err
}

// ask sends one request to one child.
func (p *Pool[Req, Res]) ask(ctx context.Context, proc *process, req Req) (Res, error) {
	type reply struct {
		answer answer[Res]
		err    error
	}
	got := make(chan reply, 1)
	proc.served++
	go func() {
		var r reply
		if r.err = writeMessage(proc.in, req); r.err == nil {
			r.err = readMessage(proc.out, p.config.MaxAnswer, &r.answer)
		}
		got <- r
	}()
	late := time.NewTimer(p.config.Timeout)
	defer late.Stop()
	var none Res
	select {
	case r := <-got:
		switch {
		case r.err != nil:
			return none, proc.crash()
		case r.answer.Panic != "":
			return none, &CrashError{Reason: r.answer.Panic}
		case r.answer.Error != "":
			return none, &RequestError{Reason: r.answer.Error}
		}
		return r.answer.Result, nil
	case <-late.C:
		proc.stop()
		<-got
		return none, &TimeoutError{After: p.config.Timeout}
	case <-ctx.Done():
		proc.stop()
		<-got
		return none, ctx.Err()
	}
}

// Close ends all children, after the requests under way.
func (p *Pool[Req, Res]) Close() error {
	p.close.Do(func() {
		close(p.closed)
		for range p.config.Size {
			if proc := <-p.seats; proc != nil {
				proc.stop()
			}
		}
		for range p.config.Size {
			p.seats <- nil
		}
	})
	return nil
}
