package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// dossier_facts is what each dossier counts as in the digitization rates. It is made from dossiers, papers and scans in the
// transaction that changes them, and nothing is added up there: no row belongs to two dossiers, so that desks never wait for
// each other's counts. (Counts by day, agency and procedure would be about as many rows as there are dossiers, and the few
// that are shared, today's of a large agency, would have all intake wait in one line.) What adds up is factbook.go.

// The marks of a dossier, three for each kind of paper: one is there; one was read; one was read and approved.
const (
	markFiled   = 1
	markRead    = 2
	markChecked = 4
	levels      = markFiled | markRead | markChecked

	resultShift = 3 // the result's marks stand behind the component's
	reusedShift = 6 // and those of a component that was held already behind these
)

// dossierFacts makes facts in SQL. The day of receipt is, where nobody said it, the one in the dossier's code. A paper was read
// when a reading of its scan was finished, whatever is being tried anew; one that was joined to another is none.
const dossierFacts = `SELECT d.id, d.agency_id, coalesce(d.procedure_code, ''),
	CASE WHEN d.received_on IS NOT NULL THEN CAST(replace(d.received_on, '-', '') AS BIGINT)
		WHEN substr(ltrim(d.code, 'HG.0123456789'), 4, 2) BETWEEN '01' AND '12' AND substr(ltrim(d.code, 'HG.0123456789'), 6, 2) BETWEEN '01' AND '31'
		THEN CAST('20' || substr(ltrim(d.code, 'HG.0123456789'), 2, 6) AS BIGINT) ELSE 0 END,
	coalesce(CAST(replace(d.resolved_on, '-', '') AS BIGINT), 0), d.state,
	coalesce((SELECT max(CASE WHEN p.kind = 'component' THEN 1 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND s.current_reading IS NOT NULL THEN 2 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND s.current_reading IS NOT NULL AND p.approved_at IS NOT NULL THEN 4 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'result' THEN 8 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'result' AND s.current_reading IS NOT NULL THEN 16 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'result' AND s.current_reading IS NOT NULL AND p.approved_at IS NOT NULL THEN 32 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND p.reused = 1 THEN 64 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND p.reused = 1 AND s.current_reading IS NOT NULL THEN 128 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND p.reused = 1 AND s.current_reading IS NOT NULL AND p.approved_at IS NOT NULL THEN 256 ELSE 0 END)
		FROM papers p JOIN scans s ON s.sha256 = p.sha256 WHERE p.dossier_id = d.id AND p.removed_at IS NULL), 0)`

// stamp is what changed is set to, in SQL: engines tell apart what was committed since somebody looked, each in its own way
// (factbook.refresh).
func (q querier) stamp() string {
	if q.engine.name() == sqliteDialect {
		return "(SELECT coalesce(max(changed), 0) + 1 FROM dossier_facts)"
	}
	return "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"
}

// refreshDossiers makes the facts of dossiers anew. Whoever changes a dossier's agency, procedure, days or state, or adds,
// removes, approves or finishes reading a paper, calls it in the same transaction, after all other locks were taken, and once:
// the facts are locked in the order of their dossiers, so that nobody waits for each other.
func refreshDossiers(ctx context.Context, q querier, ids ...DossierID) error {
	_, err := remakeFacts(ctx, q, ids)
	return err
}

// remakeFacts tells how many facts were not as they are now.
func remakeFacts(ctx context.Context, q querier, ids []DossierID) (changed int64, err error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	// Of two who change one dossier at once the second must see what the first did: it waits for it here, and looks then.
	for chunk := range slices.Chunk(ids, factsAtOnce) {
		if q.engine.name() == sqliteDialect {
			break
		}
		in, args := inList(chunk)
		err := q.each(ctx, "SELECT dossier_id FROM dossier_facts WHERE dossier_id IN "+in+" ORDER BY dossier_id FOR UPDATE", args,
			func(scan func(...any) error) error { return scan(new(DossierID)) })
		if err != nil {
			return 0, fmt.Errorf("lock the facts of dossiers: %w", err)
		}
	}
	for chunk := range slices.Chunk(ids, factsAtOnce) {
		in, args := inList(chunk)
		n, err := putFacts(ctx, q, "d.id IN "+in, args...)
		if err != nil {
			return 0, fmt.Errorf("refresh the facts of dossiers: %w", err)
		}
		changed += n
	}
	return changed, nil
}

