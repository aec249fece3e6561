package web

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// beneath is the service as IT's pages see it.
type beneath struct{ *Server }

var errUntold = errors.New("nobody tells of the queue here")

// Missing names the parts that do not answer.
func (b beneath) Missing(ctx context.Context) (all []pages.Missing) {
	for _, p := range b.problems(ctx) {
		all = append(all, pages.Missing{Part: p.Part, Message: table[p.Code].message, Reason: p.Reason})
	}
	return all
}

// Machines are the processes that read papers.
func (b beneath) Machines(ctx context.Context) ([]pages.Machine, error) {
	if b.config.Machines == nil {
		return nil, errUntold
	}
	all, err := b.config.Machines(ctx)
	if err != nil {
		b.log.WarnContext(ctx, "the queue does not tell who works", "error", err)
	}
	return all, err
}

// Tasks are what the queue carries.
func (b beneath) Tasks(ctx context.Context) ([]pages.Tasks, error) {
	if b.config.Tasks == nil {
		return nil, errUntold
	}
	all, err := b.config.Tasks(ctx)
	if err != nil {
		b.log.WarnContext(ctx, "the queue does not tell what it carries", "error", err)
	}
	return all, err
}

// Rooms are the folders of Config.Folders. One that cannot be asked is left out: what keeps it from answering is in Missing.
func (b beneath) Rooms() (all []pages.Room) {
	for _, f := range b.config.Folders {
		var disk unix.Statfs_t
		if err := unix.Statfs(f.Path, &disk); err != nil {
			continue
		}
		size := int64(disk.Bsize)                                                                                                    //nolint:unconvert // an int32 on some machines
		all = append(all, pages.Room{Name: f.Name, Folder: f.Path, Free: int64(disk.Bavail) * size, All: int64(disk.Blocks) * size}) //nolint:gosec // no disk is that large
	}
	return all
}

// Load is how many requests bring files now, and how many watch events.
func (b beneath) Load() (uploads, watchers int) { return b.uploads.count(), b.hub.listening() }

// Retry gives what failed of a paper another try.
func (b beneath) Retry(ctx context.Context, v *pages.Visit, id catalogue.PaperID) error {
	work, err := v.Records.Retry(ctx, v.Reach, id, b.config.Revision)
	if err != nil {
		return err
	}
	b.enqueue(ctx, &call{exchange: exchangeOf(ctx)}, work)
	return nil
}
