package child

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"time"

	"sohoa/pipeline/confine"
)

// Pool answers requests with child processes, which start when they are first needed. It is safe for concurrent use.
type Pool[Req, Res any] struct {
	config Config
	// Of the places for children each is in one of these, or with a request: the running ones are taken first, so that
	// little work needs few children.
	idle   chan *process
	free   chan struct{}
	close  sync.Once
	closed chan struct{}
}

// NewPool makes a pool; nothing is started yet.
func NewPool[Req, Res any](c Config) (*Pool[Req, Res], error) {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := &Pool[Req, Res]{
		config: c, idle: make(chan *process, c.Size), free: make(chan struct{}, c.Size), closed: make(chan struct{}),
	}
	for range c.Size {
		p.free <- struct{}{}
	}
	return p, nil
}

// Do has a child answer one request; it waits for an idle one. The error is a *RequestError where the child refused the
// request, a *TimeoutError or *CrashError where the child was lost over it, ErrClosed, or the context's. A child that could
// not be started, confined or made ready is a *confine.MachineError around what became of it.
func (p *Pool[Req, Res]) Do(ctx context.Context, req Req) (Res, error) {
	var none Res
	message, err := encodeMessage(mostRequest, req)
	if err != nil {
		return none, err
	}
	proc, err := p.take(ctx)
	if err != nil {
		return none, err
	}
	var a answer[Res]
	err = p.ask(ctx, proc, message, &a)
	if err == nil && a.Panic != "" {
		err = &CrashError{Reason: a.Panic, Said: a.Stack}
	}
	p.put(proc, err == nil)
	switch {
	case err != nil:
		return none, err
	case a.Failed:
		return none, &RequestError{Reason: a.Error, Permanent: a.Permanent, Errno: syscall.Errno(a.Errno)} //nolint:gosec // a number of ours
	}
	return a.Result, nil
}

// take waits for a place and gives its child, which starts if need be.
func (p *Pool[Req, Res]) take(ctx context.Context) (*process, error) {
	if err := confine.Ended(ctx); err != nil {
		return nil, fmt.Errorf("wait for a child: %w", err)
	}
	select {
	case <-p.closed:
		return nil, ErrClosed
	default:
	}
	for {
		var proc *process
		select {
		case proc = <-p.idle:
		default:
			select {
			case proc = <-p.idle:
			case <-p.free:
				return p.start(ctx)
			case <-ctx.Done():
				return nil, fmt.Errorf("wait for a child: %w", confine.Ended(ctx))
			case <-p.closed:
				return nil, ErrClosed
			}
		}
		if !proc.gone() {
			return proc, nil
		}
		p.put(proc, false) // it died between two requests
	}
}

// start starts a child at a free place.
func (p *Pool[Req, Res]) start(ctx context.Context) (*process, error) {
	proc, err := start(ctx, p.config)
	if err != nil {
		p.free <- struct{}{}
	}
	return proc, err
}

// put gives the place back: with its child if that is fit for more, else when the child has ended. Nobody waits for that.
func (p *Pool[Req, Res]) put(proc *process, fit bool) {
	if fit && proc.served < p.config.MaxRequests && proc.rss() <= p.config.MaxRSS {
		p.idle <- proc
		return
	}
	proc.kill()
	go func() {
		<-proc.ended
		p.free <- struct{}{}
	}()
}

// ask sends one request to one child. After an error the child is of no more use.
func (p *Pool[Req, Res]) ask(ctx context.Context, proc *process, message []byte, a *answer[Res]) error {
	proc.served++
	proc.said.Reset()
	type outcome struct{ err error }
	got := make(chan outcome, 1)
	go func() { got <- outcome{proc.exchange(message, p.config.MaxAnswer, a)} }()
	late := time.NewTimer(p.config.Timeout)
	defer late.Stop()
	// The kernel's limit does not count memory that is shared or a file's.
	const look = 100 * time.Millisecond
	watch := time.NewTicker(look)
	defer watch.Stop()
	// Whatever ends the wait, the exchange must have ended, too, before a is touched: killing the child wakes it.
	end := func(err error) error {
		proc.kill()
		<-got
		return proc.blame(err)
	}
	for {
		select {
		case done := <-got:
			if done.err != nil {
				return proc.blame(proc.crash(ctx, done.err))
			}
			return nil
		case <-late.C:
			return end(&TimeoutError{After: p.config.Timeout})
		case <-ctx.Done():
			_ = end(nil) // it is nobody's fault
			return fmt.Errorf("wait for a child's answer: %w", confine.Ended(ctx))
		case <-watch.C:
			if most := p.config.Limits.Memory; most > 0 && proc.rss() > most {
				return end(&CrashError{Memory: true, Reason: fmt.Sprintf("more than %d bytes", most), Said: proc.said.String()})
			}
		}
	}
}

// Close ends all children, after the requests under way, and waits for their end. Later requests get ErrClosed.
func (p *Pool[Req, Res]) Close() error {
	p.close.Do(func() {
		close(p.closed)
		for range p.config.Size {
			select {
			case proc := <-p.idle:
				proc.kill()
				<-proc.ended
			case <-p.free:
			}
		}
	})
	return nil
}
