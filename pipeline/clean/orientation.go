package clean

import (
	"image"
	"math"
)

// Which way a page lies is told without reading it. Letters stand in lines, which shows in one direction more than in the
// other. In Vietnamese most letters with something small by themselves carry it above
// (á ê ỏ ơ ư i), few below (ạ ị): counting small blobs over and under letters tells top from bottom.

// findOrientation gives by how many degrees clockwise (0, 90, 180, 270) the page has to be turned to stand upright, and how
// sure that is: 0–1; from TurnIsSure on it was never wrong on the measured pages.
func findOrientation(g *image.Gray) (turn int, sure float64) {
	blobs, _ := findBlobs(g)
	sideways := turnedBlobs(blobs, g.Rect.Dy())
	_, rows := lineSlope(blobs, g.Rect.Max)
	_, columns := lineSlope(sideways, image.Pt(g.Rect.Dy(), g.Rect.Dx()))
	if rows == 0 && columns == 0 {
		return 0, 0
	}
	if columns > rows {
		turn, blobs = 90, sideways
	}
	above, below := marks(blobs, xHeight(blobs))
	if below > above {
		turn += 180
	}
	// Lines stand out in their own direction at least a fifth more than across.
	along := min(1, (max(rows, columns)/min(rows, columns)-1)/0.2)
	return turn, min(along, surety(above, below, 24))
}

// surety weighs two counts: how far they are apart, and whether there is enough to go by.
func surety(a, b, enough int) float64 {
	n := float64(a + b)
	if n == 0 {
		return 0
	}
	apart := math.Abs(float64(a-b)) / n
	return min(1, apart/0.3) * min(1, n/float64(enough))
}

// byPlace finds blobs near a place: in cells of a fixed size.
type byPlace struct {
	cell  int
	cells map[image.Point][]int
}

func newByPlace(blobs []blob, cell int, ok func(blob) bool) byPlace {
	p := byPlace{cell: max(1, cell), cells: make(map[image.Point][]int)}
	for i, b := range blobs {
		if ok(b) {
			c := middleOf(b).Div(p.cell)
			p.cells[c] = append(p.cells[c], i)
		}
	}
	return p
}

func middleOf(b blob) image.Point { return b.box.Min.Add(b.box.Max).Div(2) }

// around calls f with each blob in the cells around a place.
func (p byPlace) around(at image.Point, f func(i int)) {
	c := at.Div(p.cell)
	for y := c.Y - 1; y <= c.Y+1; y++ {
		for x := c.X - 1; x <= c.X+1; x++ {
			for _, i := range p.cells[image.Pt(x, y)] {
				f(i)
			}
		}
	}
}

// turnedBlobs gives the blobs as they lie after the image, which is height pixels high, was turned by 90° clockwise.
func turnedBlobs(blobs []blob, height int) []blob {
	out := make([]blob, len(blobs))
	for i, b := range blobs {
		out[i] = blob{area: b.area, box: image.Rect(height-b.box.Max.Y, b.box.Min.X, height-b.box.Min.Y, b.box.Max.X)}
	}
	return out
}

// marks counts the small blobs that stand close over a letter and those close under one.
func marks(blobs []blob, letter float64) (above, below int) {
	isLetter := func(b blob) bool {
		return float64(b.box.Dy()) >= 0.75*letter && float64(b.box.Dy()) <= 2*letter && b.box.Dx() >= int(0.3*letter) && float64(b.box.Dx()) <= 2.5*letter
	}
	places := newByPlace(blobs, int(2.2*letter), isLetter)
	for _, b := range blobs {
		w, h := float64(b.box.Dx()), float64(b.box.Dy())
		if h > 0.65*letter || w > 1.1*letter || h < 0.1*letter || b.area < 2 {
			continue
		}
		over, under := math.MaxFloat64, math.MaxFloat64
		places.around(middleOf(b), func(j int) {
			o := blobs[j].box
			if min(o.Max.X, b.box.Max.X)-max(o.Min.X, b.box.Min.X) < b.box.Dx()/2 {
				return
			}
			if gap := float64(o.Min.Y - b.box.Max.Y); gap > -0.3*letter && middleOf(b).Y < o.Min.Y+o.Dy()/4 {
				over = min(over, math.Abs(gap))
			}
			if gap := float64(b.box.Min.Y - o.Max.Y); gap > -0.3*letter && middleOf(b).Y > o.Max.Y-o.Dy()/4 {
				under = min(under, math.Abs(gap))
			}
		})
		const near = 0.55
		switch {
		case over < under && over < near*letter:
			above++
		case under < over && under < near*letter:
			below++
		}
	}
	return above, below
}
