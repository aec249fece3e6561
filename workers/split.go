package workers

import (
	"context"
	"fmt"

	"sohoa/storage/catalogue"
)

// split looks what a scan holds, makes its pages' rows and queues them.
func (s *Server) split(ctx context.Context, l *line, p payload) error {
	r, err := s.begin(ctx, l, p.Reading, catalogue.StepSplit)
	if err == nil {
		err = s.splitPaper(ctx, l, r)
	}
	return s.settle(ctx, r, 0, err, func(ctx context.Context, why Reason) error {
		return s.catalogue.Fail(ctx, r, why.String())
	})
}

func (s *Server) splitPaper(ctx context.Context, l *line, r catalogue.Reading) error {
	paper, release, err := s.papers.get(ctx, l.reader, r)
	if err != nil {
		return fmt.Errorf("split reading %d: %w", r.ID, err)
	}
	defer release()
	r, err = s.catalogue.Split(ctx, r, string(paper.Format), paper.Pages, r.Queue.Patience())
	if err != nil {
		return err
	}
	pages := make([]catalogue.Task, r.Pages)
	for i := range pages {
		pages[i] = catalogue.Task{Step: catalogue.StepPages, Reading: r.ID, Page: i + 1, Pages: r.Pages, Queue: r.Queue}
	}
	s.enqueue(ctx, pages...)
	return nil
}

// begin starts a step of the whole reading. A reading with an ID was begun, whatever the error.
func (s *Server) begin(ctx context.Context, l *line, id catalogue.ReadingID, step catalogue.Step) (catalogue.Reading, error) {
	r, err := s.catalogue.Begin(ctx, id, l.reader.Revision(), step, catalogue.Desk.Patience())
	if err != nil {
		return catalogue.Reading{}, err
	}
	return r, tooOften(r)
}

// enqueue queues what follows. Where that fails the sweeper does it soon: the catalogue knows of it already.
func (s *Server) enqueue(ctx context.Context, tasks ...catalogue.Task) {
	for i, t := range tasks {
		err := s.Queue.Enqueue(ctx, t)
		if err == nil {
			continue
		}
		s.log.WarnContext(ctx, "what follows could not be queued; the sweeper will", "reading", t.Reading, "step", t.Step, "error", err)
		if err := s.catalogue.Hasten(ctx, tasks[i:]); err != nil {
			s.log.WarnContext(ctx, "the sweeper will after its patience", "reading", t.Reading, "error", err)
		}
		return
	}
}
