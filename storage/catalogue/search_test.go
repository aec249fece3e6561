package catalogue

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/storage/catalogue/fold"
)

// boxed makes a page of a text, each word ten pixels wide.
func boxed(number int, text string) PageText {
	p := PageText{Number: number, Text: text, Width: 1000, Height: 1400}
	at := 0
	for i, word := range strings.Fields(text) {
		start := at + strings.Index(text[at:], word)
		at = start + len(word)
		p.Words = append(p.Words, WordBox{Start: start, End: at, X0: 20 * i, Y0: 5, X1: 20*i + 10, Y1: 15, Confidence: 90})
	}
	return p
}

// readAs does all the work on a handed-in paper whose pages have these texts.
func readAs(t *testing.T, c *Catalogue, r Receipt, texts ...string) {
	t.Helper()
	ctx := t.Context()
	if _, err := c.Split(ctx, r.Work, "tiff", len(texts), time.Minute); err != nil {
		t.Fatal(err)
	}
	var pages []PageText
	for i, text := range texts {
		if _, _, err := c.EndPage(ctx, r.Work, PageRecord{Number: i + 1, State: "read", Source: "recognized"}, time.Minute); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, boxed(i+1, text))
	}
	if err := c.Bound(ctx, r.Work, Summary{Confidence: 90}, pages); err != nil {
		t.Fatal(err)
	}
}

// found names the hits: paper/page, with ! where the accents are those that were typed.
func foundAs(t *testing.T, c *Catalogue, reach Reach, q Query) string {
	t.Helper()
	var all []string
	for _, h := range must[Hits](t)(c.Search(t.Context(), reach, q)).Hits {
		mark := ""
		if h.Exact {
			mark = "!"
		}
		all = append(all, fmt.Sprintf("%s/%d%s", strings.TrimLeft(h.DossierCode[len(h.DossierCode)-4:], "0"), h.Page, mark))
	}
	return strings.Join(all, " ")
}

func TestSearchFindsWordsAndPhrases(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		tree := agencies(t, c)
		ctx := t.Context()
		texts := [][]string{
			1: {"Tỷ lệ số hóa hồ sơ của Sở", "trang hai nói về thuỷ sản"},
			2: {"so hoa ho so viết không dấu"},
			3: {"hồ cá và sơ đồ, hóa chất, số liệu"},
			4: {"Quyết định số 12/2024/QĐ-UBND ngày 31/03/2022 về Đất đai"},
			5: {"số hoá hồ sơ theo cách viết mới"},
		}
		for n, pages := range texts {
			if n == 0 {
				continue
			}
			agency := "H50.13"
			if n == 5 {
				agency = "H50.14"
			}
			d, _, err := c.PutDossier(ctx, Everywhere, Dossier{
				Code: fmt.Sprintf("H50.13-260331-%04d", n), Agency: agency, Procedure: fmt.Sprintf("1.00280%d", n),
				Received: fmt.Sprintf("2026-%02d-15", n), Owner: Owner{Name: map[int]string{3: "Trần Thị Bưởi"}[n]},
			})
			if err != nil {
				t.Fatal(err)
			}
			kind := ComponentPaper
			if n == 4 {
				kind = ResultPaper
			}
			readAs(t, c, must[Receipt](t)(c.HandIn(ctx, Everywhere, HandIn{
				Dossier: d.ID, Scan: Scan{SHA256: sum(n), Size: 1, MediaType: "image/tiff"}, Kind: kind, Component: "DON", Revision: "1",
			})), pages...)
		}
		for _, q := range []struct {
			query Query
			want  string
		}{
			{Query{Text: "số hóa hồ sơ"}, "5/1! 1/1! 3/1! 2/1"},
			{Query{Text: "số hoá hồ sơ"}, "5/1! 1/1! 3/1! 2/1"},
			{Query{Text: "SỐ HÓA HỒ SƠ"}, "5/1! 1/1! 3/1! 2/1"},
			{Query{Text: "so hoa ho so"}, "2/1! 5/1 1/1 3/1"},
			{Query{Text: `"số hóa hồ sơ"`}, "5/1! 1/1! 2/1"},
			{Query{Text: `"ho so" so`}, "2/1! 5/1 1/1"},
			{Query{Text: `"hồ sơ`}, "5/1! 1/1! 2/1"},
			{Query{Text: "thủy sản"}, "1/2!"},
			{Query{Text: "dat dai"}, "4/1"},
			{Query{Text: "Ðất"}, "4/1!"},
			{Query{Text: "12/2024/QĐ-UBND"}, "4/1!"},
			{Query{Text: "12/2024/qd-ubnd"}, "4/1"},
			{Query{Text: "2024"}, "4/1!"},
			{Query{Text: "31/03/2022"}, "4/1!"},
			{Query{Text: "12/2023/QĐ-UBND"}, ""},
			{Query{Text: "H50.13-260331-0003"}, "3/1!"},
			{Query{Text: "trần thị bưởi"}, "3/1!"},
			{Query{Text: "tran thi buoi chất"}, "3/1"},
			{Query{Text: "số", Agency: "H50.14"}, "5/1!"},
			{Query{Text: "số", Agency: "H50"}, "5/1! 4/1! 3/1! 1/1! 2/1"},
			{Query{Text: "số", Agency: "H99"}, ""},
			{Query{Text: "số", Kind: ResultPaper}, "4/1!"},
			{Query{Text: "số", Procedure: "1.002803"}, "3/1!"},
			{Query{Text: "số", Dossier: "H50.13-260331-0001"}, "1/1!"},
			{Query{Text: "số", Dossier: "H50.13-260331-0009"}, ""},
			{Query{Text: "số", Component: "GKSK"}, ""},
			{Query{Text: "số", Component: "DON", State: PaperRead}, "5/1! 4/1! 3/1! 1/1! 2/1"},
			{Query{Text: "số", State: PaperFailed}, ""},
			{Query{State: PaperRead}, "5/1! 4/1! 3/1! 2/1! 1/2! 1/1!"},
			{Query{State: PaperReview}, ""},
			{Query{Text: "số", ReceivedFrom: "2026-03-15", ReceivedTill: "2026-03-15"}, "3/1!"},
			{Query{Text: "số", ReceivedFrom: "2026-02-16"}, "5/1! 4/1! 3/1!"},
			{Query{Text: "số", ReceivedTill: "2026-03-14"}, "1/1! 2/1"},
			{Query{Text: "số", Limit: 2}, "5/1! 4/1!"},
			{Query{Text: "số", Limit: 2, Offset: 2}, "3/1! 1/1!"},
			{Query{Dossier: "H50.13-260331-0001"}, "1/2! 1/1!"},
			{Query{}, ""},
			{Query{Text: " . "}, ""},
			{Query{Text: "không có ở đâu"}, ""},
		} {
			if got := foundAs(t, c, Everywhere, q.query); got != q.want {
				t.Errorf("%+v: found %q, want %q", q.query, got, q.want)
			}
		}
		if got := foundAs(t, c, tree["H50.14"].Path, Query{Text: "số"}); got != "5/1!" {
			t.Errorf("out of reach: %q", got)
		}
		if got := foundAs(t, c, tree["H50.14"].Path, Query{Text: "số", Agency: "H50.13"}); got != "" {
			t.Errorf("another agency: %q", got)
		}
		if got := foundAs(t, c, "", Query{Text: "số"}); got != "" {
			t.Errorf("without reach: %q", got)
		}
	})
}

