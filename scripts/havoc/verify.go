package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
	"sohoa/workers"
)

// playRound hands all papers in while the target is hit again and again, waits until all is read, and looks.
func playRound(ctx context.Context, o options, name, dir string, papers []paper, random *rand.Rand) (out outcome, err error) {
	t := targets()[name]
	start := time.Now()
	var s *site
	if t.many {
		s, err = openMany(ctx, o, dir)
	} else {
		data := ""
		if t.disk > 0 {
			disk := filepath.Join(dir, "disk")
			unmount, err := smallDisk(disk, t.disk)
			if err != nil {
				return out, err
			}
			defer unmount()
			data = filepath.Join(disk, "data")
		}
		s, err = openUp(ctx, o, dir, data)
	}
	if s != nil {
		defer s.end()
	}
	if err != nil {
		return out, err
	}
	// Handing in goes on for about as long as reading does: the blows hit both.
	d := newDesk(s, desks*time.Duration(o.pages)*150*time.Millisecond/time.Duration(o.papers))
	handedIn := make(chan struct{})
	go func() {
		defer close(handedIn)
		d.handInAll(ctx, papers)
	}()
	lastBlow, err := hit(ctx, o, t, s, d, len(papers), random, &out)
	if err != nil {
		return out, err
	}
	<-handedIn
	left := awaitAll(ctx, o, s)
	out.Recovery, out.Seconds = time.Since(lastBlow).Seconds(), time.Since(start).Seconds()
	out.Acknowledged, out.Refused = len(d.acknowledged), int(d.refused.Load())
	out.Losses = append(out.Losses, d.odd...)
	if left != "" {
		out.Losses = append(out.Losses, left)
	}
	if err := s.stop(); err != nil {
		return out, err
	}
	return out, verify(ctx, s, d, papers, &out)
}

// hit deals blows while papers are handed in and while there is much to read; the last fifth is left in peace.
func hit(ctx context.Context, o options, t target, s *site, d *desk, papers int, random *rand.Rand, out *outcome) (last time.Time, err error) {
	last = time.Now()
	for ctx.Err() == nil {
		if err := pause(ctx, between(random, t.rest)); err != nil {
			return last, err
		}
		d.mu.Lock()
		done := len(d.acknowledged)
		d.mu.Unlock()
		const peace = 5
		if out.Blows > 0 && (t.once || done == papers && backlog(ctx, s) < papers/peace) {
			return last, nil
		}
		if done == 0 {
			continue
		}
		err := t.blow(ctx, o, s, random)
		if errors.Is(err, errNothingThere) {
			continue
		}
		if err != nil {
			return last, err
		}
		last = time.Now()
		out.Blows++
	}
	return last, ctx.Err()
}

// backlog is how many papers are not read to the end; none where nobody can be asked.
func backlog(ctx context.Context, s *site) int {
	c, err := catalogue.Open(catalogue.Config{URL: s.catalogue})
	if err != nil {
		return 0
	}
	defer c.Close()
	all, err := c.Backlogs(ctx)
	if err != nil {
		return 0
	}
	left := 0
	for _, b := range all {
		left += b.Papers
	}
	return left
}

// awaitAll waits until nothing is left to do; what it says is what is left when patience ends.
func awaitAll(ctx context.Context, o options, s *site) string {
	c, store, err := s.look(ctx)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	defer store.Close()
	var backlogs []catalogue.Backlog
	for start := time.Now(); time.Since(start) < o.patience && ctx.Err() == nil; _ = pause(ctx, 500*time.Millisecond) {
		if backlogs, err = c.Backlogs(ctx); err != nil {
			continue
		}
		left := 0
		for _, b := range backlogs {
			left += b.Papers
		}
		if left == 0 {
			return ""
		}
	}
	return fmt.Sprintf("after %v there is still work: %+v (%v)", o.patience, backlogs, err)
}

