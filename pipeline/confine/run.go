package confine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// said is how many bytes of a tool's standard error are kept: its last lines.
const said = 600

// Run runs a command of Command to its end and gives what it wrote to standard output, at most most bytes; one that writes
// more is stopped. ctx is the command's, its limit made by WithLimit. The error is an *Error, which comes with the output so
// far, or a *NotInstalledError. Afterwards cmd.ProcessState tells what it used; its Maxrss includes ours, in whose image it began.
func Run(ctx context.Context, cmd *exec.Cmd, most int) ([]byte, error) {
	var out bytes.Buffer
	err := Stream(ctx, cmd, &out, int64(most))
	return out.Bytes(), err
}

// Stream is Run with standard output going to w as it comes. An error of w stops the command.
func Stream(ctx context.Context, cmd *exec.Cmd, w io.Writer, most int64) error {
	tail := &Tail{Most: said}
	limited := &limitedWriter{w: w, left: most, stop: func() { kill(cmd) }} //nolint:errcheck,gosec // already gone is as good
	cmd.Stdout, cmd.Stderr = limited, tail
	o, _ := orderOf(cmd)
	full := watchRoom(o.Writable)
	err := cmd.Run()
	wasFull := full()
	if err == nil && limited.err == nil && !wasFull {
		return nil
	}
	if missing := (&NotInstalledError{}); errors.As(err, &missing) {
		return missing
	}
	e := Describe(ctx, cmd, err)
	e.Said, e.Overflow = tail.String(), errors.Is(limited.err, errTooMuch)
	if limited.err != nil {
		e.err = errors.Join(limited.err, e.err)
		e.Memory = false // it was us
	}
	if e.Full = wasFull && !e.Late && limited.err == nil; e.Full {
		e.err = errors.Join(syscall.ENOSPC, e.err)
	}
	return e
}

var errTooMuch = errors.New("more output than allowed")

// limitedWriter stops the process when too much comes or w fails.
type limitedWriter struct {
	w    io.Writer
	left int64
	stop func()
	err  error
}

func (l *limitedWriter) Write(p []byte) (n int, err error) {
	defer func() {
		if err != nil && l.err == nil {
			l.err = err
			l.stop()
		}
	}()
	if int64(len(p)) > l.left {
		return 0, errTooMuch
	}
	l.left -= int64(len(p))
	return l.w.Write(p)
}

// Tail keeps the end of what is written to it, at most Most bytes, and before that the beginning, at most First bytes: some
// programs say first what is wrong, and then much. It is safe for concurrent use.
type Tail struct {
	First, Most int

	mu    sync.Mutex
	first []byte
	last  []byte
	lost  bool // something between the two
}

// Write never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := len(p)
	n := min(all, t.First-len(t.first))
	t.first, p = append(t.first, p[:n]...), p[n:]
	if len(t.last)+len(p) > t.Most {
		t.lost = true
	}
	t.last = append(t.last, p[max(0, len(p)-t.Most):]...)
	if n := len(t.last) - t.Most; n > 0 {
		t.last = append(t.last[:0], t.last[n:]...)
	}
	return all, nil
}

// Reset forgets all.
func (t *Tail) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first, t.last, t.lost = t.first[:0], t.last[:0], false
}

// String is what was kept, as valid UTF-8 on one line.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := string(t.first)
	if t.lost && len(t.first) > 0 {
		kept += " … "
	}
	kept += string(t.last)
	return strings.ToValidUTF8(strings.Join(strings.Fields(kept), " "), "�")
}
