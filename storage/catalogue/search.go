package catalogue

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"sohoa/storage/catalogue/fold"
)

// PageText is the text of one page as it becomes searchable.
type PageText struct {
	Number int // from 1
	// Text is the page in reading order: words parted by spaces, lines by newlines. NFC.
	Text string
	// Words are where its words stand, in the order of Text.
	Words []WordBox
	// Width and Height are those of the page that the boxes count in, in pixels.
	Width, Height int
	// Fields are what the reader found of fields on it.
	Fields []FoundField
}

// WordBox is where a word stands on its page.
type WordBox struct {
	Start, End     int // bytes of PageText.Text
	X0, Y0, X1, Y1 int // pixels; X1 and Y1 are behind the last
	Confidence     int // 0 to 100
}

// Query is what somebody looks for. All that is given must hold.
type Query struct {
	// Text is words, with or without accents, and "phrases in quotes". A number or code like 12/2024/QĐ-UBND is a phrase of
	// its parts. The first page of a paper is found by its record, too: dossier code, owner, subject, fields.
	Text      string
	Agency    string // code: that agency and those below it
	Procedure string
	Dossier   string // code
	Kind      PaperKind
	Component string
	State     PaperState
	// ConfidenceFrom and ConfidenceTill are how sure recognition was of the page, 0 to 100, both included; 0 leaves each open. It
	// is looked at page by page: what is rare takes as long to find as there are pages with the words.
	ConfidenceFrom, ConfidenceTill float64
	// ReceivedFrom and ReceivedTill are days (YYYY-MM-DD, both included) of the dossier's receipt.
	ReceivedFrom, ReceivedTill string
	// Limit is how many hits are wanted, at most 100. Defaults to 20. Offset, at most 1,000, leaves out as many before.
	Limit, Offset int
	// Behind goes on behind the hits of an answer to the same query, however many came before: it is that answer's Next.
	Behind string
}

// Hit is one page on which everything was found.
type Hit struct {
	Paper       PaperID
	Dossier     DossierID
	DossierCode string
	Agency      string
	Name        string
	Kind        PaperKind
	Component   string
	State       PaperState
	Page        int  // from 1
	Exact       bool // with the accents as they were typed
	Snippet     string
	// Marks are the found words within Snippet, as bytes from and to. There are none where the record alone has them.
	Marks [][2]int
	// Boxes are the found words on the page, in pixels of a page of Width × Height.
	Boxes         []WordBox
	Width, Height int
	Turned        int     // degrees clockwise by which the page is shown turned; boxes count before that
	Confidence    float64 // of the page, 0 to 100
}

// Hits is the answer to a Query, the best first.
type Hits struct {
	Hits []Hit
	// More tells that there are further ones behind these; a Query with Next as its Behind finds them.
	More bool
	Next string
	Took time.Duration
}

const (
	mostHits = 100
	// MostOffset is how many hits may be left out before those that are wanted.
	MostOffset = 1000
	// mostWords is how many words of a query are looked for; what is longer is a text, not a query.
	mostWords = 32
)

// Search finds pages within reach. The order is: pages with the words as they were typed and side by side, then as they were
// typed, then side by side without regard to accents, then without regard to accents; in each group the newest first. A query
// without words lists what the filters choose; one with neither finds nothing.
func (c *Catalogue) Search(ctx context.Context, reach Reach, query Query) (h Hits, err error) {
	start := time.Now()
	query.Limit = min(cmp.Or(max(query.Limit, 0), 20), mostHits)
	query.Offset = min(max(query.Offset, 0), MostOffset)
	err = c.view(ctx, "search", func(q querier) error {
		h = Hits{}
		s, err := newSearch(ctx, q, reach, query)
		if err != nil || s == nil {
			return err
		}
		behind, err := readPlace(query.Behind)
		if err != nil {
			return err
		}
		found, err := s.find(ctx, q, query.Offset+query.Limit+1, behind)
		if err != nil {
			return err
		}
		found = found[min(query.Offset, len(found)):]
		if h.More = len(found) > query.Limit; h.More {
			found = found[:query.Limit]
			h.Next = found[query.Limit-1].String()
		}
		h.Hits, err = s.hits(ctx, q, found)
		return err
	})
	h.Took = time.Since(start)
	return h, err
}

