package catalogue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// shown is a page's words, each line apart, with where they stand.
func shown(w *PageWords) string {
	var b strings.Builder
	for i, box := range w.Words {
		if i > 0 {
			b.WriteString(" ")
		}
		fmt.Fprintf(&b, "%s@%d-%d", w.Text[box.Start:box.End], box.X0, box.X1)
	}
	return b.String()
}

// twoLines is a page of two lines, whose words are ten pixels a letter wide.
func twoLines(number int, first, second string) PageText {
	p := PageText{Number: number, Width: 1000, Height: 1000}
	for y, line := range []string{first, second} {
		if y > 0 {
			p.Text += "\n"
		}
		x := 0
		for i, word := range strings.Fields(line) {
			if i > 0 {
				p.Text += " "
			}
			wide := 10 * len([]rune(word))
			p.Words = append(p.Words, WordBox{Start: len(p.Text), End: len(p.Text) + len(word), X0: x, Y0: 100 * y, X1: x + wide, Y1: 100*y + 50, Confidence: 60})
			p.Text += word
			x += wide + 10
		}
	}
	return p
}

// readPages has a scan read with these pages.
func readPages(t *testing.T, c *Catalogue, r Reading, pages ...PageText) {
	t.Helper()
	ctx := t.Context()
	must[Reading](t)(c.Split(ctx, r, "tiff", len(pages), time.Minute))
	for n := range pages {
		_, _, err := c.EndPage(ctx, r, PageRecord{Number: n + 1, State: "read", Source: "recognized", Width: 1000, Height: 1000}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Bound(ctx, r, Summary{Words: 4, Confidence: 60, Review: true}, pages); err != nil {
		t.Fatal(err)
	}
}

func TestCorrectionsChangeWordsAndAreFound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "Sờ Giao thông", "vậntải đường bộ bộ"), twoLines(2, "trang hai", ""))
		other := handIn(t, c, "H50.14", 2, func(h *HandIn) { h.Scan.SHA256 = sum(1) })
		officer := c.As(Actor{Name: "user:lan"})
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		for _, step := range []struct {
			what string
			edit Edit
			want string
		}{
			{"a word", Edit{0, 1, "Sở", Place{}}, "Sở@0-20 Giao@30-70 thông@80-130 vậntải@0-60 đường@70-120 bộ@130-150 bộ@160-180"},
			{"one becomes two", Edit{3, 1, "vận tải", Place{}}, "Sở@0-20 Giao@30-70 thông@80-130 vận@0-25 tải@34-60 đường@70-120 bộ@130-150 bộ@160-180"},
			{"one is taken away", Edit{7, 1, "", Place{}}, "Sở@0-20 Giao@30-70 thông@80-130 vận@0-25 tải@34-60 đường@70-120 bộ@130-150"},
			{"two become one", Edit{1, 2, "Giaothông", Place{}}, "Sở@0-20 Giaothông@30-130 vận@0-25 tải@34-60 đường@70-120 bộ@130-150"},
			{"one is inserted", Edit{2, 0, "Quảng", Place{140, 0, 190, 50}}, "Sở@0-20 Giaothông@30-130 Quảng@140-190 vận@0-25 tải@34-60 đường@70-120 bộ@130-150"},
			{"one is confirmed", Edit{6, 1, "bộ", Place{}}, "Sở@0-20 Giaothông@30-130 Quảng@140-190 vận@0-25 tải@34-60 đường@70-120 bộ@130-150"},
		} {
			var err error
			if w, err = officer.Correct(ctx, Everywhere, r.Paper.ID, 1, w.Version, step.edit); err != nil {
				t.Fatalf("%s: %v", step.what, err)
			}
			if got := shown(&w); got != step.want {
				t.Errorf("%s:\n%s, want\n%s", step.what, got, step.want)
			}
		}
		if w.Text != "Sở Giaothông Quảng\nvận tải đường bộ" || w.Words[6].Confidence != sure || w.Words[5].Confidence != 60 {
			t.Errorf("%q, %+v", w.Text, w.Words)
		}
		if k := w.Corrections[1]; len(w.Corrections) != 6 || k.Was != "vậntải" || k.Became != "vận tải" || k.By != "user:lan" || k.Revision != "1" || !k.Fits {
			t.Errorf("%+v", w.Corrections)
		}
		for query, want := range map[string]string{`"vận tải"`: "2/1! 1/1!", "vậntải": "", "Sờ": "2/1 1/1", "hai": "2/2! 1/2!"} {
			got := strings.Fields(foundAs(t, c, Everywhere, Query{Text: query}))
			if len(got) != len(strings.Fields(want)) {
				t.Errorf("%s: %q is found, want %q", query, got, want)
			}
		}
		if p := must[Paper](t)(c.Paper(ctx, Everywhere, other.Paper.ID)); p.State != PaperReview {
			t.Errorf("%+v", p)
		}
		acts := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "paper.correct"}))
		if said := fmt.Sprint(acts); len(acts) != 6 || acts[0].Actor != "user:lan" || strings.Contains(said, "Sở") || strings.Contains(said, "vận") {
			t.Errorf("%+v", acts)
		}
	})
}

