package clean

import (
	"image"
	"math"
	"sort"
)

// dark is the brightness below which a pixel of a stretched page is ink.
const dark = 140

// blob is a connected patch of ink (8 neighbours).
type blob struct {
	box  image.Rectangle
	area int
}

// run is a stretch of ink in one row; to is the first pixel outside.
type run struct {
	y, from, to int
	parent      int // another run of the same blob, or itself: a forest while runs are being joined
	blob        int // the index of its blob
}

// findBlobs gives the connected patches of ink and the runs that they are made of.
func findBlobs(g *image.Gray) ([]blob, []run) {
	runs := inkRuns(g)
	joinRuns(runs)
	var blobs []blob
	for i := range runs {
		r := &runs[i]
		root := rootOf(runs, i)
		if root == i { // a root is the first run of its blob, so it comes before all that point at it
			r.blob = len(blobs)
			blobs = append(blobs, blob{box: image.Rect(r.from, r.y, r.to, r.y+1)})
		}
		r.blob = runs[root].blob
		b := &blobs[r.blob]
		b.area += r.to - r.from
		b.box.Min.X = min(b.box.Min.X, r.from)
		b.box.Max.X = max(b.box.Max.X, r.to)
		b.box.Max.Y = max(b.box.Max.Y, r.y+1)
	}
	return blobs, runs
}

func inkRuns(g *image.Gray) []run {
	w := g.Rect.Dx()
	runs := make([]run, 0, 1<<14)
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		for x := 0; x < w; x++ {
			if row[x] >= dark {
				continue
			}
			from := x
			for x < w && row[x] < dark {
				x++
			}
			runs = append(runs, run{y: y, from: from, to: x, parent: len(runs)})
		}
	}
	return runs
}

func rootOf(runs []run, i int) int {
	for runs[i].parent != i {
		runs[i].parent = runs[runs[i].parent].parent
		i = runs[i].parent
	}
	return i
}

// joinRuns links the runs that touch one in the row above.
func joinRuns(runs []run) {
	above, here := 0, 0 // where the rows of the run above and of this one begin
	for i := range runs {
		if i > 0 && runs[i].y != runs[i-1].y {
			above, here = here, i
		}
		if here == 0 || runs[above].y != runs[i].y-1 {
			continue
		}
		for above < here && runs[above].to < runs[i].from {
			above++
		}
		for j := above; j < here && runs[j].from <= runs[i].to; j++ {
			a, b := rootOf(runs, j), rootOf(runs, i)
			runs[max(a, b)].parent = min(a, b)
		}
	}
}

// letterSized tells whether a blob can be a letter or a part of one, whatever the resolution.
func letterSized(b blob) bool {
	w, h := b.box.Dx(), b.box.Dy()
	return h >= 5 && w >= 2 && w <= 4*h && h <= 6*w && b.area*8 >= w*h
}

// xHeight is the height in pixels of letters like a, n, o on the page; 0 where there are too few letters to tell.
//
// Most letters of lower-case text have that height, so it is the mode of the blobs' heights; where a page is mostly in
// capitals the lower peak counts if it is strong.
func xHeight(blobs []blob) float64 {
	var heights []int
	for _, b := range blobs {
		if letterSized(b) && b.box.Dy() < 200 {
			heights = append(heights, b.box.Dy())
		}
	}
	const enough = 40
	if len(heights) < enough {
		return 0
	}
	sort.Ints(heights)
	count := func(h float64) int {
		from := sort.SearchInts(heights, int(math.Ceil(h*0.92)))
		to := sort.SearchInts(heights, int(math.Floor(h*1.08))+1)
		return to - from
	}
	best, mode := 0, 0.0
	for h := 5; h < 200; h++ {
		if n := count(float64(h)); n > best {
			best, mode = n, float64(h)
		}
	}
	for h := math.Round(mode * 0.62); h <= mode*0.75; h++ {
		if n := count(h); h >= 6 && n*5 >= best*3 {
			return h
		}
	}
	return mode
}
