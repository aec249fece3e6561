package workers

import (
	"context"
	"errors"
	"sync"
	"time"

	"sohoa/pipeline"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// papers keeps the scans open that were used last: the pages of one follow each other, and opening a PDF costs more than
// reading a page of it may.
type papers struct {
	originals *object.Cache
	most      int           // how many stay open while nobody uses them
	idle      time.Duration // and for how long

	mu   sync.Mutex
	open map[openKey]*openPaper
}

// openKey tells open papers apart: the same scan may be read with its codes looked for and without.
type openKey struct {
	sha256 string
	codes  bool
}

type openPaper struct {
	ready chan struct{} // closed when it is open, or err says why not
	paper *pipeline.Paper
	local *object.Local
	err   error
	users int
	used  time.Time
}

func newPapers(originals *object.Cache) *papers {
	return &papers{originals: originals, most: 8, idle: time.Minute, open: make(map[openKey]*openPaper)}
}

// get opens a reading's scan, or finds it open. release must be called when it is done with.
func (p *papers) get(ctx context.Context, reader *pipeline.Reader, r catalogue.Reading) (paper *pipeline.Paper, release func(), err error) {
	key := openKey{r.SHA256, r.Codes}
	for {
		p.mu.Lock()
		o, found := p.open[key]
		if !found {
			o = &openPaper{ready: make(chan struct{}), users: 1}
			p.open[key] = o
			p.mu.Unlock()
			o.local, o.paper, o.err = p.openOne(ctx, reader, key)
			close(o.ready)
			if o.err != nil {
				p.forget(key, o)
				return nil, nil, o.err
			}
			return o.paper, func() { p.release(o) }, nil
		}
		o.users++
		p.mu.Unlock()
		select {
		case <-o.ready:
		case <-ctx.Done():
			p.release(o)
			return nil, nil, ctx.Err()
		}
		if o.err == nil {
			return o.paper, func() { p.release(o) }, nil
		}
		// The one who opened it may have been cancelled, which is not our end.
		if ctx.Err() != nil || !errors.Is(o.err, context.Canceled) && !errors.Is(o.err, context.DeadlineExceeded) {
			return nil, nil, o.err
		}
	}
}

func (p *papers) openOne(ctx context.Context, reader *pipeline.Reader, key openKey) (*object.Local, *pipeline.Paper, error) {
	local, err := p.originals.Fetch(ctx, key.sha256)
	if err != nil {
		return nil, nil, err
	}
	paper, err := reader.Split(ctx, local.Path)
	if err != nil {
		local.Release()
		return nil, nil, err
	}
	// Whoever hands in the same bytes is given the same results: the name that one of them gave the file is not in there.
	paper.Name = ""
	paper.Codes = key.codes
	return local, paper, nil
}

// forget takes one that could not be opened out of the map; the others who wait for it see err.
func (p *papers) forget(key openKey, o *openPaper) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[key] == o {
		delete(p.open, key)
	}
}

func (p *papers) release(o *openPaper) {
	p.mu.Lock()
	o.users--
	o.used = time.Now()
	p.mu.Unlock()
	p.trim(p.most, p.idle)
}

// trim closes those that nobody uses: beyond the most that may stay, the longest unused first, and those unused for long.
func (p *papers) trim(most int, idle time.Duration) {
	p.mu.Lock()
	var closing []*openPaper
	for {
		var oldest openKey
		unused := 0
		for key, o := range p.open {
			if o.users > 0 {
				continue
			}
			unused++
			if oldest.sha256 == "" || o.used.Before(p.open[oldest].used) {
				oldest = key
			}
		}
		if oldest.sha256 == "" || unused <= most && time.Since(p.open[oldest].used) < idle {
			break
		}
		closing = append(closing, p.open[oldest])
		delete(p.open, oldest)
	}
	p.mu.Unlock()
	for _, o := range closing {
		if o.paper != nil {
			_ = o.paper.Close() // temporary files: what cannot be removed now goes with the folder at the next start
			o.local.Release()
		}
	}
}

// close closes all; nobody may use any.
func (p *papers) close() { p.trim(0, 0) }
