package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"time"
)

// DossierID numbers a dossier.
type DossierID int64

// DossierState is where a dossier stands, as the national portal counts (Quyết định 766/QĐ-TTg's data, DongBoHoSoMC).
type DossierState int

// The states of a dossier. Received are StateAccepted and those from StateInWork on; resolved StateResolved and StateReturned.
const (
	StateRegistered    DossierState = 1  // mới đăng ký
	StateAccepted      DossierState = 2  // được tiếp nhận
	StateRefused       DossierState = 3  // không được tiếp nhận
	StateInWork        DossierState = 4  // đang xử lý
	StateSupplement    DossierState = 5  // yêu cầu bổ sung
	StatePayment       DossierState = 6  // nghĩa vụ tài chính
	StateWithdrawn     DossierState = 7  // công dân rút
	StateStopped       DossierState = 8  // dừng xử lý
	StateResolved      DossierState = 9  // xử lý xong
	StateReturned      DossierState = 10 // đã trả kết quả
	lastDossierState                = StateReturned
	ownerUnknown                    = 0
	lastOwnerKind                   = 4
	mostDossiersAtOnce              = 500
)

// Owner is whose dossier it is (chủ hồ sơ).
type Owner struct {
	Name   string
	Number string // personal or organization number
	Kind   int    // 1 person, 2 company, 3 agency, 4 other; 0 not known
}

// Dossier is one request for one procedure by one owner (hồ sơ TTHC).
type Dossier struct {
	ID        DossierID
	Code      string // "H50.13-220331-0001"
	Agency    string // the agency's code
	Path      Reach  // the agency's place
	Procedure string // the procedure's code; "" where it is not known
	Owner     Owner
	Subject   string       // trích yếu
	State     DossierState // 0, given to PutDossier, leaves it, or is StateAccepted for a new one
	// The days are YYYY-MM-DD in Vietnam's time; "" where not known.
	Received, Due, Resolved string
	Created, Changed        time.Time
}

// dossierCode is DOMAIN's form: agency code, day, running number; legacy and ministries' prefixes too.
var dossierCode = regexp.MustCompile(`^((H|G)\d{2}(\.\d{1,3})*|\d{3}(\.\d{2,3})*\.(H|G)\d{2})-\d{6}-\d{4,6}$`)

// CheckDossierCode says whether a code can be a dossier's.
func CheckDossierCode(code string) error {
	if !dossierCode.MatchString(code) {
		return &InvalidError{Field: "code", Reason: `it is not like "H50.13-220331-0001": agency code, day (yyMMdd), running number of 4 to 6 digits`}
	}
	return nil
}

// check completes a dossier that somebody gave and says what cannot be.
func (d *Dossier) check() error {
	d.Code = tidy(d.Code)
	if err := CheckDossierCode(d.Code); err != nil {
		return err
	}
	if d.Procedure != "" {
		if err := checkCode("procedure", d.Procedure); err != nil {
			return err
		}
	}
	if d.State < 0 || d.State > lastDossierState {
		return &InvalidError{Field: "state", Reason: "it must be 1 to 10"}
	}
	if d.Owner.Kind < ownerUnknown || d.Owner.Kind > lastOwnerKind {
		return &InvalidError{Field: "owner.kind", Reason: "it must be 1 to 4, or 0 where it is not known"}
	}
	for _, t := range []struct {
		field string
		text  *string
		most  int
	}{{"owner.name", &d.Owner.Name, 300}, {"owner.number", &d.Owner.Number, 64}, {"subject", &d.Subject, 2000}} {
		*t.text = tidy(*t.text)
		if err := checkText(t.field, *t.text, t.most); err != nil {
			return err
		}
	}
	for _, day := range []struct{ field, day string }{{"received", d.Received}, {"due", d.Due}, {"resolved", d.Resolved}} {
		if day.day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day.day); err != nil {
			return &InvalidError{Field: day.field, Reason: "it is not a day like 2026-03-31"}
		}
	}
	return nil
}

const dossierColumns = `SELECT d.id, d.code, a.code, a.path, d.procedure_code, d.owner_name, d.owner_number, d.owner_kind, d.subject,
	d.state, d.received_on, d.due_on, d.resolved_on, d.created_at, d.changed_at
	FROM dossiers d JOIN agencies a ON a.id = d.agency_id`