func TestHitsShowWhereTheWordsStand(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		long := strings.Repeat("mở đầu không có gì để tìm ", 40) + "rồi đến giấy phép lái xe của ông An" + strings.Repeat(" và cứ thế mãi", 40)
		readAs(t, c, handIn(t, c, "H50.13", 1, nil), long)
		h := must[Hits](t)(c.Search(t.Context(), Everywhere, Query{Text: "giay phep lai xe"}))
		if len(h.Hits) != 1 || h.More {
			t.Fatalf("%+v", h)
		}
		hit := h.Hits[0]
		var marked []string
		for _, m := range hit.Marks {
			marked = append(marked, hit.Snippet[m[0]:m[1]])
		}
		if strings.Join(marked, " ") != "giấy phép lái xe" || len(hit.Snippet) > 2*snippetBytes {
			t.Errorf("marked %q in %q", marked, hit.Snippet)
		}
		words := strings.Fields(long)
		if len(hit.Boxes) != 4 || hit.Width != 1000 {
			t.Fatalf("%+v", hit.Boxes)
		}
		for i, b := range hit.Boxes {
			if at := slices.Index(words, "giấy") + i; b.X0 != 20*at || b.X1 != 20*at+10 || b.Y0 != 5 || b.Confidence != 90 || long[b.Start:b.End] != words[at] {
				t.Errorf("box %d: %+v", i, b)
			}
		}
	})
}

