package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"sohoa/pipeline"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// verdict is what is done about an error.
type verdict int

const (
	// over: the step was done by somebody else; nothing is to be done.
	over verdict = iota
	// wait: something that the paper needs is away or full. It is tried again until that is back, however long it takes.
	wait
	// again: it may go well the next time. That is counted, and after mostFailures it is giveUp.
	again
	// giveUp: it will not go well. The reason is shown to people.
	giveUp
)

func (v verdict) String() string { return [...]string{"over", "wait", "again", "give up"}[v] }

// mostFailures is how often a step may fail by the paper's own fault. mostStarts is how often it may be begun without ever
// coming to an end, which a paper that takes its whole worker down does, and machines that are switched off do now and then.
const (
	mostFailures = 3
	mostStarts   = 20
)

// Reason says why a paper or a page failed, as the catalogue keeps it: a code for programs and the words for IT.
type Reason struct {
	Code string // a pipeline.Fault, "missing", "starts" or "time"
	Text string
}

func (r Reason) String() string { return r.Code + ": " + r.Text }

// The codes that are not the pipeline's.
const (
	codeMissing = "missing" // the scan is not in the store
	codeStarts  = "starts"  // it was begun again and again and never came to an end
	codeTime    = "time"    // the task took longer than any may
)

// judge is the only place that decides what an error means. ctx is the task's own.
func judge(ctx context.Context, err error) (verdict, Reason) {
	reason := func(code string) Reason { return Reason{Code: code, Text: err.Error()} }
	var checksum *object.ChecksumError
	var starts *startsError
	switch {
	case errors.As(err, &starts):
		return giveUp, reason(codeStarts)
	case errors.Is(err, catalogue.ErrNotDue):
		return over, Reason{}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return again, reason(codeTime)
	case ctx.Err() != nil: // the worker is ending
		return wait, reason("wait")
	case errors.Is(err, catalogue.ErrUnavailable), errors.Is(err, catalogue.ErrFull), errors.Is(err, catalogue.ErrOldSchema),
		errors.Is(err, object.ErrUnavailable), errors.Is(err, object.ErrFull),
		errors.Is(err, catalogue.ErrOtherRevision):
		return wait, reason("wait")
	case errors.Is(err, object.ErrNotFound):
		return again, reason(codeMissing)
	case errors.As(err, &checksum):
		return again, reason(codeMissing)
	}
	fault, more := pipeline.FaultOf(err)
	switch {
	case fault == pipeline.FaultMachine: // no paper's fault; other machines may do better meanwhile
		return wait, reason(string(fault))
	case more:
		return again, reason(string(fault))
	}
	return giveUp, reason(string(fault))
}

// waiting marks an error for asynq as one that does not count.
type waiting struct{ err error }

func (w *waiting) Error() string { return w.err.Error() }
func (w *waiting) Unwrap() error { return w.err }

// counts tells asynq whether an error is a failure.
func counts(err error) bool {
	var w *waiting
	return !errors.As(err, &w)
}

// delay is how long asynq waits before it tries a task again.
func delay(n int, err error, _ *asynq.Task) time.Duration {
	if !counts(err) {
		return 5 * time.Second
	}
	return time.Duration(1<<min(n, 5)) * time.Second
}

// settle turns what a handler came to into what asynq is told, and notes it in the catalogue: r is without ID where the step
// was not even begun, page is 0 for a step of the whole reading. giveUpOn is called with the reason when there is no hope.
func (s *Server) settle(ctx context.Context, r catalogue.Reading, page int, err error, giveUpOn func(context.Context, Reason) error) error {
	if err == nil {
		return nil
	}
	what, reason := judge(ctx, err)
	if what == over {
		return nil
	}
	// What ended the task's own context must not keep us from writing down that it did.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	s.log.WarnContext(ctx, "task failed", "reading", r.ID, "page", page, "verdict", what.String(), "reason", reason.Code, "error", err)
	if r.ID == 0 {
		return &waiting{err}
	}
	if what == again {
		failures, noteErr := s.catalogue.Stumble(ctx, r, page, reason.String(), true)
		switch {
		case errors.Is(noteErr, catalogue.ErrNotDue):
			return nil
		case noteErr != nil:
			return &waiting{errors.Join(err, noteErr)}
		case failures < mostFailures:
			return err
		}
		what = giveUp
	}
	if what == wait {
		// Whether this can be noted or not, it is tried again.
		if _, noteErr := s.catalogue.Stumble(ctx, r, page, reason.String(), false); noteErr != nil && !errors.Is(noteErr, catalogue.ErrNotDue) {
			err = errors.Join(err, noteErr)
		}
		return &waiting{err}
	}
	switch noteErr := giveUpOn(ctx, reason); {
	case errors.Is(noteErr, catalogue.ErrNotDue):
		return nil
	case noteErr != nil:
		return &waiting{errors.Join(err, noteErr)}
	}
	s.metrics.failed(reason.Code)
	// The catalogue has it; asynq's archive shows it to IT beside the others.
	return fmt.Errorf("%w: %w", asynq.SkipRetry, err)
}

// tooOften is the error for a step that was begun too often.
func tooOften(r catalogue.Reading) error {
	if r.Starts <= mostStarts {
		return nil
	}
	return &startsError{starts: r.Starts - 1, last: r.Reason}
}

type startsError struct {
	starts int
	last   string
}

func (e *startsError) Error() string {
	if e.last == "" {
		return fmt.Sprintf("it was begun %d times and never came to an end", e.starts)
	}
	return fmt.Sprintf("it was begun %d times and never came to an end; the last reason known: %s", e.starts, e.last)
}
