package codes

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"

	"sohoa/pipeline/page"
)

const (
	// mostFinders is how many finder patterns (the three squares in a code's corners) are put together, the largest first:
	// print of dots makes thousands that are none.
	mostFinders = 48
	// mostTries is how many triples of them are tried to be read.
	mostTries = 64
)

// findQR finds QR codes on the page made smaller by factor, and by twice of it: gozxing tells ink from paper by blocks of 8
// pixels, and where a large code was printed with little toner such a block is all ink.
func findQR(g *image.Gray, factor int) (found []page.Code) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	small := contrasted(shrink(g, factor), g)
	for _, smaller := range []int{1, 2} {
		scale := float64(factor * smaller)
		matrix := blackAndWhite(shrink(small, smaller))
		if matrix == nil {
			continue
		}
		tries := 0
		for _, info := range triples(finders(matrix)) {
			corners := corners(info)
			for i := range corners {
				corners[i].X, corners[i].Y = corners[i].X*scale, corners[i].Y*scale
			}
			middle := boxAround(corners, 0, w, h)
			if slices.ContainsFunc(found, func(c page.Code) bool { return !c.Box.Intersect(middle).Empty() }) {
				continue // codes do not lie on each other
			}
			if tries++; tries > mostTries {
				break
			}
			if text, ok := decode(matrix, info); ok && keepable(text) {
				margin := 3.5 * info.GetTopLeft().GetEstimatedModuleSize() * scale
				found = append(found, page.Code{Kind: page.QR, Text: text, Box: boxAround(corners, margin, w, h)})
			}
		}
	}
	return found
}

// blackAndWhite parts ink from paper; nil where the page is too small for that.
func blackAndWhite(g *image.Gray) *gozxing.BitMatrix {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	source, err := gozxing.NewPlanarYUVLuminanceSource(g.Pix, w, h, 0, 0, w, h, false)
	if err != nil {
		return nil
	}
	matrix, err := gozxing.NewHybridBinarizer(source).GetBlackMatrix()
	if err != nil {
		return nil
	}
	return matrix
}

// contrasted has the page's ink black and its paper white: gozxing takes what differs by less than a tenth for even. The page
// itself is not changed.
func contrasted(small, itself *image.Gray) *image.Gray {
	var counts [256]int
	for y := range small.Rect.Dy() {
		for _, v := range small.Pix[y*small.Stride : y*small.Stride+small.Rect.Dx()] {
			counts[v]++
		}
	}
	level := func(share float64) int {
		left := int(share * float64(small.Rect.Dx()*small.Rect.Dy()))
		for v, n := range counts {
			if left -= n; left < 0 {
				return v
			}
		}
		return 255
	}
	ink, paper := level(0.01), level(0.6)
	if paper-ink < 32 || paper-ink > 200 {
		return small // nothing to see, or to better
	}
	var table [256]uint8
	for v := range table {
		table[v] = uint8(min(255, max(0, (v-ink)*255/(paper-ink)))) //nolint:gosec // within a byte
	}
	out := small
	if small == itself {
		out = image.NewGray(small.Rect)
	}
	for y := range small.Rect.Dy() {
		src, dst := small.Pix[y*small.Stride:], out.Pix[y*out.Stride:]
		for x := range small.Rect.Dx() {
			dst[x] = table[src[x]]
		}
	}
	return out
}

// decode reads the code between three finder patterns. gozxing was written for pictures of people's own: what it panics over is
// no code.
func decode(matrix *gozxing.BitMatrix, info *detector.FinderPatternInfo) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	bits, err := detector.NewDetector(matrix).ProcessFinderPatternInfo(info)
	if err != nil {
		return "", false
	}
	result, err := decoder.NewDecoder().Decode(bits.GetBits(), nil)
	if err != nil {
		return "", false
	}
	return result.GetText(), true
}

// corners are the middles of a code's finder patterns and the corner opposite.
func corners(info *detector.FinderPatternInfo) []page.Point {
	at := func(p *detector.FinderPattern) page.Point { return page.Point{X: p.GetX(), Y: p.GetY()} }
	tl, tr, bl := at(info.GetTopLeft()), at(info.GetTopRight()), at(info.GetBottomLeft())
	return []page.Point{tl, tr, bl, {X: tr.X + bl.X - tl.X, Y: tr.Y + bl.Y - tl.Y}}
}

