package confine

import (
	"context"
	"errors"
	"time"
)

// ErrTooLong says that a limit of our own passed: a tool, or a step that has one, took longer than it may. It is never
// context.DeadlineExceeded, which says that whoever asked does not wait any more: the one is the scan's fault, the other
// nobody's.
var ErrTooLong = errors.New("it took longer than it may")

// WithLimit is context.WithTimeout for limits of our own: Ended tells them from the caller's.
func WithLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, ErrTooLong)
}

// Ended is why ctx ended: ErrTooLong where a limit of WithLimit passed, else the context's own error; nil while it goes on.
func Ended(ctx context.Context) error {
	err := ctx.Err()
	if err != nil && errors.Is(context.Cause(ctx), ErrTooLong) {
		return ErrTooLong
	}
	return err
}
