package gallery

import (
	"context"
	"errors"
	"sync"
	"time"

	"sohoa/pipeline"
	"sohoa/storage/object"
)

// canvases keeps scans open that were painted last: the pages of one are looked at one after the other.
type canvases struct {
	originals *object.Cache
	painter   *pipeline.Painter
	most      int // how many stay open while nobody uses them

	mu   sync.Mutex
	open map[string]*easel // by SHA-256
}

type easel struct {
	ready  chan struct{} // closed when it is open, or err says why not
	canvas *pipeline.Canvas
	local  *object.Local
	err    error
	users  int
	used   time.Time
}

// get opens a scan, or finds it open. release must be called when it is done with.
func (c *canvases) get(ctx context.Context, sha256 string) (canvas *pipeline.Canvas, release func(), err error) {
	for {
		c.mu.Lock()
		e, found := c.open[sha256]
		if !found {
			e = &easel{ready: make(chan struct{})}
			c.open[sha256] = e
		}
		e.users++
		c.mu.Unlock()
		if !found {
			e.local, e.canvas, e.err = c.openOne(ctx, sha256)
			if e.err != nil {
				c.forget(sha256, e)
			}
			close(e.ready)
		}
		select {
		case <-e.ready:
		case <-ctx.Done():
			c.release(e)
			return nil, nil, ctx.Err()
		}
		if e.err == nil {
			return e.canvas, func() { c.release(e) }, nil
		}
		// The one who opened it may have been cancelled, which is not our end.
		if !found || ctx.Err() != nil || !errors.Is(e.err, context.Canceled) && !errors.Is(e.err, context.DeadlineExceeded) {
			return nil, nil, e.err
		}
	}
}

func (c *canvases) openOne(ctx context.Context, sha256 string) (*object.Local, *pipeline.Canvas, error) {
	local, err := c.originals.Fetch(ctx, sha256)
	if err != nil {
		return nil, nil, err
	}
	canvas, err := c.painter.Open(ctx, local.Path)
	if err != nil {
		local.Release()
		return nil, nil, err
	}
	return local, canvas, nil
}

// forget takes one that could not be opened out of the map; the others who wait for it see err.
func (c *canvases) forget(sha256 string, e *easel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[sha256] == e {
		delete(c.open, sha256)
	}
}

func (c *canvases) release(e *easel) {
	c.mu.Lock()
	e.users--
	e.used = time.Now()
	c.mu.Unlock()
	_ = c.trim(c.most) // what could not be removed is removed when the folder is emptied
}

// trim closes those that nobody uses, the longest unused first, until so many are left.
func (c *canvases) trim(most int) error {
	c.mu.Lock()
	var closing []*easel
	for {
		oldest, unused := "", 0
		for sha256, e := range c.open {
			if e.users > 0 {
				continue
			}
			unused++
			if oldest == "" || e.used.Before(c.open[oldest].used) {
				oldest = sha256
			}
		}
		if unused <= most {
			break
		}
		closing = append(closing, c.open[oldest])
		delete(c.open, oldest)
	}
	c.mu.Unlock()
	var errs []error
	for _, e := range closing {
		errs = append(errs, e.canvas.Close())
		e.local.Release()
	}
	return errors.Join(errs...)
}
