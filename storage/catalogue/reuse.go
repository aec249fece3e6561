package catalogue

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"sohoa/storage/catalogue/fold"
)

// A paper that is held already is offered before it is stored once more: by the same bytes (HandIn), and by what Thông tư 01/2023/TT-VPCP
// names: the same owner, the same type, the same số, ký hiệu. Reusing one makes its pages a paper of another dossier too.

// Held is a paper that is held in another dossier of the same owner.
type Held struct {
	Paper

	// As is the component that it would be in the dossier that asks.
	As             string
	Number         string // số, ký hiệu, as an officer reads it
	Issued, Issuer string
}

// likeness is what two papers of one owner are compared by.
type likeness struct {
	what           string // kind and component: by the component's name, since procedures number theirs apart
	code           string // mã loại giấy tờ
	number         string // made comparable
	shown          string
	issued, issuer string
}

// same tells whether papers are one by their type and their number.
func (l *likeness) same(o *likeness) bool {
	return l.number != "" && l.number == o.number && (l.what == o.what || l.code != "" && l.code == o.code)
}

// comparableText makes texts comparable: words without accents and signs, numbers without zeros before them.
func comparableText(texts ...string) string {
	var words []string
	for _, text := range texts {
		var more []string
		for _, t := range fold.Tokens(text) {
			more = append(more, cmp.Or(strings.TrimLeft(t.Folded, "0"), "0"))
		}
		// Where the whole of số, ký hiệu was typed as the number the notation comes twice.
		if n := len(more); n > 0 && len(words) > n && slices.Equal(words[len(words)-n:], more) {
			continue
		}
		words = append(words, more...)
	}
	return strings.Join(words, " ")
}

// whatOf names a type of paper.
func whatOf(kind PaperKind, procedure, component, name string) string {
	if name != "" {
		return string(kind) + " " + comparableText(name)
	}
	return string(kind) + ":" + procedure + ":" + component
}

// likenesses are those of papers.
func likenesses(ctx context.Context, q querier, ids []PaperID) (map[PaperID]*likeness, error) {
	all := make(map[PaperID]*likeness)
	if len(ids) == 0 {
		return all, nil
	}
	in, args := inList(ids)
	err := q.each(ctx, `SELECT p.id, p.kind, coalesce(d.procedure_code, ''), p.component, coalesce(k.name, '') FROM papers p JOIN dossiers d ON d.id = p.dossier_id
		LEFT JOIN components k ON k.procedure_code = d.procedure_code AND k.code = p.component WHERE p.id IN `+in, args, func(scan func(...any) error) error {
		var id PaperID
		var kind PaperKind
		var procedure, component, name string
		err := scan(&id, &kind, &procedure, &component, &name)
		all[id] = &likeness{what: whatOf(kind, procedure, component, name)}
		return err
	})
	if err != nil {
		return nil, err
	}
	fields := make(map[PaperID]map[FieldName]string)
	err = q.each(ctx, "SELECT paper_id, name, value FROM fields WHERE paper_id IN "+in, args, func(scan func(...any) error) error {
		var id PaperID
		var name FieldName
		var value string
		err := scan(&id, &name, &value)
		if fields[id] == nil {
			fields[id] = make(map[FieldName]string)
		}
		fields[id][name] = value
		return err
	})
	for id, said := range fields {
		l := all[id]
		if l == nil || comparableText(said[FieldNumber]) == "" {
			continue
		}
		l.number = comparableText(said[FieldNumber], said[FieldNotation])
		l.shown = said[FieldNumber]
		if l.number != comparableText(said[FieldNumber]) {
			l.shown += "/" + said[FieldNotation]
		}
		l.code, l.issued, l.issuer = comparableText(said[FieldType]), said[FieldIssued], said[FieldIssuer]
	}
	return all, err
}

// mostHeld is how many papers of one owner are looked at, the newest first.
const mostHeld = 200

// heldOf are the papers of the owner of a dossier, in other dossiers within reach, that were read and whose number is known.
func heldOf(ctx context.Context, q querier, reach Reach, d *Dossier) (papers []Paper, like map[PaperID]*likeness, err error) {
	if d.Owner.Number == "" {
		return nil, nil, nil
	}
	papers, err = papersWhere(ctx, q, reach, `d.owner_number = ? AND d.id <> ? AND b.paper_id IS NULL AND r.finished_at IS NOT NULL AND r.step <> 'failed'
		AND EXISTS (SELECT 1 FROM fields f WHERE f.paper_id = p.id AND f.name = ? AND f.value <> '') ORDER BY p.id DESC LIMIT ?`,
		d.Owner.Number, d.ID, FieldNumber, mostHeld)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]PaperID, len(papers))
	for i := range papers {
		ids[i] = papers[i].ID
	}
	like, err = likenesses(ctx, q, ids)
	return papers, like, err
}

