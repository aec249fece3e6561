package workers

import (
	"context"
	"errors"
	"fmt"

	"sohoa/storage/catalogue"
)

// errOtherRevision is a reading that another version of the program, or another model, is to do.
var errOtherRevision = errors.New("this reading is for readers of another revision")

// split looks what a scan holds, makes its pages' rows and queues them.
func (s *Server) split(ctx context.Context, l *line, p payload) error {
	err := s.splitPaper(ctx, l, p)
	return s.settle(ctx, p.Reading, 0, err, func(ctx context.Context, why Reason) error {
		return s.catalogue.Fail(ctx, p.Reading, why.String())
	})
}

func (s *Server) splitPaper(ctx context.Context, l *line, p payload) error {
	r, err := s.begin(ctx, l, p.Reading, catalogue.StepSplit)
	if err != nil {
		return err
	}
	paper, release, err := s.papers.get(ctx, l.reader, r.SHA256, r.Name)
	if err != nil {
		return fmt.Errorf("split reading %d: %w", r.ID, err)
	}
	defer release()
	r, err = s.catalogue.Split(ctx, r.ID, string(paper.Format), paper.Pages, r.Queue.Patience())
	if err != nil {
		return err
	}
	pages := make([]catalogue.Task, r.Pages)
	for i := range pages {
		pages[i] = catalogue.Task{Step: catalogue.StepPages, Reading: r.ID, Page: i + 1, Queue: r.Queue}
	}
	s.enqueue(ctx, pages...)
	return nil
}

// begin starts a step of the whole reading.
func (s *Server) begin(ctx context.Context, l *line, id catalogue.ReadingID, step catalogue.Step) (catalogue.Reading, error) {
	r, err := s.catalogue.ReadingByID(ctx, id)
	if errors.Is(err, catalogue.ErrNotFound) || err == nil && r.Step != step {
		return r, catalogue.ErrNotDue
	}
	if err != nil {
		return r, err
	}
	if r.Revision != l.reader.Revision() {
		return r, errOtherRevision
	}
	if r, err = s.catalogue.Begin(ctx, id, step, r.Queue.Patience()); err != nil {
		return r, err
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
