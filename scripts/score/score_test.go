package score

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name, truth, reading string
		syllable, character  float64
	}{
		{"equal", "Quảng Trị, ngày 31", "Quảng Trị, ngày 31", 0, 0},
		{"both empty", "", " \n", 0, 0},
		{"nothing read", "một hai", "", 1, 1},
		{"read on a blank page", "", "mắt", 1, 1},
		{"white space folds", "một\n\n hai\tba", "một hai\r\nba ", 0, 0},
		{"normal forms agree", norm.NFC.String("Quảng Trị"), norm.NFD.String("Quảng Trị"), 0, 0},
		{"a wrong tone is one character and one syllable", "bổ sung", "bồ sung", 0.5, 1. / 7},
		{"order counts for characters alone", "a b", "b a", 0, 2. / 3},
		{"case counts", "Anh", "anh", 1, 1. / 3},
		{"punctuation divides and is no syllable", "92/2017/QĐ-UBND.", "92-2017 QĐ UBND", 0, 4. / 16},
		{"invented text lowers F1", "một", "một hai", 1 - 2./3, 4. / 3},
		{"a repeated syllable is counted each time", "ba ba ba", "ba", 1 - 2./4, 6. / 8},
		{"handwriting and stamps are not asked for", "Số: {hw:123}/QĐ {st:ĐẾN | Số: {1}}x", "Số: /QĐ x", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := Compare(test.truth, test.reading)
			if got := s.SyllableError(); math.Abs(got-test.syllable) > 1e-12 {
				t.Errorf("syllable error %v, want %v", got, test.syllable)
			}
			if got := s.CharacterError(); math.Abs(got-test.character) > 1e-12 {
				t.Errorf("character error %v, want %v", got, test.character)
			}
		})
	}
}

func TestPoolIsBySums(t *testing.T) {
	long, short := Compare(strings.Repeat("a ", 99)+"a", strings.Repeat("a ", 99)+"a"), Compare("b", "c")
	sum := Pool(long, short)
	if sum.Texts != 2 {
		t.Errorf("%d texts, want 2", sum.Texts)
	}
	if got, want := sum.SyllableError(), 1./101; math.Abs(got-want) > 1e-12 {
		t.Errorf("syllable error %v, want %v: not the mean of 0 and 1", got, want)
	}
	if got, want := sum.CharacterError(), 1./200; math.Abs(got-want) > 1e-12 {
		t.Errorf("character error %v, want %v", got, want)
	}
}

func TestWithoutMarks(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"a{hw:x}b{st:y}c":         "abc",
		"{st:a|{b}|c}d":           "d",
		"never {hw:closed, so on": "never {hw:closed, so on",
		"{hw:open {st:shut} end":  "{hw:open  end",
		"{other:kept}":            "{other:kept}",
	} {
		if got := WithoutMarks(in); got != want {
			t.Errorf("WithoutMarks(%q) = %q, want %q", in, got, want)
		}
	}
}

// plainDistance and plainCommon are the textbook tables.
func plainDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func plainCommon(a, b []rune) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			best := max(row[j], row[j+1])
			if a[i] == b[j] {
				best = diagonal + 1
			}
			diagonal, row[j+1] = row[j+1], best
		}
	}
	return row[len(b)]
}

func TestDistanceAndCommonAgreeWithTheTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(n, letters int) []rune {
		s := make([]rune, n)
		for i := range s {
			s[i] = 'a' + rune(r.IntN(letters))
		}
		return s
	}
	for range 3000 {
		// Lengths about the borders of machine words, few and many letters.
		a, b := text(r.IntN(200), 1+r.IntN(20)), text(r.IntN(200), 1+r.IntN(20))
		if got, want := distance(a, b), plainDistance(a, b); got != want {
			t.Fatalf("distance(%q, %q) = %d, want %d", string(a), string(b), got, want)
		}
		if got, want := Common(a, b), plainCommon(a, b); got != want {
			t.Fatalf("Common(%q, %q) = %d, want %d", string(a), string(b), got, want)
		}
	}
}

// FuzzCompare holds what is true of every pair of texts.
func FuzzCompare(f *testing.F) {
	f.Add("Số: {hw:123}/QĐ-SGTVT", "Số: 123/QĐ-SGTVT")
	f.Add("", "x")
	f.Add("Độc lập - Tự do - Hạnh phúc", "Độc lâp - Tự do\n\nHạnh phúc")
	f.Add("{hw:{st:}", "}}{{\xff\u0301")
	f.Fuzz(func(t *testing.T, truth, reading string) {
		const enough = 2000 // the plain table takes its time
		if len(truth) > enough || len(reading) > enough {
			return
		}
		s := Compare(truth, reading)
		if e := s.SyllableError(); e < 0 || e > 1 {
			t.Errorf("syllable error %v", e)
		}
		if s.Hits > min(s.Syllables, s.Read) {
			t.Errorf("%d hits of %d and %d", s.Hits, s.Syllables, s.Read)
		}
		a, b := []rune(fold(WithoutMarks(truth))), []rune(fold(reading))
		if want := plainDistance(a, b); s.Distance != want || distance(b, a) != want {
			t.Errorf("distance %d, the other way %d, want %d", s.Distance, distance(b, a), want)
		}
		if got, want := Common(a, b), plainCommon(a, b); got != want || Common(b, a) != want {
			t.Errorf("Common %d, the other way %d, want %d", got, Common(b, a), want)
		}
		if same := Compare(reading, WithoutMarks(reading)); same.SyllableError() != 0 || same.CharacterError() != 0 {
			t.Errorf("a text differs from itself: %+v", same)
		}
	})
}

func TestCommonOfWords(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "", 0},
		{"a b c", "a b c", 3},
		{"a b c d", "c d a b", 2},
		{"a b c", "a c", 2},
		{strings.Repeat("a b ", 100), strings.Repeat("b ", 70), 70},
	} {
		if got := Common(Words(test.a), Words(test.b)); got != test.want {
			t.Errorf("Common(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func BenchmarkComparePage(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	var truth, reading strings.Builder
	for range 2500 { // syllables: 10,000 characters
		syllable := []string{"trên", "của", "đường", "bộ", "vận", "tải"}[r.IntN(6)]
		truth.WriteString(syllable + " ")
		if r.IntN(10) > 0 {
			reading.WriteString(syllable + " ")
		}
	}
	for b.Loop() {
		Compare(truth.String(), reading.String())
	}
}