func TestCorrectionsThatCannotBe(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		if _, err := c.PageWords(ctx, Everywhere, r.Paper.ID, 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("before it is read: %v", err)
		}
		readPages(t, c, r.Work, twoLines(1, "một hai", "ba bốn"))
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		for what, e := range map[string]Edit{
			"over two lines":           {1, 2, "haiba", Place{}},
			"behind the last":          {4, 1, "năm", Place{}},
			"too many":                 {3, 2, "năm", Place{}},
			"nothing":                  {0, 0, "", Place{1, 1, 2, 2}},
			"nowhere":                  {0, 0, "không", Place{}},
			"beside the page":          {0, 0, "không", Place{1000, 1000, 1010, 1010}},
			"before the first":         {-1, 1, "không", Place{}},
			"control characters":       {0, 1, "m\x00t", Place{}},
			"a number that overflows?": {1 << 62, 1, "m", Place{}},
		} {
			var invalid *InvalidError
			if _, err := c.Correct(ctx, Everywhere, r.Paper.ID, 1, w.Version, e); !errors.As(err, &invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := c.Correct(ctx, all["H50.14"].Path, r.Paper.ID, 1, w.Version, Edit{0, 1, "một", Place{}}); !errors.Is(err, ErrNotFound) {
			t.Errorf("of another agency: %v", err)
		}
		if _, err := c.Correct(ctx, Everywhere, r.Paper.ID, 2, w.Version, Edit{0, 1, "một", Place{}}); !errors.Is(err, ErrNotFound) {
			t.Errorf("a page that is not there: %v", err)
		}
		if got := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1)); got.Version != w.Version || len(got.Corrections) > 0 {
			t.Errorf("%+v", got)
		}
	})
}

// Officers who correct the same page at once do not overwrite each other: of each version one succeeds.
func TestOfficersDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một hai ba bốn", "năm sáu bảy tám"))
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		const officers = 8
		var group sync.WaitGroup
		won := make(chan string, officers)
		for n := range officers {
			group.Go(func() {
				text := fmt.Sprintf("chữ%d", n)
				_, err := c.Correct(ctx, Everywhere, r.Paper.ID, 1, w.Version, Edit{n, 1, text, Place{}})
				var conflict *ConflictError
				if err == nil {
					won <- text
				} else if !errors.As(err, &conflict) || conflict.Kind != "page" || !conflict.Stale {
					t.Errorf("%d: %v", n, err)
				}
			})
		}
		group.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of them succeeded", len(won))
		}
		got := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		if text := <-won; !strings.Contains(got.Text, text) || strings.Count(got.Text, "chữ") != 1 || len(got.Corrections) != 1 {
			t.Errorf("%q", got.Text)
		}
	})
}

