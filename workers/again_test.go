package workers

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sohoa/scripts/corpus"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

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
