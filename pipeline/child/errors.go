package child

import (
	"fmt"
	"time"
)

// TimeoutError says that a child took too long and was killed.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("took longer than %v and was stopped", e.After)
}

// CrashError says that a child died over a request.
type CrashError struct {
	// Memory is set when the child died for want of memory.
	Memory bool
	// Reason is how it ended and the last that it said.
	Reason string
}

func (e *CrashError) Error() string {
	if e.Memory {
		return "needed more memory than a page may use: " + e.Reason
	}
	return "the reading process crashed: " + e.Reason
}

// RequestError is a request that the child answered with an error: the input's fault, not the child's.
type RequestError struct{ Reason string }

func (e *RequestError) Error() string { return e.Reason }
