package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"sohoa/pipeline"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// The names of a reading's objects, below readings/<sha256>/<revision>/.
const (
	objectPDF  = "paper.pdf"
	objectText = "paper.txt"
	objectJSON = "paper.json"
)

// pageJSON is a page with its boxes, for whoever shows it.
func pageJSON(n int) string { return fmt.Sprintf("pages/%d.json", n) }

// pagePart is a page on its way to the binder; once the paper is bound the collector takes it away.
func pagePart(n int) string { return fmt.Sprintf("parts/%d.gob", n) }

// readPage reads one page and stores what came of it. The handler that leaves no page waiting queues the binding.
func (s *Server) readPage(ctx context.Context, l *line, p payload) error {
	r, err := s.catalogue.BeginPage(ctx, p.Reading, l.reader.Revision(), p.Page, catalogue.Desk.Patience())
	if err != nil {
		r = catalogue.Reading{} // it was not begun
	} else if err = tooOften(r); err == nil {
		err = s.readOnePage(ctx, l, r, p.Page)
	}
	return s.settle(ctx, r, p.Page, err, func(ctx context.Context, why Reason) error {
		return s.failPage(ctx, r, p.Page, why)
	})
}

func (s *Server) readOnePage(ctx context.Context, l *line, r catalogue.Reading, n int) error {
	paper, release, err := s.papers.get(ctx, l.reader, r)
	if err != nil {
		return fmt.Errorf("open the paper of reading %d: %w", r.ID, err)
	}
	defer release()
	result, err := l.reader.ReadPage(ctx, paper, n-1)
	if err != nil {
		return fmt.Errorf("read page %d of reading %d: %w", n, r.ID, err)
	}
	record := recordOf(&result.Page)
	if cause := result.Cause(); cause != nil {
		what, why := judge(ctx, cause)
		if what == wait || what == again && r.Failures+1 < mostFailures {
			return fmt.Errorf("read page %d of reading %d: %w", n, r.ID, cause)
		}
		record.Reason = Reason{Code: why.Code, Text: result.Page.Error}.String()
		if err := s.keepPage(ctx, r, result, record); err != nil {
			return err
		}
		s.metrics.failed(why.Code)
		return nil
	}
	return s.keepPage(ctx, r, result, record)
}

// keepPage stores a page's result and then says so: whoever sees the row finds the objects. The page that was the last one
// to be waited for has the binding queued.
func (s *Server) keepPage(ctx context.Context, r catalogue.Reading, result *pipeline.PageResult, record catalogue.PageRecord) error {
	pg := &result.Page
	var part bytes.Buffer
	if err := pipeline.EncodePart(&part, result); err != nil {
		return err
	}
	if err := s.put(ctx, r, pagePart(pg.Number), part.Bytes()); err != nil {
		return err
	}
	said, err := json.Marshal(pg)
	if err != nil {
		return fmt.Errorf("encode page %d: %w", pg.Number, err)
	}
	if err := s.put(ctx, r, pageJSON(pg.Number), said); err != nil {
		return err
	}
	if r.Codes {
		if err := s.catalogue.PutCodes(ctx, r, pg.Number, codesOf(pg)); err != nil {
			return err
		}
	}
	r, last, err := s.catalogue.EndPage(ctx, r, record, r.Queue.Patience())
	if err != nil {
		return err
	}
	s.metrics.page(pg)
	if last {
		s.enqueue(ctx, catalogue.Task{Step: catalogue.StepBind, Reading: r.ID, Pages: r.Pages, Queue: r.Queue})
	}
	return nil
}

// failPage ends a page for which there is no result at all: the others go on without it.
func (s *Server) failPage(ctx context.Context, r catalogue.Reading, n int, why Reason) error {
	result := pipeline.FailedPage(n, why.Text)
	record := recordOf(&result.Page)
	record.Reason = why.String()
	return s.keepPage(ctx, r, result, record)
}

func (s *Server) put(ctx context.Context, r catalogue.Reading, name string, data []byte) error {
	key, err := object.Reading(r.SHA256, r.Revision, name)
	if err != nil {
		return err
	}
	return s.objects.Put(ctx, key, bytes.NewReader(data), int64(len(data)), "")
}

func recordOf(p *page.Page) catalogue.PageRecord {
	r := catalogue.PageRecord{
		Number: p.Number, State: "read", Source: string(p.Source), Confidence: p.Confidence, Width: p.Width, Height: p.Height,
		Turned: p.Turned, Seconds: p.Seconds, Reason: p.Error,
	}
	for range p.Words {
		r.Words++
	}
	if p.Source == page.Failed {
		r.State = "failed"
	}
	return r
}

func codesOf(p *page.Page) (all []catalogue.PageCode) {
	for _, code := range p.Codes {
		all = append(all, catalogue.PageCode{
			Kind: string(code.Kind), Text: code.Text, X0: code.Box.X0, Y0: code.Box.Y0, X1: code.Box.X1, Y1: code.Box.Y1,
		})
	}
	return all
}
