package clean

import (
	"image"
	"math"

	"sohoa/pipeline/page"
)

// A photo shows the sheet on a desk, seen at a slant. The sheet is the large bright patch that the dark desk surrounds; its
// four corners say how to pull it straight. A flat scan must not be touched: there the border of the image is paper, or
// dark on a side or two only.

const (
	photoSide    = 600  // pixels to which the longer side is reduced to look for the sheet
	leastDesk    = 0.7  // the share of the image's border that must be desk
	leastSheet   = 0.25 // the sheet's share of the image
	mostSheet    = 0.97
	leastFilling = 0.93 // of the four-cornered outline that the sheet must fill: a torn or covered one is left alone
)

// findPaper gives the corners of the sheet in a photo, clockwise from its top left, in pixels of the image.
func findPaper(img image.Image) (page.Quad, bool) {
	g, factor := reduced(img, photoSide)
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if w < 40 || h < 40 {
		return page.Quad{}, false
	}
	limit := otsu(g)
	if borderBelow(g, limit) < leastDesk {
		return page.Quad{}, false
	}
	sheet, area := largestBright(g, limit)
	share := float64(area) / float64(w*h)
	if share < leastSheet || share > mostSheet {
		return page.Quad{}, false
	}
	q := outline(sheet, w)
	if outer := quadArea(q); outer <= 0 || filled(sheet, w, h)/outer < leastFilling {
		return page.Quad{}, false
	}
	if !sharpEdges(g, q) {
		return page.Quad{}, false
	}
	for i := range q {
		q[i].X /= factor
		q[i].Y /= factor
	}
	return q, true
}

// reduced gives the image in grey with its longer side at most side pixels, by taking every nth pixel after averaging.
func reduced(img image.Image, side int) (*image.Gray, float64) {
	b := img.Bounds()
	step := max(1, (max(b.Dx(), b.Dy())+side-1)/side)
	w, h := b.Dx()/step, b.Dy()/step
	out := image.NewGray(image.Rect(0, 0, w, h))
	luma := func(x, y int) int {
		switch p := img.(type) {
		case *image.Gray:
			return int(p.Pix[y*p.Stride+x])
		case *image.NRGBA:
			c := p.Pix[y*p.Stride+4*x:]
			return (77*int(c[0]) + 150*int(c[1]) + 29*int(c[2])) >> 8
		}
		return 255
	}
	half := step / 2
	for y := range h {
		for x := range w {
			// Four samples of the square are enough against noise.
			x0, y0 := x*step, y*step
			sum := luma(x0, y0) + luma(x0+half, y0) + luma(x0, y0+half) + luma(x0+half, y0+half)
			out.Pix[y*out.Stride+x] = uint8(sum / 4) //nolint:gosec // a mean of bytes
		}
	}
	return out, 1 / float64(step)
}

// otsu is the brightness that parts the image's pixels best into dark and bright ones (N. Otsu, 1979).
func otsu(g *image.Gray) uint8 {
	var hist [256]float64
	total, sum := 0.0, 0.0
	for y := range g.Rect.Dy() {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			hist[v]++
			total++
			sum += float64(v)
		}
	}
	best, limit := -1.0, uint8(0)
	below, sumBelow := 0.0, 0.0
	for v := range 256 {
		below += hist[v]
		sumBelow += float64(v) * hist[v]
		above := total - below
		if below == 0 || above == 0 {
			continue
		}
		apart := sumBelow/below - (sum-sumBelow)/above
		if between := below * above * apart * apart; between > best {
			best, limit = between, uint8(v)
		}
	}
	return limit
}

// borderBelow is the share of the image's outermost pixels that are not brighter than limit.
func borderBelow(g *image.Gray, limit uint8) float64 {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	const ring = 3
	n, below := 0, 0
	for y := range h {
		for x := range w {
			if x >= ring && x < w-ring && y >= ring && y < h-ring {
				continue
			}
			n++
			if g.Pix[y*g.Stride+x] <= limit {
				below++
			}
		}
	}
	return float64(below) / float64(n)
}

