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

// A paper of a batch is looked at for its own sake: one page that was hard to read does not have all others looked at.
func TestAPartIsLookedAtForItsOwnSake(t *testing.T) {
	t.Parallel()
	pages := []batchPage{{confidence: 95, words: 10}, {confidence: 40, words: 10}, {words: 0}, {confidence: 60, words: 100}, {confidence: 99, words: 1}}
	for _, c := range []struct {
		first, last int
		below       float64
		reasons     []PartReason
		want        int
	}{
		{1, 1, 80, nil, lookNever},
		{2, 2, 80, nil, lookAsRead},
		{1, 2, 80, nil, lookAsRead},
		{3, 3, 80, nil, lookNever},
		{4, 5, 80, nil, lookAsRead},
		{1, 1, 0, nil, lookAsRead},
		{1, 1, 80, []PartReason{ReasonUnreadPage}, lookAlways},
	} {
		p := batchPart{BatchPart: BatchPart{First: c.first, Last: c.last, Reasons: c.reasons}}
		if got := p.lookFor(pages, c.below); got != c.want {
			t.Errorf("pages %d to %d, %v below %v: %d, want %d", c.first, c.last, c.reasons, c.below, got, c.want)
		}
	}
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
	err := c.PutProcedure(t.Context(), Procedure{
		Code: "1.002809", Name: "Đổi giấy phép lái xe", FieldCode: "GTVT", FieldName: "Đường bộ", Result: true,
		Components: []Component{{Code: "TP01", Name: "Đơn đề nghị", Required: true}, {Code: "TP02", Name: "Giấy khám sức khỏe", Required: true}},
	})
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

// A feeder's scan becomes papers of the right dossiers; what no cover sends elsewhere stays, to be looked at.
func TestABatchIsSplit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		procedure(t, c)
		ctx := t.Context()
		own, sheet1 := sheetOf(t, c, "H50.13-260331-0100", "H50.13", "TP01")
		second, sheet2 := sheetOf(t, c, "H50.13.1-260331-0101", "H50.13.1", "TP02")
		_, foreign := sheetOf(t, c, "H50.14-260331-0102", "H50.14", "TP01")
		officer := c.As(Actor{Name: "user:hoa"})
		r := must[Receipt](t)(officer.HandIn(ctx, all["H50.13"].Path, HandIn{
			Dossier: own, Scan: Scan{SHA256: sum(1), Size: 100, MediaType: "image/tiff"}, Name: "lô.tif", Revision: "1", Batch: true,
		}))
		if !r.Paper.Batch || r.Paper.Split || !r.Due {
			t.Errorf("%+v", r)
		}
		readCodes(t, c, r.Work, []string{"", sheet1, "", "", sheet2, "", foreign, "", sheet1 + "X", ""})
		b := must[BatchState](t)(c.Batch(ctx, all["H50.13"].Path, r.Paper.ID))
		want := []BatchPart{
			{First: 1, Last: 1, Dossier: own, DossierCode: "H50.13-260331-0100", Kind: ComponentPaper, Reasons: []PartReason{ReasonNoCover}},
			{Cover: 2, First: 3, Last: 4, Dossier: own, DossierCode: "H50.13-260331-0100", Kind: ComponentPaper, Component: "TP01"},
			{Cover: 5, First: 6, Last: 6, Dossier: second, DossierCode: "H50.13.1-260331-0101", Kind: ComponentPaper, Component: "TP02"},
			{Cover: 7, First: 7, Last: 8, Dossier: own, DossierCode: "H50.13-260331-0100", Kind: ComponentPaper, Reasons: []PartReason{ReasonUnknownDossier}},
			{Cover: 9, First: 9, Last: 10, Dossier: own, DossierCode: "H50.13-260331-0100", Kind: ComponentPaper, Reasons: []PartReason{ReasonDamagedCover}},
		}
		if b.Split.IsZero() || len(b.Parts) != len(want) {
			t.Fatalf("%+v", b)
		}
		for i, w := range want {
			got := b.Parts[i]
			id := got.Paper
			w.Paper = id
			if !slices.Equal(got.Reasons, w.Reasons) {
				t.Errorf("part %d: %v", i+1, got.Reasons)
			}
			got.Reasons, w.Reasons = nil, nil
			if got.Cover != w.Cover || got.First != w.First || got.Last != w.Last || got.Dossier != w.Dossier || got.DossierCode != w.DossierCode ||
				got.Kind != w.Kind || got.Component != w.Component {
				t.Errorf("part %d: %+v, want %+v", i+1, got, w)
			}
			p := must[Paper](t)(c.Paper(ctx, Everywhere, id))
			state := PaperRead
			if len(b.Parts[i].Reasons) > 0 {
				state = PaperReview
			}
			if p.Dossier != w.Dossier || p.Pages != w.Last-w.First+1 || p.State != state || p.HandedInBy != "user:hoa" || p.Component != w.Component {
				t.Errorf("paper of part %d: %+v", i+1, p)
			}
			pages, _, err := c.PaperPages(ctx, Everywhere, id)
			if err != nil || len(pages) == 0 || pages[0].Number != w.First || pages[len(pages)-1].Number != w.Last {
				t.Errorf("pages of part %d: %+v, %v", i+1, pages, err)
			}
		}
		checkSplit(t, c, all["H50.13"].Path, r, 5)

		// The same again: nothing is added, and who asks is told what became of it.
		again := must[Receipt](t)(officer.HandIn(ctx, all["H50.13"].Path, HandIn{
			Dossier: own, Scan: Scan{SHA256: sum(1), Size: 100, MediaType: "image/tiff"}, Name: "lô.tif", Revision: "1", Batch: true,
		}))
		if !again.Again || again.Paper.ID != r.Paper.ID || !again.Paper.Split || again.Due {
			t.Errorf("%+v", again)
		}
		checkSplit(t, c, all["H50.13"].Path, r, 5)
		if found := must[Hits](t)(c.Search(ctx, Everywhere, Query{Text: "giấy tờ", Limit: 100})); len(found.Hits) != 8 {
			t.Errorf("%d pages are found, want the 10 without the two covers that were good", len(found.Hits))
		}
	})
}

