package pipeline

import (
	"context"
	"errors"
	"fmt"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/child"
	"sohoa/pipeline/page"
	"sohoa/pipeline/recognize"
)

// Revision names how papers are read by this version of the program: it changes when the same scan may read otherwise.
const Revision = "1"

// Reader reads papers with a pool of child processes. It is safe for concurrent use; Close ends the children.
type Reader struct {
	opt   Options
	model recognize.Model
	pool  *child.Pool[Job, Done]
}

// NewReader unpacks the model and prepares the pool; children start with the first pages.
func NewReader(opt Options) (*Reader, error) {
	opt = opt.WithDefaults()
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	model, err := recognize.OpenModel(opt.Model, opt.CacheDir)
	if err != nil {
		return nil, err
	}
	pool, err := newPool(opt, model)
	if err != nil {
		return nil, err
	}
	return &Reader{opt: opt, model: model, pool: pool}, nil
}

// Close ends the children.
func (r *Reader) Close() error { return r.pool.Close() }

// Event tells how far a paper is.
type Event struct {
	Pages int        // of the paper
	Page  *page.Page // the page that was just done; nil when the pages have been counted
}

// Run reads one paper: Split, then ReadPage for each page, then Bind. The outputs are stem.pdf, stem.txt and stem.json;
// progress may be nil and is called from one goroutine at a time.
//
// A page that cannot be read is reported in the outputs and counted in the summary; the error is for a paper of which
// nothing could be read, and then there are no outputs.
func (r *Reader) Run(ctx context.Context, path, stem string, progress func(Event)) (sum bind.Summary, err error) {
	if progress == nil {
		progress = func(Event) {}
	}
	paper, err := r.Split(ctx, path)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, paper.Close()) }()
	progress(Event{Pages: paper.Pages})
	sum, err = r.readAndBind(ctx, paper, stem, progress)
	// A page that cannot stand in a PDF/A as it is becomes a picture of itself.
	for unkept := (&bind.KeepError{}); errors.As(err, &unkept) && paper.redrawAll(unkept.Pages); {
		r.opt.Log.WarnContext(ctx, "pages redrawn", "pages", len(unkept.Pages), "reason", unkept)
		sum, err = r.readAndBind(ctx, paper, stem, func(Event) {}) // the pages were reported already
	}
	return sum, err
}

// readAndBind reads the pages, several at once, and binds them in order.
func (r *Reader) readAndBind(ctx context.Context, paper *Paper, stem string, progress func(Event)) (sum bind.Summary, err error) {
	binder, err := NewBinder(paper, stem, r.reading(paper))
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, binder.Abandon()) }()
	var firstError string
	err = r.inOrder(ctx, paper, func(result *PageResult) error {
		if result.Page.Error != "" && firstError == "" {
			firstError = result.Page.Error
		}
		if err := binder.Add(result); err != nil {
			return err
		}
		progress(Event{Pages: paper.Pages, Page: &result.Page})
		return nil
	})
	if err != nil {
		return sum, err
	}
	if binder.Failed() == paper.Pages {
		return sum, &NothingReadError{Pages: paper.Pages, First: firstError}
	}
	return binder.Finish(ctx)
}

// NothingReadError says that no page of a paper could be read, and why the first one could not.
type NothingReadError struct {
	Pages int
	First string
}

func (e *NothingReadError) Error() string {
	if e.Pages == 1 {
		return e.First
	}
	return fmt.Sprintf("none of the %d pages could be read; the first: %s", e.Pages, e.First)
}

// inOrder reads the paper's pages at once, as many as there are children and one, and hands them over in their order.
func (r *Reader) inOrder(ctx context.Context, paper *Paper, take func(*PageResult) error) error {
	ctx, cancel := context.WithCancel(ctx)
	type slot struct {
		result *PageResult
		err    error
	}
	ahead := make(chan chan slot, r.opt.Jobs) // results are waited for in order, so few can pile up
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(ahead)
		for n := range paper.Pages {
			one := make(chan slot, 1)
			select {
			case ahead <- one:
			case <-ctx.Done():
				return
			}
			go func() {
				result, err := r.ReadPage(ctx, paper, n)
				one <- slot{result, err}
			}()
		}
	}()
	var failure error
	for one := range ahead {
		s := <-one // always comes: ReadPage ends with ctx
		switch {
		case failure != nil:
		case s.err != nil:
			failure = s.err
			cancel()
		default:
			if failure = take(s.result); failure != nil {
				cancel()
			}
		}
	}
	<-done
	err := ctx.Err()
	cancel()
	if failure != nil {
		return failure
	}
	return err
}

// reading is the head of the paper's JSON.
func (r *Reader) reading(paper *Paper) page.Reading {
	return page.Reading{
		File: paper.Name, SHA256: paper.SHA256, Format: string(paper.Format), Engine: recognize.Version(),
		Revision: fmt.Sprintf("%s-%s-%s", Revision, r.model.Name, r.model.SHA256[:8]),
	}
}
