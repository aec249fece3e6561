package child

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/pipeline/confine"
)

// process is one child, from start to end. Only one goroutine uses it at a time.
type process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc // kills it
	in     io.WriteCloser
	out    *bufio.Reader
	said   *tail
	served int
	ended  chan struct{} // closed when it was waited for
	err    error         // of Wait; valid once ended is closed
}

func start(c Config) (*process, error) {
	// A child outlives the request that starts it, so its life hangs on the pool alone.
	ctx, cancel := context.WithCancel(context.Background())
	cmd := confine.Command(ctx, c.Limits, nil, confine.Self, c.Command...)
	p := &process{cmd: cmd, cancel: cancel, said: &tail{t: confine.Tail{Most: 600}}, ended: make(chan struct{})}
	cmd.Stderr = p.said
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start a child: %w", err)
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start a child: %w", err)
	}
	cmd.Stdout = outWrite
	err = cmd.Start()
	if closeErr := outWrite.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("start a child: %w", err), outRead.Close())
	}
	p.in, p.out = in, bufio.NewReaderSize(outRead, 1<<16)
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	context.AfterFunc(ctx, func() {
		<-p.ended
		outRead.Close() //nolint:errcheck,gosec // a pipe to a process that is gone
	})
	return p, nil
}

// stop ends the child and waits for it.
func (p *process) stop() {
	p.cancel()
	<-p.ended
}

// rss is the child's resident memory in bytes, 0 where it cannot be told.
func (p *process) rss() int64 {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// crash says how a child ended that should not have.
func (p *process) crash() *CrashError {
	select {
	case <-p.ended:
	case <-time.After(time.Second): // it closed its output and lingers
		p.stop()
	}
	how := "it ended without an answer"
	if p.err != nil {
		how = p.err.Error()
	}
	said := p.said.String()
	if said != "" {
		how += ": " + said
	}
	return &CrashError{Reason: how, Memory: outOfMemory(said)}
}

// outOfMemory tells from a dying process's last words whether it was refused memory: Go's runtime and C++ say so, and
// there is no other sign.
func outOfMemory(said string) bool {
	for _, words := range []string{"out of memory", "cannot allocate memory", "bad_alloc"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// tail is a confine.Tail that may be read while it is written.
type tail struct {
	mu sync.Mutex
	t  confine.Tail
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.t.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.t.String()
}
