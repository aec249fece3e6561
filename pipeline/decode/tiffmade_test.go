package decode

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"math"
	"slices"
	"testing"
)

// madeTIFF is a page of a TIFF as a test wants it: tags and the bytes of its strips or tiles.
type madeTIFF struct {
	tags   map[uint16]any // uint16, uint32, []uint16, []uint32, []byte or float64 (written as a fraction)
	chunks [][]byte
	tiled  bool
}

// The tags that the tests set (TIFF 6.0).
const (
	tagSubfile, tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric = 254, 256, 257, 258, 259, 262
	tagFillOrder, tagOffsets, tagOrientation, tagSamples, tagRows, tagCounts = 266, 273, 274, 277, 278, 279
	tagXRes, tagYRes, tagPlanar, tagT4Options, tagUnit, tagPredictor         = 282, 283, 284, 292, 296, 317
	tagColorMap, tagTileWidth, tagTileHeight, tagTileOffsets, tagTileCounts  = 320, 322, 323, 324, 325
	tagInkSet, tagExtra, tagJPEGTables, tagSubsampling                       = 332, 338, 347, 530
)

func tiffPage(w, h int, bits []uint16, photometric uint16, chunks ...[]byte) madeTIFF {
	return madeTIFF{tags: map[uint16]any{
		tagWidth: uint32(w), tagHeight: uint32(h), tagBits: bits, tagCompression: uint16(1), //nolint:gosec // small
		tagPhotometric: photometric, tagSamples: uint16(len(bits)), tagRows: uint32(h), //nolint:gosec // small
	}, chunks: chunks}
}

func (m madeTIFF) with(tag uint16, value any) madeTIFF {
	tags := map[uint16]any{tag: value}
	for t, v := range m.tags {
		if t != tag {
			tags[t] = v
		}
	}
	m.tags = tags
	return m
}

func deflated(m madeTIFF) madeTIFF {
	chunks := make([][]byte, len(m.chunks))
	for i, c := range m.chunks {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(c) // a bytes.Buffer takes all
		_ = z.Close()
		chunks[i] = b.Bytes()
	}
	m.chunks = chunks
	return m.with(tagCompression, uint16(8))
}

// packBits packs rows of so many bytes without looking for runs, which the format allows.
func packBits(m madeTIFF, row int) madeTIFF {
	chunks := make([][]byte, len(m.chunks))
	for i, c := range m.chunks {
		for line := range slices.Chunk(c, row) {
			for part := range slices.Chunk(line, 128) {
				chunks[i] = append(append(chunks[i], byte(len(part)-1)), part...) //nolint:gosec // at most 127
			}
		}
	}
	m.chunks = chunks
	return m.with(tagCompression, uint16(32773))
}

// tiffOf writes pages as one little-endian TIFF.
func tiffOf(pages ...madeTIFF) []byte { return tiffIn(binary.LittleEndian, pages...) }

func tiffIn(order binary.AppendByteOrder, pages ...madeTIFF) []byte {
	out := []byte("II")
	if order.AppendUint16(nil, 1)[0] == 0 {
		out = []byte("MM")
	}
	out = order.AppendUint32(order.AppendUint16(out, 42), 0)
	link := 4
	for _, m := range pages {
		var offsets, counts []uint32
		for _, c := range m.chunks {
			offsets, counts = append(offsets, uint32(len(out))), append(counts, uint32(len(c))) //nolint:gosec // small
			out = append(out, c...)
		}
		if m.tiled {
			m = m.with(tagTileOffsets, offsets).with(tagTileCounts, counts)
		} else {
			m = m.with(tagOffsets, offsets).with(tagCounts, counts)
		}
		out = append(out, make([]byte, len(out)%2)...)
		var entries []byte
		tags := make([]uint16, 0, len(m.tags))
		for t := range m.tags {
			tags = append(tags, t)
		}
		slices.Sort(tags)
		for _, t := range tags {
			var entry []byte
			entry, out = tiffEntry(order, out, t, m.tags[t])
			entries = append(entries, entry...)
		}
		copy(out[link:], order.AppendUint32(nil, uint32(len(out)))) //nolint:gosec // small
		out = order.AppendUint16(out, uint16(len(tags)))            //nolint:gosec // small
		out = append(out, entries...)
		link = len(out)
		out = append(out, 0, 0, 0, 0)
	}
	return out
}

// tiffEntry gives a directory entry and puts a value that does not fit into it behind out.
func tiffEntry(order binary.AppendByteOrder, out []byte, tag uint16, value any) (entry, longer []byte) {
	const short, long, fraction, undefined = 3, 4, 5, 7
	kind, n, data := uint16(long), 1, []byte(nil)
	switch v := value.(type) {
	case uint16:
		return tiffEntry(order, out, tag, []uint16{v})
	case uint32:
		return tiffEntry(order, out, tag, []uint32{v})
	case []uint16:
		kind, n = short, len(v)
		for _, x := range v {
			data = order.AppendUint16(data, x)
		}
	case []uint32:
		n = len(v)
		for _, x := range v {
			data = order.AppendUint32(data, x)
		}
	case []byte:
		kind, n, data = undefined, len(v), v
	case float64:
		kind = fraction
		data = order.AppendUint32(order.AppendUint32(nil, uint32(math.Round(1000*v))), 1000)
	}
	entry = order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, tag), kind), uint32(n)) //nolint:gosec // small
	if len(data) <= 4 {
		return append(append(entry, data...), make([]byte, 4-len(data))...), out
	}
	out = append(out, make([]byte, len(out)%2)...)
	entry = order.AppendUint32(entry, uint32(len(out))) //nolint:gosec // small
	return entry, append(out, data...)
}

func rawGray(g *image.Gray) madeTIFF {
	return tiffPage(g.Rect.Dx(), g.Rect.Dy(), []uint16{8}, 1, g.Pix)
}

func rawColor(c *image.NRGBA) madeTIFF {
	return tiffPage(c.Rect.Dx(), c.Rect.Dy(), []uint16{8, 8, 8}, 2, samples(c, 3))
}

// samples gives the first n samples of each pixel.
func samples(c *image.NRGBA, n int) []byte {
	out := make([]byte, 0, n*len(c.Pix)/4)
	for i := 0; i < len(c.Pix); i += 4 {
		out = append(out, c.Pix[i:i+n]...)
	}
	return out
}

func tiffG4(tb testing.TB, g *image.Gray) []byte {
	tb.Helper()
	data, err := EncodeG4(packedBits(g), g.Rect.Dx(), g.Rect.Dy())
	if err != nil {
		tb.Fatal(err)
	}
	return tiffOf(tiffPage(g.Rect.Dx(), g.Rect.Dy(), []uint16{1}, 0, data).with(tagCompression, uint16(4)))
}

func jpegInTIFF(jpeg []byte, w, h int) madeTIFF {
	return tiffPage(w, h, []uint16{8, 8, 8}, 6, jpeg).with(tagCompression, uint16(7)).with(tagSubsampling, []uint16{2, 2})
}

// exifSegment is the APP1 segment of a JPEG with an orientation.
func exifSegment(orientation uint16) []byte {
	tiff := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00")
	entry, _ := tiffEntry(binary.LittleEndian, nil, tagOrientation, orientation)
	tiff = append(append(tiff, entry...), 0, 0, 0, 0)
	return append([]byte{0xff, 0xe1, 0, byte(len(tiff) + 2)}, tiff...) //nolint:gosec // small
}
