package child

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// ErrClosed is the answer of a pool that was closed.
var ErrClosed = errors.New("the pool of children is closed")

// TimeoutError says that a child took too long and was killed.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("took longer than %v and was stopped", e.After)
}

// CrashError says that a child was lost over a request.
type CrashError struct {
	// Memory is set when the child was lost for want of memory.
	Memory bool
	// Reason is how it ended.
	Reason string
	// Said is the beginning and the end of what it wrote to standard error over this request, on one line; of a panic, its
	// stack.
	Said string
	err  error
}

func (e *CrashError) Error() string {
	what := "the child process crashed: "
	if e.Memory {
		what = "the child process needed more memory than it may use: "
	}
	if e.Said == "" {
		return what + e.Reason
	}
	return what + e.Reason + ": " + e.Said
}

// Unwrap gives what was wrong with the answer, or what waiting for the process said.
func (e *CrashError) Unwrap() error { return e.err }

// RequestError is a request that the child answered with an error: the input's fault, not the child's, which lives on.
type RequestError struct {
	Reason string
	// Errno is the kernel's error that it came from, 0 for none: then it was hardly the input's fault.
	Errno syscall.Errno
	// Permanent is set where the child's error said so of itself, by a method Permanent() bool: trying again is no use.
	Permanent bool
}

func (e *RequestError) Error() string { return e.Reason }

// Unwrap gives the kernel's error.
func (e *RequestError) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// permanent is what an error of a child's handler may be to say that trying again is no use.
type permanent interface{ Permanent() bool }
