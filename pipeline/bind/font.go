package bind

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf16"
)

const (
	// advance is every glyph's width in thousandths of the font size. Words get their width by horizontal scaling.
	advance = 500
	// maxGlyphs is what two-byte codes and a TrueType font can number; glyph 0 is .notdef.
	maxGlyphs = 65535
	// Readers (poppler) cut the descriptor's ascent and descent to this many times the font size.
	maxAscent, maxDescent = 1.05, 0.4
	// minReach stands for "nothing above (below) the baseline": readers take 0 as "unknown".
	minReach = 0.002
)

// A glyphless font: the glyphs are empty, their codes run in order of first use over the whole document, and a
// ToUnicode map says what each means. One font program serves several font dictionaries that differ in the
// descriptor's ascent and descent, since it is these that readers make a word's highlight from.
type font struct {
	ids      map[rune]uint16
	runes    []rune // by glyph id; [0] is .notdef
	variants []variant
}

// variant is one font dictionary. Ascent and descent are parts of the font size, both positive.
type variant struct{ ascent, descent float64 }

func newFont() *font { return &font{ids: make(map[rune]uint16), runes: make([]rune, 1)} }

// glyph gives the code of a character, a new one on first use.
func (f *font) glyph(r rune) uint16 {
	if id, ok := f.ids[r]; ok {
		return id
	}
	if len(f.runes) >= maxGlyphs {
		return 0
	}
	id := uint16(len(f.runes)) //nolint:gosec // below maxGlyphs
	f.ids[r] = id
	f.runes = append(f.runes, r)
	return id
}

// variant gives the number of a font dictionary whose box fits a word that reaches so far above and below the baseline:
// one already in use where it is near enough, which keeps their number to a handful.
func (f *font) variant(ascent, descent float64) int {
	ascent = min(max(ascent, minReach), maxAscent)
	descent = min(max(descent, minReach), maxDescent)
	near := 0.13 * (ascent + descent)
	best, distance := -1, near
	for i, v := range f.variants {
		if d := max(math.Abs(v.ascent-ascent), math.Abs(v.descent-descent)); d <= distance {
			best, distance = i, d
		}
	}
	if best >= 0 {
		return best
	}
	// Steps are as coarse as the word's height allows; small marks get finer ones.
	steps := 20.0
	if ascent+descent < 0.3 {
		steps = 100
	}
	v := variant{
		ascent:  max(math.Round(ascent*steps)/steps, minReach),
		descent: max(math.Round(descent*steps)/steps, minReach),
	}
	f.variants = append(f.variants, v)
	return len(f.variants) - 1
}

// write writes everything about the font; resources is the number of the dictionary that all pages share.
func (f *font) write(w *objectWriter, resources int) {
	if len(f.variants) == 0 {
		w.object(resources, "<<>>")
		return
	}
	name := f.name()
	program, toUnicode, cidSet := w.reserve(), w.reserve(), w.reserve()
	data := f.program()
	w.deflated(program, fmt.Sprintf("/Length1 %d", len(data)), data)
	w.deflated(toUnicode, "", f.toUnicode())
	w.deflated(cidSet, "", f.cidSet())
	names := "<<"
	for i, v := range f.variants {
		composite, descendant, descriptor := w.reserve(), w.reserve(), w.reserve()
		names += fmt.Sprintf("/F%d %d 0 R", i, composite)
		w.object(composite, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H"+
			"/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, descendant, toUnicode))
		w.object(descendant, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDToGIDMap/Identity"+
			"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW %d>>",
			name, descriptor, advance))
		up, down := math.Round(v.ascent*1000), math.Round(v.descent*1000)
		w.object(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 %g %d %g]/ItalicAngle 0"+
			"/Ascent %g/Descent %g/CapHeight %g/StemV 80/FontFile2 %d 0 R/CIDSet %d 0 R>>",
			name, -down, advance, up, up, -down, up, program, cidSet))
	}
	w.object(resources, names+">>")
}

// name carries the tag that marks a subset: six capitals, made from the characters so that it is the same each time.
func (f *font) name() string {
	h := uint64(14695981039346656037) // FNV-1a
	for _, r := range f.runes {
		h = (h ^ uint64(uint32(r))) * 1099511628211 //nolint:gosec // only hashed
	}
	var tag [6]byte
	for i := range tag {
		tag[i] = 'A' + byte(h%26)
		h /= 26
	}
	return string(tag[:]) + "+Glyphless"
}

