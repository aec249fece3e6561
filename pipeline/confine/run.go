package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
)

// NotInstalledError says that a tool is missing, and where it comes from.
type NotInstalledError struct{ Tool string }

// packages are the Debian packages of the tools that we call.
func packages() map[string]string {
	return map[string]string{
		"pdfinfo": "poppler-utils", "pdfimages": "poppler-utils", "pdftoppm": "poppler-utils", "pdftotext": "poppler-utils",
		"pdfsig": "poppler-utils", "pdffonts": "poppler-utils", "qpdf": "qpdf", "gs": "ghostscript",
	}
}

func (e *NotInstalledError) Error() string {
	if p, ok := packages()[e.Tool]; ok {
		return fmt.Sprintf("%s is not installed: apt-get install %s", e.Tool, p)
	}
	return e.Tool + " is not installed"
}

// Error says what became of a confined process.
type Error struct {
	Tool string
	// Late is set when the caller's context ended it or its processor time ran out.
	Late bool
	// Signal is what killed it, 0 if it ended by itself with Status.
	Signal syscall.Signal
	Status int
	// Said is the end of what it wrote to standard error.
	Said string
	// Overflow is set when it wrote more than it was allowed to.
	Overflow bool
	err      error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Tool)
	switch {
	case e.Overflow:
		b.WriteString(" wrote more than it may")
	case e.Late:
		b.WriteString(" was stopped: it took too long")
	case e.Signal != 0:
		fmt.Fprintf(&b, " crashed (%v)", e.Signal)
	case e.Status != 0:
		fmt.Fprintf(&b, " failed (status %d)", e.Status)
	default:
		fmt.Fprintf(&b, ": %v", e.err)
	}
	if e.Said != "" {
		b.WriteString(": ")
		b.WriteString(e.Said)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.err }

// Run runs a command of Command to its end and gives what it wrote to standard output, at most most bytes. The error is an
// *Error or *NotInstalledError; output so far comes with it.
func Run(ctx context.Context, cmd *exec.Cmd, most int) ([]byte, error) {
	var out bytes.Buffer
	err := Stream(ctx, cmd, &out, int64(most))
	return out.Bytes(), err
}

// Stream is Run with standard output going to w as it comes.
func Stream(ctx context.Context, cmd *exec.Cmd, w io.Writer, most int64) error {
	said := &Tail{Most: 400}
	limited := &limitedWriter{w: w, left: most}
	cmd.Stdout, cmd.Stderr = limited, said
	err := cmd.Run()
	if err == nil && !limited.over {
		return nil
	}
	missing := (&NotInstalledError{})
	if errors.As(err, &missing) {
		return missing
	}
	e := Describe(ctx, cmd, err)
	e.Said, e.Overflow = said.String(), limited.over
	return e
}

// Describe makes an *Error of what a finished command's Wait returned.
func Describe(ctx context.Context, cmd *exec.Cmd, err error) *Error {
	e := &Error{err: err, Late: ctx.Err() != nil}
	if spec := cmd.Args; len(spec) > 1 {
		e.Tool = toolOf(spec[1])
	}
	exit := (&exec.ExitError{})
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			e.Signal = status.Signal()
			e.Late = e.Late || e.Signal == syscall.SIGXCPU
		} else {
			e.Status = exit.ExitCode()
		}
	}
	if ctx.Err() != nil {
		e.err = errors.Join(ctx.Err(), err)
	}
	return e
}

// limitedWriter fails, and so ends the process by a broken pipe, when too much comes.
type limitedWriter struct {
	w    io.Writer
	left int64
	over bool
}

var errTooMuch = errors.New("more output than allowed")

func (l *limitedWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > l.left {
		l.over = true
		return 0, errTooMuch
	}
	l.left -= int64(len(p))
	return l.w.Write(p)
}

// Tail keeps the end of what is written to it: at most Most bytes, on one line.
type Tail struct {
	Most int
	buf  []byte
}

func (t *Tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if n := len(t.buf) - t.Most; n > 0 {
		t.buf = append(t.buf[:0], t.buf[n:]...)
	}
	return len(p), nil
}

func (t *Tail) String() string {
	return strings.ToValidUTF8(strings.Join(strings.Fields(string(t.buf)), " "), "�")
}
