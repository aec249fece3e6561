package catalogue

import (
	"context"
	"strings"

	"sohoa/storage/catalogue/fold"
)

// recentDossiers is how many of the newest dossiers are looked through by owner: a desk's of about ten days. Older ones are found
// by their code, or by a paper that they have.
const recentDossiers = 2000

// FindDossiers are those within reach that somebody who types may mean, at most limit: by the beginning of the code; by words of
// code, owner's name or number, of the newest ones; by words of their papers.
func (c *Catalogue) FindDossiers(ctx context.Context, reach Reach, text string, limit int) (all []Dossier, err error) {
	tokens := fold.Tokens(text)
	if len(tokens) == 0 {
		return nil, nil
	}
	seen := make(map[DossierID]bool)
	add := func(d Dossier) {
		if !seen[d.ID] && len(all) < limit {
			seen[d.ID] = true
			all = append(all, d)
		}
	}
	err = c.view(ctx, "find dossiers", func(q querier) error {
		all = nil
		clear(seen)
		if err := dossiersByCode(ctx, q, reach, text, limit, add); err != nil || len(all) == limit {
			return err
		}
		return recentByOwner(ctx, q, reach, tokens, add)
	})
	if err != nil || len(all) == limit {
		return all, err
	}
	found, err := c.Search(ctx, reach, Query{Text: text, Limit: mostHits})
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, h := range found.Hits {
		codes = append(codes, h.DossierCode)
	}
	err = c.view(ctx, "find dossiers", func(q querier) error {
		for _, code := range codes {
			if len(all) == limit {
				return nil
			}
			d, err := dossierWhere(ctx, q, reach, "d.code = ?", code)
			if isNotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			add(d)
		}
		return nil
	})
	return all, err
}

// dossiersByCode gives those whose code begins so, the newest code first.
func dossiersByCode(ctx context.Context, q querier, reach Reach, text string, limit int, add func(Dossier)) error {
	begin := strings.ToUpper(tidy(text))
	if begin == "" || strings.ContainsAny(begin, " \t") {
		return nil
	}
	from, to := reach.bounds()
	return q.each(ctx, dossierColumns+" WHERE d.code >= ? AND d.code < ? AND a.path >= ? AND a.path < ? ORDER BY d.code DESC LIMIT ?",
		[]any{begin, begin + "\U0010ffff", from, to, limit}, func(scan func(...any) error) error {
			d, err := scanDossier(scan)
			if err == nil {
				add(d)
			}
			return err
		})
}

// recentByOwner gives those of the newest dossiers that have all the words, or words that begin so.
func recentByOwner(ctx context.Context, q querier, reach Reach, tokens []fold.Token, add func(Dossier)) error {
	from, to := reach.bounds()
	return q.each(ctx, dossierColumns+" WHERE a.path >= ? AND a.path < ? ORDER BY d.id DESC LIMIT ?", []any{from, to, recentDossiers},
		func(scan func(...any) error) error {
			d, err := scanDossier(scan)
			if err != nil {
				return err
			}
			if hasWords(fold.Tokens(d.Code+" "+d.Owner.Number+" "+d.Owner.Name), tokens) {
				add(d)
			}
			return nil
		})
}