func scanDossier(scan func(dest ...any) error) (d Dossier, err error) {
	var procedure, received, due, resolved sql.NullString
	var created, changed int64
	err = scan(&d.ID, &d.Code, &d.Agency, &d.Path, &procedure, &d.Owner.Name, &d.Owner.Number, &d.Owner.Kind, &d.Subject,
		&d.State, &received, &due, &resolved, &created, &changed)
	d.Procedure, d.Received, d.Due, d.Resolved = procedure.String, received.String, due.String, resolved.String
	d.Created, d.Changed = instant(created), instant(changed)
	return d, err
}

func dossierWhere(ctx context.Context, q querier, reach Reach, where string, args ...any) (Dossier, error) {
	from, to := reach.bounds()
	args = append(args, from, to)
	return scanDossier(func(dest ...any) error {
		return q.row(ctx, dossierColumns+" WHERE "+where+" AND a.path >= ? AND a.path < ?", args, dest...)
	})
}

// PutDossier adds the dossier with this code for an agency within reach, or finds it: what is given and not empty replaces
// what is known. created tells which. A dossier of an agency out of reach is a ConflictError: its code is taken, and more is
// not told.
func (c *Catalogue) PutDossier(ctx context.Context, reach Reach, d Dossier) (put Dossier, created bool, err error) {
	return c.putDossier(ctx, reach, d, c.changeDossier)
}

// AddDossier adds a dossier. One that is there already with its code stays as it is and is given: of two desks that make the same
// one at once, the second sees the first one's.
func (c *Catalogue) AddDossier(ctx context.Context, reach Reach, d Dossier) (put Dossier, created bool, err error) {
	return c.putDossier(ctx, reach, d, func(_ context.Context, _ querier, reach Reach, old, d Dossier) (bool, error) {
		if !reach.Covers(old.Path) {
			return false, &ConflictError{Kind: "dossier", ID: d.Code, Reason: "it belongs to another agency"}
		}
		return false, nil
	})
}

// putDossier adds a dossier, or does with the one that is there what change does.
func (c *Catalogue) putDossier(
	ctx context.Context, reach Reach, d Dossier, change func(ctx context.Context, q querier, reach Reach, old, d Dossier) (changed bool, err error),
) (put Dossier, created bool, err error) {
	if err := d.check(); err != nil {
		return put, false, err
	}
	err = c.write(ctx, "put dossier", func(q querier) error {
		created = false
		old, err := dossierWhere(ctx, q, Everywhere, "d.code = ?", d.Code)
		if isNotFound(err) {
			// Two desks may type the same code at once: the one that comes second finds the first one's.
			if created, err = insertDossier(ctx, q, reach, d, millis(c.now())); err == nil {
				old, err = dossierWhere(ctx, q, Everywhere, "d.code = ?", d.Code)
			}
		}
		changed := created
		if err == nil && !created {
			changed, err = change(ctx, q, reach, old, d)
		}
		if err != nil {
			return err
		}
		if put, err = dossierWhere(ctx, q, reach, "d.code = ?", d.Code); err != nil || !changed {
			return err
		}
		if err := refreshDossiers(ctx, q, put.ID); err != nil {
			return err
		}
		return c.record(ctx, q, "dossier.put", subject("dossier", put.ID), map[string]any{"created": created})
	})
	return put, created, err
}

// changeDossier puts what is given and not empty in the place of what is known; changed tells whether that differed. A desk
// that only finds a dossier by its code writes nothing.
func (c *Catalogue) changeDossier(ctx context.Context, q querier, reach Reach, old, d Dossier) (changed bool, err error) {
	found, changed, err := differences(reach, &old, &d)
	if changed && err == nil {
		err = updateDossier(ctx, q, old.ID, d, millis(c.now()))
	}
	if found && err == nil {
		err = reindexDossier(ctx, q, old.ID)
	}
	return changed, err
}

// differences tells whether what is given of a dossier, and not empty, differs from what is known: at all, and in that by which
// its papers are found.
func differences(reach Reach, old, d *Dossier) (found, changed bool, err error) {
	switch {
	case !reach.Covers(old.Path):
		return false, false, &ConflictError{Kind: "dossier", ID: d.Code, Reason: "it belongs to another agency"}
	case d.Agency != "" && d.Agency != old.Agency:
		return false, false, &ConflictError{Kind: "dossier", ID: d.Code, Reason: "it belongs to agency " + old.Agency}
	}
	differs := func(given, known string) bool { return given != "" && given != known }
	found = differs(d.Procedure, old.Procedure) || differs(d.Owner.Name, old.Owner.Name) || differs(d.Owner.Number, old.Owner.Number) ||
		differs(d.Subject, old.Subject) || differs(d.Received, old.Received)
	changed = found || d.Owner.Kind != 0 && d.Owner.Kind != old.Owner.Kind || d.State != 0 && d.State != old.State ||
		differs(d.Due, old.Due) || differs(d.Resolved, old.Resolved)
	return found, changed, nil
}

