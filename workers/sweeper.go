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
	// adoptAfter is how long readings of another revision are left alone after the last of its readers was seen, and
	// adoptEvery how often both is looked at.
	adoptAfter = 2 * time.Minute
	adoptEvery = 30 * time.Second
)

// sweep queues work that the catalogue knows and the queue does not, until ctx ends. Any number of servers may sweep.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	var adopted time.Time
	for {
		err := s.sweepOnce(ctx)
		if err == nil && time.Since(adopted) >= adoptEvery {
			err = s.adopt(ctx)
			adopted = time.Now()
		}
		if err != nil && ctx.Err() == nil {
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

// adopt says that this revision is at work, and takes over what readers that are gone have left.
func (s *Server) adopt(ctx context.Context) error {
	if err := s.catalogue.Working(ctx, s.Revision()); err != nil {
		return err
	}
	adopted, err := s.catalogue.Adopt(ctx, s.Revision(), adoptAfter)
	if adopted > 0 {
		s.log.InfoContext(ctx, "readings that nobody did are done by this revision", "readings", adopted)
	}
	return err
}
