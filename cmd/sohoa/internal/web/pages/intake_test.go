package pages

import (
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

func TestTypedCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][2]string{
		"H50.13-220331-0001":                                  {"H50.13-220331-0001", ""},
		" h50.13-220331-0001\t":                               {"H50.13-220331-0001", ""},
		"H50.13 - 220331 - 0001":                              {"H50.13-220331-0001", ""},
		"SOHOA1|H50.13-220331-0001|component|TP01|ABCDEFGHIJ": {"H50.13-220331-0001", "component:TP01"},
		"SOHOA1|H50.13-220331-0001|result||ABCDEFGHIJ":        {"H50.13-220331-0001", "result:"},
		"Trần Thị Bích":                                       {"TRẦNTHỊBÍCH", ""},
	} {
		if code, chosen := typedCode(typed); code != want[0] || chosen != want[1] {
			t.Errorf("%q: %q, %q, want %q", typed, code, chosen, want)
		}
	}
}

func TestFirstChoice(t *testing.T) {
	t.Parallel()
	all := []choice{{Value: "component:TP01", Required: true, Held: 1}, {Value: "component:TP02"}, {Value: "component:TP03", Required: true}, {Value: "component:"}}
	for chosen, want := range map[string]string{"": "component:TP03", "component:TP02": "component:TP02", "component:none": "component:TP03"} {
		if got := firstChoice(all, chosen); got != want {
			t.Errorf("%q: %q, want %q", chosen, got, want)
		}
	}
	if got := firstChoice(all[:2], ""); got != "component:TP02" {
		t.Errorf("nothing is wanted: %q", got)
	}
}

// Every code that a reading fails with is said in words, and so is one that nobody knew of.
func TestEveryFaultIsSaid(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"damaged: x", "format: y", "too_slow: z", "a new one: w", "no code"} {
		if r := readFault(said); r.What == "" || r.Do == "" || strings.ContainsAny(r.What, "xyzw:") && strings.Contains(r.What, ": ") {
			t.Errorf("%q: %+v", said, r)
		}
	}
	if r := readFault(""); r.What != "" {
		t.Errorf("nothing failed: %+v", r)
	}
	for _, r := range []catalogue.PartReason{
		catalogue.ReasonNoCover, catalogue.ReasonDamagedCover, catalogue.ReasonOtherVersion, catalogue.ReasonTwoCovers, catalogue.ReasonUnknownDossier,
		catalogue.ReasonUnreadPage, catalogue.ReasonOtherCode, catalogue.ReasonNoPages,
	} {
		if said := partReason(r); said == string(r) {
			t.Errorf("%s is not said in words", r)
		}
	}
}

// A snippet is cut at its marks and nothing of it is lost, whatever the marks are.
func TestPiecesOf(t *testing.T) {
	t.Parallel()
	const snippet = "số <b>hóa</b> hồ sơ"
	at := strings.Index(snippet, "hóa")
	for name, c := range map[string]struct {
		marks [][2]int
		lit   string
	}{
		"none": {nil, ""}, "one": {[][2]int{{at, at + len("hóa")}}, "hóa"}, "at the end": {[][2]int{{len(snippet) - len("sơ"), len(snippet)}}, "sơ"},
		"beyond": {[][2]int{{0, 99}}, ""}, "back": {[][2]int{{at, at + 4}, {0, 2}}, "hóa"}, "empty": {[][2]int{{3, 3}}, ""},
	} {
		whole, lit := "", ""
		for _, p := range piecesOf(snippet, c.marks) {
			whole += p.Text
			if p.Lit {
				lit += p.Text
			}
		}
		if whole != snippet || lit != c.lit {
			t.Errorf("%s: %q with %q lit", name, whole, lit)
		}
	}
}

// A box that is turned four times by 90° is where it was; once, it is where a page that is turned has it.
func TestTurnedBox(t *testing.T) {
	t.Parallel()
	const w, h = 100, 200
	box := catalogue.WordBox{X0: 10, Y0: 20, X1: 40, Y1: 30}
	if got := turnedBox(box, 90, w, h); got != (catalogue.WordBox{X0: 170, Y0: 10, X1: 180, Y1: 40}) {
		t.Errorf("%+v", got)
	}
	got := turnedBox(turnedBox(box, 90, w, h), 270, h, w)
	if got != box || turnedBox(turnedBox(box, 180, w, h), 180, w, h) != box || turnedBox(box, 0, w, h) != box {
		t.Errorf("%+v", got)
	}
	twice := turnedBox(turnedBox(box, 90, w, h), 90, h, w)
	if twice != turnedBox(box, 180, w, h) {
		t.Errorf("%+v", twice)
	}
}

// What the form says is in the address, and the address says what the form said.
func TestALookUpCanBeSentAsALink(t *testing.T) {
	t.Parallel()
	f := lookupForm{Text: `"giấy phép" & <b>`, Agency: "H50.13", Kind: catalogue.ResultPaper, State: catalogue.PaperRead, From: "2026-01-01", Till: "2026-03-31", Sure: "unsure"}
	q := f.query()
	if q.ConfidenceTill >= 75 || q.ConfidenceFrom != 0 || q.Text != f.Text || q.Limit != atOnce {
		t.Errorf("%+v", q)
	}
	if long := (&lookupForm{Text: strings.Repeat("ệ", 900)}).query(); len([]rune(long.Text)) != 500 {
		t.Errorf("%d runes are looked for", len([]rune(long.Text)))
	}
}