func (l *likeness) held(p Paper, as string) Held {
	return Held{Paper: p, As: as, Number: l.shown, Issued: l.issued, Issuer: l.issuer}
}

// HeldForDossier are the papers of a dossier's owner, in other dossiers within reach, that are what its procedure demands: what need not
// be scanned. Of those with one number the newest is given, and none that the dossier has.
func (c *Catalogue) HeldForDossier(ctx context.Context, reach Reach, id DossierID) (all []Held, err error) {
	err = c.view(ctx, "look for what is held", func(q querier) error {
		all = nil
		d, err := dossierWhere(ctx, q, reach, "d.id = ?", id)
		if err != nil {
			return err
		}
		papers, like, err := heldOf(ctx, q, reach, &d)
		if err != nil || len(papers) == 0 {
			return err
		}
		wanted, has, err := wantedBy(ctx, q, reach, &d)
		if err != nil {
			return err
		}
		for _, p := range papers {
			l := like[p.ID]
			as, is := wanted[l.what]
			if !is || slices.ContainsFunc(has, func(o *likeness) bool { return o.same(l) }) {
				continue
			}
			has = append(has, l)
			all = append(all, l.held(p, as))
		}
		return nil
	})
	return all, err
}

// wantedBy are the components that a dossier's procedure demands, by whatOf, and what papers it has.
func wantedBy(ctx context.Context, q querier, reach Reach, d *Dossier) (wanted map[string]string, has []*likeness, err error) {
	wanted = make(map[string]string)
	err = q.each(ctx, "SELECT code, name FROM components WHERE procedure_code = ? ORDER BY code DESC", []any{d.Procedure}, func(scan func(...any) error) error {
		var code, name string
		err := scan(&code, &name)
		wanted[whatOf(ComponentPaper, d.Procedure, code, name)] = code
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	own, err := papersWhere(ctx, q, reach, "p.dossier_id = ?", d.ID)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]PaperID, len(own))
	for i := range own {
		ids[i] = own[i].ID
	}
	like, err := likenesses(ctx, q, ids)
	for _, l := range like {
		has = append(has, l)
	}
	return wanted, has, err
}

// HeldLike are the papers within reach that a paper is once more, by its owner, type and number, in other dossiers; none as long as its
// own number is not known.
func (c *Catalogue) HeldLike(ctx context.Context, reach Reach, id PaperID) (all []Held, err error) {
	err = c.view(ctx, "look for what is held", func(q querier) error {
		all = nil
		p, err := paperByID(ctx, q, reach, id)
		if err != nil {
			return err
		}
		own, err := likenesses(ctx, q, []PaperID{id})
		if err != nil || own[id].number == "" {
			return err
		}
		d, err := dossierWhere(ctx, q, reach, "d.id = ?", p.Dossier)
		if err != nil {
			return err
		}
		papers, like, err := heldOf(ctx, q, reach, &d)
		for _, o := range papers {
			if o.SHA256 != p.SHA256 && like[o.ID].same(own[id]) {
				all = append(all, like[o.ID].held(o, p.Component))
			}
		}
		return err
	})
	return all, err
}

// Reuse says which held paper becomes a paper of which dossier.
type Reuse struct {
	Held      PaperID
	Dossier   DossierID
	Component string
	// Instead is the paper of the dossier in whose place it comes, which is taken back; 0: none.
	Instead PaperID
}

// Reuse makes the pages of a paper that is held in another dossier of the same owner a component of a dossier, with what is known of its
// fields; both within reach. It is counted as reused. again tells that the dossier has had it.
func (c *Catalogue) Reuse(ctx context.Context, reach Reach, r Reuse) (p Paper, again bool, err error) {
	if r.Component != "" {
		if err := checkCode("component", r.Component); err != nil {
			return p, false, err
		}
	}
	err = c.writeAtLength(ctx, "reuse", func(q querier) error {
		held, err := c.toReuse(ctx, q, reach, &r)
		if err != nil {
			return err
		}
		kind := ComponentPaper
		if r.Instead != 0 {
			if kind, err = c.makeWay(ctx, q, reach, &r); err != nil {
				return err
			}
		}
		id, was, err := c.handInHeld(ctx, q, &held, kind, &r)
		if err != nil {
			return err
		}
		again = was
		detail := map[string]any{"dossier": r.Dossier, "held": true, "again": again, "reused": held.ID}
		if err := c.record(ctx, q, "paper.hand_in", subject("paper", id), detail); err != nil {
			return err
		}
		p, err = paperByID(ctx, q, reach, id)
		return err
	})
	return p, again, err
}

