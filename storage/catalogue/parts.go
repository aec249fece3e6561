package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
)

// Part is a paper that pages of another one are to be.
type Part struct {
	Positions []int     // of the pages in the paper that they are taken out of, from 1
	Dossier   DossierID // 0: that of the other paper
	Kind      PaperKind // "": the other paper's
	Component string
	Name      string // "": the other paper's
}

// SplitOff makes pages of a paper another paper, of the same dossier or of another one within reach; the others stay. What
// was split off is there to be looked at. arranged is as with Arrange.
func (c *Catalogue) SplitOff(ctx context.Context, reach Reach, id PaperID, arranged int64, part Part) (p Paper, err error) {
	if err := part.check(); err != nil {
		return p, err
	}
	err = c.writeAtLength(ctx, "split off", func(q querier) error {
		from, err := c.toArrange(ctx, q, reach, id, arranged)
		if err != nil {
			return err
		}
		part.of(&from)
		if _, err := dossierWhere(ctx, q, reach, "d.id = ?", part.Dossier); err != nil {
			return err
		}
		had, err := pagesOf(ctx, q, &from)
		if err != nil {
			return err
		}
		taken, left, err := part.take(had)
		if err != nil {
			return err
		}
		at, err := c.insertPaper(ctx, q, newPaper{part.Dossier, taken[0].SHA256, part.Kind, part.Component, nameOfPart(taken), part.Name, from.Reused}, id)
		if err != nil {
			return err
		}
		made := at.id
		if at.again { // by somebody who took them out of another paper
			return &ConflictError{Kind: "paper", ID: strconv.FormatInt(int64(made), 10), Reason: "these pages are a paper of this dossier already"}
		}
		if err := own(ctx, q, made, taken); err != nil {
			return err
		}
		if err := c.putPages(ctx, q, made, taken); err != nil {
			return err
		}
		if err := c.showsOtherItself(ctx, q, "split", &from); err != nil {
			return err
		}
		if err := c.putPages(ctx, q, id, left); err != nil {
			return err
		}
		detail := map[string]any{"into": made, "pages": len(taken), "left": len(left)}
		if err := c.record(ctx, q, "paper.split", subject("paper", id), detail); err != nil {
			return err
		}
		if err := c.record(ctx, q, "paper.hand_in", subject("paper", made), map[string]any{"dossier": part.Dossier, "split_off": id}); err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, made)
		return err
	})
	return p, err
}

func (part *Part) check() error {
	if part.Kind != "" && part.Kind != ComponentPaper && part.Kind != ResultPaper {
		return &InvalidError{Field: "kind", Reason: `it must be "component" or "result"`}
	}
	if part.Component != "" {
		if err := checkCode("component", part.Component); err != nil {
			return err
		}
	}
	part.Name = tidy(part.Name)
	return checkText("name", part.Name, 255)
}

// of fills what was not said with what the other paper is.
func (part *Part) of(from *Paper) {
	if part.Dossier == 0 {
		part.Dossier = from.Dossier
	}
	if part.Kind == "" {
		part.Kind = from.Kind
	}
	if part.Name == "" {
		part.Name = from.Name
	}
}

// take parts pages into those that are taken out and those that are left.
func (part *Part) take(had []PaperPage) (taken, left []PaperPage, err error) {
	for i, position := range part.Positions {
		if position < 1 || position > len(had) || slices.Contains(part.Positions[:i], position) {
			return nil, nil, &InvalidError{Field: "positions", Reason: "they must be pages of the paper, each once"}
		}
		taken = append(taken, had[position-1])
	}
	for i, at := range had {
		if !slices.Contains(part.Positions, i+1) {
			left = append(left, at)
		}
	}
	if len(taken) == 0 || len(left) == 0 {
		return nil, nil, &InvalidError{Field: "positions", Reason: "at least one page must be taken, and one stay"}
	}
	return taken, left, nil
}

// nameOfPart tells a part of a scan from others, however it is turned.
func nameOfPart(pages []PaperPage) string {
	h := sha256.New()
	for _, at := range pages {
		fmt.Fprintf(h, "%s/%d\n", at.SHA256, at.Number)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Merge appends the pages of other papers of the same dossier to a paper, in their order. The others are history then: they are
// shown and found no more, and the paper is approved only where all of them were. arranged is as with Arrange.
func (c *Catalogue) Merge(ctx context.Context, reach Reach, id PaperID, arranged int64, others []PaperID) (p Paper, err error) {
	if len(others) == 0 || slices.Contains(others, id) {
		return p, &InvalidError{Field: "others", Reason: "they must be other papers"}
	}
	err = c.writeAtLength(ctx, "merge", func(q querier) error {
		// In one order, so that two who join papers do not wait for each other.
		all := append([]PaperID{id}, others...)
		slices.Sort(all)
		for _, other := range slices.Compact(all) {
			if err := lockScans(ctx, q, "id = ?", other); err != nil {
				return err
			}
		}
		if p, err = c.toArrange(ctx, q, reach, id, arranged); err != nil {
			return err
		}
		pages, err := pagesOf(ctx, q, &p)
		if err != nil {
			return err
		}
		unapproved := p.State != PaperApproved
		for _, other := range others {
			o, more, err := c.joinInto(ctx, q, reach, &p, other)
			if err != nil {
				return err
			}
			pages = append(pages, more...)
			unapproved = unapproved || o.State != PaperApproved
		}
		if unapproved {
			err = c.showsOtherItself(ctx, q, "merged", &p)
		} else {
			_, err = q.exec(ctx, "UPDATE papers SET edition = edition + 1 WHERE id = ?", id)
		}
		if err != nil {
			return err
		}
		pages = onceEach(pages)
		if err := c.putPages(ctx, q, id, pages); err != nil {
			return err
		}
		if err := c.record(ctx, q, "paper.merge", subject("paper", id), map[string]any{"others": others, "has": len(pages)}); err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

// onceEach leaves out a page that two papers have both.
func onceEach(pages []PaperPage) (all []PaperPage) {
	seen := make(map[PaperPage]bool)
	for _, at := range pages {
		place := PaperPage{SHA256: at.SHA256, Number: at.Number}
		if !seen[place] {
			all = append(all, at)
		}
		seen[place] = true
	}
	return all
}

// joinInto makes a paper history and gives what its pages were.
func (c *Catalogue) joinInto(ctx context.Context, q querier, reach Reach, into *Paper, other PaperID) (o Paper, pages []PaperPage, err error) {
	if o, err = paperByID(ctx, q, reach, other); err != nil {
		return o, nil, err
	}
	switch {
	case o.Dossier != into.Dossier:
		return o, nil, &InvalidError{Field: "others", Reason: "they must be papers of the same dossier"}
	case !o.Whole || o.State == PaperReading:
		return o, nil, ErrNotRead
	}
	if pages, err = pagesOf(ctx, q, &o); err != nil {
		return o, nil, err
	}
	theirs, err := ownPages(ctx, q, &o)
	if err == nil {
		err = own(ctx, q, into.ID, theirs)
	}
	if err != nil {
		return o, nil, err
	}
	_, err = q.exec(ctx, "UPDATE papers SET removed_at = ?, merged_into = ? WHERE id = ?", millis(c.now()), into.ID, other)
	if err == nil {
		err = c.settle(ctx, q, other)
	}
	if err == nil {
		err = c.record(ctx, q, "paper.merged", subject("paper", other), map[string]any{"into": into.ID})
	}
	return o, pages, err
}
