package workers

import (
	"context"
	"errors"
	"time"
)

const (
	// sweepEvery is how often the sweeper looks.
	sweepEvery = 2 * time.Second
	// sweepAtOnce is how many tasks it queues before it looks again.
	sweepAtOnce = 500
	// adoptAfter is how long a reading of another revision is left to readers of that revision.
	adoptAfter = 2 * time.Minute
)

// sweep queues work that the catalogue knows and the queue does not, until ctx ends. Any number of servers may sweep.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "sweeping failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) sweepOnce(ctx context.Context) error {
	forgot, err := s.Queue.forgot(ctx)
	if err != nil {
		return err // where there is no queue nothing can be queued, and nothing is put off
	}
	if forgot {
		left, err := s.catalogue.Forget(ctx)
		if err != nil {
			// Better done twice than not at all.
			_ = s.Queue.forgetAgain(context.WithoutCancel(ctx))
			return err
		}
		s.log.InfoContext(ctx, "the queue was empty; all that is left is queued", "left", left)
	}
	adopted, err := s.catalogue.Adopt(ctx, s.Revision(), adoptAfter)
	if err != nil {
		return err
	}
	if adopted > 0 {
		s.log.InfoContext(ctx, "readings that nobody did are done by this revision", "readings", adopted)
	}
	for ctx.Err() == nil {
		due, err := s.catalogue.Due(ctx, sweepAtOnce)
		if err != nil {
			return err
		}
		for i, t := range due {
			if err := s.Queue.Enqueue(ctx, t); err != nil {
				return errors.Join(err, s.catalogue.Hasten(ctx, due[i:]))
			}
		}
		s.metrics.swept(len(due))
		if len(due) < sweepAtOnce {
			return nil
		}
	}
	return ctx.Err()
}
