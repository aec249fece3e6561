package catalogue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Listed is a dossier as a list of many has it.
type Listed struct {
	Dossier

	Row int // by which people find it in the list
	// Wrong is why the row says nothing that could be put, if not nil: it is counted and told, and that is all.
	Wrong error
}

// Outcome is what becomes of a dossier in a list.
type Outcome string

// The outcomes.
const (
	OutcomeAdded   Outcome = "added"
	OutcomeChanged Outcome = "changed"
	OutcomeSame    Outcome = "same"  // all that the list says was known
	OutcomeWrong   Outcome = "wrong" // it is left out
)

// Put is what became of one of many dossiers, or would.
type Put struct {
	Outcome Outcome
	ID      DossierID // 0: it is wrong, or would be added
	Err     error     // why it is wrong: an InvalidError, a ConflictError, a RepeatedError, or its Listed.Wrong
}

// RepeatedError says that a list has a dossier in an earlier row already.
type RepeatedError struct{ Row int }

func (e *RepeatedError) Error() string { return fmt.Sprintf("code: row %d has it already", e.Row) }

// PutCounts is how many dossiers of a list had which outcome.
type PutCounts struct{ Added, Changed, Same, Wrong int }

// All is how many there were.
func (n *PutCounts) All() int { return n.Added + n.Changed + n.Same + n.Wrong }

func (n *PutCounts) count(puts []Put) {
	for _, p := range puts {
		switch p.Outcome {
		case OutcomeAdded:
			n.Added++
		case OutcomeChanged:
			n.Changed++
		case OutcomeSame:
			n.Same++
		case OutcomeWrong:
			n.Wrong++
		}
	}
}

// putAtOnce is how many dossiers of a list are put in one transaction: on SQLite nobody else writes meanwhile.
const putAtOnce = 500

// PutDossiers is PutDossier for a list of any length: some at a time, each some in one transaction. What is wrong is left out, and
// the others are put; a dossier that the list has twice is put as its first row says. The agency of a new dossier that the list
// does not name is the one with which the dossier's code begins. told, if not nil, is told of each in the order of the list. The
// audit gets one act with the counts, where anything changed, and one more at the beginning of a list that takes several
// transactions; source says there where the list comes from. An error ends it: what was put by then stays, and is counted.
func (c *Catalogue) PutDossiers(ctx context.Context, reach Reach, source string, list iter.Seq[Listed], told func(*Listed, *Put)) (n PutCounts, err error) {
	begun := false
	n, err = inChunks(list, told, func(so PutCounts, chunk []Listed, last bool) (puts []Put, err error) {
		var began bool
		err = c.write(ctx, "put dossiers", func(q querier) error {
			if puts, err = c.putChunk(ctx, q, reach, chunk); err != nil {
				return err
			}
			all := so
			all.count(puts)
			switch began = begun || all.Added+all.Changed > 0; {
			case !began:
				return nil
			case last:
				return c.recordList(ctx, q, "dossier.import", source, &all)
			case !begun:
				return c.recordList(ctx, q, "dossier.import_begun", source, &all)
			}
			return nil
		})
		begun = begun || began && err == nil
		return puts, err
	})
	if err != nil && begun {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.patience)
		defer cancel()
		err = errors.Join(err, c.write(late, "record an act", func(q querier) error {
			return c.recordList(late, q, "dossier.import_broken", source, &n)
		}))
	}
	return n, err
}

// TryDossiers tells what PutDossiers would do now, and does nothing.
func (c *Catalogue) TryDossiers(ctx context.Context, reach Reach, list iter.Seq[Listed], told func(*Listed, *Put)) (PutCounts, error) {
	return inChunks(list, told, func(_ PutCounts, chunk []Listed, _ bool) (puts []Put, err error) {
		err = c.view(ctx, "try dossiers", func(q querier) error {
			judged, err := judge(ctx, q, reach, chunk)
			puts = judged.puts
			return err
		})
		return puts, err
	})
}

