package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"sohoa/scripts/browser"
	"sohoa/scripts/corpus"
)

// filled is what the pages show.
type filled struct {
	dossier, paper int64
	code           string // the dossier's
	scan           string // a file that the officer hands in
}

// waiting is how many papers nobody has approved yet.
const waiting = 25

// owners are names that nobody of the kind bears: made of the commonest parts.
func owners() []string {
	return []string{"Nguyễn Văn An", "Trần Thị Bích", "Lê Hữu Cường", "Phạm Thị Duyên", "Hoàng Văn Đức", "Võ Thị Hà", "Đặng Quốc Khánh", "Bùi Thị Lựu"}
}

// fill adds a half year of dossiers, and hands in the sample papers for the newest ones.
func fill(ctx context.Context, site *browser.Site, dir string) (f filled, err error) {
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return f, err
	}
	names, err := corpus.WriteSet(ctx, dir, corpus.Sample, 1, fonts)
	if err != nil {
		return f, err
	}
	random := rand.New(rand.NewPCG(50, 13))
	today := time.Now()
	var ids []int64
	codes := make(map[int64]string)
	const dossiers = 120
	for n := range dossiers {
		day := today.AddDate(0, 0, -(dossiers-n)*3/2)
		agency := []string{browser.Department, "H50.14", "H50.13.1"}[n%3]
		d := browser.Dossier{
			Code: fmt.Sprintf("%s-%s-%04d", agency, day.Format("060102"), n+1), Agency: agency, Procedure: browser.Procedure,
			Owner:   map[string]any{"name": owners()[n%len(owners())], "number": fmt.Sprintf("0450%08d", 10_000_000+n), "kind": 1},
			Subject: "Đổi giấy phép lái xe", State: 4, Received: day.Format(time.DateOnly), Due: day.AddDate(0, 0, 5).Format(time.DateOnly),
		}
		if n < dossiers-12 {
			d.State, d.Resolved = 10, day.AddDate(0, 0, 2+n%4).Format(time.DateOnly)
		}
		id, err := site.AddDossier(ctx, d)
		if err != nil {
			return f, err
		}
		ids = append(ids, id)
		codes[id] = d.Code
	}
	// Most older dossiers have papers: the same few scans, which are read once.
	var papers []int64
	for n, id := range ids {
		if n%5 == 4 {
			continue
		}
		paper, err := site.HandIn(ctx, id, filepath.Join(dir, names[n%len(names)]), "component", "TP01")
		if err != nil {
			return f, err
		}
		if random.IntN(3) > 0 {
			result, err := site.HandIn(ctx, id, filepath.Join(dir, names[(n+1)%len(names)]), "result", "")
			if err != nil {
				return f, err
			}
			papers = append(papers, result)
		}
		papers = append(papers, paper)
	}
	for n, p := range papers {
		if _, err := site.WaitRead(ctx, p); err != nil {
			return f, err
		}
		if n >= len(papers)-waiting {
			continue
		}
		if err := site.API(ctx, "PUT", fmt.Sprintf("/api/v1/papers/%d/approval", p), nil, nil); err != nil {
			return f, err
		}
		time.Sleep(20 * time.Millisecond) // a token may ask a hundred times a second
	}
	// Another paper, which is not held yet.
	fresh, err := corpus.WriteSet(ctx, filepath.Join(dir, "fresh"), corpus.Sample, 2, fonts)
	if err != nil {
		return f, err
	}
	f.scan = filepath.Join(dir, "fresh", fresh[0])
	// The newest dossier of the officer's own agency that has a paper.
	for n := len(ids) - 1; n >= 0; n-- {
		if n%3 == 0 && n%5 != 4 {
			f.dossier = ids[n]
			break
		}
	}
	var d struct {
		Papers []struct {
			ID int64 `json:"id"`
		} `json:"papers"`
	}
	f.code = codes[f.dossier]
	err = site.API(ctx, "GET", fmt.Sprintf("/api/v1/dossiers/%d", f.dossier), nil, &d)
	if err == nil && len(d.Papers) > 0 {
		f.paper = d.Papers[0].ID
	}
	return f, err
}
