package corpus

import (
	"strings"
	"testing"
)

func TestLinesOfProseAreWhole(t *testing.T) {
	t.Parallel()
	g, err := parseGrammar(proseLines)
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(1)
	w.setting()
	for rule, alternatives := range g {
		w.g[rule] = alternatives
	}
	for rule, alternatives := range g {
		for _, a := range alternatives {
			if out := w.fill(a); strings.ContainsAny(out, "{}*_") {
				t.Errorf("rule %q: %q was not filled in: %q", rule, a, out)
			}
		}
	}
}

// Text from outside stands on the page in its order; the tones of one paper stand where its office has them.
func TestTypeset(t *testing.T) {
	t.Parallel()
	fonts := testFonts(t)
	text := []string{"Điều 1. Công bố kèm theo Quyết định này danh mục thủ tục hành chính.", "Điều 2. Quyết định này có hiệu lực kể từ ngày ký."}
	looks := map[accents]bool{}
	for seed := range uint64(8) {
		p := Typeset(text, seed, Options{Plain: true})
		if p.accents != nil {
			looks[*p.accents] = true
		}
		_, truth, err := p.Draw(fonts, 100)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.ToLower(newTones.Replace(strings.Join(strings.Fields(truth.Text()), " ")))
		first, second := strings.Index(said, "công bố kèm theo"), strings.Index(said, "có hiệu lực kể từ ngày ký")
		if first < 0 || second < first {
			t.Errorf("seed %d says %s", seed, said)
		}
	}
	if len(looks) < 2 {
		t.Errorf("%d looks of tones on eight papers", len(looks))
	}
}

// A composed letter has its base's ink and its tone's above it.
func TestCompose(t *testing.T) {
	t.Parallel()
	set := newTypesetter(testFonts(t), LiberationSerif, 300)
	set.accents = &accents{beside: 0, shift: 0.02, gap: 0.02, scale: 1}
	f := set.face(Style{}, 14)
	plain := newTypesetter(set.fonts, LiberationSerif, 300).face(Style{}, 14)
	for _, r := range "ổốồỗẳắẻíỉỪỐ" {
		made, base := f.glyph(r, 0), plain.glyph(func() rune { b, _, _ := composed(r); return dotless(b) }(), 0)
		if made.ink.Max.Y != base.ink.Max.Y || made.ink.Min.Y >= base.ink.Min.Y {
			t.Errorf("%c has its ink at %v, its base at %v", r, made.ink, base.ink)
		}
	}
	for _, r := range "aôđậ." {
		if f.glyph(r, 0).ink != plain.glyph(r, 0).ink {
			t.Errorf("%c is not as the typeface has it", r)
		}
	}
}