// What a record says later, and who hands the same scan in later, is found at once; what was read anew replaces the old text.
func TestTheIndexFollowsTheRecords(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		first := handIn(t, c, "H50.13", 1, nil)
		readAs(t, c, first, "giấy khám sức khỏe")
		if err := c.PutFields(ctx, Everywhere, first.Paper.ID, map[FieldName]string{FieldNumber: "777", FieldNotation: "GKSK-BV"}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: first.Paper.DossierCode, Owner: Owner{Name: "Lê Văn Cường"}, Received: "2026-05-05"}); err != nil {
			t.Fatal(err)
		}
		handIn(t, c, "H50.14", 2, func(h *HandIn) { h.Scan.SHA256 = sum(1) })
		for _, q := range []struct {
			query Query
			want  string
		}{
			{Query{Text: "777"}, "1/1!"},
			{Query{Text: "gksk-bv"}, "1/1!"},
			{Query{Text: "le van cuong"}, "1/1"},
			{Query{Text: "khám", ReceivedFrom: "2026-05-05", ReceivedTill: "2026-05-05"}, "1/1!"},
			{Query{Text: "khám", Agency: "H50.14"}, "2/1!"},
			{Query{Text: "khám"}, "2/1! 1/1!"},
		} {
			if got := foundAs(t, c, Everywhere, q.query); got != q.want {
				t.Errorf("%+v: found %q, want %q", q.query, got, q.want)
			}
		}
		if err := c.Reindex(ctx, sum(1), []PageText{boxed(1, "giấy đã sửa")}); err != nil {
			t.Fatal(err)
		}
		if got := foundAs(t, c, Everywhere, Query{Text: "khám"}) + "|" + foundAs(t, c, Everywhere, Query{Text: "sửa"}); got != "|2/1! 1/1!" {
			t.Errorf("after a correction: %q", got)
		}
	})
}

// Search finds the pages that a scan over all of them finds.
func TestSearchIsAScanOverAll(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		random := rand.New(rand.NewPCG(7, 7))
		vocabulary := []string{"số", "so", "sổ", "hóa", "hoá", "hoa", "hồ", "hổ", "sơ", "đất", "dat", "12/2024", "QĐ-UBND", "12", "2024"}
		draw := func(n int) string {
			var words []string
			for range n {
				words = append(words, vocabulary[random.IntN(len(vocabulary))])
			}
			return strings.Join(words, " ")
		}
		texts := make([]string, 60)
		for i := range texts {
			texts[i] = draw(1 + random.IntN(8))
			readAs(t, c, handIn(t, c, "H50.13", i+1, nil), "bìa", texts[i]) // the record is found on the first page
		}
		for range 150 {
			query := draw(1 + random.IntN(3))
			if random.IntN(3) == 0 {
				query = `"` + query + `"`
			}
			h := must[Hits](t)(c.Search(t.Context(), Everywhere, Query{Text: query, Limit: 100}))
			got := make(map[string]bool)
			last := true
			for _, hit := range h.Hits {
				if hit.Page != 2 {
					continue
				}
				got[hit.DossierCode] = true
				if hit.Exact && !last {
					t.Errorf("%s: exact behind folded", query)
				}
				last = hit.Exact
			}
			s := &search{exact: map[string]bool{}, folded: map[string]bool{}}
			s.read(query)
			for i, text := range texts {
				want := hasPhrases(text, s.phrases, false)
				for _, w := range s.words {
					want = want && strings.Contains(" "+folded(text)+" ", " "+w.Folded+" ")
				}
				if code := fmt.Sprintf("H50.13-260331-%04d", i+1); got[code] != want {
					t.Errorf("%s: found %v in %q, want %v", query, got[code], text, want)
				}
			}
		}
	})
}

func TestWordBoxesArePacked(t *testing.T) {
	t.Parallel()
	words := []WordBox{{0, 3, 10, 20, 30, 40, 95}, {4, 9, 5, 2000, 4000, 2100, 0}, {10, 11, 0, 0, 1, 1, 100}}
	got, err := unpackWords(packWords(words))
	if err != nil || !slices.Equal(got, words) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := unpackWords([]byte{0x80}); err == nil {
		t.Error("damaged places were understood")
	}
}

func FuzzQuery(f *testing.F) {
	c, err := Open(Config{URL: "sqlite:" + filepath.Join(f.TempDir(), "c.db")})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close() })
	if _, err := c.Migrate(f.Context()); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`số hóa`, `"một câu`, `" OR "`, `NEAR(a b)`, `a* -b ^c`, `tokens:x`, `'; DROP TABLE papers; --`, `a | b & !c <-> d`, "0ܷ0 漢字 ৩", "\x00\xff", `"""`, strings.Repeat("dài ", 10_000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := c.Search(t.Context(), Everywhere, Query{Text: text})
		if err != nil || len(h.Hits) > 0 {
			t.Errorf("%q: %v, %v", text, h, err)
		}
		// What PostgreSQL is given holds no quote that is not ours.
		s := &search{exact: map[string]bool{}, folded: map[string]bool{}}
		s.read(text)
		for _, st := range s.stages() {
			for _, any := range st.all {
				for _, token := range any {
					if strings.ContainsAny(token, `'"\ `+"\x00") {
						t.Errorf("%q becomes the token %q", text, token)
					}
				}
			}
		}
	})
}

func folded(text string) string {
	var words []string
	for _, token := range fold.Tokens(text) {
		words = append(words, token.Folded)
	}
	return strings.Join(words, " ")
}
