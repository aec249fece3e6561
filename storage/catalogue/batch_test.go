package catalogue

import (
	"slices"
	"testing"
	"time"

	"sohoa/storage/catalogue/cover"
)

// Where a batch is cut, page by page. A page is written as what stands on it: "" print, "-" blank, "!" unread, "T" the title of a
// cover sheet, A1 the sheet of dossier A and component 1, A1A2 two sheets at once, x a broken sheet, a the code of dossier A.
func TestPartsOf(t *testing.T) {
	t.Parallel()
	key := cover.Key("k")
	type want struct {
		cover, first, last int
		dossier            string
		reasons            []PartReason
	}
	const a, b = "H50.13-220331-0001", "H50.13-220331-0002"
	for name, c := range map[string]struct {
		pages []string
		parts []want
	}{
		"nothing":                           {nil, nil},
		"no cover":                          {[]string{"", "-", ""}, []want{{0, 1, 3, "", []PartReason{ReasonNoCover}}}},
		"two papers":                        {[]string{"A1", "", "", "B1", ""}, []want{{1, 2, 3, a, nil}, {4, 5, 5, b, nil}}},
		"pages before the first cover":      {[]string{"", "A1", ""}, []want{{0, 1, 1, "", []PartReason{ReasonNoCover}}, {2, 3, 3, a, nil}}},
		"both sides are scanned":            {[]string{"A1", "-", "", "-", "B1", "-", ""}, []want{{1, 3, 4, a, nil}, {5, 7, 7, b, nil}}},
		"the sheet shines through":          {[]string{"A1", "A1", "", "B1", "", "B1", ""}, []want{{1, 3, 3, a, nil}, {4, 5, 5, b, nil}, {6, 7, 7, b, nil}}},
		"the same paper twice":              {[]string{"A1", "", "A1", ""}, []want{{1, 2, 2, a, nil}, {3, 4, 4, a, nil}}},
		"nothing behind a cover":            {[]string{"A1", "B1", "", "A2"}, []want{{1, 0, 0, a, []PartReason{ReasonNoPages}}, {2, 3, 3, b, nil}, {4, 0, 0, a, []PartReason{ReasonNoPages}}}},
		"a broken cover":                    {[]string{"A1", "", "x", "", ""}, []want{{1, 2, 2, a, nil}, {3, 3, 5, "", []PartReason{ReasonDamagedCover}}}},
		"a cover known by its title":        {[]string{"A1", "", "T", ""}, []want{{1, 2, 2, a, nil}, {3, 3, 4, "", []PartReason{ReasonDamagedCover}}}},
		"of another version":                {[]string{"v", ""}, []want{{1, 1, 2, "", []PartReason{ReasonOtherVersion}}}},
		"one of its two codes is broken":    {[]string{"xA1", ""}, []want{{1, 2, 2, a, nil}}},
		"two covers on one page":            {[]string{"A1A2", ""}, []want{{1, 1, 2, "", []PartReason{ReasonTwoCovers}}}},
		"a page that may have been a cover": {[]string{"A1", "", "!", ""}, []want{{1, 2, 4, a, []PartReason{ReasonUnreadPage}}}},
		"the code of another dossier":       {[]string{"A1", "a", "b"}, []want{{1, 2, 3, a, []PartReason{ReasonOtherCode}}}},
		"its own code":                      {[]string{"A1", "a"}, []want{{1, 2, 2, a, nil}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := partsOf(key, written(key, c.pages))
			if len(parts) != len(c.parts) {
				t.Fatalf("%d parts: %+v", len(parts), parts)
			}
			for i, w := range c.parts {
				p, dossier := parts[i], ""
				if p.sheet != nil {
					dossier = p.sheet.Dossier
				}
				if p.Cover != w.cover || p.First != w.first || p.Last != w.last || dossier != w.dossier || !slices.Equal(p.Reasons, w.reasons) {
					t.Errorf("part %d: %+v of %q, want %+v", i+1, p.BatchPart, dossier, w)
				}
			}
		})
	}
}

func written(key cover.Key, as []string) (pages []batchPage) {
	const a, b = "H50.13-220331-0001", "H50.13-220331-0002"
	for i, said := range as {
		p := batchPage{number: i + 1, blank: said == "-", failed: said == "!", titled: said == "T"}
		for at := 0; at < len(said); at++ {
			switch said[at] {
			case 'A', 'B':
				dossier := a
				if said[at] == 'B' {
					dossier = b
				}
				at++
				p.codes = append(p.codes, key.Code(cover.Sheet{Dossier: dossier, Kind: "component", Component: "TP" + said[at:at+1]}))
			case 'a':
				p.codes = append(p.codes, a+"\n")
			case 'b':
				p.codes = append(p.codes, b)
			case 'x':
				p.codes = append(p.codes, key.Code(cover.Sheet{Dossier: a, Kind: "component"})+"X")
			case 'v':
				p.codes = append(p.codes, "SOHOA2|"+a+"|component|TP1|ABCDEFGHIJ")
			}
		}
		pages = append(pages, p)
	}
	return pages
}

