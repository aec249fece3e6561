package catalogue

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// AgencyID numbers an agency.
type AgencyID int64

// Agency is a node of the tree of agencies: province → department or commune → unit.
type Agency struct {
	ID     AgencyID
	Code   string // "H50.13"
	Name   string
	Parent string // the parent's code; "" for a root
	Path   Reach  // the ids from the root to the agency itself: what lies below it begins with it
}

// Reach is the part of the tree of agencies that somebody may see: the agency with this path and what lies below it.
// Everywhere sees all; the zero value sees nothing.
type Reach string

// Everywhere is the reach of whom no agency bounds.
const Everywhere Reach = "/"

// bounds are the first path within reach and the first one behind it, in the order of bytes ('0' follows '/').
func (r Reach) bounds() (from, to string) {
	if r == "" {
		return "", ""
	}
	return string(r), string(r[:len(r)-1]) + "0"
}

// Covers tells whether an agency's path lies within reach.
func (r Reach) Covers(path Reach) bool { return r != "" && strings.HasPrefix(string(path), string(r)) }

// Root tells whether it is the whole tree's: that of its one root, or Everywhere.
func (r Reach) Root() bool { return r != "" && r.tiers() <= 1 }

// tiers is how many agencies a path goes through.
func (r Reach) tiers() int { return strings.Count(string(r), "/") - 1 }

// Deepest tells whether no agency may come below the one with this path.
func (r Reach) Deepest() bool { return r.tiers() >= mostTiers }

var codePattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$`)

// checkCode says whether a code that people give (of an agency, procedure, component) can be one.
func checkCode(field, code string) error {
	if !codePattern.MatchString(code) {
		return &InvalidError{Field: field, Reason: "it must have 1 to 64 letters, digits and . _ / -, and begin with a letter or digit"}
	}
	return nil
}

// checkText says whether a text that people give can be kept: valid UTF-8, no control characters, at most so many runes.
func checkText(field, text string, most int) error {
	switch {
	case !utf8.ValidString(text):
		return &InvalidError{Field: field, Reason: "it is not UTF-8"}
	case utf8.RuneCountInString(text) > most:
		return &InvalidError{Field: field, Reason: fmt.Sprintf("it has more than %d characters", most)}
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &InvalidError{Field: field, Reason: "it has control characters"}
	}
	return nil
}

// tidy is how texts that people give are kept: composed (NFC), without spaces around.
func tidy(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }

const agencyColumns = `SELECT a.id, a.code, a.name, coalesce(p.code, ''), a.path
	FROM agencies a LEFT JOIN agencies p ON p.id = a.parent_id`

func scanAgency(scan func(dest ...any) error) (a Agency, err error) {
	err = scan(&a.ID, &a.Code, &a.Name, &a.Parent, &a.Path)
	return a, err
}

// mostTiers is how many agencies may be above one another: each path holds those above it.
const mostTiers = 20

// Tidy puts the texts of an agency as they are kept, and names the first that cannot be.
func (a *Agency) Tidy() error {
	a.Code, a.Name, a.Parent = tidy(a.Code), tidy(a.Name), tidy(a.Parent)
	if err := checkCode("code", a.Code); err != nil {
		return err
	}
	return checkText("name", a.Name, 300)
}

// PutAgency adds the agency with this code, or changes its name. Its place in the tree stays: dossiers and officers hang on
// it. The parent must be there; only the first agency has none: who is at the root sees all there is.
func (c *Catalogue) PutAgency(ctx context.Context, code, name, parent string) (a Agency, err error) {
	one := Agency{Code: code, Name: name, Parent: parent}
	if err := one.Tidy(); err != nil {
		return a, err
	}
	err = c.write(ctx, "put agency", func(q querier) error {
		a, err = c.putAgency(ctx, q, one)
		return err
	})
	return a, err
}

// PutAgencies does so for many, one after another: all of them or none.
func (c *Catalogue) PutAgencies(ctx context.Context, all []Agency) error {
	all = slices.Clone(all)
	for i := range all {
		if err := all[i].Tidy(); err != nil {
			return err
		}
	}
	return c.writeAtLength(ctx, "put agencies", func(q querier) error {
		for _, one := range all {
			if _, err := c.putAgency(ctx, q, one); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Catalogue) putAgency(ctx context.Context, q querier, a Agency) (Agency, error) {
	old, err := agencyByCode(ctx, q, a.Code)
	switch {
	case err == nil && old.Parent != a.Parent:
		return a, &ConflictError{Kind: "agency", ID: a.Code, Reason: "it has another parent, and an agency's place cannot be changed"}
	case err == nil:
		if _, err := q.exec(ctx, "UPDATE agencies SET name = ? WHERE id = ?", a.Name, old.ID); err != nil {
			return a, err
		}
		old.Name = a.Name
		return old, c.record(ctx, q, "agency.put", subject("agency", old.ID), nil)
	case !isNotFound(err):
		return a, err
	}
	up, above, err := agencyAbove(ctx, q, a.Parent)
	if err != nil {
		return a, err
	}
	// The path has the id in it, which is known only after; the code keeps it unique until then.
	err = q.row(ctx, "INSERT INTO agencies (code, name, parent_id, path) VALUES (?, ?, ?, ?) RETURNING id",
		[]any{a.Code, a.Name, above, "new " + a.Code}, &a.ID)
	if err != nil {
		return a, err
	}
	a.Path = up + Reach(fmt.Sprintf("%d/", a.ID))
	if _, err = q.exec(ctx, "UPDATE agencies SET path = ? WHERE id = ?", string(a.Path), a.ID); err != nil {
		return a, err
	}
	return a, c.record(ctx, q, "agency.put", subject("agency", a.ID), nil)
}

// agencyAbove is the path and the id, nil for none, of the agency that a new one comes below.
func agencyAbove(ctx context.Context, q querier, parent string) (path Reach, id any, err error) {
	if parent == "" {
		var roots int
		if err := q.row(ctx, "SELECT count(*) FROM agencies WHERE parent_id IS NULL", nil, &roots); err != nil {
			return "", nil, err
		}
		if roots > 0 {
			return "", nil, &InvalidError{Field: "parent", Reason: "there is a root already, and agencies are one tree: name the agency above it"}
		}
		return "/", nil, nil
	}
	up, err := agencyByCode(ctx, q, parent)
	if isNotFound(err) {
		return "", nil, &InvalidError{Field: "parent", Reason: "there is no agency with this code"}
	}
	if err == nil && up.Path.Deepest() {
		return "", nil, &InvalidError{Field: "parent", Reason: fmt.Sprintf("there would be more than %d agencies above one another", mostTiers)}
	}
	return up.Path, up.ID, err
}

func agencyByCode(ctx context.Context, q querier, code string) (Agency, error) {
	return scanAgency(func(dest ...any) error { return q.row(ctx, agencyColumns+" WHERE a.code = ?", []any{code}, dest...) })
}

// AgencyByCode finds an agency within reach; ErrNotFound otherwise.
func (c *Catalogue) AgencyByCode(ctx context.Context, reach Reach, code string) (a Agency, err error) {
	err = c.view(ctx, "find agency", func(q querier) error {
		if a, err = agencyByCode(ctx, q, tidy(code)); err == nil && !reach.Covers(a.Path) {
			return ErrNotFound
		}
		return err
	})
	return a, err
}

// Agencies are those within reach, each behind the one above it.
func (c *Catalogue) Agencies(ctx context.Context, reach Reach) (all []Agency, err error) {
	from, to := reach.bounds()
	err = c.view(ctx, "list agencies", func(q querier) error {
		all = nil
		return q.each(ctx, agencyColumns+" WHERE a.path >= ? AND a.path < ? ORDER BY a.path", []any{from, to}, func(scan func(...any) error) error {
			a, err := scanAgency(scan)
			all = append(all, a)
			return err
		})
	})
	return all, err
}
