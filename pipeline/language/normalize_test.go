package language

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                              "",
		"plain text, 123\n\tand more":   "plain text, 123\n\tand more",
		"ÐỘC LẬP":                       "ĐỘC LẬP",
		"ðường":                         "đường",
		"Vie\u0302\u0323t Nam":          "Việt Nam",
		"Vi\u1ec7t":                     "Việt",
		"e\u00ad\u0323\u0302":           "ệ", // a soft hyphen between a letter and its marks
		"ﬁ ﬂ ﬀ ﬃ ﬄ":                     "fi fl ff ffi ffl",
		"hành\u00adchính":               "hànhchính",
		"a\u00a0b\u2003c\u3000d":        "a b c d",
		"a\u200bb\ufeffc\x00d\x1fe":     "abcde",
		"one\r\ntwo\rthree\u2028four\f": "one\ntwo\nthree\nfour\n",
		"209/QĐ\u2011UBND":              "209/QĐ-UBND",
		"hòa hoà Ủy Uỷ":                 "hòa hoà Ủy Uỷ", // both placements stay
		"bad \xff\xfe bytes":            "bad \uFFFD bytes",
		"“Điều 5” – m² …":               "“Điều 5” – m² …",
	} {
		if got := Normalize(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("ÐỘC e\u00ad\u0323\u0302 ﬁ\x00\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		once := Normalize(s)
		if twice := Normalize(once); twice != once {
			t.Errorf("%q: once %q, twice %q", s, once, twice)
		}
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Errorf("%q: %q is no NFC", s, once)
		}
	})
}
