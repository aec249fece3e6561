package workers

import (
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"sohoa/pipeline"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Scans stay open for the pages that follow, and no longer.
func TestOpenPapersAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	originals, err := object.NewCache(s.objects, filepath.Join(t.TempDir(), "c"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := pipeline.NewReader(s.reading())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	open := newPapers(originals)
	open.most = 2
	var releases atomic.Int32
	var first *pipeline.Paper
	for n := range 5 {
		r := s.handIn(scan(t, 300+n, 1), catalogue.Desk, false)
		p, release, err := open.get(t.Context(), reader, catalogue.Reading{SHA256: r.Paper.SHA256})
		if err != nil {
			t.Fatal(err)
		}
		same, again, err := open.get(t.Context(), reader, catalogue.Reading{SHA256: r.Paper.SHA256})
		if err != nil || same != p {
			t.Errorf("opened twice: %v", err)
		}
		if n == 0 {
			first = p
		}
		release()
		again()
		releases.Add(2)
	}
	if len(open.open) != 2 {
		t.Errorf("%d stay open", len(open.open))
	}
	for _, o := range open.open {
		if o.paper == first {
			t.Error("the oldest stays")
		}
	}
	if _, _, err := open.get(t.Context(), reader, catalogue.Reading{SHA256: strings.Repeat("0", 64)}); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	open.close()
	if len(open.open) != 0 {
		t.Error("not all were closed")
	}
}
