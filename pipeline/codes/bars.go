package codes

import (
	"image"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"sohoa/pipeline/page"
)

const (
	// band is how many rows (or columns) are read as one: 0.7 mm at 300 dpi. On a page that lies 2° askew bars move by a quarter
	// of a pixel within it.
	band = 8
	// finer is by how much a band is stretched before its edges are looked for: at 200 dpi a bar may be 2 pixels wide, and an edge
	// that is half a pixel off is another bar.
	finer = 4
	// quiet is how much white, in pixels, parts a barcode from what stands beside it.
	quiet = 40
	// fewestBars is how many bars a Code 128 of one letter has.
	fewestBars = 10
)

// barReader reads one row. gozxing's type is not exported, its method is.
type barReader interface {
	DecodeRow(rowNumber int, row *gozxing.BitArray, hints map[gozxing.DecodeHintType]any) (*gozxing.Result, error)
}

// findBars finds Code 128 barcodes that lie or stand, either way round.
func findBars(g *image.Gray) []page.Code {
	reader, ok := oned.NewCode128Reader().(barReader)
	if !ok {
		return nil
	}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	var found []page.Code
	add := func(text string, box page.Box) {
		if !keepable(text) {
			return
		}
		box = box.Intersect(page.Box{X1: w, Y1: h})
		for i := range found {
			// The same barcode is in many bands, some of which cannot be read.
			const gap = 8 * band
			near := found[i].Box
			near.X0, near.Y0, near.X1, near.Y1 = near.X0-gap, near.Y0-gap, near.X1+gap, near.Y1+gap
			if found[i].Text == text && !near.Intersect(box).Empty() {
				found[i].Box = found[i].Box.Union(box)
				return
			}
		}
		found = append(found, page.Code{Kind: page.Code128, Text: text, Box: box})
	}
	lying, standing := bands(g)
	for i, line := range lying {
		for _, b := range readBand(reader, line) {
			add(b.text, page.Box{X0: b.from, X1: b.to, Y0: i * band, Y1: (i + 1) * band})
		}
	}
	for i, line := range standing {
		for _, b := range readBand(reader, line) {
			add(b.text, page.Box{X0: i * band, X1: (i + 1) * band, Y0: b.from, Y1: b.to})
		}
	}
	return found
}

// bands are the page's means over so many rows each, and over so many columns each.
func bands(g *image.Gray) (lying, standing [][]uint8) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	lying = make([][]uint8, h/band)
	standing = make([][]uint8, w/band)
	for i := range standing {
		standing[i] = make([]uint8, h)
	}
	sums := make([]uint16, w)
	for y := range h {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		for i := range standing {
			sum := 0
			for _, v := range row[i*band : i*band+band] {
				sum += int(v)
			}
			standing[i][y] = uint8(sum / band) //nolint:gosec // a mean of bytes
		}
		for x, v := range row {
			sums[x] += uint16(v)
		}
		if y%band == band-1 {
			line := make([]uint8, w)
			for x, sum := range sums {
				line[x] = uint8(sum / band) //nolint:gosec // a mean of bytes
			}
			lying[y/band] = line
			clear(sums)
		}
	}
	return lying, standing
}

// bars is a barcode within a band.
type bars struct {
	text     string
	from, to int // pixels along the band
}

// readBand reads what barcodes are in a band: between stretches of white, where there are bars enough.
func readBand(reader barReader, line []uint8) (all []bars) {
	paper := paperLevels(line)
	ink := func(at int) bool { return int(line[at])*4 < int(paper[at/stretch])*3 }
	for at := 0; at < len(line); {
		if !ink(at) {
			at++
			continue
		}
		start, last, edges := at, at, 0
		for at < len(line) && at-last <= quiet {
			if ink(at) {
				if at-last > 1 {
					edges++
				}
				last = at
			}
			at++
		}
		if edges < fewestBars-1 {
			continue
		}
		from, to := max(0, start-quiet/2), min(len(line), last+1+quiet/2)
		if b, ok := readBars(reader, line[from:to]); ok {
			all = append(all, bars{b.text, from + b.from, from + b.to})
		}
	}
	return all
}

// stretch is the length over which a band's paper has one level.
const stretch = 64

// paperLevels are how light the paper is along a band, one value a stretch: the lightest of it and its two neighbours.
func paperLevels(line []uint8) []uint8 {
	lightest := make([]uint8, (len(line)+stretch-1)/stretch)
	for x, v := range line {
		lightest[x/stretch] = max(lightest[x/stretch], v)
	}
	levels := make([]uint8, len(lightest))
	for i := range levels {
		levels[i] = slices.Max(lightest[max(0, i-1):min(len(lightest), i+2)])
	}
	return levels
}

// readBars reads a stretch of a band, forwards and backwards.
func readBars(reader barReader, line []uint8) (b bars, ok bool) {
	sorted := slices.Clone(line)
	slices.Sort(sorted)
	middle := (int(sorted[len(sorted)/10]) + int(sorted[len(sorted)*8/10])) / 2
	n := (len(line) - 1) * finer
	row := gozxing.NewBitArray(n)
	for i := range n {
		v0, v1 := int(line[i/finer]), int(line[i/finer+1])
		if v0*(finer-i%finer)+v1*(i%finer) < middle*finer {
			row.Set(i)
		}
	}
	for _, backwards := range []bool{false, true} {
		if backwards {
			row.Reverse()
		}
		text, from, to, ok := readRow(reader, row)
		if !ok {
			continue
		}
		if backwards {
			from, to = float64(n)-to, float64(n)-from
		}
		return bars{text, int(from) / finer, int(to)/finer + 1}, true
	}
	return b, false
}

// readRow reads a row of bits. What gozxing panics over is no barcode.
func readRow(reader barReader, row *gozxing.BitArray) (text string, from, to float64, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	result, err := reader.DecodeRow(0, row, nil)
	if err != nil || len(result.GetResultPoints()) < 2 {
		return "", 0, 0, false
	}
	ends := result.GetResultPoints()
	return result.GetText(), ends[0].GetX(), ends[1].GetX(), true
}