// factsAtOnce is how many ids are named in one statement.
const factsAtOnce = 500

// inList is "(?, ?)" with its values.
func inList[T any](all []T) (list string, args []any) {
	for _, v := range all {
		args = append(args, v)
	}
	return "(" + strings.TrimSuffix(strings.Repeat("?, ", len(all)), ", ") + ")", args
}

// putFacts writes the facts that differ from those that are there, and tells how many these are.
func putFacts(ctx context.Context, q querier, where string, args ...any) (changed int64, err error) {
	return q.exec(ctx, `INSERT INTO dossier_facts (dossier_id, agency_id, procedure_code, received, resolved, state, marks, changed) `+
		dossierFacts+`, `+q.stamp()+` FROM dossiers d WHERE `+where+` ON CONFLICT (dossier_id) DO UPDATE SET agency_id = excluded.agency_id,
		procedure_code = excluded.procedure_code, received = excluded.received, resolved = excluded.resolved, state = excluded.state,
		marks = excluded.marks, changed = excluded.changed WHERE dossier_facts.agency_id <> excluded.agency_id
		OR dossier_facts.procedure_code <> excluded.procedure_code OR dossier_facts.received <> excluded.received
		OR dossier_facts.resolved <> excluded.resolved OR dossier_facts.state <> excluded.state OR dossier_facts.marks <> excluded.marks`, args...)
}

// refreshPaper does so for the dossier of a paper: after it was approved, or its approval was taken back.
func refreshPaper(ctx context.Context, q querier, id PaperID) error {
	return refreshPapers(ctx, q, id)
}

// refreshPapers does so for the dossiers of papers.
func refreshPapers(ctx context.Context, q querier, papers ...PaperID) error {
	if len(papers) == 0 {
		return nil
	}
	in, args := inList(papers)
	return refreshDossiersOf(ctx, q, "id IN "+in, args...)
}

// refreshScan does so for all dossiers with a paper that is this scan, which is locked, or has pages of it: after it was read.
func refreshScan(ctx context.Context, q querier, sha256 string) error {
	return refreshDossiersOf(ctx, q, "sha256 = ? OR id IN (SELECT paper_id FROM paper_pages WHERE sha256 = ?)", sha256, sha256)
}

func refreshDossiersOf(ctx context.Context, q querier, where string, args ...any) error {
	var ids []DossierID
	err := q.each(ctx, "SELECT dossier_id FROM papers WHERE "+where, args, func(scan func(...any) error) error {
		var id DossierID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return err
	}
	return refreshDossiers(ctx, q, ids...)
}

// RecountRates makes the facts of all dossiers anew, some at a time while all else goes on, and tells how many were not as they
// should have been: none, but where somebody changed tables by hand.
func (c *Catalogue) RecountRates(ctx context.Context) (wrong int64, err error) {
	for last := DossierID(0); ; {
		var ids []DossierID
		var changed int64
		err := c.writeAtLength(ctx, "recount the rates", func(q querier) error {
			ids = nil
			err := q.each(ctx, "SELECT id FROM dossiers WHERE id > ? ORDER BY id LIMIT ?", []any{last, factsAtOnce}, func(scan func(...any) error) error {
				var id DossierID
				err := scan(&id)
				ids = append(ids, id)
				return err
			})
			if err == nil {
				changed, err = remakeFacts(ctx, q, ids)
			}
			return err
		})
		wrong += changed
		if err != nil || len(ids) == 0 {
			return wrong, err
		}
		last = ids[len(ids)-1]
	}
}