// stage is one group of the order of hits.
type stage struct {
	exact bool
	all   []anyOf
}

// stages are the groups of the order, the best first.
func (s *search) stages() []stage {
	if len(s.words) == 0 {
		return []stage{{exact: true, all: s.filters}}
	}
	var exact, folded, needed, beside []anyOf
	for _, t := range s.words {
		exact = append(exact, anyOf{"=" + t.Exact})
		folded = append(folded, anyOf{"~" + t.Folded})
	}
	pairs := func(tokens []fold.Token) (all []anyOf) {
		for i := 1; i < len(tokens); i++ {
			all = append(all, anyOf{"+" + tokens[i-1].Folded + "_" + tokens[i].Folded})
		}
		return all
	}
	for _, p := range s.phrases {
		needed = append(needed, pairs(p)...)
	}
	beside = pairs(s.words)
	join := func(parts ...[]anyOf) (all []anyOf) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	stages := []stage{{true, join(beside, exact, s.filters)}, {true, join(needed, exact, s.filters)}, {false, join(beside, folded, s.filters)}, {false, join(needed, folded, s.filters)}}
	if len(beside) == len(needed) { // one word, or all in one phrase
		stages = []stage{stages[0], stages[2]}
	}
	return stages
}

// found is a page that was found.
type found struct {
	place
	paper  PaperID
	number int
	exact  bool
}

const (
	// fewTurns is how often an engine is asked for as many pages as are wanted. Where that was not enough, as for a phrase whose
	// pairs of words are on many pages and which is on none, each turn takes twice as many: the engine begins anew with each.
	fewTurns = 4
	// mostAtOnce is how many pages it is asked for at most; above MostOffset and a page of hits.
	mostAtOnce = 2 * (MostOffset + mostHits)
)

// find finds so many pages in their order.
func (s *search) find(ctx context.Context, q querier, want int, behind place) (all []found, err error) {
	seen := make(map[int64]bool)
	stages := s.stages()
	if behind.stage >= len(stages) {
		return nil, noSuchPlace()
	}
	look := finder(sqliteFinder{})
	if q.engine.name() != sqliteDialect {
		look = postgresFinder{}
	}
	for n, before := behind.stage, behind.id; n < len(stages); n, before = n+1, 0 {
		// Some were found by a better stage already.
		batch := want + len(all)
		for turn := 1; len(all) < want; turn++ {
			ids, err := look.find(ctx, q, stages[n].all, before, batch)
			if err != nil {
				return nil, err
			}
			good, err := s.check(ctx, q, ids, stages[n])
			if err == nil && behind.id > 0 {
				good, err = s.unseen(ctx, q, look, good, stages[:n])
			}
			if err != nil {
				return nil, err
			}
			for _, f := range good {
				if !seen[f.id] && len(all) < want {
					f.stage, seen[f.id] = n, true
					all = append(all, f)
				}
			}
			if len(ids) < batch {
				break
			}
			before = ids[len(ids)-1]
			if turn >= fewTurns {
				batch = min(2*batch, mostAtOnce)
			}
		}
	}
	return all, nil
}

// pageOfHit is the text of a page that was found: of the scan's page that stands there in the paper.
const pageOfHit = `LEFT JOIN paper_pages o ON o.paper_id = x.paper_id AND o.position = x.number
		JOIN page_texts t ON t.sha256 = coalesce(o.sha256, p.sha256) AND t.number = coalesce(o.number, x.number)
		LEFT JOIN pages g ON g.number = t.number AND g.reading_id =
			(SELECT coalesce(z.current_reading, z.latest_reading) FROM scans z WHERE z.sha256 = t.sha256)`

