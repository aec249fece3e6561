package workers

import (
	"testing"

	"sohoa/storage/catalogue"
)

// What IT says of confidence decides which papers somebody should look at, from the next paper on that is read, without a restart.
func TestTheSettingSaysWhichPapersAreLookedAt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	for n, c := range []struct {
		below float64
		want  catalogue.PaperState
	}{{100, catalogue.PaperReview}, {0, catalogue.PaperRead}} {
		settings, err := s.catalogue.ReadingSettings(t.Context())
		if err != nil || settings.DoubtBelow != 80 {
			t.Fatalf("%+v, %v", settings, err)
		}
		settings.ReviewBelow = c.below
		if err := s.catalogue.PutReadingSettings(t.Context(), settings); err != nil {
			t.Fatal(err)
		}
		r := s.handIn(scan(t, 40+n, 1), catalogue.Desk, true)
		p := s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
		if p.State != c.want || !p.Whole || p.Confidence <= 0 || p.Confidence >= 100 {
			t.Errorf("read with %.1f %%, below %.0f %% it is %s, want %s", p.Confidence, c.below, p.State, c.want)
		}
	}
}