// largestBright marks the pixels of the largest connected patch brighter than limit and gives its area.
func largestBright(g *image.Gray, limit uint8) (member []bool, area int) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	label := make([]int32, w*h)
	var sizes []int
	var todo []int
	for start := range label {
		if label[start] != 0 || g.Pix[start/w*g.Stride+start%w] <= limit {
			continue
		}
		id := int32(len(sizes) + 1) //nolint:gosec // at most 360,000 pixels
		size := 0
		label[start] = id
		todo = append(todo[:0], start)
		for len(todo) > 0 {
			i := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			size++
			x, y := i%w, i/w
			for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if n[0] < 0 || n[1] < 0 || n[0] >= w || n[1] >= h {
					continue
				}
				if j := n[1]*w + n[0]; label[j] == 0 && g.Pix[n[1]*g.Stride+n[0]] > limit {
					label[j] = id
					todo = append(todo, j)
				}
			}
		}
		sizes = append(sizes, size)
	}
	best := 0
	for i, s := range sizes {
		if s > area {
			best, area = i+1, s
		}
	}
	member = make([]bool, w*h)
	for i, l := range label {
		member[i] = best > 0 && int(l) == best
	}
	return member, area
}

// outline gives the patch's outermost points towards the four corners of the image.
func outline(member []bool, w int) page.Quad {
	most := [4]float64{-math.MaxFloat64, -math.MaxFloat64, -math.MaxFloat64, -math.MaxFloat64}
	var q page.Quad
	for i, in := range member {
		if !in {
			continue
		}
		x, y := float64(i%w), float64(i/w)
		for k, d := range [4]float64{-x - y, x - y, x + y, y - x} {
			if d > most[k] {
				most[k] = d
				// Pixels have an extent: the corner is the outer one.
				q[k] = page.Point{X: x + float64((k+1)/2%2), Y: y + float64(k/2)}
			}
		}
	}
	return q
}

func quadArea(q page.Quad) float64 {
	sum := 0.0
	for i := range q {
		j := (i + 1) % 4
		sum += q[i].X*q[j].Y - q[j].X*q[i].Y
	}
	return sum / 2
}

// filled counts the pixels inside the outline that belong to the patch or are enclosed in a row of it: print is not desk.
func filled(member []bool, w, h int) float64 {
	n := 0
	for y := range h {
		first, last := -1, -1
		for x := range w {
			if member[y*w+x] {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			n += last - first + 1
		}
	}
	return float64(n)
}

// sharpEdges tells whether the image falls off to the desk all along the four sides: where light merely fades across a
// sheet, brightness changes, but nowhere at once.
func sharpEdges(g *image.Gray, q page.Quad) bool {
	const (
		samples  = 24
		across   = 0.015 // of the image's size, to either side
		leastOff = 1.3   // brightness inside over outside
	)
	w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
	at := func(x, y float64) float64 {
		ix, iy := int(min(max(x, 0), w-1)), int(min(max(y, 0), h-1))
		return float64(g.Pix[iy*g.Stride+ix]) + 1
	}
	off := across * max(w, h)
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		if length < 4*off {
			return false
		}
		nx, ny := -(b.Y-a.Y)/length*off, (b.X-a.X)/length*off // inwards: corners go clockwise
		sharp := 0
		for k := range samples {
			f := (float64(k) + 0.5) / samples
			x, y := a.X+f*(b.X-a.X), a.Y+f*(b.Y-a.Y)
			if at(x+nx, y+ny) > leastOff*at(x-nx, y-ny) {
				sharp++
			}
		}
		if sharp*10 < samples*7 {
			return false
		}
	}
	return true
}

