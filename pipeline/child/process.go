package child

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sohoa/pipeline/confine"
)

// process is one child, from start to end. Only one goroutine uses it at a time.
type process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc // kills it
	in     io.WriteCloser
	out    *os.File // what it answers
	buffer *bufio.Reader
	said   *confine.Tail
	limit  int64 // on its memory in bytes, 0 for none
	served int
	ready  bool          // it has greeted
	ended  chan struct{} // closed when it was waited for
	err    error         // of Wait; valid once ended is closed
}

func start(ctx context.Context, c Config) (p *process, err error) {
	defer func() {
		if err != nil {
			err = &confine.MachineError{Err: fmt.Errorf("start a child: %w", err)}
		}
	}()
	// A child outlives the request that starts it, so its life hangs on the pool alone.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cmd := confine.Child(ctx, c.limits(), nil, c.Command...)
	p = &process{
		cmd: cmd, cancel: cancel, said: &confine.Tail{First: c.MaxSaid / 3, Most: c.MaxSaid - c.MaxSaid/3},
		limit: c.Limits.Memory, ended: make(chan struct{}),
	}
	cmd.Stderr = p.said
	// Not StdoutPipe, which Wait closes: an answer may be unread when its child has ended.
	out, theirs, err := os.Pipe()
	if err != nil {
		cancel()
		return nil, err
	}
	cmd.Stdout = theirs
	if p.in, err = cmd.StdinPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, errors.Join(err, theirs.Close(), out.Close())
	}
	p.out, p.buffer = out, bufio.NewReaderSize(out, 1<<16)
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	// Ours of the two ends that the child writes to must go, or its end would not be the stream's.
	if err := theirs.Close(); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// kill ends the child; ended tells when it has. Whoever writes to it or reads its answers is woken.
func (p *process) kill() {
	p.cancel()
	// Nothing is lost of a child that is not listened to any more.
	p.in.Close()  //nolint:errcheck,gosec // see above
	p.out.Close() //nolint:errcheck,gosec // see above
}

// gone tells whether the child has ended.
func (p *process) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// exchange sends a request, once the child has greeted, and receives the answer. It ends when the child does.
func (p *process) exchange(request []byte, most int64, answer any) error {
	if !p.ready {
		var hello greeting
		if err := readMessage(p.buffer, mostGreeting, &hello); err != nil {
			return fmt.Errorf("wait until the child is ready: %w", err)
		}
		p.ready = true
	}
	if _, err := p.in.Write(request); err != nil {
		return fmt.Errorf("send a request: %w", err)
	}
	err := readMessage(p.buffer, most, answer)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// rss is the child's resident memory in bytes, 0 where it cannot be told.
func (p *process) rss() int64 {
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// crash says how a child ended that should not have, or what it answered that it should not have.
func (p *process) crash(ctx context.Context, err error) *CrashError {
	const moment = 500 * time.Millisecond
	select {
	case <-p.ended:
	case <-time.After(moment): // it closed its output or said nonsense, and lingers
		return &CrashError{Reason: "its answer was none: " + err.Error(), Said: p.said.String(), err: err}
	}
	e := &CrashError{Reason: "it ended without an answer", Said: p.said.String(), err: errors.Join(err, p.err)}
	if p.err != nil {
		how := confine.Describe(context.WithoutCancel(ctx), p.cmd, p.err)
		e.Reason, e.Memory = how.Error(), how.Memory
	}
	e.Memory = e.Memory || outOfMemory(e.Said) || p.nearLimit()
	return e
}

// blame tells a child that was lost before it had seen a request, by which it cannot have come to harm.
func (p *process) blame(err error) error {
	if err == nil || p.ready {
		return err
	}
	return &confine.MachineError{Err: fmt.Errorf("make a child ready: %w", err)}
}

// nearLimit tells whether an ended child had once filled most of its memory. What it had reserved besides counts, too, so
// that it may have been refused more well before it had filled all.
func (p *process) nearLimit() bool {
	var ours syscall.Rusage
	theirs, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok || p.limit <= 0 || syscall.Getrusage(syscall.RUSAGE_SELF, &ours) != nil {
		return false
	}
	const kib = 1 << 10
	// A child begins in our image, so that its account is never below our own peak; then it says nothing.
	return theirs.Maxrss > ours.Maxrss && theirs.Maxrss >= p.limit/kib/4*3
}

// outOfMemory tells from a dying process's last words whether it was refused memory, as Go's runtime, C++'s and glibc say.
func outOfMemory(said string) bool {
	for _, words := range []string{
		"out of memory", "cannot allocate memory", "Cannot allocate memory", "bad_alloc", "pthread_create failed",
	} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}
