package corpus

import (
	_ "embed" // the lines
	"fmt"
	"strings"
	"unicode/utf8"
)

//go:embed prose.txt
var proseLines string

// Prose is the kind of papers that Set writes: text from outside in the look of official papers.
const Prose Kind = "prose"

// Typeset sets text that the caller has, paragraph by paragraph, as far as one page goes: in the look of an official paper, between
// made heads, numbers, lists and tables, in the cuts and sizes that occur. What it is for is training recognition: no two pages
// look alike. The same seed and text give the same paper. Text may hold any character that the typefaces have.
func Typeset(text []string, seed uint64, opt Options) *Paper {
	w := newWriter(seed ^ hash(string(Prose)))
	more, err := parseGrammar(proseLines)
	if err != nil {
		panic(err) // a test parses them
	}
	for rule, lines := range more {
		w.g[rule] = lines
	}
	p := &Paper{Kind: Prose, Seed: seed, Family: opt.Family, sizes: w.sizes()}
	p.sizes.body = []float64{12, 13, 13, 13.5, 14, 14, 15}[w.rng.IntN(7)]
	p.sizes.table = []float64{9.5, 10.5, 11, 12, 13}[w.rng.IntN(5)]
	if p.Family == "" {
		p.Family = w.family(Prose)
	}
	w.face(p)
	w.fix("dept", w.pick("department"))
	p.marks = marks{
		seal: w.chance(60), signature: w.chance(60), agency: "Sở Xây dựng", seed: mix(seed ^ hash(string(Prose))),
		handwritten: w.chance(15),
	}
	if opt.Plain {
		p.marks.seal, p.marks.signature, p.marks.handwritten = false, false, false
	}
	w.proseHead(p)
	for _, paragraph := range text {
		p.body = append(p.body, w.proseBlock(paragraph))
		if w.chance(18) {
			p.body = append(p.body, w.dressed(w.pick("made")))
		}
		if w.chance(2) {
			p.body = append(p.body, w.proseTable())
		}
	}
	// The page takes what finds room; the first must not be more than there is.
	for i := range p.body {
		p.body[i].optional = true
	}
	if w.chance(30) {
		p.rewrite(newTones.Replace)
	}
	return p
}

// face chooses what makes one office's print unlike another's.
func (w *writer) face(p *Paper) {
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*w.rng.Float64() }
	if w.chance(50) {
		p.tracking = between(-0.012, 0.03)
	}
	if w.chance(70) {
		p.accents = &accents{beside: between(0, 1), shift: between(-0.01, 0.06), gap: between(0.005, 0.05), scale: between(0.8, 1.1)}
		if w.chance(50) {
			p.accents.beside = between(0, 0.35)
		}
	}
}

// proseHead writes the head and the foot.
func (w *writer) proseHead(p *Paper) {
	p.header = header{parent: w.pick("parent"), agency: w.pick("agency"), number: w.pick("head-number"), place: w.pick("head-place")}
	if !strings.HasPrefix(p.header.number, "Số: ") {
		p.marks.handwritten = false
	}
	if w.chance(40) {
		p.header.subject = w.pick("subject")
	}
	p.body = append(p.body, block{kind: centred, text: "*" + w.pick("kind") + "*", size: p.sizes.body + 0.5, before: 6})
	p.footer = footer{name: w.pick("name"), titles: strings.Split(w.pick("title"), "|")}
	if w.chance(30) {
		p.footer.hint = "(Ký, ghi rõ họ tên)"
	}
	for range w.between(2, 6) {
		p.footer.recipients = append(p.footer.recipients, w.pick("receiver"))
	}
}

// proseBlock sets a paragraph as plain text, in another cut, as a heading or as the value on a dotted line.
func (w *writer) proseBlock(text string) block {
	short := utf8.RuneCountInString(text) < 90
	switch n := w.rng.IntN(100); {
	case n < 14 && short:
		return block{kind: centred, text: "*" + strings.ToUpper(text) + "*", before: 3}
	case n < 19:
		return block{text: strings.ToUpper(text)}
	case n < 24 && short:
		if label, value, found := strings.Cut(text, ": "); found && label != "" && value != "" {
			return block{kind: leaders, fields: []field{{label: label + ":", value: value, share: 1}}}
		}
		return block{kind: centred, text: "*" + text + "*"}
	}
	return w.dressed(text)
}

// dressed is a paragraph in a cut.
func (w *writer) dressed(text string) block {
	b := block{noIndent: w.chance(30)}
	switch n := w.rng.IntN(100); {
	case n < 10:
		b.text = "*" + text + "*"
	case n < 34:
		b.text = "_" + text + "_"
	case n < 38:
		b.text = "*_" + text + "_*"
	case n < 48:
		// A lead in bold or italics, as of articles and points.
		words := strings.Fields(text)
		lead := min(len(words), w.between(1, 6))
		mark := []string{"*", "_"}[w.rng.IntN(2)]
		b.text = strings.TrimSpace(mark + strings.Join(words[:lead], " ") + mark + " " + strings.Join(words[lead:], " "))
	default:
		b.text = text
	}
	if w.chance(12) {
		b.size = []float64{11, 12, 15, 16}[w.rng.IntN(4)]
	}
	return b
}

// proseTable is a ruled table of short cells.
func (w *writer) proseTable() block {
	b := block{kind: table, before: 4}
	n := w.between(3, 6)
	for i := range n {
		b.columns = append(b.columns, column{title: fmt.Sprintf("(%d)", i+1), share: 1 / float64(n), left: w.chance(40)})
	}
	for range w.between(2, 7) {
		row := make([]string, n)
		for i := range row {
			row[i] = w.pick("cell")
		}
		b.rows = append(b.rows, row)
	}
	return b
}
