package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"strings"
)

// encodeG4 writes black-and-white pages (palette index 1 is black) as one TIFF of CCITT group 4 strips, one a page, as
// office scanners do. The standard library and x/image only read this form.
func encodeG4(w io.Writer, pages []*image.Paletted, dpi float64) error {
	var b bytes.Buffer
	b.WriteString("II*\x00\x00\x00\x00\x00")
	link := 4 // where the offset of the next directory must be written
	for _, img := range pages {
		if len(img.Palette) > 2 {
			return errNotBilevel
		}
		strip := b.Len()
		b.Write(g4Strip(img))
		if b.Len()%2 == 1 {
			b.WriteByte(0)
		}
		resolution := b.Len()
		for range 2 {
			b.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(dpi*100)), 100))
		}
		binary.LittleEndian.PutUint32(b.Bytes()[link:], uint32(b.Len())) //nolint:gosec // a few megabytes
		link = tiffDirectory(&b, img.Rect, strip, resolution)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write TIFF: %w", err)
	}
	return nil
}

// tiffDirectory writes a page's directory and returns where the link to the next one stands.
func tiffDirectory(b *bytes.Buffer, r image.Rectangle, strip, resolution int) (link int) {
	type entry struct{ tag, kind, value int }
	const short, long, rational = 3, 4, 5
	entries := []entry{
		{256, long, r.Dx()},
		{257, long, r.Dy()},
		{258, short, 1},    // one bit a sample
		{259, short, 4},    // CCITT group 4
		{262, short, 0},    // 0 is white
		{273, long, strip}, // where the strip begins
		{277, short, 1},
		{278, long, r.Dy()},             // rows in the strip
		{279, long, resolution - strip}, // bytes, with a byte of padding at most
		{282, rational, resolution},
		{283, rational, resolution + 8},
		{296, short, 2}, // inches
	}
	out := binary.LittleEndian.AppendUint16(nil, uint16(len(entries))) //nolint:gosec // a dozen
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint16(out, uint16(e.tag))   //nolint:gosec // constants
		out = binary.LittleEndian.AppendUint16(out, uint16(e.kind))  //nolint:gosec // constants
		out = binary.LittleEndian.AppendUint32(out, 1)               // how many values
		out = binary.LittleEndian.AppendUint32(out, uint32(e.value)) //nolint:gosec // a few megabytes
	}
	b.Write(out)
	link = b.Len()
	b.Write(make([]byte, 4))
	return link
}

// bits collects a strip.
type bits struct {
	out  []byte
	used int // bits of the last byte
}

// add appends a code written in noughts and ones.
func (b *bits) add(code string) {
	for _, c := range []byte(code) {
		if b.used == 0 {
			b.out = append(b.out, 0)
		}
		if c == '1' {
			b.out[len(b.out)-1] |= 0x80 >> b.used
		}
		b.used = (b.used + 1) % 8
	}
}

// g4Codes are the codes of one colour's runs.
type g4Codes struct{ runs, makeup []string }

// run appends a run of a length.
func (b *bits) run(codes g4Codes, n int) {
	for ; n >= 2560+64; n -= 2560 {
		b.add(codes.makeup[39])
	}
	if n >= 64 {
		b.add(codes.makeup[n/64-1])
	}
	b.add(codes.runs[n%64])
}

// g4Strip codes an image row by row, each against the row above, as T.6 says.
func g4Strip(img *image.Paletted) []byte {
	colors := [2]g4Codes{
		{strings.Fields(g4WhiteRuns), strings.Fields(g4WhiteMakeup)},
		{strings.Fields(g4BlackRuns), strings.Fields(g4BlackMakeup)},
	}
	w := img.Rect.Dx()
	above, out := make([]uint8, w), &bits{}
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:w]
		out.row(row, above, colors)
		above = row
	}
	const endOfBlock = "000000000001000000000001"
	out.add(endOfBlock)
	return out.out
}

// row codes one row. The names a0, a1, a2, b1, b2 are the recommendation's.
func (b *bits) row(row, above []uint8, colors [2]g4Codes) {
	w, color := len(row), uint8(0)
	for a0 := -1; a0 < w; {
		a1 := change(row, max(a0, 0), color)
		b1 := firstOpposite(above, a0, color)
		b2 := change(above, b1, 1-color)
		switch d := a1 - b1; {
		case b2 < a1:
			b.add("0001") // pass
			a0 = b2
		case d >= -3 && d <= 3:
			b.add([]string{"0000010", "000010", "010", "1", "011", "000011", "0000011"}[d+3])
			a0, color = a1, 1-color
		default:
			a2 := change(row, a1, 1-color)
			b.add("001") // horizontal
			b.run(colors[color], a1-max(a0, 0))
			b.run(colors[1-color], a2-a1)
			a0 = a2
		}
		if a0 >= w {
			return
		}
	}
}

// change is the first pixel from x on that is not of a colour; the row's length if there is none.
func change(row []uint8, x int, color uint8) int {
	for x < len(row) && row[x] == color {
		x++
	}
	return x
}

// firstOpposite is b1: the first pixel right of a0 in the row above where the colour changes to the opposite of the
// current one.
func firstOpposite(above []uint8, a0 int, color uint8) int {
	for x := a0 + 1; x < len(above); x++ {
		left := uint8(0)
		if x > 0 {
			left = above[x-1]
		}
		if above[x] != color && left == color {
			return x
		}
	}
	return len(above)
}
