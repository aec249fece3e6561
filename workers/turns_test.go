package workers

import (
	"testing"
	"time"

	"sohoa/storage/catalogue"
)

// An officer's page does not wait behind an archive.
func TestOfficersGoFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.handIn(scan(t, 100, 1), catalogue.Batch, true)
	for n := range 40 {
		s.handIn(scan(t, 101+n, 1), catalogue.Batch, true)
	}
	s.server(nil)
	s.await(first.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	desk := s.handIn(scan(t, 200, 1), catalogue.Desk, true)
	s.await(desk.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	backlog, err := s.catalogue.Backlogs(t.Context())
	if err != nil || backlog[1].Papers == 0 {
		t.Errorf("the archive was first: %+v, %v", backlog, err)
	}
}

// An officer's page does not wait behind all pages of another officer's long paper.
func TestALongPaperLetsOthersGoFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	long := s.handIn(scan(t, 50, 60), catalogue.Desk, true)
	s.server(func(c *Config) { c.Reading.Jobs = 1 })
	read := func() int {
		p, err := s.catalogue.Paper(t.Context(), catalogue.Everywhere, long.Paper.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p.PagesRead
	}
	for start := time.Now(); read() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatal("no page was read")
		}
	}
	short := s.handIn(scan(t, 51, 1), catalogue.Desk, true)
	s.await(short.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	if n := read(); n > 45 {
		t.Errorf("the long paper was first: %d pages of it are read", n)
	}
	s.await(long.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
}

// The papers of an archive come out one after the other, the first ones long before the last ones are begun.
func TestPapersComeOutInTheirOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const papers = 12
	var first, last catalogue.Receipt
	for n := range papers {
		last = s.handIn(scan(t, 400+n, 1), catalogue.Batch, true)
		if n == 0 {
			first = last
		}
	}
	s.server(func(c *Config) { c.Reading.Jobs = 1 })
	s.await(first.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	backlog, err := s.catalogue.Backlogs(t.Context())
	if err != nil || backlog[1].Papers < papers/2 {
		t.Errorf("when the first paper is out %d of %d are left, %v", backlog[1].Papers, papers, err)
	}
	s.await(last.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
}