// check leaves those that may be seen and have all that was asked for, in their order.
func (s *search) check(ctx context.Context, q querier, ids []int64, st stage) ([]found, error) {
	rows := make(map[int64]found, len(ids))
	phrases := len(s.phrases) > 0
	err := eachOf(ctx, q, `SELECT x.id, x.paper_id, x.number, a.path, coalesce(d.received_on, ''), `+paperState+`, t.text, coalesce(g.confidence, 0)
		FROM search_pages x JOIN papers p ON p.id = x.paper_id JOIN dossiers d ON d.id = p.dossier_id JOIN agencies a ON a.id = d.agency_id
		JOIN scans s ON s.sha256 = p.sha256 JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading)
		`+pageOfHit+` WHERE x.id IN (`, ids, func(scan func(...any) error) error {
		f := found{exact: st.exact}
		var path Reach
		var received, text string
		var state PaperState
		var confidence float64
		if err := scan(&f.id, &f.paper, &f.number, &path, &received, &state, &text, &confidence); err != nil {
			return err
		}
		switch {
		case !s.reach.Covers(path), s.state != "" && state != s.state,
			confidence < s.least, s.most > 0 && confidence > s.most,
			s.until != "" && (received < s.from || received > s.until),
			phrases && f.number > 1 && !hasPhrases(text, s.phrases, st.exact):
		default:
			rows[f.id] = f
		}
		return nil
	})
	var good []found
	for _, id := range ids {
		if f, ok := rows[id]; ok {
			good = append(good, f)
		}
	}
	return good, err
}

// eachOf runs a query that ends with "IN (" for some ids.
func eachOf(ctx context.Context, q querier, query string, ids []int64, take func(scan func(...any) error) error) error {
	const atOnce = 500
	for len(ids) > 0 {
		some := ids[:min(atOnce, len(ids))]
		ids = ids[len(some):]
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id
		}
		if err := q.each(ctx, query+strings.Repeat("?, ", len(some)-1)+"?)", args, take); err != nil {
			return err
		}
	}
	return nil
}

// hasPhrases tells whether the phrases stand on a page word for word: the tokens only say that each two words do.
func hasPhrases(text string, phrases [][]fold.Token, exact bool) bool {
	tokens := fold.Tokens(text)
	for _, phrase := range phrases {
		has := false
		for at := 0; at+len(phrase) <= len(tokens) && !has; at++ {
			has = true
			for i, t := range phrase {
				same := tokens[at+i].Folded == t.Folded
				if exact {
					same = tokens[at+i].Exact == t.Exact
				}
				if !same {
					has = false
					break
				}
			}
		}
		if !has {
			return false
		}
	}
	return true
}

// hits loads what is shown of the pages that were found.
func (s *search) hits(ctx context.Context, q querier, pages []found) ([]Hit, error) {
	ids := make([]int64, len(pages))
	for i, f := range pages {
		ids[i] = f.id
	}
	byID := make(map[int64]Hit, len(pages))
	err := eachOf(ctx, q, `SELECT x.id, p.id, d.id, d.code, a.code, p.name, p.kind, p.component, `+paperState+`, x.number, t.text, t.words, t.width, t.height,
		coalesce(g.turned, 0) + coalesce(o.turn, 0), coalesce(g.confidence, 0) FROM search_pages x JOIN papers p ON p.id = x.paper_id JOIN dossiers d ON d.id = p.dossier_id JOIN agencies a ON a.id = d.agency_id
		JOIN scans s ON s.sha256 = p.sha256 JOIN readings r ON r.id = coalesce(s.current_reading, s.latest_reading)
		`+pageOfHit+` WHERE x.id IN (`, ids, func(scan func(...any) error) error {
		var id int64
		var h Hit
		var text string
		var packed []byte
		err := scan(&id, &h.Paper, &h.Dossier, &h.DossierCode, &h.Agency, &h.Name, &h.Kind, &h.Component, &h.State, &h.Page, &text, &packed,
			&h.Width, &h.Height, &h.Turned, &h.Confidence)
		if err != nil {
			return err
		}
		words, err := unpackWords(packed)
		if err != nil {
			return fmt.Errorf("page %d of paper %d: %w", h.Page, h.Paper, err)
		}
		byID[id] = h.show(text, words, s)
		return nil
	})
	all := make([]Hit, 0, len(pages))
	for _, f := range pages {
		h, ok := byID[f.id]
		if !ok {
			continue
		}
		h.Exact = f.exact
		all = append(all, h)
	}
	return all, err
}
