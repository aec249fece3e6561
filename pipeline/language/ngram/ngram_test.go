package ngram

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func keysOf(word string) string {
	var keys []string
	for _, t := range Tokens(word) {
		keys = append(keys, t.Key)
	}
	return strings.Join(keys, " ")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"":                "",
		"Quyết":           "quyết",
		"hoà":             "hòa",
		"THUỶ":            "thủy",
		"quý":             "quý",
		"hoàng":           "hoàng",
		"sung,":           "sung <p>",
		"(kể":             "<p> kể",
		"này./.":          "này <p>",
		"–":               "<p>",
		"và/hoặc":         "và hoặc",
		"92/2017/NĐ-CP":   "<n> <y> nđ cp",
		"1.002809":        "<n> <m>",
		"ngày24":          "ngày24",
		"Số:383/QĐ-UBND":  "số <m> qđ ubnd",
		"15.000.000đ;":    "<n> <m> 000đ <p>",
		"50%":             "<n>",
		"a\u0309":         "a",
		"\xff":            "<p>",
		"x\xff\xfey":      "x <p> y",
		"1899/SGDĐT-CTrT": "<m> sgdđt ctrt",
	} {
		if got := keysOf(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// small is a model of three words: a b c, the pair a b and the triple <p> a b.
func small(t *testing.T) *Model {
	t.Helper()
	words := []string{Unknown, "a", "b", "c", Break}
	slices.Sort(words)
	at := func(w string) int { return slices.Index(words, w) }
	table := Table{Words: words, Word: make([]Entry, len(words))}
	for i := range words {
		table.Word[i] = Entry{Last: i, Log: -3, Backoff: -1}
	}
	table.Pairs = []Entry{{Before: at(Break), Last: at("a"), Log: -2, Backoff: -0.5}, {Before: at("a"), Last: at("b"), Log: -1, Backoff: -2}}
	table.Triples = []Entry{{Before: 0, Last: at("b"), Log: -0.25}}
	data, err := table.Encode()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLog(t *testing.T) {
	t.Parallel()
	m := small(t)
	id := func(key string) ID { id, _ := m.ID(key); return id }
	for name, c := range map[string]struct {
		a, b, c string
		want    float64
	}{
		"a triple":                         {Break, "a", "b", -0.25},
		"its pair alone":                   {"c", "a", "b", -1},
		"a pair that has no such triple":   {Break, "a", "c", -0.5 - 1 - 3},
		"nothing but the word":             {"c", "c", "b", -1 - 3},
		"a word that the model has not":    {"c", "c", "zzz", -1 - 3},
		"a pair without triples backs off": {"a", "b", "c", -2 - 1 - 3},
	} {
		if got := m.Log(id(c.a), id(c.b), id(c.c)); math.Abs(got-c.want) > 1/perNat {
			t.Errorf("%s: %.2f, want %.2f", name, got, c.want)
		}
	}
	if _, known := m.ID("zzz"); known {
		t.Error("zzz is known")
	}
}

// The model that travels in the binary knows what follows what, is whole, and is no larger than it may be.
func TestOfficial(t *testing.T) {
	t.Parallel()
	const most = 3 << 20
	if len(official) > most {
		t.Errorf("the model has %d bytes", len(official))
	}
	m := Official()
	id := func(key string) ID {
		id, known := m.ID(key)
		if !known {
			t.Errorf("%s is not known", key)
		}
		return id
	}
	for _, c := range [][4]string{
		{"sửa", "đổi", Break, "bổ"},
		{"chính", "quyền", "địa", "phương"},
		{"ngày", Small, "tháng", Small},
		{"thủ", "tục", "hành", "chính"},
		{"ủy", "ban", "nhân", "dân"},
		{Year, "nđ", "cp", "ngày"},
	} {
		a, b, right := id(c[1]), id(c[2]), id(c[3])
		if got := m.Log(a, b, right); got < -3 {
			t.Errorf("%v: %.1f", c, got)
		}
	}
	// Of each context the probabilities sum to one, but for what storing them in bytes takes.
	for _, context := range [][2]string{{"sửa", "đổi"}, {Break, Break}, {"tỉnh", "quảng"}} {
		sum := 0.0
		for w := range m.words {
			sum += math.Exp(m.Log(id(context[0]), id(context[1]), ID(w))) //nolint:gosec // of the model
		}
		if math.Abs(sum-1) > 0.06 {
			t.Errorf("behind %v the probabilities sum to %.3f", context, sum)
		}
	}
}

func FuzzOpen(f *testing.F) {
	table := Table{Words: []string{Unknown, Break}, Word: make([]Entry, 2), Pairs: []Entry{{Before: 0, Last: 1}}, Triples: []Entry{{Before: 0, Last: 1}}}
	slices.Sort(table.Words)
	data, err := table.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add([]byte(magic + strings.Repeat("\xff", 40)))
	f.Fuzz(func(_ *testing.T, data []byte) {
		m, err := Open(string(data))
		if err != nil {
			return
		}
		id, _ := m.ID("x")
		for w := range min(m.words, 100) {
			_ = m.Log(m.Break(), id, ID(w)) //nolint:gosec // of the model
		}
	})
}

func FuzzTokens(f *testing.F) {
	f.Add("92/2017/NĐ-CP,")
	f.Add("a\xff–\u0301")
	f.Fuzz(func(t *testing.T, word string) {
		last := 0
		for _, token := range Tokens(word) {
			if token.Start < last || token.End < token.Start || token.End > len(word) {
				t.Fatalf("%q: token %+v behind %d", word, token, last)
			}
			if (token.Key == Break) != (token.Start == token.End) {
				t.Errorf("%q: token %+v", word, token)
			}
			last = token.End
		}
	})
}

func BenchmarkLog(b *testing.B) {
	m := Official()
	x, _ := m.ID("sửa")
	y, _ := m.ID("đổi")
	z, _ := m.ID("bổ")
	for b.Loop() {
		m.Log(x, y, z)
	}
}
