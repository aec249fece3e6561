package clean

import "image"

// dropSpecks erases dust: blobs too small to be a full stop with nothing else around them. A mark over a letter may be
// broken into pieces as small, but it never stands farther from ink than half a letter's height. It reports how many went.
func dropSpecks(g *image.Gray, letter float64) int {
	most := int(letter * letter / 30)
	blobs, runs := findBlobs(g)
	cell := max(4, int(letter*0.6))
	near := newTiles(g, cell)
	for _, r := range runs {
		if blobs[r.blob].area <= most {
			continue
		}
		for x := r.from / cell; x <= (r.to-1)/cell; x++ {
			near.v[r.y/cell*near.w+x] = 1
		}
	}
	near.spread(1, brightest)
	dust := make([]bool, len(blobs))
	dropped := 0
	for i, b := range blobs {
		middle := b.box.Min.Add(b.box.Max).Div(2)
		if b.area <= most && near.v[middle.Y/cell*near.w+middle.X/cell] == 0 {
			dust[i] = true
			dropped++
		}
	}
	for _, r := range runs {
		if dust[r.blob] {
			// The grey rim goes with the speck.
			whiten(g, image.Rect(r.from-1, r.y-1, r.to+1, r.y+2))
		}
	}
	return dropped
}
