package workers

import (
	"context"
	"errors"
	"strings"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

const (
	// collectEvery is how often the collector goes through the store; that is a listing of all of it.
	collectEvery = 6 * time.Hour
	// collectAfter is how old an object must be that no row names: an upload that is being acknowledged is younger.
	collectAfter = 24 * time.Hour
	// partsAfter is how long the parts of a bound paper stay: another machine may be binding it, too.
	partsAfter = time.Hour
)

// Collected is what a collection removed.
type Collected struct {
	Originals, Readings, Parts int
	Bytes                      int64
}

// collect takes away what no row names, until ctx ends.
func (s *Server) collect(ctx context.Context) {
	tick := time.NewTicker(collectEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		got, err := Collect(ctx, s.objects, s.catalogue, collectAfter, partsAfter)
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "collecting failed", "error", err)
			continue
		}
		s.log.InfoContext(ctx, "collected", "originals", got.Originals, "readings", got.Readings, "parts", got.Parts, "bytes", got.Bytes)
	}
}

// Collect removes originals that were never acknowledged, results of readings that no row knows, both once they are older
// than unnamed, and the parts of papers that were bound, once they are older than parts. It can run beside everything else.
func Collect(ctx context.Context, objects *object.Store, c *catalogue.Catalogue, unnamed, parts time.Duration) (got Collected, err error) {
	now := time.Now()
	remove := func(ctx context.Context, info object.Info, count *int) error {
		if err := objects.Delete(ctx, info.Key); err != nil {
			return err
		}
		*count++
		got.Bytes += info.Size
		return nil
	}
	for info, err := range objects.List(ctx, object.OriginalsPrefix) {
		if err != nil {
			return got, err
		}
		if now.Sub(info.Modified) < unnamed {
			continue
		}
		sha256 := strings.TrimPrefix(string(info.Key), object.OriginalsPrefix)
		held, err := c.ScanHeld(ctx, sha256)
		if err == nil && !held {
			_, err = c.CollectScan(ctx, sha256, func(ctx context.Context) error {
				// Handing it in makes it young first and names it then: what is still old now is not being handed in.
				info, err := objects.Stat(ctx, info.Key)
				if err != nil || now.Sub(info.Modified) < unnamed {
					return err
				}
				return remove(ctx, info, &got.Originals)
			})
		}
		if errors.Is(err, object.ErrNotFound) { // somebody else collects, too
			err = nil
		}
		if err != nil {
			return got, err
		}
	}
	var reading catalogue.Reading
	var known bool
	for info, err := range objects.List(ctx, object.ReadingsPrefix) {
		if err != nil {
			return got, err
		}
		sha256, rest, _ := strings.Cut(strings.TrimPrefix(string(info.Key), object.ReadingsPrefix), "/")
		revision, name, _ := strings.Cut(rest, "/")
		if sha256 != reading.SHA256 || revision != reading.Revision { // a reading's objects are listed together
			found, err := c.ReadingAt(ctx, sha256, revision)
			if err != nil && !errors.Is(err, catalogue.ErrNotFound) {
				return got, err
			}
			known = err == nil
			reading = found
			reading.SHA256, reading.Revision = sha256, revision
		}
		age := now.Sub(info.Modified)
		switch {
		case !known && age >= unnamed:
			err = remove(ctx, info, &got.Readings)
		case known && reading.Step == catalogue.StepDone && strings.HasPrefix(name, "parts/") && age >= parts:
			err = remove(ctx, info, &got.Parts)
		}
		if err != nil {
			return got, err
		}
	}
	return got, nil
}