func (c *Catalogue) recordList(ctx context.Context, q querier, action, source string, n *PutCounts) error {
	return c.record(ctx, q, action, "dossiers", map[string]any{
		"source": source, "added": n.Added, "changed": n.Changed, "same": n.Same, "wrong": n.Wrong,
	})
}

// inChunks has do look at some of a list at a time; do knows what was counted before, and whether nothing comes behind.
func inChunks(list iter.Seq[Listed], told func(*Listed, *Put), do func(so PutCounts, chunk []Listed, last bool) ([]Put, error)) (n PutCounts, err error) {
	seen := make(map[string]int)
	var chunk []Listed
	flush := func(last bool) error {
		puts, err := do(n, chunk, last)
		if err != nil {
			return err
		}
		n.count(puts)
		for i := range chunk {
			if told != nil {
				told(&chunk[i], &puts[i])
			}
		}
		chunk = chunk[:0]
		return nil
	}
	for one := range list {
		if len(chunk) == putAtOnce {
			if err := flush(false); err != nil {
				return n, err
			}
		}
		if one.Wrong == nil {
			one.Wrong = one.check()
		}
		if one.Wrong == nil {
			if first, twice := seen[one.Code]; twice {
				one.Wrong = &RepeatedError{Row: first}
			} else {
				seen[one.Code] = one.Row
			}
		}
		chunk = append(chunk, one)
	}
	if len(chunk) == 0 {
		return n, nil
	}
	return n, flush(true)
}

// judged is what is to be done with some dossiers of a list.
type judged struct {
	puts     []Put
	fresh    []int // those that are new, by their places, in the order of their codes
	agencies map[string]Agency
	old      map[int]Dossier // what is known of those that are to be changed
	found    []DossierID     // those of them whose papers are found by what changes
}

// judge says what each of some dossiers is, and what is wrong with it.
func judge(ctx context.Context, q querier, reach Reach, chunk []Listed) (j judged, err error) {
	j = judged{puts: make([]Put, len(chunk)), old: make(map[int]Dossier)}
	var codes []string
	for i := range chunk {
		if chunk[i].Wrong == nil {
			codes = append(codes, chunk[i].Code)
		}
	}
	known, err := knownDossiers(ctx, q, codes)
	if err != nil {
		return j, err
	}
	if j.agencies, err = agenciesOf(ctx, q, chunk); err != nil {
		return j, err
	}
	for i := range chunk {
		one := &chunk[i]
		old, there := known[one.Code]
		switch {
		case one.Wrong != nil:
			j.puts[i] = Put{Outcome: OutcomeWrong, Err: one.Wrong}
		case there:
			j.compare(i, reach, old, one)
		default:
			agency, there := j.agencies[agencyOf(one)]
			if !there || !reach.Covers(agency.Path) {
				j.puts[i] = Put{Outcome: OutcomeWrong, Err: noSuchAgency()}
				continue
			}
			j.puts[i].Outcome = OutcomeAdded
			j.fresh = append(j.fresh, i)
		}
	}
	// Of two who add the same dossiers at once each waits for the other, unless both add them in one order.
	slices.SortFunc(j.fresh, func(a, b int) int { return strings.Compare(chunk[a].Code, chunk[b].Code) })
	return j, nil
}

// compare says what becomes of a dossier that is known.
func (j *judged) compare(i int, reach Reach, old Dossier, one *Listed) {
	found, changed, err := differences(reach, &old, &one.Dossier)
	switch {
	case err != nil:
		j.puts[i] = Put{Outcome: OutcomeWrong, Err: err}
		return
	case !changed:
		j.puts[i] = Put{Outcome: OutcomeSame, ID: old.ID}
		return
	}
	j.puts[i] = Put{Outcome: OutcomeChanged, ID: old.ID}
	j.old[i] = old
	if found {
		j.found = append(j.found, old.ID)
	}
}

// agencyOf is the code of the agency that a new dossier is of.
func agencyOf(one *Listed) string {
	prefix, _, _ := strings.Cut(one.Code, "-")
	return cmp.Or(one.Agency, prefix)
}

