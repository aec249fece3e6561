package pipeline

import (
	"context"
	"errors"
	"fmt"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/child"
	"sohoa/pipeline/language/ngram"
	"sohoa/pipeline/page"
	"sohoa/pipeline/recognize"
)

// Revision names how papers are read by this version of the program: it changes when the same scan may read otherwise.
const Revision = "2"

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

// Run reads one paper: Split, then ReadPage for each page, then Bind, which extracts the fields. The outputs are stem.pdf, stem.txt and stem.json;
// progress may be nil and is called from one goroutine at a time.
//
// A page that cannot be read is reported in the outputs and counted in the summary; the error is for a paper of which
// nothing could be read, and then there are no outputs.
func (r *Reader) Run(ctx context.Context, path, stem string, progress func(Event)) (sum Bound, err error) {
	if progress == nil {
		progress = func(Event) {}
	}
	paper, err := r.Split(ctx, path)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, paper.Close()) }()
	progress(Event{Pages: paper.Pages})
	first := true
	return r.bind(ctx, paper, stem, func(ctx context.Context, take func(*PageResult) error) error {
		report := first // a page that is read again was reported already
		first = false
		return r.inOrder(ctx, paper, func(result *PageResult) error {
			if err := take(result); err != nil {
				return err
			}
			if report {
				progress(Event{Pages: paper.Pages, Page: &result.Page})
			}
			return nil
		})
	})
}

// Pages hands a paper's pages to take in their order; it may be asked to several times.
type Pages func(ctx context.Context, take func(*PageResult) error) error

// Bind writes what was read of a paper to stem.pdf, stem.txt and stem.json. Where a page of a PDF turns out not to stand in
// a PDF/A as it is, that page is read again and becomes a picture of itself.
//
// The error is a *NothingReadError where no page could be read; then, as after any other error, there are no outputs. It takes
// no longer than Options.BindTime.
func (r *Reader) Bind(ctx context.Context, paper *Paper, stem string, pages Pages) (sum Bound, err error) {
	err = within(ctx, r.opt.BindTime(paper.Pages), func(ctx context.Context) error {
		sum, err = r.bind(ctx, paper, stem, pages)
		return err
	})
	return sum, err
}

// bind is Bind without a limit: Run reads the pages meanwhile.
func (r *Reader) bind(ctx context.Context, paper *Paper, stem string, pages Pages) (Bound, error) {
	sum, err := r.bindOnce(ctx, paper, stem, pages)
	for unkept := (&bind.KeepError{}); errors.As(err, &unkept) && paper.redrawAll(unkept.Pages); {
		r.opt.Log.WarnContext(ctx, "pages redrawn", "pages", len(unkept.Pages), "reason", unkept)
		sum, err = r.bindOnce(ctx, paper, stem, func(ctx context.Context, take func(*PageResult) error) error {
			return pages(ctx, func(result *PageResult) error {
				if _, redraw := paper.redrawn(result.Page.Number); redraw && !result.redrawn {
					again, err := r.ReadPage(ctx, paper, result.Page.Number-1)
					if err != nil {
						return err
					}
					result = again
				}
				return take(result)
			})
		})
	}
	return sum, err
}

func (r *Reader) bindOnce(ctx context.Context, paper *Paper, stem string, pages Pages) (sum Bound, err error) {
	binder, err := NewBinder(paper, stem, r.reading(paper))
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, binder.Abandon()) }()
	var first *PageResult // of those that could not be read
	err = pages(ctx, func(result *PageResult) error {
		if result.Page.Error != "" && first == nil {
			first = result
		}
		return binder.Add(result)
	})
	if err != nil {
		return sum, err
	}
	if binder.Failed() == paper.Pages {
		nothing := &NothingReadError{Pages: paper.Pages}
		if first != nil {
			nothing.First, nothing.cause = first.Page.Error, first.cause
		}
		return sum, nothing
	}
	return binder.Finish(ctx)
}

// NothingReadError says that no page of a paper could be read, and why the first one could not.
type NothingReadError struct {
	Pages int
	First string
	cause error
}

// Unwrap gives why the first page could not be read, where that is known: PageResult.Cause.
func (e *NothingReadError) Unwrap() error { return e.cause }

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
		Revision: r.Revision(),
	}
}

// CanRecognize tells why this program can recognize nothing, if it was built so: for whoever takes work from others.
func CanRecognize() error { return recognize.Supported() }

// Revision names how this reader reads: the program's way, the model and the language data of repair, as
// "2-large-0123abcd-4567cdef". The same scan read by the same revision gives the same reading.
func (r *Reader) Revision() string { return revisionOf(r.model) }

// RevisionOf is the revision of a reader with these options, without making one.
func RevisionOf(opt Options) (string, error) {
	opt = opt.WithDefaults()
	model, err := recognize.OpenModel(opt.Model, opt.CacheDir)
	if err != nil {
		return "", err
	}
	return revisionOf(model), nil
}

func revisionOf(m recognize.Model) string {
	return fmt.Sprintf("%s-%s-%s-%s", Revision, m.Name, m.SHA256[:8], ngram.Digest()[:8])
}
