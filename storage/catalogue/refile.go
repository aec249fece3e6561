package catalogue

import (
	"context"
	"slices"
	"strconv"
)

// A paper that was handed in wrongly goes where it belongs, or is taken back. Nothing is deleted: what is taken back is history, and
// its scan stays in the store.

// Filing says where a paper belongs; what is empty stays as it is.
type Filing struct {
	Dossier   string // its code
	Kind      PaperKind
	Component *string // "" is one that is not known
}

// Refile puts a paper into another dossier within reach, or makes it another component of its own. Its approval, which was for the
// place where it was, is taken back.
func (c *Catalogue) Refile(ctx context.Context, reach Reach, id PaperID, to Filing) (p Paper, err error) {
	if err := to.check(); err != nil {
		return p, err
	}
	err = c.writeAtLength(ctx, "refile", func(q querier) error {
		if p, err = lockPaper(ctx, q, reach, id); err != nil {
			return err
		}
		was := p
		if err := to.of(ctx, q, reach, &p); err != nil {
			return err
		}
		if p == was {
			return nil
		}
		if err := vacate(ctx, q, &p); err != nil {
			return err
		}
		if err := c.showsOtherItself(ctx, q, "refiled", &was); err != nil {
			return err
		}
		_, err := q.exec(ctx, "UPDATE papers SET dossier_id = ?, kind = ?, component = ? WHERE id = ?", p.Dossier, p.Kind, p.Component, id)
		if err == nil {
			err = indexPaper(ctx, q, id)
		}
		if err == nil {
			err = refreshDossiers(ctx, q, was.Dossier, p.Dossier)
		}
		if err == nil {
			err = c.recordRefiling(ctx, q, &was, &p)
		}
		if err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, err
}

func (f *Filing) check() error {
	if f.Kind != "" && f.Kind != ComponentPaper && f.Kind != ResultPaper {
		return &InvalidError{Field: "kind", Reason: `it must be "component" or "result"`}
	}
	if f.Component != nil && *f.Component != "" {
		return checkCode("component", *f.Component)
	}
	return nil
}

// of changes where a paper is to where it belongs.
func (f *Filing) of(ctx context.Context, q querier, reach Reach, p *Paper) error {
	if f.Kind != "" {
		p.Kind = f.Kind
	}
	if f.Component != nil {
		p.Component = *f.Component
	}
	if tidy(f.Dossier) == "" {
		return nil
	}
	d, err := dossierWhere(ctx, q, reach, "d.code = ?", tidy(f.Dossier))
	if isNotFound(err) {
		return &InvalidError{Field: "dossier_code", Reason: "there is no dossier with this code, or it is not yours"}
	}
	p.Dossier, p.DossierCode = d.ID, d.Code
	return err
}

// vacate makes room for a paper where it belongs: what is history there is told apart from it by its id, what is there stands in the way.
// The paper's scan is locked, so that nobody else comes there.
func vacate(ctx context.Context, q querier, p *Paper) error {
	var other PaperID
	var live bool
	err := q.row(ctx, `SELECT o.id, o.removed_at IS NULL FROM papers o JOIN papers p ON p.id = ? WHERE o.dossier_id = ? AND o.sha256 = p.sha256 AND o.kind = ?
		AND o.component = ? AND o.part = p.part AND o.id <> p.id`, []any{p.ID, p.Dossier, p.Kind, p.Component}, &other, &live)
	switch {
	case isNotFound(err):
		return nil
	case err != nil:
		return err
	case live:
		return &ConflictError{Kind: "paper", ID: strconv.FormatInt(int64(other), 10), Reason: "the same pages are a paper there already"}
	}
	_, err = q.exec(ctx, "UPDATE papers SET part = part || ? WHERE id = ?", "~"+strconv.FormatInt(int64(other), 10), other)
	return err
}

// recordRefiling tells the audit, and both dossiers where these are two: the paper's acts go with it.
func (c *Catalogue) recordRefiling(ctx context.Context, q querier, was, is *Paper) error {
	detail := map[string]any{"kind": is.Kind, "component": is.Component}
	if was.Dossier != is.Dossier {
		detail["from"], detail["into"] = was.Dossier, is.Dossier
		if err := c.record(ctx, q, "dossier.paper_left", subject("dossier", was.Dossier), map[string]any{"paper": is.ID}); err != nil {
			return err
		}
	}
	return c.record(ctx, q, "paper.refile", subject("paper", is.ID), detail)
}

// TakeBackReason says why a paper is taken back. It is one of a few words, and no text: the audit keeps it.
type TakeBackReason string

// The reasons.
const (
	TakeBackWrongDossier TakeBackReason = "wrong_dossier"
	TakeBackDuplicate    TakeBackReason = "duplicate"
	TakeBackBadScan      TakeBackReason = "bad_scan"
	TakeBackNotNeeded    TakeBackReason = "not_needed"
)

// TakeBackReasons are all of them.
func TakeBackReasons() []TakeBackReason {
	return []TakeBackReason{TakeBackWrongDossier, TakeBackDuplicate, TakeBackBadScan, TakeBackNotNeeded}
}

// TakeBack takes a paper out of its dossier: it is counted, searched and shown no more, but in the dossier's history. Handed in
// again it is there again.
func (c *Catalogue) TakeBack(ctx context.Context, reach Reach, id PaperID, reason TakeBackReason) error {
	if !slices.Contains(TakeBackReasons(), reason) {
		return &InvalidError{Field: "reason", Reason: "it must be wrong_dossier, duplicate, bad_scan or not_needed"}
	}
	return c.writeAtLength(ctx, "take a paper back", func(q querier) error {
		p, err := lockPaper(ctx, q, reach, id)
		if err != nil {
			return err
		}
		return c.takePaperBack(ctx, q, &p, reason)
	})
}

// takePaperBack is TakeBack for a paper that is locked.
func (c *Catalogue) takePaperBack(ctx context.Context, q querier, p *Paper, reason TakeBackReason) error {
	_, err := q.exec(ctx, "UPDATE papers SET removed_at = ?, taken_back = ? WHERE id = ?", millis(c.now()), reason, p.ID)
	if err == nil {
		err = c.settle(ctx, q, p.ID)
	}
	if err != nil {
		return err
	}
	return c.record(ctx, q, "paper.take_back", subject("paper", p.ID), map[string]any{"reason": reason, "was": p.State, "dossier": p.Dossier})
}
