package corpus

import (
	"regexp"
	"strings"
	"testing"
)

// testFonts are the typefaces; without any nothing can be made, so their absence fails.
func testFonts(tb testing.TB) *Fonts {
	tb.Helper()
	fonts, err := LoadFonts(FontFolders())
	if err != nil {
		tb.Fatal(err)
	}
	return fonts
}

func TestTemplatesAreWhole(t *testing.T) {
	g, err := parseGrammar(content)
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(1)
	w.setting()
	w.fix("lastarticle", "4")
	w.fix("rows", rowsMark)
	slot := regexp.MustCompile(`\{[^}]*\}`)
	for rule, alternatives := range g {
		if len(alternatives) < 2 {
			t.Errorf("rule %q has %d alternatives, want some to choose from", rule, len(alternatives))
		}
		for _, a := range alternatives {
			if strings.Count(a, "*")%2 != 0 || strings.Count(a, "_")%2 != 0 {
				t.Errorf("rule %q: unclosed style in %q", rule, a)
			}
			if out := w.fill(a); strings.ContainsAny(slot.ReplaceAllString(strings.ReplaceAll(out, rowsMark, ""), "?"), "{}?") {
				t.Errorf("rule %q: %q was not filled in: %q", rule, a, out)
			}
		}
	}
}

func TestParseGrammarRefusesDisorder(t *testing.T) {
	for _, text := range []string{"text before a rule\n", "[a]\nx\n[a]\ny\n"} {
		if _, err := parseGrammar(text); err == nil {
			t.Errorf("parseGrammar(%q) gave no error", text)
		}
	}
}

// Every letter that a paper may use must exist in every cut of every typeface: a missing one would be an empty box on the
// page and a lie in the truth.
func TestFontsHaveEveryLetter(t *testing.T) {
	fonts := testFonts(t)
	letters := map[rune]bool{}
	for _, r := range content + strings.ToUpper(content) + newTones.Replace(content) + "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc" {
		letters[r] = true
	}
	for _, f := range Families() {
		if !fonts.Has(f) {
			t.Logf("typeface %s is not installed here", f)
			continue
		}
		for _, style := range []Style{{}, {Bold: true}, {Italic: true}, {true, true}} {
			for r := range letters {
				if r > ' ' && !covers(fonts.cut(f, style), string(r)) {
					t.Errorf("%s %+v has no %q", f, style, r)
				}
			}
		}
	}
	if !fonts.Has(LiberationSerif) || !fonts.Has(LiberationSans) {
		t.Error("fonts-liberation2 must be installed")
	}
}

func TestLoadFontsWithoutFonts(t *testing.T) {
	if _, err := LoadFonts([]string{t.TempDir()}); err == nil {
		t.Error("no typefaces, no error")
	}
}

// texts lays papers out without drawing them.
func texts(t *testing.T, fonts *Fonts, kind Kind, seed uint64) string {
	t.Helper()
	_, truth, err := Compose(kind, seed, Options{}).Draw(fonts, 40)
	if err != nil {
		t.Fatal(err)
	}
	return truth.Text()
}

func TestPapersOfTwoSeedsDiffer(t *testing.T) {
	fonts := testFonts(t)
	for _, kind := range Kinds() {
		var shared, all int
		for seed := range uint64(8) {
			a, b := texts(t, fonts, kind, seed), texts(t, fonts, kind, seed+100)
			if again := texts(t, fonts, kind, seed); again != a {
				t.Errorf("%s %d: two texts of one seed", kind, seed)
			}
			lines := map[string]bool{}
			for _, l := range strings.Split(b, "\n") {
				lines[l] = true
			}
			for _, l := range strings.Split(strings.TrimSpace(a), "\n") {
				all++
				if lines[l] {
					shared++
				}
			}
		}
		if share := float64(shared) / float64(all); share > 0.3 {
			t.Errorf("%s: %.0f %% of the lines of two seeds are the same, want at most 30 %%", kind, 100*share)
		} else {
			t.Logf("%s: %.0f %% of the lines are the same", kind, 100*share)
		}
	}
}

// Every paper must find room on its page, whatever its seed and typeface.
func TestPapersFitTheirPage(t *testing.T) {
	fonts := testFonts(t)
	for _, kind := range Kinds() {
		rows := 0
		for seed := range uint64(24) {
			p := Compose(kind, seed, Options{Family: Families()[seed%uint64(len(Families()))]})
			s := newSheet(newTypesetter(fonts, p.Family, 50))
			if err := s.layout(p); err != nil {
				t.Fatal(err)
			}
			for _, l := range s.lines {
				if l.Box.X0 < 0 || l.Box.Y0 < 0 || l.Box.X1 > s.w || l.Box.Y1 > s.h {
					t.Errorf("%s %d: line %q at %v is off the page", kind, seed, l.Text(), l.Box)
				}
				if strings.Contains(l.Text(), " | ") {
					rows++
				}
			}
		}
		if kind == List && rows < 24*13 {
			t.Errorf("lists have %d rows, want at least 12 and a head each", rows)
		}
	}
}

func TestReadingOrder(t *testing.T) {
	fonts := testFonts(t)
	for _, kind := range []Kind{Decision, Letter, List} {
		text := texts(t, fonts, kind, 7)
		at := -1
		for _, mark := range []string{"QUẢNG TRỊ", "Số:", "CỘNG H", "Độc lập", "ngày", "Nơi nhận:", "- Lưu: VT", "GIÁM ĐỐC"} {
			i := strings.Index(text[at+1:], mark)
			if i < 0 {
				t.Fatalf("%s: %q does not follow in\n%s", kind, mark, text)
			}
			at += 1 + i
		}
	}
}

func TestUnknownKindPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Compose of an unknown kind returned")
		}
	}()
	Compose("poem", 1, Options{})
}