func TestSaysCover(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		cover.Title: true, "SỞ XÂY DỰNG\nTỜ BÌA TÁCH LÔ QUÉT\nH50": true, "tờ bìa\ntách lô quét": true, "TO BIA TACH LO QUET": true,
		"": false, "tờ bìa hồ sơ": false,
	} {
		if saysCover(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// readCodes does all the work on a reading whose pages have these codes.
func readCodes(t *testing.T, c *Catalogue, r Reading, pages []string) {
	t.Helper()
	ctx := t.Context()
	if !r.Codes {
		t.Fatalf("codes are not looked for: %+v", r)
	}
	if r.Step == StepSplit {
		must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepSplit, time.Minute))
		must[Reading](t)(c.Split(ctx, r, "tiff", len(pages), time.Minute))
	}
	var texts []PageText
	for i, code := range pages {
		n := i + 1
		began := must[Reading](t)(c.BeginPage(ctx, r.ID, r.Revision, n, time.Minute))
		var codes []PageCode
		if code != "" {
			codes = []PageCode{{Kind: "qr", Text: code, X0: 1, Y0: 2, X1: 30, Y1: 40}}
		}
		if err := c.PutCodes(ctx, began, n, codes); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.EndPage(ctx, began, PageRecord{Number: n, State: "read", Source: "recognized", Confidence: 90, Words: 3}, time.Minute); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, PageText{Number: n, Text: "trang giấy tờ", Width: 100, Height: 100})
	}
	began := must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepBind, time.Minute))
	if err := c.Bound(ctx, began, Summary{Words: 3, Confidence: 90}, texts); err != nil {
		t.Fatal(err)
	}
}

// sheetOf is the code on a cover sheet for a component of a new dossier.
func sheetOf(t *testing.T, c *Catalogue, code, agency, component string) (DossierID, string) {
	t.Helper()
	d, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: code, Agency: agency, Procedure: "1.002809"})
	if err != nil {
		t.Fatal(err)
	}
	_, covers, err := c.Covers(t.Context(), Everywhere, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range covers {
		if s.Component == component {
			return d.ID, s.Code
		}
	}
	t.Fatalf("no cover sheet for %s: %+v", component, covers)
	return 0, ""
}

func procedure(t *testing.T, c *Catalogue) {
	t.Helper()
	err := c.PutProcedure(t.Context(), Procedure{Code: "1.002809", Name: "Đổi giấy phép lái xe", FieldCode: "GTVT", FieldName: "Đường bộ", Result: true,
		Components: []Component{{Code: "TP01", Name: "Đơn đề nghị", Required: true}, {Code: "TP02", Name: "Giấy khám sức khỏe", Required: true}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		procedure(t, c)
		d, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: "H50.13-260331-0001", Agency: "H50.13", Procedure: "1.002809"})
		if err != nil {
			t.Fatal(err)
		}
		found, covers, err := c.Covers(t.Context(), all["H50.13"].Path, d.ID)
		if err != nil || found.Code != d.Code || len(covers) != 4 {
			t.Fatalf("%+v, %v", covers, err)
		}
		if covers[0].Component != "TP01" || covers[0].Name != "Đơn đề nghị" || covers[2].Kind != ResultPaper || covers[3].Component != "" {
			t.Errorf("%+v", covers)
		}
		_, again, err := c.Covers(t.Context(), Everywhere, d.ID)
		if err != nil || !slices.Equal(covers, again) {
			t.Errorf("the same sheets differ: %+v, %+v, %v", covers, again, err)
		}
		if _, _, err := c.Covers(t.Context(), all["H50.14"].Path, d.ID); !isNotFound(err) {
			t.Errorf("out of reach: %v", err)
		}
		plain, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: "H50.13-260331-0002", Agency: "H50.13"})
		if err != nil {
			t.Fatal(err)
		}
		if _, covers, err := c.Covers(t.Context(), Everywhere, plain.ID); err != nil || len(covers) != 2 {
			t.Errorf("without a procedure: %+v, %v", covers, err)
		}
	})
}
