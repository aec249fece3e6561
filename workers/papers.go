package workers

import (
	"context"
	"time"

	"sohoa/pipeline"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// papers are the scans that are open for reading: the pages of one follow each other, and opening a PDF costs more than reading a page
// of it may.
type papers struct {
	open *object.Shared[openKey, *pipeline.Paper]
}

const (
	keptOpen = 8           // scans that stay open while nobody reads them
	keptIdle = time.Minute // and for how long
)

// openKey tells open papers apart: the same scan may be read with its codes looked for and without.
type openKey struct {
	sha256 string
	codes  bool
}

func newPapers(originals *object.Cache) *papers {
	return &papers{object.NewShared[openKey, *pipeline.Paper](originals, keptOpen, keptIdle)}
}

// get opens a reading's scan, or finds it open. release must be called when it is done with.
func (p *papers) get(ctx context.Context, reader *pipeline.Reader, r catalogue.Reading) (paper *pipeline.Paper, release func(), err error) {
	return p.open.Get(ctx, openKey{r.SHA256, r.Codes}, r.SHA256, func(ctx context.Context, path string) (*pipeline.Paper, error) {
		paper, err := reader.Split(ctx, path)
		if err != nil {
			return nil, err
		}
		// Whoever hands in the same bytes is given the same results: the name that one of them gave the file is not in there.
		paper.Name = ""
		paper.Codes = r.Codes
		return paper, nil
	})
}

// close closes all; nobody may use any.
func (p *papers) close() { _ = p.open.Close() } // temporary files: what cannot be removed goes with the folder at the next start
