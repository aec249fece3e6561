package workers

import (
	"strings"
	"testing"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

func TestCollectRemovesWhatNoRowNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	r := s.handIn(scan(t, 11, 1), catalogue.Desk, true)
	p := s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	put := func(k object.Key, err error) {
		t.Helper()
		if err == nil {
			err = s.objects.Put(t.Context(), k, strings.NewReader("x"), 1, "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(object.Original(strings.Repeat("0", 64)))
	put(object.Reading(strings.Repeat("0", 64), s.revision, "paper.pdf"))
	put(object.Reading(p.SHA256, "another", "paper.pdf"))
	if got, err := Collect(t.Context(), s.objects, s.catalogue, time.Hour, time.Hour); err != nil || got != (Collected{}) {
		t.Errorf("young objects: %+v, %v", got, err)
	}
	got, err := Collect(t.Context(), s.objects, s.catalogue, 0, 0)
	if err != nil || got.Originals != 1 || got.Readings != 2 || got.Parts != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := Collect(t.Context(), s.objects, s.catalogue, 0, 0); err != nil || got != (Collected{}) {
		t.Errorf("again: %+v, %v", got, err)
	}
	s.output(p, objectPDF)
}

// An original that is handed in while the collector looks at it stays.
func TestCollectLeavesWhatIsHandedInMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.handIn(scan(t, 13, 1), catalogue.Batch, false)
	key, err := object.Original(r.Paper.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Collect(t.Context(), s.objects, s.catalogue, 0, 0); err != nil || got != (Collected{}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.objects.Stat(t.Context(), key); err != nil {
		t.Error(err)
	}
}
