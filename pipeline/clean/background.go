package clean

import "image"

// Uneven light, shadows and grey paper go by dividing the page by its own background: in each tile the paper is what most
// of the brightest pixels agree on, smoothed so that a picture or a thick letter does not count as shadow.

// tiles is one figure per square of the page.
type tiles struct {
	size, w, h int
	v          []uint8
}

func newTiles(g *image.Gray, size int) *tiles {
	t := &tiles{size: size, w: max(1, (g.Rect.Dx()+size-1)/size), h: max(1, (g.Rect.Dy()+size-1)/size)}
	t.v = make([]uint8, t.w*t.h)
	return t
}

// tileHistograms calls f with the histogram of each tile.
func tileHistograms(g *image.Gray, size int, f func(tile int, histogram *[256]int)) {
	t := newTiles(g, size)
	for ty := range t.h {
		for tx := range t.w {
			var hist [256]int
			for y := ty * size; y < min(g.Rect.Dy(), (ty+1)*size); y++ {
				x0, x1 := tx*size, min(g.Rect.Dx(), (tx+1)*size)
				for _, v := range g.Pix[y*g.Stride+x0 : y*g.Stride+x1] {
					hist[v]++
				}
			}
			f(ty*t.w+tx, &hist)
		}
	}
}

// spread replaces each tile by pick over its neighbourhood of radius r.
func (t *tiles) spread(r int, pick func(neighbours []uint8) uint8) {
	out := make([]uint8, len(t.v))
	var around []uint8
	for y := range t.h {
		for x := range t.w {
			around = around[:0]
			for ny := max(0, y-r); ny <= min(t.h-1, y+r); ny++ {
				around = append(around, t.v[ny*t.w+max(0, x-r):ny*t.w+min(t.w-1, x+r)+1]...)
			}
			out[y*t.w+x] = pick(around)
		}
	}
	t.v = out
}

func brightest(v []uint8) uint8 {
	m := uint8(0)
	for _, x := range v {
		m = max(m, x)
	}
	return m
}

func mean(v []uint8) uint8 {
	sum := 0
	for _, x := range v {
		sum += int(x)
	}
	return uint8(sum / max(1, len(v))) //nolint:gosec // a mean of bytes is a byte
}

// row fills line with the tiles' figures along pixel row y, bilinear between tile centres.
func (t *tiles) row(y int, line []int32) {
	ty, fy := t.between(y, t.h)
	for x := range line {
		line[x] = 0
	}
	at := func(tx, ty int) int32 { return int32(t.v[ty*t.w+tx]) }
	column := make([]int32, t.w) // 8 fraction bits
	for tx := range column {
		column[tx] = at(tx, ty)*(256-fy) + at(tx, min(t.h-1, ty+1))*fy
	}
	for x := range line {
		tx, fx := t.between(x, t.w)
		a, b := column[tx], column[min(t.w-1, tx+1)]
		line[x] = (a*(256-fx) + b*fx) >> 8
	}
}

// between gives the tile whose centre is before the pixel and how far on the way to the next one it lies, in 256ths.
func (t *tiles) between(pixel, n int) (int, int32) {
	p := 2*pixel + 1 - t.size
	if p < 0 {
		return 0, 0
	}
	tile := p / (2 * t.size)
	if tile >= n-1 {
		return n - 1, 0
	}
	return tile, int32(p%(2*t.size)) * 256 / int32(2*t.size) //nolint:gosec // below 256
}

// divideBackground evens the light: paper becomes white everywhere. It reports how uneven the light was: the darkest
// paper's brightness as a share of the brightest's, and whether there were dark edges to drop.
func divideBackground(g *image.Gray, size int) (evenness float64, edges bool) {
	t := newTiles(g, size)
	tileHistograms(g, size, func(tile int, hist *[256]int) { t.v[tile] = uint8(percentileOf(hist, 0.85)) }) //nolint:gosec // below 256
	edge := darkEdges(t)
	for i := range edge {
		if edge[i] {
			edges = true
		}
	}
	t.spread(1, brightest)
	t.spread(2, mean)
	low, high := uint8(255), uint8(1)
	for i, v := range t.v {
		if !edge[i] {
			low, high = min(low, v), max(high, v)
		}
	}
	divide(g, t, edge)
	return float64(low) / float64(high), edges
}

func divide(g *image.Gray, t *tiles, edge []bool) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	// 16 fraction bits of 255/background; a background below 16 is no paper and must not make noise loud.
	var factor [256]int32
	for b := range factor {
		factor[b] = int32(240 << 16 / max(16, b)) //nolint:gosec // at most 255<<12
	}
	line := make([]int32, w) // 8 fraction bits
	for y := range h {
		t.row(y, line)
		px := g.Pix[y*g.Stride : y*g.Stride+w]
		for x, v := range px {
			q := int64(v) * int64(factor[(line[x]>>8)&255]) >> 16
			px[x] = uint8(min(255, q)) //nolint:gosec // clamped
		}
	}
	for i, dark := range edge {
		if dark {
			whiten(g, image.Rect(i%t.w*t.size, i/t.w*t.size, (i%t.w+1)*t.size, (i/t.w+1)*t.size))
		}
	}
}

// darkEdges finds the tiles at the page's border where the scanner saw its lid or the camera the desk: far darker than the
// page's paper and reaching in from outside.
func darkEdges(t *tiles) []bool {
	var hist [256]int
	for _, v := range t.v {
		hist[v]++
	}
	limit := uint8(percentileOf(&hist, 0.5) * 35 / 100) //nolint:gosec // a third of a byte
	edge := make([]bool, len(t.v))
	var todo []int
	visit := func(x, y int) {
		if x < 0 || y < 0 || x >= t.w || y >= t.h || edge[y*t.w+x] || t.v[y*t.w+x] > limit {
			return
		}
		edge[y*t.w+x] = true
		todo = append(todo, y*t.w+x)
	}
	for x := range t.w {
		visit(x, 0)
		visit(x, t.h-1)
	}
	for y := range t.h {
		visit(0, y)
		visit(t.w-1, y)
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		x, y := i%t.w, i/t.w
		visit(x-1, y)
		visit(x+1, y)
		visit(x, y-1)
		visit(x, y+1)
	}
	return edge
}

func whiten(g *image.Gray, r image.Rectangle) {
	r = r.Intersect(g.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := g.Pix[y*g.Stride+r.Min.X : y*g.Stride+r.Max.X]
		for x := range row {
			row[x] = 255
		}
	}
}