// toReuse is the held paper, once it is locked: of the same owner, and read.
func (c *Catalogue) toReuse(ctx context.Context, q querier, reach Reach, r *Reuse) (held Paper, err error) {
	// In one order, so that two who do so do not wait for each other.
	both := []PaperID{r.Held, r.Instead}
	slices.Sort(both)
	for _, id := range both {
		if id == 0 {
			continue
		}
		if err := lockScans(ctx, q, "id = ?", id); err != nil {
			return held, err
		}
	}
	if r.Instead != 0 && r.Dossier == 0 {
		p, err := paperByID(ctx, q, reach, r.Instead)
		if err != nil {
			return held, err
		}
		r.Dossier = p.Dossier
	}
	if held, err = paperByID(ctx, q, reach, r.Held); err != nil {
		return held, err
	}
	d, err := dossierWhere(ctx, q, reach, "d.id = ?", r.Dossier)
	if err != nil {
		return held, err
	}
	of, err := dossierWhere(ctx, q, reach, "d.id = ?", held.Dossier)
	switch {
	case err != nil:
		return held, err
	case of.ID == d.ID || d.Owner.Number == "" || of.Owner.Number != d.Owner.Number:
		return held, &InvalidError{Field: "held", Reason: "it is no paper of this owner in another dossier"}
	case !held.Whole || held.Batch:
		return held, ErrNotRead
	}
	return held, nil
}

// makeWay takes the paper back in whose place the held one comes.
func (c *Catalogue) makeWay(ctx context.Context, q querier, reach Reach, r *Reuse) (kind PaperKind, err error) {
	p, err := paperByID(ctx, q, reach, r.Instead)
	if err != nil {
		return "", err
	}
	if p.Dossier != r.Dossier {
		return "", &InvalidError{Field: "instead", Reason: "it is a paper of another dossier"}
	}
	if r.Component == "" {
		r.Component = p.Component
	}
	return p.Kind, c.takePaperBack(ctx, q, &p, TakeBackDuplicate)
}

// handInHeld adds the held paper's pages as a paper.
func (c *Catalogue) handInHeld(ctx context.Context, q querier, held *Paper, kind PaperKind, r *Reuse) (id PaperID, again bool, err error) {
	part := ""
	pages, err := pagesOf(ctx, q, held)
	if err != nil {
		return 0, false, err
	}
	if held.Arranged > 0 {
		part = nameOfPart(pages)
	}
	at, err := c.insertPaper(ctx, q, newPaper{r.Dossier, held.SHA256, kind, r.Component, part, held.Name, true}, 0)
	if err != nil {
		return 0, false, err
	}
	if at.id == r.Instead { // it was these very pages, and came back
		return 0, false, &ConflictError{Kind: "paper", ID: strconv.FormatInt(int64(at.id), 10), Reason: "these pages are a paper of this dossier already"}
	}
	if at.again {
		return at.id, true, nil
	}
	// One that comes back was handed in otherwise before.
	if _, err := q.exec(ctx, "UPDATE papers SET reused = 1 WHERE id = ?", at.id); err != nil {
		return 0, false, err
	}
	_, err = q.exec(ctx, `INSERT INTO fields (paper_id, name, value, source, changed_at, changed_by, confidence, page_sha256, page_number, x0, y0, x1, y1)
		SELECT CAST(? AS BIGINT), name, value, source, changed_at, changed_by, confidence, page_sha256, page_number, x0, y0, x1, y1 FROM fields
		WHERE paper_id = ? ON CONFLICT (paper_id, name) DO NOTHING`, at.id, held.ID)
	if err != nil {
		return 0, false, err
	}
	if part == "" {
		return at.id, false, c.settle(ctx, q, at.id)
	}
	if err := own(ctx, q, at.id, pages); err != nil {
		return 0, false, err
	}
	return at.id, false, c.putPages(ctx, q, at.id, pages)
}
