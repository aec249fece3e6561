package catalogue

import (
	"context"
	"strings"
	"time"

	"sohoa/storage/catalogue/fold"
)

// search is a query made ready.
type search struct {
	words  []fold.Token
	exact  map[string]bool // the words, as they are marked on a page
	folded map[string]bool
	// phrases are what was typed in quotes or without spaces: their words must follow each other.
	phrases [][]fold.Token
	filters []anyOf
	// reach and state are looked at once more for each page that is found.
	reach       Reach
	state       PaperState
	from, until string
	least, most float64 // of a page's confidence
}

// newSearch is nil where nothing can be found.
func newSearch(ctx context.Context, q querier, reach Reach, query Query) (*search, error) {
	if reach == "" {
		return nil, nil //nolint:nilnil // nothing can be found
	}
	s := &search{
		exact: make(map[string]bool), folded: make(map[string]bool), reach: reach, state: query.State,
		least: query.ConfidenceFrom, most: query.ConfidenceTill,
	}
	s.read(query.Text)
	possible, err := s.filter(ctx, q, query)
	if err != nil || !possible || len(s.words) == 0 && (len(s.filters) == 0 || strings.TrimSpace(query.Text) != "") {
		return nil, err
	}
	return s, nil
}

// read takes the words and phrases out of what was typed.
func (s *search) read(text string) {
	const longest = 4000
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	// What is between two quotes is a phrase; a last quote without a second one opens one, too: the officer is still typing.
	for i, part := range strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(text, "“", `"`), "”", `"`)+" ", func(r rune) bool { return r == '"' }) {
		quoted := i%2 == 1 != strings.HasPrefix(text, `"`)
		tokens := fold.Tokens(part)
		if room := mostWords - len(s.words); len(tokens) > room {
			tokens = tokens[:room]
		}
		s.words = append(s.words, tokens...)
		for at := 0; at < len(tokens); {
			end := at + 1
			for end < len(tokens) && (quoted || tokens[end].Joined) {
				end++
			}
			if end-at > 1 {
				s.phrases = append(s.phrases, tokens[at:end])
			}
			at = end
		}
	}
	for _, t := range s.words {
		s.exact[t.Exact], s.folded[t.Folded] = true, true
	}
}

// filter makes conditions of the query's filters; not possible where one names what is not there.
func (s *search) filter(ctx context.Context, q querier, query Query) (possible bool, err error) {
	must := func(tokens ...string) { s.filters = append(s.filters, tokens) }
	if id, ok := lastID(s.reach); ok {
		must(agencyToken(id))
	}
	if query.Agency != "" {
		a, err := agencyByCode(ctx, q, tidy(query.Agency))
		if isNotFound(err) || err == nil && !s.reach.Covers(a.Path) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		id, _ := lastID(a.Path)
		must(agencyToken(id))
	}
	if query.Dossier != "" {
		d, err := dossierWhere(ctx, q, s.reach, "d.code = ?", tidy(query.Dossier))
		if isNotFound(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		must(dossierToken(d.ID))
	}
	if query.Procedure != "" {
		must(procedureToken(query.Procedure))
	}
	if query.Kind != "" {
		must(kindToken(query.Kind))
	}
	if query.Component != "" {
		must(componentToken(query.Component))
	}
	for name, token := range map[string]string{"kind": string(query.Kind), "state": string(query.State)} {
		if strings.ContainsFunc(token, func(r rune) bool { return r < 'a' || r > 'z' }) {
			return false, &InvalidError{Field: name, Reason: "there is no such " + name}
		}
	}
	if query.State != "" {
		must(stateToken(query.State))
	}
	return s.filterDays(query.ReceivedFrom, query.ReceivedTill)
}

// lastID is the id of the agency that a reach ends with.
func lastID(r Reach) (id string, ok bool) {
	trimmed := strings.Trim(string(r), "/")
	return trimmed[strings.LastIndexByte(trimmed, '/')+1:], trimmed != ""
}

// filterDays chooses the days of receipt by their own tokens where they are few, else by their months and once more by the
// rows that are found.
func (s *search) filterDays(from, until string) (possible bool, err error) {
	if from == "" && until == "" {
		return true, nil
	}
	first, last := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, day := range []struct {
		field, said string
		into        *time.Time
	}{{"from", from, &first}, {"till", until, &last}} {
		if day.said == "" {
			continue
		}
		if *day.into, err = time.Parse(time.DateOnly, day.said); err != nil {
			return false, &InvalidError{Field: day.field, Reason: "it is not a day like 2026-03-31"}
		}
	}
	s.from, s.until = first.Format(time.DateOnly), last.Format(time.DateOnly)
	const fewDays, fewMonths = 31, 120
	var tokens []string
	if last.Sub(first) <= fewDays*24*time.Hour {
		for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
			tokens = append(tokens, dayToken(d.Format(time.DateOnly)))
		}
	} else {
		for d := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC); !d.After(last) && len(tokens) <= fewMonths; d = d.AddDate(0, 1, 0) {
			tokens = append(tokens, monthToken(d.Year(), int(d.Month())))
		}
	}
	if len(tokens) > 0 && len(tokens) <= fewMonths {
		s.filters = append(s.filters, tokens)
	}
	return len(tokens) > 0, nil
}