// checkSplit looks whether a batch is history, and how many papers there are in its place.
func checkSplit(t *testing.T, c *Catalogue, reach Reach, r Receipt, papers int) {
	t.Helper()
	if _, err := c.Paper(t.Context(), Everywhere, r.Paper.ID); !isNotFound(err) {
		t.Errorf("the batch is still a paper: %v", err)
	}
	handed := must[[]Paper](t)(c.HandedIn(t.Context(), reach, "user:hoa", time.Time{}, 100))
	if len(handed) != papers+1 {
		t.Errorf("%d papers were handed in, want %d and the batch", len(handed), papers)
	}
	var acts int
	for _, act := range must[[]Act](t)(c.Acts(t.Context(), ActFilter{Action: "batch.split"})) {
		if act.Subject == subject("paper", r.Paper.ID) {
			acts++
		}
	}
	if acts != 1 {
		t.Errorf("it was split %d times", acts)
	}
}

// An ordinary scan whose officer ticked the box stays one paper, to be looked at.
func TestABatchWithoutCoversStaysWhole(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		r := handIn(t, c, "H50.13", 1, func(h *HandIn) { h.Batch = true })
		readCodes(t, c, r.Work, []string{"", "H50.13-260331-0001"})
		p := must[Paper](t)(c.Paper(t.Context(), Everywhere, r.Paper.ID))
		b := must[BatchState](t)(c.Batch(t.Context(), Everywhere, r.Paper.ID))
		if p.State != PaperReview || !p.Split || len(b.Parts) != 1 || b.Parts[0].Paper != p.ID || b.Parts[0].Last != 2 {
			t.Errorf("%+v, %+v", p, b)
		}
	})
}

// A scan that was read without its codes being looked for is read once more where it turns out to be a batch; what was read stays
// shown meanwhile, and a page that was under way without is read anew.
func TestABatchThatWasReadAsAnOrdinaryPaper(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		procedure(t, c)
		ctx := t.Context()
		_, sheet := sheetOf(t, c, "H50.13-260331-0200", "H50.13", "TP01")
		first := handIn(t, c, "H50.13", 1, nil)
		read(t, c, first.Work, 3, "giấy phép lái xe")
		r := handIn(t, c, "H50.13", 1, func(h *HandIn) { h.Batch = true })
		if !r.Again || !r.Due || r.Work.Step != StepPages || !r.Work.Codes || r.Paper.State != PaperReading || !r.Paper.Whole {
			t.Fatalf("%+v", r)
		}
		if found := must[Hits](t)(c.Search(ctx, Everywhere, Query{Text: "giấy phép"})); len(found.Hits) != 3 {
			t.Errorf("%d pages are found meanwhile", len(found.Hits))
		}
		if due := must[[]Task](t)(c.Due(ctx, 10)); len(due) != 3 || due[0].Step != StepPages {
			t.Errorf("due: %+v", due)
		}
		readCodes(t, c, r.Work, []string{sheet, "", ""})
		b := must[BatchState](t)(c.Batch(ctx, Everywhere, r.Paper.ID))
		if len(b.Parts) != 1 || b.Parts[0].First != 2 || b.Parts[0].DossierCode != "H50.13-260331-0200" {
			t.Errorf("%+v", b)
		}

		// Under way without codes: what that page came to is not taken.
		under := handIn(t, c, "H50.13", 2, nil)
		must[Reading](t)(c.Begin(ctx, under.Work.ID, "1", StepSplit, time.Minute))
		must[Reading](t)(c.Split(ctx, under.Work, "tiff", 1, time.Minute))
		began := must[Reading](t)(c.BeginPage(ctx, under.Work.ID, "1", 1, time.Minute))
		batch := handIn(t, c, "H50.13", 2, func(h *HandIn) { h.Batch = true })
		if _, _, err := c.EndPage(ctx, began, PageRecord{Number: 1, State: "read", Source: "recognized"}, time.Minute); err == nil {
			t.Error("a page without its codes was taken")
		}
		readCodes(t, c, batch.Work, []string{""})
		if p := must[Paper](t)(c.Paper(ctx, Everywhere, batch.Paper.ID)); p.State != PaperReview || !p.Split {
			t.Errorf("%+v", p)
		}
		clock.pass(time.Hour)
	})
}