// A scan that is read anew keeps what officers corrected, wherever its place still fits.
func TestCorrectionsAreCarriedToTheNextReading(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		page := twoLines(1, "Sờ Giao thông", "sô 12 vậntải x")
		readPages(t, c, r.Work, page)
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		for _, e := range []Edit{
			{0, 1, "Sở", Place{}},
			{3, 1, "số", Place{}},
			{5, 1, "vận tải", Place{}},
			{5, 1, "Vận", Place{}},
			{7, 1, "", Place{}},
			{3, 0, "đã", Place{900, 0, 950, 50}},
		} {
			w = must[PageWords](t)(c.Correct(ctx, Everywhere, r.Paper.ID, 1, w.Version, e))
		}
		if w.Text != "Sở Giao thông đã\nsố 12 Vận tải" {
			t.Fatalf("%q", w.Text)
		}
		// The next reading has the page twice as large, reads one word right by itself, one wrong in another way, and sees
		// nothing at the place of a third.
		again := twoLines(1, "Sở Giao thông", "só 12 vậntải")
		again.Width, again.Height = 2000, 2000
		for i := range again.Words {
			b := &again.Words[i]
			b.X0, b.Y0, b.X1, b.Y1 = 2*b.X0, 2*b.Y0, 2*b.X1, 2*b.Y1
		}
		// As a reading of another revision will come: its row is not there before issue 6, so the same one is read again.
		reread(t, c, r.Work, again)
		w = must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		if w.Text != "Sở Giao thông đã\nsố 12 Vận tải" || w.Width != 2000 {
			t.Errorf("%q, %+v", w.Text, w.Corrections)
		}
		for _, k := range w.Corrections {
			if !k.Fits {
				t.Errorf("%+v does not fit", k)
			}
		}
		if got := foundAs(t, c, Everywhere, Query{Text: `"số 12 Vận tải"`}); got != "1/1!" {
			t.Errorf("%q is found", got)
		}
		// And one in which something else stands there: the correction is kept, and told not to fit.
		reread(t, c, r.Work, twoLines(1, "mộttiêuđềrấtdàimàkhôngailàmchữ", ""))
		w = must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		if !strings.HasPrefix(w.Text, "mộttiêu") || w.Corrections[0].Fits || len(w.Corrections) != 6 {
			t.Errorf("%q, %+v", w.Text, w.Corrections)
		}
	})
}