// insertDossier adds a dossier; not added where another one with its code has just come.
func insertDossier(ctx context.Context, q querier, reach Reach, d Dossier, now int64) (added bool, err error) {
	agency, err := agencyByCode(ctx, q, d.Agency)
	if isNotFound(err) || err == nil && !reach.Covers(agency.Path) {
		return false, noSuchAgency()
	}
	if err != nil {
		return false, err
	}
	if d.State == 0 {
		d.State = StateAccepted
	}
	n, err := q.exec(ctx, `INSERT INTO dossiers (code, agency_id, procedure_code, owner_name, owner_number, owner_kind, subject, state,
		received_on, due_on, resolved_on, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) DO NOTHING`,
		d.Code, agency.ID, optional(d.Procedure), d.Owner.Name, d.Owner.Number, d.Owner.Kind, d.Subject, d.State,
		optional(d.Received), optional(d.Due), optional(d.Resolved), now, now)
	return n > 0, err
}

func noSuchAgency() error {
	return &InvalidError{Field: "agency", Reason: "there is no agency with this code, or it is not yours"}
}

func updateDossier(ctx context.Context, q querier, id DossierID, d Dossier, now int64) error {
	_, err := q.exec(ctx, `UPDATE dossiers SET procedure_code = coalesce(?, procedure_code), owner_name = coalesce(?, owner_name),
		owner_number = coalesce(?, owner_number), owner_kind = coalesce(?, owner_kind), subject = coalesce(?, subject),
		state = coalesce(?, state),
		received_on = coalesce(?, received_on), due_on = coalesce(?, due_on), resolved_on = coalesce(?, resolved_on), changed_at = ?
		WHERE id = ?`,
		optional(d.Procedure), optional(d.Owner.Name), optional(d.Owner.Number), optional(d.Owner.Kind), optional(d.Subject), optional(d.State),
		optional(d.Received), optional(d.Due), optional(d.Resolved), now, id)
	return err
}

// Dossier finds a dossier within reach; ErrNotFound otherwise.
func (c *Catalogue) Dossier(ctx context.Context, reach Reach, id DossierID) (d Dossier, err error) {
	err = c.view(ctx, "find dossier", func(q querier) error {
		d, err = dossierWhere(ctx, q, reach, "d.id = ?", id)
		return err
	})
	return d, err
}

// DossierByCode finds a dossier within reach by its code; ErrNotFound otherwise.
func (c *Catalogue) DossierByCode(ctx context.Context, reach Reach, code string) (d Dossier, err error) {
	err = c.view(ctx, "find dossier", func(q querier) error {
		d, err = dossierWhere(ctx, q, reach, "d.code = ?", tidy(code))
		return err
	})
	return d, err
}

// DossierFilter chooses dossiers; empty fields choose all.
type DossierFilter struct {
	Code                       string // its beginning
	Procedure                  string
	ReceivedFrom, ReceivedTill string // days, both included
	// Before continues a listing: dossiers with a smaller id than this; 0 begins it.
	Before DossierID
	// Limit is at most 500. Defaults to 50.
	Limit int
}

// Dossiers are those within reach that the filter chooses, the newest first.
func (c *Catalogue) Dossiers(ctx context.Context, reach Reach, f DossierFilter) (all []Dossier, err error) {
	from, to := reach.bounds()
	where, args := " WHERE a.path >= ? AND a.path < ?", []any{from, to}
	add := func(condition string, value any) {
		where += " AND " + condition
		args = append(args, value)
	}
	if f.Code != "" {
		add("d.code >= ?", f.Code)
		add("d.code < ?", f.Code+"\U0010FFFF")
	}
	if f.Procedure != "" {
		add("d.procedure_code = ?", f.Procedure)
	}
	if f.ReceivedFrom != "" {
		add("d.received_on >= ?", f.ReceivedFrom)
	}
	if f.ReceivedTill != "" {
		add("d.received_on <= ?", f.ReceivedTill)
	}
	if f.Before != 0 {
		add("d.id < ?", f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	args = append(args, min(f.Limit, mostDossiersAtOnce))
	err = c.view(ctx, "list dossiers", func(q querier) error {
		all = nil
		return q.each(ctx, dossierColumns+where+" ORDER BY d.id DESC LIMIT ?", args, func(scan func(...any) error) error {
			d, err := scanDossier(scan)
			all = append(all, d)
			return err
		})
	})
	return all, err
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
