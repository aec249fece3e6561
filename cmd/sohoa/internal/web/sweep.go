package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	// receiptLife is how long a finished upload still answers a client that lost the last answer.
	receiptLife = time.Hour
	// sweepEvery is how often outlived uploads are looked for, at most; a shorter life is looked after more often.
	sweepEvery = 10 * time.Minute
)

// sweep removes uploads that nobody goes on with, until it is told to stop.
func (u *resumable) sweep(ctx context.Context) {
	every := time.NewTicker(min(sweepEvery, max(u.server.config.UploadLife/4, 10*time.Millisecond)))
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if err := u.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			u.server.log.WarnContext(ctx, "uploads were not swept", "error", err)
		}
	}
}

func (u *resumable) sweepOnce(ctx context.Context) error {
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return fmt.Errorf("list uploads: %w", err)
	}
	var errs []error
	for _, entry := range entries {
		id, _, _ := strings.Cut(entry.Name(), ".")
		if !uploadID.MatchString(id) || !u.outlived(id) {
			continue
		}
		errs = append(errs, u.drop(ctx, id)) // the others go all the same
	}
	return errors.Join(errs...)
}

func (u *resumable) outlived(id string) bool {
	life := u.server.config.UploadLife
	if u.store.done(id) {
		life = min(life, receiptLife)
	}
	return u.store.idle(id) > life
}

// drop removes an outlived upload, unless somebody goes on with it just now.
func (u *resumable) drop(ctx context.Context, id string) error {
	lock, err := u.locks.NewLock(id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := lock.Lock(ctx, func() {}); err != nil {
		return nil //nolint:nilerr // somebody goes on with it
	}
	if u.outlived(id) {
		if info, unknown := u.store.info(ctx, id); unknown == nil && info.Offset == info.Size && !u.store.done(id) {
			u.server.log.WarnContext(ctx, "an upload whose bytes were all here was never kept, and is given up", "upload", id)
		}
		err = u.store.remove(id)
		u.delist(id)
	}
	return errors.Join(err, lock.Unlock())
}