// reread binds a reading that is done once more.
func reread(t *testing.T, c *Catalogue, r Reading, pages ...PageText) {
	t.Helper()
	err := c.write(t.Context(), "reread", func(q querier) error {
		_, err := q.exec(t.Context(), "UPDATE readings SET step = 'bind' WHERE id = ?", r.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Bound(t.Context(), r, Summary{Words: 4}, pages); err != nil {
		t.Fatal(err)
	}
}

// Words are parted in the direction in which the page is read.
func TestWordsOfATurnedPageAreParted(t *testing.T) {
	t.Parallel()
	for turned, want := range map[int][2]Place{
		0:   {{0, 0, 40, 20}, {60, 0, 100, 20}},
		180: {{60, 0, 100, 20}, {0, 0, 40, 20}},
		90:  {{0, 60, 20, 100}, {0, 0, 20, 40}},
		270: {{0, 0, 20, 40}, {0, 60, 20, 100}},
	} {
		place := Place{0, 0, 100, 20}
		if turned%180 == 90 {
			place = Place{0, 0, 20, 100}
		}
		s := sheet{turned: turned}
		if got := s.share(place, []string{"ab", "cd"}); got[0] != want[0] || got[1] != want[1] {
			t.Errorf("turned by %d: %v, want %v", turned, got, want)
		}
	}
}

func TestFieldsHaveAPlaceAndAreConfirmed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "trang một", ""), twoLines(2, "Số 12", ""))
		set := func(name FieldName, v FieldValue) error {
			return c.As(Actor{Name: "user:lan"}).SetFields(ctx, Everywhere, r.Paper.ID, map[FieldName]FieldValue{name: v})
		}
		if err := set(FieldNumber, FieldValue{Value: "12", Page: 2, Place: Place{30, 0, 50, 50}}); err != nil {
			t.Fatal(err)
		}
		if err := set(FieldTitle, FieldValue{Value: "Đơn"}); err != nil {
			t.Fatal(err)
		}
		got := must[[]Field](t)(c.Fields(ctx, Everywhere, r.Paper.ID))
		if len(got) != 2 || got[0].Name != FieldTitle || got[0].Page != 0 || got[1].Page != 2 || got[1].Place != (Place{30, 0, 50, 50}) || got[1].Source != SourceTyped {
			t.Errorf("%+v", got)
		}
		var conflict *ConflictError
		if err := set(FieldNumber, FieldValue{Value: "13", Confirm: true}); !errors.As(err, &conflict) {
			t.Errorf("another value confirmed: %v", err)
		}
		if err := set(FieldNumber, FieldValue{Value: "12", Confirm: true}); err != nil {
			t.Fatal(err)
		}
		// Where the page goes to another place, so does the field.
		pages, _, err := c.PaperPages(ctx, Everywhere, r.Paper.ID)
		if err != nil {
			t.Fatal(err)
		}
		must[Paper](t)(c.Arrange(ctx, Everywhere, r.Paper.ID, 0, []PaperPage{pages[1], pages[0]}))
		if got := must[[]Field](t)(c.Fields(ctx, Everywhere, r.Paper.ID))[1]; got.Page != 1 || got.Source != SourceConfirmed || got.By != "user:lan" {
			t.Errorf("%+v", got)
		}
		var invalid *InvalidError
		for what, v := range map[string]FieldValue{
			"no such page": {Value: "1", Page: 3, Place: Place{0, 0, 1, 1}}, "no place": {Value: "1", Page: 1},
		} {
			if err := set(FieldNumber, v); !errors.As(err, &invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Whatever is edited, each word stays where the text has it, words stay apart and in their order, and the page keeps its lines.
func TestEditsKeepThePageWhole(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 2)) //nolint:gosec // a test
	for round := range 300 {
		s := sheet{turned: []int{0, 90, 180, 270}[random.IntN(4)]}
		s.PageText = twoLines(1, strings.Repeat("chữ số ", random.IntN(4)), strings.Repeat("đường bộ ", random.IntN(4)))
		lines := strings.Count(s.Text, "\n")
		for range 12 {
			e := Edit{At: random.IntN(len(s.Words) + 1), Text: strings.TrimSpace(strings.Repeat("ủy ban ", random.IntN(3)))}
			if left := len(s.Words) - e.At; left > 0 {
				e.Count = random.IntN(min(left, 3) + 1)
			}
			e.Place = Place{random.IntN(900), 100 * random.IntN(2), 950, 150}
			if _, err := checkEdit(e); err != nil {
				continue
			}
			before, was := s.Text, len(s.Words)
			if _, err := s.edit(e); err != nil {
				if s.Text != before || s.oneLine(e.At, e.Count) {
					t.Fatalf("round %d: %+v on %q: %v", round, e, before, err)
				}
				continue
			}
			if got := len(s.Words); got != was-e.Count+len(strings.Fields(e.Text)) {
				t.Fatalf("round %d: %+v on %q left %d words", round, e, before, got)
			}
			var words []string
			end := 0
			for _, w := range s.Words {
				if w.Start < end || w.End <= w.Start || w.End > len(s.Text) || strings.TrimSpace(s.Text[end:w.Start]) != "" {
					t.Fatalf("round %d: %+v on %q made %q with %+v", round, e, before, s.Text, s.Words)
				}
				end = w.End
				words = append(words, s.Text[w.Start:w.End])
			}
			if strings.Join(words, " ") != strings.Join(strings.Fields(s.Text), " ") || strings.Count(s.Text, "\n") != lines || strings.Contains(s.Text, "  ") {
				t.Fatalf("round %d: %+v on %q made %q with %q", round, e, before, s.Text, words)
			}
			if packed := packWords(s.Words); len(s.Words) > 0 {
				back, err := unpackWords(packed)
				if err != nil || !slices.Equal(back, s.Words) {
					t.Fatalf("round %d: %+v came back as %+v (%v)", round, s.Words, back, err)
				}
			}
		}
	}
}
