package workers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sohoa/pipeline"
	"sohoa/scripts/corpus"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Papers that cannot be read end visibly with the reason, at once where there is no hope, and keep nobody else.
func TestBadPapersEndWithTheirReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no scan":  {[]byte("xin chào"), "format: "},
		"cut TIFF": {[]byte("II*\x00\x08\x00\x00\x00"), "damaged: "},
		"cut PDF":  {[]byte("%PDF-1.4\n"), "damaged: "},
	} {
		r := s.handIn(c.data, catalogue.Desk, true)
		if p := s.await(r.Paper.ID, patience, catalogue.PaperFailed); !strings.HasPrefix(p.Reason, c.want) {
			t.Errorf("%s: %q", name, p.Reason)
		}
	}
	missing := s.handIn(scan(t, 5, 1), catalogue.Desk, false)
	key, err := object.Original(missing.Paper.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.objects.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	good := s.handIn(scan(t, 6, 1), catalogue.Desk, true)
	s.await(good.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	if p := s.await(missing.Paper.ID, patience, catalogue.PaperFailed); !strings.HasPrefix(p.Reason, "missing: ") {
		t.Errorf("without its scan: %q", p.Reason)
	}
	// Put back, it is read when somebody says so.
	data := scan(t, 5, 1)
	if err := s.objects.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), ""); err != nil {
		t.Fatal(err)
	}
	again, err := s.catalogue.Retry(t.Context(), catalogue.Everywhere, missing.Paper.ID, s.revision)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.queue.Enqueue(t.Context(), catalogue.Task{Step: again.Step, Reading: again.ID, Queue: again.Queue}); err != nil {
		t.Fatal(err)
	}
	s.await(missing.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
}

// A page over which children die is tried a bounded number of times; the other pages and papers go on.
func TestAPoisonPageBlocksNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(func(c *Config) { c.Reading.PageMemory = 256 << 20 })
	poison := s.handIn(bomb(t), catalogue.Desk, true)
	good := s.handIn(scan(t, 7, 1), catalogue.Desk, true)
	s.await(good.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	p := s.await(poison.Paper.ID, patience, catalogue.PaperFailed, catalogue.PaperReview)
	if p.Pages != 1 {
		t.Errorf("%+v", p)
	}
	pages, err := s.catalogue.Pages(t.Context(), p.Reading)
	if err != nil || len(pages) != 1 || pages[0].State != "failed" || !diedOverIt(pages[0].Reason) {
		t.Errorf("%+v, %v", pages, err)
	}
}

// diedOverIt tells the reasons of a page that needs more memory than a child may have: where it ends is chance, and in Go's own
// runtime that looks like a crash.
func diedOverIt(reason string) bool {
	return strings.HasPrefix(reason, "memory: ") || strings.HasPrefix(reason, "crash: ")
}

// bomb is a small file that unpacks to more than a page may need; unpacking is C's work, and quick with the race detector, too.
func bomb(t *testing.T) []byte {
	t.Helper()
	const side = 13_000
	huge := slip(t)
	huge.Image = image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := corpus.EncodeTIFF(&b, []corpus.Scan{huge}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	on := context.Background()
	ending, end := context.WithCancel(on)
	end()
	late, done := context.WithTimeout(on, 0)
	defer done()
	for _, c := range []struct {
		ctx  context.Context //nolint:containedctx // a row of a table
		err  error
		want verdict
		code string
	}{
		{on, catalogue.ErrNotDue, over, ""},
		{ending, catalogue.ErrNotDue, over, ""},
		{on, fmt.Errorf("x: %w", catalogue.ErrUnavailable), wait, "wait"},
		{on, object.ErrFull, wait, "wait"},
		{ending, context.Canceled, wait, "wait"},
		{ending, errors.New("what comes of being cancelled"), wait, "wait"},
		{late, context.DeadlineExceeded, again, "time"},
		{late, fmt.Errorf("x: %w", object.ErrUnavailable), again, "time"},
		{on, context.DeadlineExceeded, again, "reader"}, // somebody else's
		{on, catalogue.ErrOtherRevision, wait, "wait"},
		{on, object.ErrNotFound, again, "missing"},
		{on, &startsError{starts: 20}, giveUp, "starts"},
		{on, &pipeline.NothingReadError{Pages: 1}, giveUp, "damaged"},
		{on, errors.New("who knows"), again, "reader"},
	} {
		if v, reason := judge(c.ctx, c.err); v != c.want || reason.Code != c.code {
			t.Errorf("%v (%v): %v %q", c.err, c.ctx.Err(), v, reason.Code)
		}
	}
}

// A task that takes longer than any may is its paper's fault: it is counted, and the paper ends with that as its reason
// instead of being tried for ever.
func TestTasksThatTakeTooLongAreGivenUp(t *testing.T) {
	t.Parallel()
	s := newLimitedSite(t, Limits{Task: time.Second})
	s.server(nil)
	slow := s.handIn(noise(t), catalogue.Desk, true)
	p := s.await(slow.Paper.ID, patience, catalogue.PaperFailed, catalogue.PaperReview)
	pages, err := s.catalogue.Pages(t.Context(), p.Reading)
	if err != nil || len(pages) != 1 || pages[0].State != "failed" || !strings.HasPrefix(pages[0].Reason, "time: ") {
		t.Errorf("%+v: %+v, %v", p, pages, err)
	}
}

// noise is a page that takes some seconds to read, on any machine.
func noise(t *testing.T) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	img := image.NewGray(image.Rect(0, 0, 3600, 4800))
	for i := range img.Pix {
		if random.IntN(8) == 0 {
			continue
		}
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Trying a failed page again long after the paper was bound, when only its results are left in the store: what was read can be
// had meanwhile, and the paper comes out whole.
func TestFailedPagesAreTriedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	stop := s.server(func(c *Config) { c.Reading.Pixels = 4_000_000 })
	r := s.handIn(paperWithHugePage(t), catalogue.Desk, true)
	p := s.await(r.Paper.ID, patience, catalogue.PaperReview)
	before := s.output(p, objectText)
	if p.Pages != 3 || p.Failed != 1 || !p.Whole || len(before) == 0 {
		t.Fatalf("%+v", p)
	}
	stop()
	if got, err := Collect(t.Context(), s.objects, s.catalogue, 0, 0); err != nil || got.Parts != 3 {
		t.Fatalf("collected %+v, %v", got, err)
	}
	if _, err := s.catalogue.Retry(t.Context(), catalogue.Everywhere, r.Paper.ID, s.revision); err != nil {
		t.Fatal(err)
	}
	if p = s.await(r.Paper.ID, time.Second, catalogue.PaperReading); !p.Whole || !bytes.Equal(s.output(p, objectText), before) {
		t.Errorf("while it is tried again: %+v", p)
	}
	s.server(func(c *Config) { c.Reading.Pixels = 200_000_000 }) // IT has raised the limit
	p = s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	if p.Failed != 0 || p.PagesRead != 3 || p.Blank != 1 || !bytes.Equal(s.output(p, objectText), before) {
		t.Errorf("in the end: %+v", p)
	}
}

// paperWithHugePage has three pages, the one in the middle empty and of nine megapixels: more than the limit of the test.
func paperWithHugePage(t *testing.T) []byte {
	t.Helper()
	page := slip(t)
	huge := page
	huge.Image = image.NewPaletted(image.Rect(0, 0, 3000, 3000), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := corpus.EncodeTIFF(&b, []corpus.Scan{page, huge, page}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
