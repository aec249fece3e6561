package workers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sohoa/pipeline"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// bind puts a paper's pages together, stores the outputs, and makes the paper searchable.
func (s *Server) bind(ctx context.Context, l *line, p payload) error {
	err := s.bindPaper(ctx, l, p)
	return s.settle(ctx, p.Reading, 0, err, func(ctx context.Context, why Reason) error {
		return s.catalogue.Fail(ctx, p.Reading, why.String())
	})
}

func (s *Server) bindPaper(ctx context.Context, l *line, p payload) error {
	r, err := s.begin(ctx, l, p.Reading, catalogue.StepBind)
	if err != nil {
		return err
	}
	paper, release, err := s.papers.get(ctx, l.reader, r.SHA256, r.Name)
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
			texts = append(texts, textOf(&result.Page))
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
	summary := catalogue.Summary{Failed: sum.Failed, Blank: sum.Blank, Confidence: sum.Confidence}
	for _, t := range texts {
		summary.Words += len(t.Words)
	}
	summary.Review = sum.Failed > 0 || summary.Words > 0 && sum.Confidence < s.ReviewBelow
	if err := s.catalogue.Bound(ctx, r.ID, summary, texts); err != nil {
		return err
	}
	s.metrics.paper(r.Queue, r.Pages)
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

// textOf is a page as search takes it: words parted by spaces, lines by newlines.
func textOf(p *page.Page) catalogue.PageText {
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