// cidSet has one bit for each code in use: all of them.
func (f *font) cidSet() []byte {
	set := make([]byte, (len(f.runes)+7)/8)
	for i := range f.runes {
		set[i/8] |= 0x80 >> (i % 8)
	}
	return set
}

// toUnicode maps codes back to characters.
func (f *font) toUnicode() []byte {
	b := []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const most = 100 // entries a section, by Adobe's technical note 5014
	for from := 1; from < len(f.runes); from += most {
		to := min(from+most, len(f.runes))
		b = fmt.Appendf(b, "%d beginbfchar\n", to-from)
		for id := from; id < to; id++ {
			b = fmt.Appendf(b, "<%04X> <", id)
			for _, u := range utf16.AppendRune(nil, f.runes[id]) {
				b = fmt.Appendf(b, "%04X", u)
			}
			b = append(b, ">\n"...)
		}
		b = append(b, "endbfchar\n"...)
	}
	return append(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"...)
}

// program is the TrueType font: as many empty glyphs as there are characters, each advance wide. It has the tables that
// PDF asks of a CIDFontType2; codes are glyph ids, so it needs no cmap of its own.
func (f *font) program() []byte {
	n := len(f.runes)
	be := binary.BigEndian
	head := make([]byte, 54)
	be.PutUint32(head[0:], 0x00010000)
	be.PutUint32(head[4:], 0x00010000)
	be.PutUint32(head[12:], 0x5F0F3CF5)
	be.PutUint16(head[16:], 0x000B)
	be.PutUint16(head[18:], 1000) // units per em
	be.PutUint16(head[40:], advance)
	be.PutUint16(head[42:], 1000)
	be.PutUint16(head[46:], 8) // smallest readable size
	be.PutUint16(head[48:], 2) // direction hint

	hhea := make([]byte, 36)
	be.PutUint32(hhea[0:], 0x00010000)
	be.PutUint16(hhea[4:], 1000)
	be.PutUint16(hhea[10:], advance)
	be.PutUint16(hhea[18:], 1) // caret slope: upright
	be.PutUint16(hhea[34:], 1) // one advance for all

	maxp := make([]byte, 32)
	be.PutUint32(maxp[0:], 0x00010000)
	be.PutUint16(maxp[4:], uint16(n)) //nolint:gosec // at most maxGlyphs
	be.PutUint16(maxp[14:], 1)        // zones

	hmtx := make([]byte, 4+2*(n-1))
	be.PutUint16(hmtx, advance)

	return assembleFont([]fontTable{
		{"glyf", make([]byte, 4)}, // never read: every glyph is empty; but some readers refuse a table of no length
		{"head", head},
		{"hhea", hhea},
		{"hmtx", hmtx},
		{"loca", make([]byte, 2*(n+1))},
		{"maxp", maxp},
	})
}

type fontTable struct {
	name string
	data []byte
}

// assembleFont puts tables, sorted by name, behind their directory and sets head's check sum.
func assembleFont(tables []fontTable) []byte {
	be := binary.BigEndian
	count := uint16(len(tables)) //nolint:gosec // six
	power, log := uint16(1), uint16(0)
	for power*2 <= count {
		power, log = power*2, log+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []uint16{count, power * 16, log, count*16 - power*16} {
		out = be.AppendUint16(out, v)
	}
	offset := 12 + 16*len(tables)
	var body []byte
	headAt := 0
	for _, t := range tables {
		if t.name == "head" {
			headAt = offset + len(body)
		}
		padded := append([]byte(nil), t.data...)
		for len(padded)%4 != 0 {
			padded = append(padded, 0)
		}
		out = append(out, t.name...)
		out = be.AppendUint32(out, fontSum(padded))
		out = be.AppendUint32(out, uint32(offset+len(body))) //nolint:gosec // some 300 KB at most
		out = be.AppendUint32(out, uint32(len(t.data)))      //nolint:gosec // some 130 KB at most
		body = append(body, padded...)
	}
	out = append(out, body...)
	be.PutUint32(out[headAt+8:], 0xB1B0AFBA-fontSum(out))
	return out
}

func fontSum(b []byte) uint32 {
	var sum uint32
	for i := 0; i+4 <= len(b); i += 4 {
		sum += binary.BigEndian.Uint32(b[i:])
	}
	return sum
}