// finders are the finder patterns that were seen more than once, the largest first.
func finders(matrix *gozxing.BitMatrix) []*detector.FinderPattern {
	f := detector.NewFinderPatternFinder(matrix, nil)
	w, h := matrix.GetWidth(), matrix.GetHeight()
	const step = 3 // rows: the middle of the smallest pattern is as high
	var runs []int
	for y := step - 1; y < h; y += step {
		// The row's runs of white and black in turn, beginning with white.
		runs = runs[:0]
		black, length := false, 0
		for x := range w {
			if matrix.Get(x, y) != black {
				runs = append(runs, length)
				black, length = !black, 0
			}
			length++
		}
		runs = append(runs, length)
		end := 0
		for i := range runs {
			end += runs[i]
			if i%2 == 0 || i < 5 { // a pattern ends with black
				continue
			}
			if five := runs[i-4 : i+1]; detector.FinderPatternFinder_foundPatternCross(five) {
				f.HandlePossibleCenter(slices.Clone(five), y, end)
			}
		}
	}
	all := slices.DeleteFunc(slices.Clone(f.GetPossibleCenters()), func(p *detector.FinderPattern) bool {
		return p.GetCount() < detector.FinderPatternFinder_CENTER_QUORUM
	})
	slices.SortFunc(all, func(a, b *detector.FinderPattern) int {
		return cmp.Or(cmp.Compare(b.GetEstimatedModuleSize(), a.GetEstimatedModuleSize()), cmp.Compare(a.GetY(), b.GetY()), cmp.Compare(a.GetX(), b.GetX()))
	})
	return all[:min(len(all), mostFinders)]
}

// triples are those three finder patterns each that may be a code's: of one size, at a right angle, the arms alike. What looks
// most like a code comes first.
func triples(all []*detector.FinderPattern) []*detector.FinderPatternInfo {
	type triple struct {
		info *detector.FinderPatternInfo
		off  float64
	}
	var good []triple
	for i, a := range all {
		for j := i + 1; j < len(all); j++ {
			b := all[j]
			if !alike(a, b) {
				break // the rest are smaller still
			}
			for _, c := range all[j+1:] {
				if !alike(a, c) {
					break
				}
				info, off := square(a, b, c)
				if info != nil {
					good = append(good, triple{info, off})
				}
			}
		}
	}
	slices.SortStableFunc(good, func(x, y triple) int { return cmp.Compare(x.off, y.off) })
	infos := make([]*detector.FinderPatternInfo, len(good))
	for i, g := range good {
		infos[i] = g.info
	}
	return infos
}

// alike tells whether two finder patterns, the larger first, may be of one code.
func alike(a, b *detector.FinderPattern) bool {
	x, y := a.GetEstimatedModuleSize(), b.GetEstimatedModuleSize()
	return x-y <= max(0.5, 0.25*y)
}

// square puts three finder patterns in their order and tells how far they are from the corners of a square; nil where that is
// too far.
func square(a, b, c *detector.FinderPattern) (info *detector.FinderPatternInfo, off float64) {
	x, y, z := gozxing.ResultPoint_OrderBestPatterns(a, b, c)
	bl, ok1 := x.(*detector.FinderPattern)
	tl, ok2 := y.(*detector.FinderPattern)
	tr, ok3 := z.(*detector.FinderPattern)
	if !ok1 || !ok2 || !ok3 {
		panic(fmt.Sprintf("finder patterns became %T, %T, %T", x, y, z)) // they were ours
	}
	down, across := gozxing.ResultPoint_Distance(tl, bl), gozxing.ResultPoint_Distance(tl, tr)
	diagonal := gozxing.ResultPoint_Distance(tr, bl)
	const fewest, most = 10, 180 // modules between the middles of two patterns: 14 in the smallest code, 170 in the largest
	modules := (down + across) / (a.GetEstimatedModuleSize() + b.GetEstimatedModuleSize())
	if modules < fewest || modules > most {
		return nil, 0
	}
	arms := math.Abs(down-across) / min(down, across)
	angle := math.Abs(diagonal-math.Hypot(down, across)) / diagonal
	const tolerance = 0.15
	if arms > tolerance || angle > tolerance {
		return nil, 0
	}
	return detector.NewFinderPatternInfo(bl, tl, tr), arms + angle
}