// warpPaper pulls the four corners to those of an upright rectangle as large as the sheet's sides; a shape within 6 % of
// A4's becomes A4. The Transform maps the photo's pixels to the new ones.
func warpPaper(img image.Image, corners page.Quad) (image.Image, page.Transform) {
	dist := func(a, b page.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }
	w := max(dist(corners[0], corners[1]), dist(corners[3], corners[2]))
	h := max(dist(corners[0], corners[3]), dist(corners[1], corners[2]))
	const a4, near = math.Sqrt2, 0.06
	switch {
	case math.Abs(h/w/a4-1) < near:
		h = w * a4
	case math.Abs(w/h/a4-1) < near:
		w = h * a4
	}
	size := image.Rect(0, 0, max(1, int(w)), max(1, int(h)))
	t := squareTo(corners).Inverse().Then(page.Scale(float64(size.Dx()), float64(size.Dy())))
	back := t.Inverse()
	switch p := img.(type) {
	case *image.Gray:
		out := image.NewGray(size)
		warp(size, back, p.Rect.Max, func(to int, at, right, down int, fx, fy int) {
			out.Pix[to] = blend(p.Pix, at, right, down, fx, fy)
		}, 1, p.Stride, out.Stride)
		return out, t
	case *image.NRGBA:
		out := image.NewNRGBA(size)
		warp(size, back, p.Rect.Max, func(to int, at, right, down int, fx, fy int) {
			for k := range 3 {
				out.Pix[to+k] = blend(p.Pix, at+k, right, down, fx, fy)
			}
			out.Pix[to+3] = 255
		}, 4, p.Stride, out.Stride)
		return out, t
	}
	return img, page.Identity()
}

// warp calls put for each pixel of an image of the given size with where its value lies in the source: the index of the
// pixel before it, the distances to its neighbours, and how far on the way to them, in 256ths.
func warp(size image.Rectangle, back page.Transform, limit image.Point, put func(to, at, right, down, fx, fy int), bytes, stride, outStride int) {
	for y := range size.Dy() {
		for x := range size.Dx() {
			p := back.Apply(page.Point{X: float64(x) + 0.5, Y: float64(y) + 0.5})
			px := min(max(p.X-0.5, 0), float64(limit.X-1))
			py := min(max(p.Y-0.5, 0), float64(limit.Y-1))
			ix, iy := int(px), int(py)
			right, down := bytes, stride
			if ix == limit.X-1 {
				right = 0
			}
			if iy == limit.Y-1 {
				down = 0
			}
			put(y*outStride+bytes*x, iy*stride+bytes*ix, right, down, int(256*(px-float64(ix))), int(256*(py-float64(iy))))
		}
	}
}

// blend is the bilinear mean of four neighbouring bytes.
func blend(pix []uint8, at, right, down, fx, fy int) uint8 {
	top := int(pix[at])*(256-fx) + int(pix[at+right])*fx
	bottom := int(pix[at+down])*(256-fx) + int(pix[at+down+right])*fx
	return uint8((top*(256-fy) + bottom*fy) >> 16) //nolint:gosec // a mean of bytes
}

// squareTo maps the unit square's corners, clockwise from the origin, to those of q (P. Heckbert, 1989).
func squareTo(q page.Quad) page.Transform {
	dx1, dy1 := q[1].X-q[2].X, q[1].Y-q[2].Y
	dx2, dy2 := q[3].X-q[2].X, q[3].Y-q[2].Y
	sx, sy := q[0].X-q[1].X+q[2].X-q[3].X, q[0].Y-q[1].Y+q[2].Y-q[3].Y
	det := dx1*dy2 - dx2*dy1
	if det == 0 {
		return page.Identity()
	}
	g, h := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	return page.Transform{
		q[1].X - q[0].X + g*q[1].X, q[3].X - q[0].X + h*q[3].X, q[0].X,
		q[1].Y - q[0].Y + g*q[1].Y, q[3].Y - q[0].Y + h*q[3].Y, q[0].Y,
		g, h, 1,
	}
}
