package corpus

import (
	"fmt"
	"strings"
)

// Kind is what a paper is.
type Kind string

// The kinds of papers that can be made.
const (
	Decision Kind = "decision" // quyết định
	Letter   Kind = "letter"   // công văn
	Form     Kind = "form"     // đơn, tờ khai
	List     Kind = "list"     // danh sách: a ruled table
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Decision, Letter, Form, List} }

// Options choose what the seed would otherwise choose. The zero value leaves everything to the seed.
type Options struct {
	Family Family // the typeface; "" lets the seed choose
	// Plain leaves seal, signature and stamps away.
	Plain bool
	// Stamp asks for a tilted ĐẾN stamp; without it one letter or form in three has one.
	Stamp bool
}

// Paper is the content of one page, not yet laid out.
type Paper struct {
	Kind   Kind
	Seed   uint64
	Family Family

	sizes  sizes
	header header
	body   []block
	footer footer
	marks  marks

	accents  *accents // nil: as the typeface has them
	tracking float64  // between letters, of the type size
}

// sizes are measures in millimetres (margins) and points (type).
type sizes struct {
	top, bottom, left, right float64 // mm
	body, small, table       float64 // pt
	leading                  float64 // line pitch over type size
	after                    float64 // pt between paragraphs
	indent                   float64 // mm, of a paragraph's first line
	// overDots has a form's values typed onto its dotted lines, as on a printed blank; else the dots fill the rest of the
	// line, as a word processor sets them.
	overDots bool
}

// header is the head of a paper. A form has no left column and its right one stands in the middle.
type header struct {
	parent, agency string
	number         string
	subject        string // of a letter, under the number
	place          string // place and date, in italics
	centred        bool
}

// footer is what stands under the body: Nơi nhận on the left and the signer on the right.
type footer struct {
	recipients []string // without Nơi nhận itself
	date       string   // of a form, above the signer
	titles     []string // of the signer, a line each
	hint       string   // (Ký, ghi rõ họ tên)
	name       string
}

// marks are the things on the paper that are not its text.
type marks struct {
	seal, signature, stamp bool
	handwritten            bool // number and day written in by hand
	agency                 string
	seed                   uint64
}

// blockKind says how a block is set.
type blockKind int

const (
	paragraph blockKind = iota // justified, first line indented
	centred
	rule    // a short line in the middle
	leaders // label and value on a dotted line
	checks  // check boxes in two columns
	table
)

// block is one piece of the body.
type block struct {
	kind     blockKind
	text     string // with *bold* and _italic_
	size     float64
	optional bool // may be left out where the page is full
	numbered bool // and then those after it too
	noIndent bool
	before   float64 // pt of extra space above

	fields  []field  // leaders: side by side
	options []option // checks
	columns []column // table
	rows    [][]string
}

type field struct {
	label, value string
	share        float64 // of the width
}

type option struct {
	text   string
	ticked bool
}

type column struct {
	title string
	share float64
	left  bool // else centred
}

// Compose writes a paper of a kind. The same seed and options give the same paper.
func Compose(kind Kind, seed uint64, opt Options) *Paper {
	w := newWriter(seed ^ hash(string(kind)))
	p := &Paper{Kind: kind, Seed: seed, Family: opt.Family}
	p.sizes = w.sizes()
	if p.Family == "" {
		p.Family = w.family(kind)
	}
	w.setting()
	p.marks = marks{
		seal: kind != Form, signature: true, stamp: opt.Stamp || kind != Decision && w.chance(33),
		handwritten: w.chance(35) && kind != Form, agency: w.vars["dept"], seed: mix(seed ^ hash(string(kind))),
	}
	switch kind {
	case Decision:
		w.decision(p)
	case Letter:
		w.letter(p)
	case Form:
		w.form(p)
	case List:
		w.list(p)
	default:
		panic(fmt.Sprintf("corpus: unknown kind %q", kind))
	}
	if opt.Plain {
		p.marks.seal, p.marks.signature, p.marks.stamp, p.marks.handwritten = false, false, false, false
	}
	if w.chance(30) {
		p.rewrite(newTones.Replace)
	}
	return p
}

// newTones puts the tone marks of open syllables where the other school puts them. Both are correct and both occur.
var newTones = strings.NewReplacer("Ủy", "Uỷ", "ủy", "uỷ", "HÒA", "HOÀ", "Hòa", "Hoà", "hòa", "hoà", "hóa", "hoá", "Hóa", "Hoá",
	"khỏe", "khoẻ", "Thủy", "Thuỷ", "thủy", "thuỷ")

// rewrite changes all of a paper's text.
func (p *Paper) rewrite(change func(string) string) {
	h, f := &p.header, &p.footer
	for _, s := range []*string{&h.parent, &h.agency, &h.number, &h.subject, &h.place, &f.date, &f.hint, &f.name} {
		*s = change(*s)
	}
	for i := range f.recipients {
		f.recipients[i] = change(f.recipients[i])
	}
	for i := range p.body {
		b := &p.body[i]
		b.text = change(b.text)
		for j := range b.fields {
			b.fields[j].label, b.fields[j].value = change(b.fields[j].label), change(b.fields[j].value)
		}
		for j := range b.options {
			b.options[j].text = change(b.options[j].text)
		}
		for _, row := range b.rows {
			for j := range row {
				row[j] = change(row[j])
			}
		}
	}
}

// sizes chooses measures within what the decree on records work allows.
func (w *writer) sizes() sizes {
	mm := func(lo, hi int) float64 { return float64(w.between(lo, hi)) }
	return sizes{
		top: mm(18, 25), bottom: mm(16, 22), left: mm(28, 33), right: mm(14, 19),
		body: []float64{13, 13, 13.5, 14}[w.rng.IntN(4)], small: []float64{11, 11.5, 12}[w.rng.IntN(3)],
		table:    []float64{10.5, 11, 11.5}[w.rng.IntN(3)],
		overDots: w.chance(30),
		leading:  1.12 + 0.03*float64(w.rng.IntN(5)), after: float64(w.between(3, 6)), indent: []float64{10, 12.7}[w.rng.IntN(2)],
	}
}

// family chooses a typeface: mostly Times, as the decree asks; forms and lists often in a sans serif.
func (w *writer) family(kind Kind) Family {
	serif := []Family{LiberationSerif, LiberationSerif, Tinos, Termes, FreeSerif}
	sans := []Family{LiberationSans, Arimo}
	share := map[Kind]int{Decision: 4, Letter: 8, Form: 35, List: 35}[kind]
	if w.chance(share) {
		return sans[w.rng.IntN(len(sans))]
	}
	return serif[w.rng.IntN(len(serif))]
}

// setting fixes what one paper says the same way throughout: department, applicant, district.
func (w *writer) setting() {
	if w.year < 2025 || w.chance(30) {
		w.fix("dept", "Sở Giao thông vận tải")
		w.fix("dept-code", "SGTVT")
	} else {
		w.fix("dept", "Sở Xây dựng")
		w.fix("dept-code", "SXD")
	}
	if w.chance(25) {
		w.vars["dept"] += " Quảng Trị"
	}
	w.fix("district", w.pick("district"))
	w.fix("applicant", w.pick("company"))
	w.fix("road", w.pick("road"))
	w.fix("route", w.pick("route"))
	w.fix("room", w.pick("room"))
}
