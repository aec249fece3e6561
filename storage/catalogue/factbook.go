package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"sync"
)

// factbook is all of dossier_facts in memory, 32 bytes a dossier: a million are looked through, in whatever cut, in a few
// milliseconds, which no GROUP BY does. It is filled when the rates are first asked for, and brought up to date, from the
// snapshot in which everything else is read, each time.
type factbook struct {
	mu         sync.RWMutex
	facts      []fact // in the order of their dossiers
	procedures []string
	numbers    map[string]int32 // of procedures
	seen       int64            // what was committed with a greater stamp is not known yet; on PostgreSQL nor is this
	filled     bool
}

// fact is what one dossier counts as.
type fact struct {
	dossier            DossierID
	received, resolved int32 // 20260331; 0 where it is not known
	agency             int32
	procedure          int32 // its number in the book
	marks              uint16
	state              uint8
}

func newFactbook() *factbook { return &factbook{numbers: make(map[string]int32)} }

const factColumns = "SELECT dossier_id, agency_id, procedure_code, received, resolved, state, marks, changed FROM dossier_facts"

// refresh reads what changed since it was last read. The caller holds mu, and q sees one state. It may be done again.
//
// On SQLite one transaction writes after another, so that stamps are committed in their order. On PostgreSQL the stamp is the
// transaction's number: whatever the last snapshot did not see is of a transaction that was under way or had not begun, and
// these have numbers from that snapshot's xmin on. Numbers from the present snapshot's xmax on are another cluster's, from
// which this one's data was restored.
func (b *factbook) refresh(ctx context.Context, q querier) error {
	where, args := "", []any(nil)
	seen := b.seen
	if q.engine.name() == sqliteDialect {
		if b.filled {
			where, args = " WHERE changed > ?", []any{b.seen}
		}
	} else {
		var end int64
		err := q.row(ctx, `SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT),
			CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)`, nil, &seen, &end)
		if err != nil {
			return err
		}
		if b.filled {
			where, args = " WHERE changed >= ? AND changed < ?", []any{b.seen, end}
		}
	}
	var added []fact
	err := q.each(ctx, factColumns+where, args, func(scan func(...any) error) error {
		var f fact
		var procedure sql.RawBytes
		var changed int64
		if err := scan(&f.dossier, &f.agency, &procedure, &f.received, &f.resolved, &f.state, &f.marks, &changed); err != nil {
			return err
		}
		f.procedure = b.number(procedure)
		if !inCalendar(f.received) { // it is from a code, of which only the form was looked at
			f.received = 0
		}
		if q.engine.name() == sqliteDialect {
			seen = max(seen, changed)
		}
		if at, there := b.find(f.dossier); there {
			b.facts[at] = f
		} else {
			added = append(added, f)
		}
		return nil
	})
	if err != nil {
		return err // what was read of it is true, and will be read again
	}
	b.add(added)
	b.seen, b.filled = seen, true
	return nil
}

// inCalendar tells whether there is a day with this number.
func inCalendar(n int32) bool {
	year, month, day := n/10000, n/100%100, n%100
	lengths := [...]int32{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= lengths[month] || month == 2 && day == 29 && year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

func (b *factbook) find(id DossierID) (at int, there bool) {
	return slices.BinarySearchFunc(b.facts, id, func(f fact, id DossierID) int { return cmp.Compare(f.dossier, id) })
}

// add takes facts of dossiers that are not in the book, mostly newer ones than all that are.
func (b *factbook) add(added []fact) {
	inOrder := func(x, y fact) int { return cmp.Compare(x.dossier, y.dossier) }
	slices.SortFunc(added, inOrder)
	behind := len(b.facts) == 0 || len(added) == 0 || b.facts[len(b.facts)-1].dossier < added[0].dossier
	b.facts = append(b.facts, added...)
	if !behind {
		slices.SortFunc(b.facts, inOrder)
	}
}

// number is the book's number of a procedure.
func (b *factbook) number(code []byte) int32 {
	n, known := b.numbers[string(code)]
	if !known {
		n = int32(len(b.procedures)) //nolint:gosec // there are not as many procedures
		b.procedures = append(b.procedures, string(code))
		b.numbers[string(code)] = n
	}
	return n
}
