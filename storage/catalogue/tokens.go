package catalogue

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sohoa/storage/catalogue/fold"
)

// A page is found by tokens, each of which it has or has not:
//
//	=số^2     a word with its accents (fold.Token.Exact)
//	~so       a word without them
//	+so_hoa   two words that follow each other, without accents: they make phrases quick to find where each word alone is on
//	          every second page
//	_a5       what the page belongs to: agency 5 or one below it; _d7 dossier, _p… procedure, _kresult kind, _c… component,
//	          _m202603 and _y20260331 the month and day of the dossier's receipt, _s… the paper's state
//
// Words hold letters, marks and digits alone, so none can be taken for a query's syntax. Codes that people choose are in hex.
type tokenSet map[string]bool

// addText adds a text's words, each with its neighbour.
func (s tokenSet) addText(text string) {
	before := ""
	for _, t := range fold.Tokens(text) {
		s["="+t.Exact], s["~"+t.Folded] = true, true
		if before != "" {
			s["+"+before+"_"+t.Folded] = true
		}
		before = t.Folded
	}
}

func agencyToken(id string) string      { return "_a" + id }
func dossierToken(id DossierID) string  { return fmt.Sprintf("_d%d", id) }
func procedureToken(code string) string { return "_p" + hex.EncodeToString([]byte(code)) }
func kindToken(kind PaperKind) string   { return "_k" + string(kind) }
func componentToken(code string) string { return "_c" + hex.EncodeToString([]byte(code)) }

// stateToken is one for the two states that follow each other without the index being told.
func stateToken(state PaperState) string {
	if state == PaperReceived || state == PaperReading {
		return "_sunread"
	}
	return "_s" + string(state)
}

func monthToken(year, month int) string { return fmt.Sprintf("_m%04d%02d", year, month) }
func dayToken(day string) string        { return "_y" + strings.ReplaceAll(day, "-", "") }
func monthOfDayToken(day string) string {
	return "_m" + strings.ReplaceAll(day[:len("2026-03")], "-", "")
}

// addPlace adds what a paper belongs to.
func (s tokenSet) addPlace(p *placed) {
	for id := range strings.SplitSeq(strings.Trim(string(p.path), "/"), "/") {
		s[agencyToken(id)] = true
	}
	s[dossierToken(p.dossier)], s[kindToken(p.kind)], s[stateToken(p.state)] = true, true, true
	if p.component != "" {
		s[componentToken(p.component)] = true
	}
	if p.procedure != "" {
		s[procedureToken(p.procedure)] = true
	}
	if p.received != "" {
		s[dayToken(p.received)], s[monthOfDayToken(p.received)] = true, true
	}
}

// placed is what a paper belongs to, and the words by which its first page is found besides its own.
type placed struct {
	paper                PaperID
	sha256               string
	path                 Reach
	dossier              DossierID
	kind                 PaperKind
	state                PaperState
	component, procedure string
	received             string
	record               []string
}

// tsvector is tokens as PostgreSQL takes them. They hold no quotes; longer ones than it takes were cut by fold.
func tsvector(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("'")
		b.WriteString(t)
		b.WriteString("' ")
	}
	return b.String()
}

// mostTokens is how many bytes of tokens a page may have: PostgreSQL's tsvector takes a MiB. No page that people read comes
// near it; a sheet of coordinates does.
const mostTokens = 1_000_000

// bounded are the tokens in order. Where they are too many the pairs are left out first, then words with their accents, then
// whatever words come last: a page is found by fewer of its words then, and by what it belongs to as ever.
func (s tokenSet) bounded() []string {
	all := make([]string, 0, len(s))
	size := 0
	for t := range s {
		if utf8.ValidString(t) {
			all = append(all, t)
			size += len(t)
		}
	}
	slices.Sort(all)
	for _, class := range []string{"+", "=", "~"} {
		for i := len(all) - 1; i >= 0 && size > mostTokens; i-- {
			if strings.HasPrefix(all[i], class) {
				size -= len(all[i])
				all[i] = ""
			}
		}
	}
	return slices.DeleteFunc(all, func(t string) bool { return t == "" })
}

// anyOf is a condition of a query: one of these tokens. All of a query's conditions must hold.
type anyOf []string

// ftsQuery is a query as FTS5's MATCH takes it.
func ftsQuery(all []anyOf) string {
	parts := make([]string, len(all))
	for i, any := range all {
		quoted := make([]string, len(any))
		for j, t := range any {
			quoted[j] = `"` + t + `"`
		}
		parts[i] = "(" + strings.Join(quoted, " OR ") + ")"
	}
	return strings.Join(parts, " AND ")
}

// tsQuery is a query as PostgreSQL's @@ takes it.
func tsQuery(all []anyOf) string {
	parts := make([]string, len(all))
	for i, any := range all {
		quoted := make([]string, len(any))
		for j, t := range any {
			quoted[j] = "'" + t + "'"
		}
		parts[i] = "(" + strings.Join(quoted, " | ") + ")"
	}
	return strings.Join(parts, " & ")
}