// verify looks at the catalogue and the store once everything has ended.
func verify(ctx context.Context, s *site, d *desk, papers []paper, out *outcome) error {
	c, store, err := s.look(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	defer store.Close()
	lose := func(format string, args ...any) { out.Losses = append(out.Losses, fmt.Sprintf(format, args...)) }
	held := make(map[string]bool)
	for _, p := range papers {
		id, acknowledged := d.acknowledged[p.sha256]
		if !acknowledged {
			lose("%s was never acknowledged", p.name)
			continue
		}
		held[p.sha256] = true
		if err := verifyPaper(ctx, c, store, catalogue.PaperID(id), p, lose); err != nil {
			return err
		}
		out.Pages += p.pages
	}
	if err := verifyRows(ctx, c, len(held), lose); err != nil {
		return err
	}
	got, err := workers.Collect(ctx, store, c, 0, 0)
	if err != nil {
		return err
	}
	out.Collected = fmt.Sprintf("%d originals, %d other objects, %d parts", got.Originals, got.Readings, got.Parts)
	for info, err := range store.List(ctx, object.OriginalsPrefix) {
		if err != nil {
			return err
		}
		if sum := strings.TrimPrefix(string(info.Key), object.OriginalsPrefix); !held[sum] {
			lose("the original %s belongs to nothing", sum)
		}
	}
	return nil
}

func verifyPaper(ctx context.Context, c *catalogue.Catalogue, store *object.Store, id catalogue.PaperID, p paper, lose func(string, ...any)) error {
	row, err := c.Paper(ctx, catalogue.Everywhere, id)
	if errors.Is(err, catalogue.ErrNotFound) {
		lose("%s was acknowledged as paper %d, which is not there", p.name, id)
		return nil
	}
	if err != nil {
		return err
	}
	if row.State != catalogue.PaperRead && row.State != catalogue.PaperReview {
		lose("%s is %s: %s", p.name, row.State, row.Reason)
		return nil
	}
	if row.SHA256 != p.sha256 || row.Pages != p.pages || row.PagesRead != p.pages || row.Failed > 0 {
		lose("%s has %d of %d pages, %d failed; it should have %d", p.name, row.PagesRead, row.Pages, row.Failed, p.pages)
	}
	pages, err := c.Pages(ctx, row.Reading)
	if err != nil {
		return err
	}
	if len(pages) != p.pages {
		lose("%s has %d rows of pages, not %d", p.name, len(pages), p.pages)
	}
	names := []string{"paper.pdf", "paper.json"}
	for n := range p.pages {
		names = append(names, fmt.Sprintf("pages/%d.json", n+1))
	}
	for _, name := range names {
		key, err := object.Reading(row.SHA256, row.Revision, name)
		if err != nil {
			return err
		}
		if _, err := store.Stat(ctx, key); err != nil {
			lose("%s: %v", p.name, err)
		}
	}
	text, err := content(ctx, store, row, "paper.txt")
	if err != nil {
		lose("%s: %v", p.name, err)
	} else if text != p.text {
		lose("%s has another text than an undisturbed reader gave it", p.name)
	}
	verifyResults(ctx, store, row, p, lose)
	return verifyFound(ctx, c, row, p, lose)
}

// verifyResults looks into the other results: the PDF and the JSON are whole.
func verifyResults(ctx context.Context, store *object.Store, row catalogue.Paper, p paper, lose func(string, ...any)) {
	pdf, err := content(ctx, store, row, "paper.pdf")
	if err != nil || !strings.HasPrefix(pdf, "%PDF-") || !strings.HasSuffix(strings.TrimSpace(pdf), "%%EOF") {
		lose("%s has a PDF that is not whole (%d bytes, %v)", p.name, len(pdf), err)
	}
	var said struct {
		Pages []json.RawMessage `json:"pages"`
	}
	whole, err := content(ctx, store, row, "paper.json")
	if err == nil {
		err = json.Unmarshal([]byte(whole), &said)
	}
	if err != nil || len(said.Pages) != p.pages {
		lose("%s has a JSON of %d pages, not %d (%v)", p.name, len(said.Pages), p.pages, err)
	}
}

// verifyFound looks whether all pages of the paper are in the index, and the first one is found by its first word.
func verifyFound(ctx context.Context, c *catalogue.Catalogue, row catalogue.Paper, p paper, lose func(string, ...any)) error {
	words := strings.Fields(p.text)
	if len(words) == 0 {
		lose("%s was read as nothing", p.name)
		return nil
	}
	for text, want := range map[string]int{"": p.pages, words[0]: 1} {
		left := make(map[int]bool)
		for n := range want {
			left[n+1] = true
		}
		for offset, more := 0, true; more && len(left) > 0; {
			found, err := c.Search(ctx, catalogue.Everywhere, catalogue.Query{Text: text, Dossier: row.DossierCode, Limit: 100, Offset: offset})
			if err != nil {
				return err
			}
			for _, h := range found.Hits {
				if h.Paper == row.ID {
					delete(left, h.Page)
				}
			}
			offset, more = offset+len(found.Hits), found.More
		}
		if len(left) > 0 {
			lose("%s is not found by %q on %d of %d pages", p.name, text, len(left), want)
		}
	}
	return nil
}

func content(ctx context.Context, store *object.Store, p catalogue.Paper, name string) (text string, err error) {
	key, err := object.Reading(p.SHA256, p.Revision, name)
	if err != nil {
		return "", err
	}
	o, err := store.Get(ctx, key)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	b, err := io.ReadAll(o)
	return string(b), err
}

// verifyRows looks for papers that nobody handed in, and papers that are there twice.
func verifyRows(ctx context.Context, c *catalogue.Catalogue, want int, lose func(string, ...any)) error {
	dossiers, err := c.Dossiers(ctx, catalogue.Everywhere, catalogue.DossierFilter{Limit: 500})
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	readings := make(map[catalogue.ReadingID]string)
	for _, d := range dossiers {
		papers, err := c.Papers(ctx, catalogue.Everywhere, d.ID)
		if err != nil {
			return err
		}
		for _, p := range papers {
			if seen[p.SHA256] {
				lose("the scan %s is two papers", p.SHA256)
			}
			if other, twice := readings[p.Reading]; twice && other != p.SHA256 {
				lose("reading %d is of two scans", p.Reading)
			}
			seen[p.SHA256], readings[p.Reading] = true, p.SHA256
		}
	}
	if len(seen) != want {
		lose("there are %d papers, %d were acknowledged", len(seen), want)
	}
	orphans, err := c.Orphans(ctx)
	if err != nil {
		return err
	}
	for _, o := range orphans {
		lose("orphan: %s", o)
	}
	return nil
}
