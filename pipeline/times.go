package pipeline

import (
	"context"
	"fmt"
	"time"

	"sohoa/pipeline/confine"
)

// How long a step may take at most by our own limits, for whoever gives it a limit of its own, which should be above: then a
// context that ends is never the paper's fault. All of them are times on the clock. Waiting for others is counted for no more
// callers at once than twice as many as there are children (Options.Jobs).

// slowDisk is how many bytes a second a slow disk reads.
const slowDisk = 10 << 20

// SplitTime is for Split of a file of so many bytes: it is read once, and a PDF's structure, or the pages of a TIFF, looked
// through; a child is waited for, which may try a page six times over.
func (o Options) SplitTime(bytes int64) time.Duration {
	const looks, waits = 2, 6
	return (looks+waits)*o.WithDefaults().PageTime + time.Duration(bytes/slowDisk)*time.Second
}

// ReadTime is for ReadPage: three looks into a PDF, which one page does at a time, a rendering, and six tries in a child,
// which is waited for as long.
func (o Options) ReadTime() time.Duration {
	const looks, rendering, tries = 3, 1, 6
	return (2*looks + rendering + 2*tries) * o.WithDefaults().PageTime
}

// BindTime is for Bind of a paper of so many pages, which ends then with FaultTooSlow: a page that is kept may take its time
// in Ghostscript among the others and alone, and once more to be looked at or read anew. What Pages does counts, too.
func (o Options) BindTime(pages int) time.Duration {
	const perPage = 4
	return perPage * time.Duration(pages+1) * o.WithDefaults().PageTime
}

// within does a step that has a limit of our own. Where that passed the error is confine.ErrTooLong, whatever was under way:
// it may call the end of its context a deadline.
func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	limited, cancel := confine.WithLimit(ctx, limit)
	defer cancel()
	err := do(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return fmt.Errorf("%w (%v): %v", confine.ErrTooLong, limit, err) //nolint:errorlint // see above
	}
	return err
}