func agenciesOf(ctx context.Context, q querier, chunk []Listed) (map[string]Agency, error) {
	named := make(map[string]bool)
	for i := range chunk {
		if chunk[i].Wrong == nil {
			named[agencyOf(&chunk[i])] = true
		}
	}
	all := make(map[string]Agency, len(named))
	if len(named) == 0 {
		return all, nil
	}
	in, args := inList(slices.Collect(maps.Keys(named)))
	err := q.each(ctx, agencyColumns+" WHERE a.code IN "+in, args, func(scan func(...any) error) error {
		a, err := scanAgency(scan)
		all[a.Code] = a
		return err
	})
	return all, err
}

func knownDossiers(ctx context.Context, q querier, codes []string) (map[string]Dossier, error) {
	all := make(map[string]Dossier, len(codes))
	if len(codes) == 0 {
		return all, nil
	}
	in, args := inList(codes)
	err := q.each(ctx, dossierColumns+" WHERE d.code IN "+in, args, func(scan func(...any) error) error {
		d, err := scanDossier(scan)
		all[d.Code] = d
		return err
	})
	return all, err
}

// putChunk puts some dossiers of a list.
func (c *Catalogue) putChunk(ctx context.Context, q querier, reach Reach, chunk []Listed) ([]Put, error) {
	j, err := judge(ctx, q, reach, chunk)
	if err != nil {
		return nil, err
	}
	now := millis(c.now())
	if err := j.insert(ctx, q, reach, chunk, now); err != nil {
		return nil, err
	}
	var ids []DossierID
	places := slices.SortedFunc(maps.Keys(j.old), func(a, b int) int { return cmp.Compare(j.old[a].ID, j.old[b].ID) })
	for _, i := range places {
		if err := updateDossier(ctx, q, j.old[i].ID, chunk[i].Dossier, now); err != nil {
			return nil, err
		}
		ids = append(ids, j.old[i].ID)
	}
	for _, i := range j.fresh {
		if j.puts[i].Outcome == OutcomeAdded {
			ids = append(ids, j.puts[i].ID)
		}
	}
	if err := reindexDossiers(ctx, q, j.found); err != nil {
		return nil, err
	}
	return j.puts, refreshDossiers(ctx, q, ids...)
}

// insert adds the new dossiers. One that somebody else has just added is compared like those that were known.
func (j *judged) insert(ctx context.Context, q querier, reach Reach, chunk []Listed, now int64) error {
	if len(j.fresh) == 0 {
		return nil
	}
	var args []any
	for _, i := range j.fresh {
		d := &chunk[i].Dossier
		args = append(args, d.Code, j.agencies[agencyOf(&chunk[i])].ID, optional(d.Procedure), d.Owner.Name, d.Owner.Number, d.Owner.Kind, d.Subject,
			cmp.Or(d.State, StateAccepted), optional(d.Received), optional(d.Due), optional(d.Resolved), now, now)
	}
	rows := strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", len(j.fresh))[2:]
	added := make(map[string]DossierID, len(j.fresh))
	err := q.each(ctx, `INSERT INTO dossiers (code, agency_id, procedure_code, owner_name, owner_number, owner_kind, subject, state,
		received_on, due_on, resolved_on, created_at, changed_at) VALUES `+rows+` ON CONFLICT (code) DO NOTHING RETURNING id, code`, args,
		func(scan func(...any) error) error {
			var id DossierID
			var code string
			err := scan(&id, &code)
			added[code] = id
			return err
		})
	if err != nil {
		return err
	}
	for _, i := range j.fresh {
		if id, yes := added[chunk[i].Code]; yes {
			j.puts[i].ID = id
			continue
		}
		old, err := dossierWhere(ctx, q, Everywhere, "d.code = ?", chunk[i].Code)
		if err != nil {
			return err
		}
		j.compare(i, reach, old, &chunk[i])
	}
	return nil
}
