package fold

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestForms(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"hòa", "hoà", "HÒA", norm.NFD.String("hoà")}, {"thủy", "thuỷ", "Thủy"}, {"Đ", "đ", "Ð"}, {"ủy", "uỷ"}, {"quyền", "Quyền"},
	} {
		want := Tokens(same[0])[0]
		for _, word := range same[1:] {
			if got := Tokens(word); len(got) != 1 || got[0].Exact != want.Exact || got[0].Folded != want.Folded {
				t.Errorf("%q: %+v, want as %+v", word, got, want)
			}
		}
	}
	for word, folded := range map[string]string{"số": "so", "hóa": "hoa", "Đường": "duong", "QUYẾT": "quyet", "ưỡn": "uon", "2024": "2024"} {
		if got := Tokens(word)[0].Folded; got != folded {
			t.Errorf("%q folds to %q", word, got)
		}
	}
	for _, differ := range [][2]string{{"bổ", "bồ"}, {"bo", "bô"}, {"tỉnh", "tính"}, {"quyền", "quyên"}, {"du", "đu"}} {
		if Tokens(differ[0])[0].Exact == Tokens(differ[1])[0].Exact {
			t.Errorf("%v are the same", differ)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	var said []string
	for _, tok := range Tokens("Số: 12/2024/QĐ-UBND, ngày 31/03.") {
		word := tok.Folded
		if tok.Joined {
			word = "+" + word
		}
		said = append(said, word)
	}
	if got := strings.Join(said, " "); got != "so 12 +2024 +qd +ubnd ngay 31 +03" {
		t.Errorf("%q", got)
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("Số: 12/2024/QĐ-UBND")
	f.Add(norm.NFD.String("Nguyễn Văn Ân"))
	f.Add("0ܷ0 漢字 ৩")
	f.Add("\xff\x00' OR 1=1 \"NEAR\" *")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, tok := range Tokens(text) {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(text) || tok.Folded == "" || tok.Exact == "" {
				t.Fatalf("%q: %+v", text, tok)
			}
			end = tok.End
			if odd := strings.IndexFunc(tok.Folded+strings.ReplaceAll(tok.Exact, "^", ""), func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > 0x1eff
			}); odd >= 0 {
				t.Errorf("%q, %q have other signs than letters and digits", tok.Folded, tok.Exact)
			}
		}
	})
}
