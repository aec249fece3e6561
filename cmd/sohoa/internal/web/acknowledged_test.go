package web

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/storage/object"
)

// figure is one of those that /metrics tells.
func (w *world) figure(t *testing.T, name string) float64 {
	t.Helper()
	r := w.do(t, ask{"GET", "/metrics", w.it, nil, nil})
	wantStatus(t, r, 200)
	for line := range strings.Lines(string(r.text)) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			must(t, err)
			return n
		}
	}
	t.Fatalf("no figure %s", name)
	return 0
}

func TestWhatWasAcknowledgedIsMeasured(t *testing.T) {
	t.Parallel()
	w, gate := gatedWorld(t, nil)
	id, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	const name = "sohoa_intake_acknowledgement_seconds"
	counts := func(want float64, when string) {
		t.Helper()
		if got := w.figure(t, name+"_count"); got != want {
			t.Errorf("%s %v acknowledgements are measured, want %v", when, got, want)
		}
	}
	papers := func(body any, head map[string]string) reply {
		return w.do(t, ask{"POST", path + "/papers", w.desk, body, head})
	}
	wantCode(t, papers([]byte("no paper"), nil), 415, CodePaperUnknown)
	body, head := form(t, piece{"f", "a.png", []byte("no paper")}, piece{"f", "b.png", scan(t, 1)})
	wantCode(t, papers(body, head), 422, CodeSomeRefused)
	gate.fail(object.ErrUnavailable)
	wantCode(t, papers(scan(t, 2), nil), 503, CodeUnavailable)
	file := scan(t, 3)
	up := w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	wantCode(t, w.do(t, patch(up, w.desk, 0, file)), 503, CodeUnavailable)
	counts(0, "after refusals")
	gate.fail(nil)
	wantStatus(t, w.do(t, headOf(up, w.desk)), 200)
	counts(1, "after a resumable one")
	want[handedJSON](t, papers(scan(t, 2), nil), 201)
	counts(2, "after a plain one")
	body, head = form(t, piece{"f", "a.png", scan(t, 4)}, piece{"f", "b.png", scan(t, 5)})
	want[handedJSON](t, papers(body, head), 201)
	counts(3, "after a form")

	// The last PATCH counts from its own beginning: with the time in which its bytes came.
	before := w.figure(t, name+"_sum")
	file = scan(t, 6)
	up = w.begin(t, w.desk, len(file), map[string]string{"dossier": fmt.Sprint(id)})
	slow, more := io.Pipe()
	const taken = 300 * time.Millisecond
	go func() {
		_, _ = more.Write(file[:10])
		time.Sleep(taken)
		_, _ = more.Write(file[10:])
		_ = more.Close()
	}()
	last := patch(up, w.desk, 0, nil)
	last.body = io.Reader(slow)
	wantStatus(t, w.do(t, last), 204)
	counts(4, "after a slow one")
	if took := w.figure(t, name+"_sum") - before; took < taken.Seconds() {
		t.Errorf("it is said to have taken %v s", took)
	}
}
