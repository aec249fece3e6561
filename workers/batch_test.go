package workers

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"sohoa/scripts/corpus"
	"sohoa/storage/catalogue"
)

// coverSheet is a page with a QR code 9 cm wide, as a fax machine sends it.
func coverSheet(t *testing.T, code string) corpus.Scan {
	t.Helper()
	drawn, err := qr.Encode(code, qr.Q, qr.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	const dpi, size = 200, 709
	page := image.NewNRGBA(image.Rect(0, 0, 1654, 2339))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	n := drawn.Bounds().Dx()
	for y := range size {
		for x := range size {
			if drawn.At(x*n/size, y*n/size) == color.Black {
				page.Set(400+x, 600+y, color.Black)
			}
		}
	}
	s, err := corpus.Apply(corpus.Sheet{Image: page, DPI: dpi}, corpus.Fax, 5)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A scan that was read as an ordinary paper turns out to be a batch: its pages are read once more for their codes, by way of the
// real queue, and it becomes a paper of the pages behind its cover sheet, which read as they did before.
func TestABatchIsReadForItsCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.server(nil)
	_, covers, err := s.catalogue.Covers(t.Context(), catalogue.Everywhere, s.dossier)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := corpus.EncodeTIFF(&b, []corpus.Scan{coverSheet(t, covers[0].Code), slip(t), slip(t)}); err != nil {
		t.Fatal(err)
	}
	r := s.handIn(b.Bytes(), catalogue.Desk, true)
	p := s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview)
	before := s.output(p, pageJSON(2))
	if page := s.output(p, pageJSON(1)); bytes.Contains(page, []byte(`"codes"`)) {
		t.Errorf("nobody asked for codes: %s", page)
	}
	again, err := s.catalogue.HandIn(t.Context(), catalogue.Everywhere, catalogue.HandIn{
		Dossier: s.dossier, Scan: catalogue.Scan{SHA256: p.SHA256, Size: p.Size, MediaType: p.MediaType}, Name: p.Name, Revision: s.revision, Batch: true,
	})
	if err != nil || !again.Again || !again.Due {
		t.Fatalf("%+v, %v", again, err)
	}
	var batch catalogue.BatchState
	for start := time.Now(); batch.Split.IsZero(); time.Sleep(50 * time.Millisecond) {
		if batch, err = s.catalogue.Batch(t.Context(), catalogue.Everywhere, p.ID); err != nil || time.Since(start) > patience {
			t.Fatalf("%+v, %v", batch, err)
		}
	}
	if len(batch.Parts) != 1 || batch.Parts[0].Cover != 1 || batch.Parts[0].First != 2 || batch.Parts[0].Last != 3 || batch.Parts[0].Kind != covers[0].Kind {
		t.Fatalf("%+v", batch)
	}
	if page := s.output(p, pageJSON(1)); !bytes.Contains(page, []byte(covers[0].Code)) {
		t.Errorf("the code is not in the page's JSON: %s", page)
	}
	if after := s.output(p, pageJSON(2)); !bytes.Equal(withoutSeconds(before), withoutSeconds(after)) {
		t.Errorf("a page without codes reads otherwise:\n%s\n%s", before, after)
	}
	made := s.await(batch.Parts[0].Paper, patience, catalogue.PaperRead, catalogue.PaperReview)
	if made.Pages != 2 || made.SHA256 != p.SHA256 {
		t.Errorf("%+v", made)
	}
}

// withoutSeconds is a page's JSON without how long reading it took.
func withoutSeconds(page []byte) []byte {
	before, rest, _ := bytes.Cut(page, []byte(`"seconds":`))
	_, after, _ := bytes.Cut(rest, []byte(","))
	return append(append([]byte(nil), before...), after...)
}
