package corpus

import (
	_ "embed" // the templates
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed content.txt
var content string

// grammar holds the templates of content.txt: a rule's name and its alternatives.
type grammar map[string][]string

// parseGrammar reads content.txt's form: a rule's name in brackets, then one alternative a line; # begins a comment line.
func parseGrammar(text string) (grammar, error) {
	g, rule := grammar{}, ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			rule = line[1 : len(line)-1]
			if g[rule] != nil {
				return nil, fmt.Errorf("templates line %d: rule %q stands twice", i+1, rule)
			}
			g[rule] = []string{}
		case rule == "":
			return nil, fmt.Errorf("templates line %d: text before the first rule", i+1)
		default:
			g[rule] = append(g[rule], line)
		}
	}
	return g, nil
}

// writer fills templates in for one paper: its choices come from one seed, its fixed values from vars.
type writer struct {
	rng  *rand.Rand
	g    grammar
	vars map[string]string
	year int // of the paper; dates lie around it
}

// newWriter gives the writer of one paper.
func newWriter(seed uint64) *writer {
	// The embedded templates are part of the program: a test parses them, so here they cannot fail.
	g, err := parseGrammar(content)
	if err != nil {
		panic(err)
	}
	rng := rand.New(rand.NewPCG(seed, 0x50AF00D5)) //nolint:gosec // made papers must come out the same every time
	return &writer{rng: rng, g: g, vars: map[string]string{}, year: 2018 + rng.IntN(8)}
}

// pick takes one alternative of a rule and fills it in.
func (w *writer) pick(rule string) string {
	alternatives := w.g[rule]
	if len(alternatives) == 0 {
		panic("corpus: no rule " + rule)
	}
	return w.fill(alternatives[w.rng.IntN(len(alternatives))])
}

// ordered takes n different alternatives in the order of the list.
func (w *writer) ordered(rule string, n int) []string {
	alternatives := w.g[rule]
	chosen := w.rng.Perm(len(alternatives))[:min(n, len(alternatives))]
	slices.Sort(chosen)
	var out []string
	for _, i := range chosen {
		out = append(out, w.fill(alternatives[i]))
	}
	return out
}

// sample takes n different alternatives of a rule (all of them where there are fewer), filled in.
func (w *writer) sample(rule string, n int) []string {
	alternatives := w.g[rule]
	var out []string
	for _, i := range w.rng.Perm(len(alternatives))[:min(n, len(alternatives))] {
		out = append(out, w.fill(alternatives[i]))
	}
	return out
}

// fix chooses a rule's value once for the whole paper.
func (w *writer) fix(name, value string) string {
	w.vars[name] = value
	return value
}

// fill replaces every {…} of a template.
func (w *writer) fill(template string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(template, '{')
		if open < 0 {
			b.WriteString(template)
			return b.String()
		}
		length := strings.IndexByte(template[open:], '}')
		if length < 0 {
			panic("corpus: unclosed brace in " + template)
		}
		b.WriteString(template[:open])
		b.WriteString(w.value(template[open+1 : open+length]))
		template = template[open+length+1:]
	}
}

// value is what stands for one {name}: a fixed value, something made, or a rule. A capital first letter asks for the same
// with a capital, ^ for capitals throughout.
func (w *writer) value(name string) string {
	if rest, ok := strings.CutPrefix(name, "^"); ok {
		return strings.ToUpper(w.value(rest))
	}
	if first, size := utf8.DecodeRuneInString(name); unicode.IsUpper(first) {
		return capital(w.value(string(unicode.ToLower(first)) + name[size:]))
	}
	if v, ok := w.vars[name]; ok {
		return v
	}
	if v, ok := w.make(name); ok {
		return v
	}
	return w.pick(name)
}

// capital writes the first letter large.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// chance is true in so many cases of a hundred.
func (w *writer) chance(percent int) bool { return w.rng.IntN(100) < percent }

// between is a number from lo to hi, both included.
func (w *writer) between(lo, hi int) int { return lo + w.rng.IntN(hi-lo+1) }
