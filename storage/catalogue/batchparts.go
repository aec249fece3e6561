package catalogue

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/storage/catalogue/cover"
	"sohoa/storage/catalogue/fold"
)

// PartReason says why an officer should look at a part of a batch.
type PartReason string

// The reasons.
const (
	ReasonNoCover        PartReason = "no_cover"        // its pages come before the first cover sheet
	ReasonDamagedCover   PartReason = "damaged_cover"   // its cover sheet cannot be read
	ReasonOtherVersion   PartReason = "other_version"   // its cover sheet is of another version of the program
	ReasonTwoCovers      PartReason = "two_covers"      // its first page is two cover sheets at once
	ReasonUnknownDossier PartReason = "unknown_dossier" // its cover sheet names a dossier that is not there, or not the officer's
	ReasonUnreadPage     PartReason = "unread_page"     // a page of it could not be read: it may have been a cover sheet
	ReasonOtherCode      PartReason = "other_code"      // the code of another dossier stands on a page of it
	ReasonNoPages        PartReason = "no_pages"        // there is nothing behind its cover sheet
)

// BatchPart is a run of a batch's pages that belong together.
type BatchPart struct {
	Cover       int // the page that is its cover sheet, from 1; 0 where it has none
	First, Last int // its pages; 0 where there are none
	Dossier     DossierID
	DossierCode string
	Kind        PaperKind
	Component   string
	Reasons     []PartReason // none: nothing is in doubt
	Paper       PaperID      // what was made of it; 0 where there are no pages
}

// batchPart is one while a batch is being split.
type batchPart struct {
	BatchPart

	sheet *cover.Sheet // nil: no cover sheet says where it goes
	look  int
}

// Whether an officer should look at a paper, besides what the reading of its scan says of the whole.
const (
	lookAsRead = 0 // as that says
	lookAlways = 1
	lookNever  = 2 // recognition was sure of this part of the scan
)

// lookFor is whether an officer should look at the part.
func (p *batchPart) lookFor(pages []batchPage, reviewBelow float64) int {
	if len(p.Reasons) > 0 {
		return lookAlways
	}
	var sum float64
	words := 0
	for _, page := range pages[p.First-1 : p.Last] {
		if page.differs || 100-page.fieldDoubt < reviewBelow {
			return lookAsRead
		}
		sum += page.confidence * float64(page.words)
		words += page.words
	}
	if reviewBelow > 0 && (words == 0 || sum/float64(words) >= reviewBelow) {
		return lookNever
	}
	return lookAsRead
}

func (p *batchPart) because(r PartReason) {
	if !slices.Contains(p.Reasons, r) {
		p.Reasons = append(p.Reasons, r)
	}
}

func (p *batchPart) add(page batchPage) {
	if p.First == 0 {
		p.First = page.number
	}
	p.Last = page.number
	if page.failed {
		p.because(ReasonUnreadPage)
	}
	for _, code := range page.codes {
		code = strings.TrimSpace(code)
		if p.sheet != nil && code != p.sheet.Dossier && CheckDossierCode(code) == nil {
			p.because(ReasonOtherCode)
		}
	}
}

// batchPage is what splitting asks about a page.
type batchPage struct {
	number        int
	blank, failed bool
	titled        bool // the words of a cover sheet stand on it
	confidence    float64
	words         int
	codes         []string
	fieldDoubt    float64 // 100 less the confidence of the field on it of which the reader was least sure; 0 without fields
	differs       bool    // a code on it says otherwise than its words
}

// partsOf cuts a batch before each cover sheet. A sheet is itself in no part, nor is its blank back, nor its back through which
// it shines; one that cannot be used begins a part that an officer has to look at, and is the first page of it. Every other page
// is in exactly one part.
func partsOf(key cover.Key, pages []batchPage) (parts []batchPart) {
	at := batchPart{}
	at.because(ReasonNoCover)
	end := func() {
		if at.Cover > 0 && at.First == 0 {
			at.because(ReasonNoPages)
		}
		if at.Cover > 0 || at.First > 0 {
			parts = append(parts, at)
		}
	}
	for _, page := range pages {
		sheet, wrong := coverOn(key, page)
		behind := at.sheet != nil && at.First == 0 && page.number == at.Cover+1
		switch {
		case sheet != nil && behind && *sheet == *at.sheet, sheet == nil && wrong == "" && behind && page.blank:
			// the back of the sheet
		case sheet != nil:
			end()
			at = batchPart{BatchPart: BatchPart{Cover: page.number}, sheet: sheet}
		case wrong != "":
			end()
			at = batchPart{BatchPart: BatchPart{Cover: page.number}}
			at.because(wrong)
			at.add(page)
		default:
			at.add(page)
		}
	}
	end()
	return parts
}

// coverOn is the cover sheet that a page is, or what is wrong with it; neither where it is none.
func coverOn(key cover.Key, page batchPage) (sheet *cover.Sheet, wrong PartReason) {
	for _, code := range page.codes {
		s, err := key.Read(code)
		switch {
		case errors.Is(err, cover.ErrNone):
		case errors.Is(err, cover.ErrVersion):
			wrong = ReasonOtherVersion
		case err != nil:
			wrong = ReasonDamagedCover
		case sheet != nil && *sheet != s:
			return nil, ReasonTwoCovers
		default:
			sheet = &s
		}
	}
	switch {
	case sheet != nil: // a sheet says it twice: one that can be read is enough
		return sheet, ""
	case wrong == "" && page.titled:
		return nil, ReasonDamagedCover
	}
	return nil, wrong
}

// saysCover tells whether the title of a cover sheet stands on a page.
func saysCover(text string) bool {
	return strings.Contains(foldedWords(text), foldedWords(cover.Title))
}

func foldedWords(text string) string {
	var b strings.Builder
	for _, t := range fold.Tokens(text) {
		b.WriteString(t.Folded)
		b.WriteByte(' ')
	}
	return b.String()
}

func joinReasons(all []PartReason) string {
	said := make([]string, len(all))
	for i, r := range all {
		said[i] = string(r)
	}
	return strings.Join(said, " ")
}

func splitReasons(said string) (all []PartReason) {
	for r := range strings.FieldsSeq(said) {
		all = append(all, PartReason(r))
	}
	return all
}

// coverKey is the installation's key of cover sheets; the first who needs it makes it.
func (c *Catalogue) coverKey(ctx context.Context, q querier) (cover.Key, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (Go 1.24)
	if _, err := q.exec(ctx, "INSERT INTO cover_keys (id, value) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", hex.EncodeToString(raw)); err != nil {
		return nil, err
	}
	var said string
	if err := q.row(ctx, "SELECT value FROM cover_keys WHERE id = 1", nil, &said); err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(said)
	if err != nil {
		return nil, fmt.Errorf("read the key of cover sheets: %w", err)
	}
	return key, nil
}
