package confine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// NotInstalledError says that a tool is missing, and where it comes from.
type NotInstalledError struct {
	Tool    string
	Package string // Debian's; empty where we do not know it
}

func notInstalled(tool string) *NotInstalledError {
	packages := map[string]string{
		"pdfinfo": "poppler-utils", "pdfimages": "poppler-utils", "pdftoppm": "poppler-utils", "pdftotext": "poppler-utils",
		"pdfsig": "poppler-utils", "pdffonts": "poppler-utils", "pdftocairo": "poppler-utils", "pdfdetach": "poppler-utils",
		"pdfseparate": "poppler-utils", "pdfunite": "poppler-utils", "pdfattach": "poppler-utils", "qpdf": "qpdf",
		"gs": "ghostscript",
	}
	return &NotInstalledError{Tool: tool, Package: packages[filepath.Base(tool)]}
}

func (e *NotInstalledError) Error() string {
	if e.Package != "" {
		return fmt.Sprintf("%s is not installed: apt install %s", e.Tool, e.Package)
	}
	return e.Tool + " is not installed"
}

// Unwrap says that it is one of the errors of exec.LookPath.
func (e *NotInstalledError) Unwrap() error { return exec.ErrNotFound }

// Error says what became of a confined process.
type Error struct {
	Tool string
	// Late is set when its context ended it or its processor time ran out. The error is then ErrTooLong or, where it was the
	// caller's own context that ended, that context's error.
	Late bool
	// Full is set when there was no room where it writes while it ran, also if it says that it did its work: poppler and
	// qpdf do not look whether their writes succeed. The error is then syscall.ENOSPC.
	Full bool
	// Memory is set when something else than we killed it outright: the kernel, for want of memory. A process that was
	// refused memory mostly ends by itself and says so in Said.
	Memory bool
	// Signal is what killed it, 0 if it ended by itself with Status.
	Signal syscall.Signal
	Status int
	// Said is the end of what it wrote to standard error, on one line.
	Said string
	// Overflow is set when it wrote more to standard output than it was allowed to.
	Overflow bool
	err      error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Tool)
	switch {
	case e.Overflow:
		b.WriteString(" wrote more than it may and was stopped")
	case e.Late:
		b.WriteString(" was stopped: it took too long")
	case e.Full:
		b.WriteString(" failed: there was no room left where it writes")
	case e.Memory:
		b.WriteString(" was killed, most likely for want of memory")
	case e.Signal != 0:
		fmt.Fprintf(&b, " crashed (%v)", e.Signal)
	case e.Status == notConfined:
		b.WriteString(" could not be confined and was not run")
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

// Unwrap gives what Wait said, why it was late, that there was no room, and the error of the output's writer. A process that
// could not be started or confined is a *MachineError.
func (e *Error) Unwrap() error { return e.err }

// Describe makes an *Error of what a finished command's Wait returned; ctx is the command's.
func Describe(ctx context.Context, cmd *exec.Cmd, err error) *Error {
	o, tool := orderOf(cmd)
	ended := Ended(ctx)
	e := &Error{Tool: tool, err: err, Late: ended != nil}
	if state := cmd.ProcessState; state != nil {
		if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			e.Signal = status.Signal()
		} else {
			e.Status = state.ExitCode()
		}
		failed := e.Signal != 0 || e.Status != 0
		// Whoever ignores SIGXCPU, as Go's runtime does, is killed a second later.
		spent := o.Limits.CPU > 0 && state.UserTime()+state.SystemTime() >= o.Limits.CPU.Truncate(time.Second)
		e.Late = e.Late || failed && spent || e.Signal == syscall.SIGXCPU
		e.Memory = e.Signal == syscall.SIGKILL && !e.Late
	}
	var exit *exec.ExitError
	switch {
	case e.Late && (ended == nil || errors.Is(ended, ErrTooLong)):
		// exec may have given the context's error as its own, which is that of a deadline; what the process said stays.
		e.err = ErrTooLong
		if errors.As(err, &exit) {
			e.err = errors.Join(ErrTooLong, exit)
		}
	case ended != nil:
		e.err = errors.Join(ended, err)
	case cmd.Process == nil, e.Status == notConfined:
		e.err = &MachineError{Err: err}
	}
	return e
}
