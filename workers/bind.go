package workers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sohoa/pipeline"
	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// bind puts a paper's pages together, stores the outputs, and makes the paper searchable.
func (s *Server) bind(ctx context.Context, l *line, p payload) error {
	r, err := s.begin(ctx, l, p.Reading, catalogue.StepBind)
	if err == nil {
		err = s.bindPaper(ctx, l, r)
	}
	return s.settle(ctx, r, 0, err, func(ctx context.Context, why Reason) error {
		return s.catalogue.Fail(ctx, r, why.String())
	})
}

func (s *Server) bindPaper(ctx context.Context, l *line, r catalogue.Reading) error {
	lost, err := s.lostParts(ctx, r)
	if err != nil {
		return err
	}
	if len(lost) > 0 {
		return s.reopen(ctx, r, lost)
	}
	paper, release, err := s.papers.get(ctx, l.reader, r)
	if err != nil {
		return fmt.Errorf("open the paper of reading %d: %w", r.ID, err)
	}
	defer release()
	folder, err := os.MkdirTemp(s.outputs(), "bind-")
	if err != nil {
		return fmt.Errorf("make a folder for the outputs: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // NewServer clears what is left
	stem := filepath.Join(folder, "paper")
	var texts []catalogue.PageText
	sum, err := l.reader.Bind(ctx, paper, stem, func(ctx context.Context, take func(*pipeline.PageResult) error) error {
		texts = nil
		return s.parts(ctx, r, func(result *pipeline.PageResult) error {
			texts = append(texts, TextOf(&result.Page))
			return take(result)
		})
	})
	if err != nil {
		return fmt.Errorf("bind reading %d: %w", r.ID, err)
	}
	for _, ending := range pipeline.OutputEndings() {
		if err := s.putFile(ctx, r, "paper"+ending, stem+ending); err != nil {
			return err
		}
	}
	fieldsOnto(texts, sum.Fields)
	settings, err := s.catalogue.ReadingSettings(ctx)
	if err != nil {
		return err
	}
	summary := catalogue.Summary{Failed: sum.Failed, Blank: sum.Blank, Confidence: sum.Confidence, ReviewBelow: settings.ReviewBelow}
	for _, t := range texts {
		summary.Words += len(t.Words)
	}
	summary.Review = sum.Failed > 0 || settings.Look(summary.Words, sum.Confidence) || doubtful(extract.OfPaper(sum.Fields), settings.ReviewBelow)
	if err := s.catalogue.Bound(ctx, r, summary, texts); err != nil {
		return err
	}
	s.metrics.paper(r.Queue)
	return nil
}

// lostParts are the pages whose results are not in the store, though their rows say that they were read.
func (s *Server) lostParts(ctx context.Context, r catalogue.Reading) (lost []int, err error) {
	for n := 1; n <= r.Pages; n++ {
		key, err := object.Reading(r.SHA256, r.Revision, pagePart(n))
		if err != nil {
			return nil, err
		}
		_, err = s.objects.Stat(ctx, key)
		if errors.Is(err, object.ErrNotFound) {
			lost = append(lost, n)
		} else if err != nil {
			return nil, fmt.Errorf("look for page %d: %w", n, err)
		}
	}
	return lost, nil
}

// reopen has pages read again whose results are gone: some pages of a paper that was bound long ago are tried anew, and the
// collector has taken the parts of the others.
func (s *Server) reopen(ctx context.Context, r catalogue.Reading, lost []int) error {
	s.log.InfoContext(ctx, "pages are read again: their results are gone", "reading", r.ID, "pages", len(lost), "of", r.Pages)
	if err := s.catalogue.Reopen(ctx, r, lost); err != nil {
		return err
	}
	tasks := make([]catalogue.Task, len(lost))
	for i, n := range lost {
		tasks[i] = catalogue.Task{Step: catalogue.StepPages, Reading: r.ID, Page: n, Pages: r.Pages, Queue: r.Queue}
	}
	s.enqueue(ctx, tasks...)
	return nil
}

// parts hands over the pages that were read, in their order.
func (s *Server) parts(ctx context.Context, r catalogue.Reading, take func(*pipeline.PageResult) error) error {
	for n := 1; n <= r.Pages; n++ {
		result, err := s.part(ctx, r, n)
		if err != nil {
			return fmt.Errorf("fetch page %d: %w", n, err)
		}
		if err := take(result); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) part(ctx context.Context, r catalogue.Reading, n int) (result *pipeline.PageResult, err error) {
	key, err := object.Reading(r.SHA256, r.Revision, pagePart(n))
	if err != nil {
		return nil, err
	}
	o, err := s.objects.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	return pipeline.DecodePart(o)
}

func (s *Server) putFile(ctx context.Context, r catalogue.Reading, name, path string) (err error) {
	key, err := object.Reading(r.SHA256, r.Revision, name)
	if err != nil {
		return err
	}
	f, err := os.Open(path) //nolint:gosec // what we just wrote
	if err != nil {
		return fmt.Errorf("open the output: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at the output: %w", err)
	}
	return s.objects.Put(ctx, key, f, info.Size(), "")
}

// TextOf is a page's text as the catalogue keeps it and as corrections count in it: words parted by spaces, lines by newlines. Whoever
// shows a page that is not bound yet makes the same of it.
func TextOf(p *page.Page) catalogue.PageText {
	t := catalogue.PageText{Number: p.Number, Width: p.Width, Height: p.Height}
	var b strings.Builder
	for i := range p.Blocks {
		for j := range p.Blocks[i].Lines {
			for k, w := range p.Blocks[i].Lines[j].Words {
				switch {
				case b.Len() == 0:
				case k == 0:
					b.WriteByte('\n')
				default:
					b.WriteByte(' ')
				}
				start := b.Len()
				b.WriteString(w.Text)
				t.Words = append(t.Words, catalogue.WordBox{
					Start: start, End: b.Len(), X0: w.Box.X0, Y0: w.Box.Y0, X1: w.Box.X1, Y1: w.Box.Y1,
					Confidence: int(w.Confidence),
				})
			}
		}
	}
	t.Text = b.String()
	return t
}
