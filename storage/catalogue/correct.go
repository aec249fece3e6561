package catalogue

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Edit is one change of a page's words: Count words from At on become those of Text. One word can become two, and two one; with
// Count 0 words are inserted before At, without Text words are taken away. Text that is what stands there already confirms it.
type Edit struct {
	At, Count int
	Text      string
	// Place is where inserted words stand; it is asked for where Count is 0.
	Place Place
}

// Correction is an edit as it is kept beside what was read: by its place and the words that stood there, so that it is done
// again when the scan is read anew.
type Correction struct {
	ID            int64
	Place         Place  // in pixels of a page of Width × Height
	Width, Height int    //
	Was, Became   string // the words before and after; "" is none
	Revision      string // of the reading that it was made on
	Fits          bool   // its place was found in the reading that is shown
	By            string // the actor
	At            time.Time
}

// PageWords are the words of one page of a paper as they are now.
type PageWords struct {
	PageText // Number is the page's position in the paper

	// Version names these words: who corrects them says which ones they saw.
	Version string
	// Turned is by how many degrees clockwise the scan's page is turned to stand upright: by its reading, and then by an officer.
	Turned, Turn int
	Corrections  []Correction
	Edition      int64 // the paper's
}

// version is a name of the page's words.
func (p *PageText) version() string {
	h := sha256.New()
	h.Write([]byte(p.Text))
	h.Write([]byte{0})
	h.Write(packWords(p.Words))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// loadSheet is a page of a scan with its words as they are now; ErrNotFound where it was not read yet.
func loadSheet(ctx context.Context, q querier, sha256 string, number int) (s sheet, err error) {
	var packed []byte
	s.Number = number
	err = q.row(ctx, `SELECT t.text, t.words, t.width, t.height, coalesce((SELECT g.turned FROM scans c JOIN pages g ON g.reading_id = c.current_reading
		WHERE c.sha256 = t.sha256 AND g.number = t.number), 0) FROM page_texts t WHERE t.sha256 = ? AND t.number = ?`,
		[]any{sha256, number}, &s.Text, &packed, &s.Width, &s.Height, &s.turned)
	if err != nil {
		return s, err
	}
	s.Words, err = unpackWords(packed)
	return s, err
}

func loadCorrections(ctx context.Context, q querier, sha256 string, number int) (all []Correction, err error) {
	err = q.each(ctx, `SELECT id, x0, y0, x1, y1, width, height, was, became, revision, fits, corrected_by, corrected_at FROM corrections
		WHERE sha256 = ? AND number = ? ORDER BY id`, []any{sha256, number}, func(scan func(...any) error) error {
		var c Correction
		var at int64
		err := scan(&c.ID, &c.Place.X0, &c.Place.Y0, &c.Place.X1, &c.Place.Y1, &c.Width, &c.Height, &c.Was, &c.Became, &c.Revision, &c.Fits, &c.By, &at)
		c.At = instant(at)
		all = append(all, c)
		return err
	})
	return all, err
}

// PageWords are the words of a paper's page, from 1; ErrNotFound where the paper is out of reach or the page was not read yet.
func (c *Catalogue) PageWords(ctx context.Context, reach Reach, id PaperID, page int) (w PageWords, err error) {
	err = c.view(ctx, "list words", func(q querier) error {
		w, err = pageWordsOf(ctx, q, reach, id, page)
		return err
	})
	return w, err
}

func pageWordsOf(ctx context.Context, q querier, reach Reach, id PaperID, page int) (w PageWords, err error) {
	p, err := paperByID(ctx, q, reach, id)
	if err != nil {
		return w, err
	}
	from, err := pageAt(ctx, q, &p, page)
	if err != nil {
		return w, err
	}
	s, err := loadSheet(ctx, q, from.SHA256, from.Number)
	if err != nil {
		return w, err
	}
	w = PageWords{PageText: s.PageText, Version: s.version(), Turned: s.turned, Turn: from.Turn, Edition: p.Edition}
	w.Number = page
	w.Corrections, err = loadCorrections(ctx, q, from.SHA256, from.Number)
	return w, err
}

// Correct changes words of a paper's page, from 1, for all papers that show this page of the scan, and gives the words as they
// are then. version is that of the words that the officer saw: where somebody else has changed them it is a *ConflictError.
// What was read stays in its reading, and the edit is kept beside it. Papers that show other words than those that were approved are
// approved no more; ErrApprovedElsewhere, and nothing is done, where one of them is out of reach.
func (c *Catalogue) Correct(ctx context.Context, reach Reach, id PaperID, page int, version string, e Edit) (w PageWords, err error) {
	if e.Text, err = checkEdit(e); err != nil {
		return w, err
	}
	err = c.write(ctx, "correct", func(q querier) error {
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		if err := lockScans(ctx, q, "id = ?", id); err != nil {
			return err
		}
		from, err := pageAt(ctx, q, &p, page)
		if err != nil {
			return err
		}
		s, err := loadSheet(ctx, q, from.SHA256, from.Number)
		if err != nil {
			return err
		}
		if s.version() != version {
			return &ConflictError{Kind: "page", ID: fmt.Sprintf("%d/%d", id, page), Reason: "its words have been changed by somebody else", Stale: true}
		}
		was := s.Text
		kept, err := s.edit(e)
		if err != nil {
			return err
		}
		if err := c.keepCorrection(ctx, q, &p, from, &kept); err != nil {
			return err
		}
		if err := c.keepSheet(ctx, q, reach, from.SHA256, &s, s.Text != was); err != nil {
			return err
		}
		if s.Text == was { // the words were confirmed
			if err := c.touch(ctx, q, id); err != nil {
				return err
			}
		}
		if w, err = pageWordsOf(ctx, q, reach, id, page); err != nil {
			return err
		}
		// What was corrected is a citizen's: the act says where, and the correction what.
		return c.record(ctx, q, "paper.correct", subject("paper", id), map[string]any{"page": page, "correction": kept.ID})
	})
	return w, err
}

// checkEdit says whether an edit can be one of any page, and tidies its words.
func checkEdit(e Edit) (text string, err error) {
	text = strings.Join(strings.Fields(tidy(e.Text)), " ")
	if err := checkText("text", text, 1000); err != nil {
		return "", err
	}
	switch {
	case e.At < 0:
		return "", &InvalidError{Field: "at", Reason: "it must be 0 or more"}
	case e.Count < 0:
		return "", &InvalidError{Field: "count", Reason: "it must be 0 or more"}
	case e.Count == 0 && text == "":
		return "", &InvalidError{Field: "text", Reason: "nothing is to be inserted"}
	case e.Count == 0 && e.Place.empty():
		return "", &InvalidError{Field: "place", Reason: "it must say where the inserted words stand"}
	}
	return text, nil
}

// edit does an edit and gives it as it is kept.
func (s *sheet) edit(e Edit) (c Correction, err error) {
	switch {
	case e.At > len(s.Words) || e.At+e.Count > len(s.Words):
		return c, &InvalidError{Field: "at", Reason: "there are fewer words"}
	case !s.oneLine(e.At, e.Count):
		return c, &InvalidError{Field: "count", Reason: "these words stand on different lines"}
	}
	c = Correction{Became: e.Text, Width: s.Width, Height: s.Height, Fits: true}
	if c.Was, c.Place = s.said(e.At, e.Count); e.Count == 0 {
		if c.Place = e.Place.both(Place{0, 0, s.Width, s.Height}); c.Place.empty() {
			return c, &InvalidError{Field: "place", Reason: "it is not on the page"}
		}
	}
	s.replace(e.At, e.Count, strings.Fields(e.Text), c.Place)
	return c, nil
}

func (c *Catalogue) keepCorrection(ctx context.Context, q querier, p *Paper, from PaperPage, k *Correction) error {
	return q.row(ctx, `INSERT INTO corrections (sha256, number, x0, y0, x1, y1, width, height, was, became, revision, fits, paper_id, corrected_at,
		corrected_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT r.revision FROM scans s JOIN readings r ON r.id = s.current_reading
		WHERE s.sha256 = ?), ''), 1, ?, ?, ?) RETURNING id`,
		[]any{
			from.SHA256, from.Number, k.Place.X0, k.Place.Y0, k.Place.X1, k.Place.Y1, k.Width, k.Height, k.Was, k.Became, from.SHA256,
			p.ID, millis(c.now()), c.actor.Name,
		}, &k.ID)
}

// keepSheet puts a page's words in the place of those that were, and makes them what is found of all papers that show it. Where they
// are others the approval of these papers is taken back, and refused where that is not the officer's to do.
func (c *Catalogue) keepSheet(ctx context.Context, q querier, reach Reach, sha256 string, s *sheet, other bool) error {
	shown, err := papersShowing(ctx, q, sha256, func(number int) bool { return number == s.Number })
	if err != nil {
		return err
	}
	ids := slices.Sorted(maps.Keys(shown))
	if other {
		for _, id := range ids {
			if shown[id].approved && !reach.Covers(shown[id].path) {
				return ErrApprovedElsewhere
			}
		}
		if err := c.showsOther(ctx, q, "corrected", shown); err != nil {
			return err
		}
	}
	_, err = q.exec(ctx, "UPDATE page_texts SET text = ?, words = ? WHERE sha256 = ? AND number = ?", s.Text, packWords(s.Words), sha256, s.Number)
	if err != nil {
		return err
	}
	ready := wordsOf([]PageText{s.PageText})[0]
	for _, id := range ids {
		if shown[id].approved && other { // all of it is found by its state, too
			if err := indexPaper(ctx, q, id); err != nil {
				return err
			}
			continue
		}
		for _, number := range shown[id].at {
			ready.Number = cmp.Or(number, s.Number)
			if err := indexOnePage(ctx, q, id, &ready); err != nil {
				return err
			}
		}
	}
	if !other {
		return nil
	}
	return refreshPapers(ctx, q, ids...)
}

// carryCorrections does again what officers corrected on a scan that was read anew, in the order in which they did. It gives
// the numbers of the pages that it changed.
func carryCorrections(ctx context.Context, q querier, sha256 string, pages []PageText) (changed []int, err error) {
	var corrected []int
	err = q.each(ctx, "SELECT DISTINCT number FROM corrections WHERE sha256 = ? ORDER BY number", []any{sha256}, func(scan func(...any) error) error {
		var n int
		err := scan(&n)
		corrected = append(corrected, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, number := range corrected {
		all, err := loadCorrections(ctx, q, sha256, number)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(pages, func(p PageText) bool { return p.Number == number })
		s := sheet{}
		if i >= 0 {
			s.PageText = pages[i]
			s.Words = slices.Clone(s.Words)
			if s.turned, err = turnedOf(ctx, q, sha256, number); err != nil {
				return nil, err
			}
		}
		for k := range all {
			fits := i >= 0 && s.carry(&all[k])
			if fits != all[k].Fits {
				if _, err := q.exec(ctx, "UPDATE corrections SET fits = ? WHERE id = ?", flag(fits), all[k].ID); err != nil {
					return nil, err
				}
			}
		}
		if i >= 0 {
			pages[i] = s.PageText
			changed = append(changed, i)
		}
	}
	return changed, nil
}

// turnedOf is by how much the reading that is shown turned a page of a scan.
func turnedOf(ctx context.Context, q querier, sha256 string, number int) (turned int, err error) {
	err = q.row(ctx, `SELECT g.turned FROM scans s JOIN pages g ON g.reading_id = s.current_reading WHERE s.sha256 = ? AND g.number = ?`,
		[]any{sha256, number}, &turned)
	if isNotFound(err) {
		return 0, nil
	}
	return turned, err
}
