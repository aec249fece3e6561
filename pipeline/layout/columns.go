package layout

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// zone is a stretch of the page where two columns stand beside each other: segments from..to in their order, with a river
// of white between x0 and x1 that none of them crosses.
type zone struct {
	from, to    int
	left, right []*segment
	x0, x1      float64
	score       float64
}

const (
	// longestZone bounds the segments of a zone, so that absurd pages cost no more than a page full of text.
	longestZone = 600
	// farthest is the white between two lines, in em, that ends a zone: more than the room for a signature.
	farthest = 14
	// neighbours bounds the segments below one that are tried as the other side of a river.
	neighbours = 6
)

// findZones finds the zones that are read column by column, topmost first; they do not overlap.
func findZones(segments []*segment, m metrics) []*zone {
	var found []*zone
	for i := range segments {
		for j := i + 1; j < len(segments) && j <= i+neighbours; j++ {
			if z := tryZone(segments, i, j, found, m); z != nil {
				found = append(found, z)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *zone) int { return cmp.Compare(b.score, a.score) })
	var zones []*zone
	for _, z := range found {
		if z.score <= 0 || slices.ContainsFunc(zones, func(o *zone) bool { return z.from <= o.to && o.from <= z.to }) {
			continue
		}
		zones = append(zones, z)
	}
	slices.SortFunc(zones, func(a, b *zone) int { return cmp.Compare(a.from, b.from) })
	return zones
}

// tryZone grows the zone of a pair of segments that stand beside each other, unless they do not or it is known already.
func tryZone(segments []*segment, i, j int, found []*zone, m metrics) *zone {
	a, b := segments[i], segments[j]
	if a.table != nil || b.table != nil || math.Abs(a.base-b.base) > 0.9*m.em {
		return nil
	}
	if a.x0 > b.x0 {
		a, b = b, a
	}
	if b.x0-a.x1 < leastRiver*m.em {
		return nil
	}
	for k := len(found) - 1; k >= max(0, len(found)-4); k-- {
		if z := found[k]; z.from <= i && j <= z.to && z.x0 >= a.x1 && z.x1 <= b.x0 {
			return nil
		}
	}
	z := &zone{from: i, to: j, x0: a.x1, x1: b.x0}
	for k := i + 1; k < j; k++ {
		if !z.take(segments[k], m) {
			return nil
		}
	}
	z.grow(segments, m)
	z.trim(segments, m)
	if len(z.left) == 0 || len(z.right) == 0 {
		return nil
	}
	z.score = z.judge(m)
	return z
}

// take narrows the river to what a segment leaves of it; false if it crosses.
func (z *zone) take(s *segment, m metrics) bool {
	x0, x1 := z.x0, z.x1
	if s.centre() < (x0+x1)/2 {
		x0 = max(x0, s.x1)
	} else {
		x1 = min(x1, s.x0)
	}
	if x1-x0 < leastRiver*m.em {
		return false
	}
	z.x0, z.x1 = x0, x1
	return true
}

// grow takes in what follows and what precedes until something crosses the river.
func (z *zone) grow(segments []*segment, m metrics) {
	for z.to+1 < len(segments) && z.to-z.from < longestZone {
		next := segments[z.to+1]
		if next.order-segments[z.to].order > farthest*m.em || !z.take(next, m) {
			break
		}
		z.to++
	}
	for z.from > 0 && z.to-z.from < longestZone {
		next := segments[z.from-1]
		if segments[z.from].order-next.order > farthest*m.em || !z.take(next, m) {
			break
		}
		z.from--
	}
}

// isLeft tells on which side of the river a segment stands.
func (z *zone) isLeft(s *segment) bool { return s.centre() < (z.x0+z.x1)/2 }

// sides deals the zone's segments out to its columns.
func (z *zone) sides(segments []*segment) {
	z.left, z.right = nil, nil
	for _, s := range segments[z.from : z.to+1] {
		if z.isLeft(s) {
			z.left = append(z.left, s)
		} else {
			z.right = append(z.right, s)
		}
	}
}

// trim gives back what only happened not to cross the river: the short last line of a paragraph above, a short title
// below. A line stays if it continues its column.
func (z *zone) trim(segments []*segment, m metrics) {
	z.sides(segments)
	for z.from < z.to && !z.belongs(segments[z.from], +1, m) {
		z.from++
		z.sides(segments)
	}
	for z.from < z.to && !z.belongs(segments[z.to], -1, m) {
		z.to--
		z.sides(segments)
	}
}

// belongs tells whether the first (towards +1) or last (towards -1) segment of the zone continues one of its columns.
func (z *zone) belongs(s *segment, towards int, m metrics) bool {
	own, other := z.left, z.right
	left := z.isLeft(s)
	if !left {
		own, other = other, own
	}
	if len(other) == 0 {
		return false
	}
	if towards > 0 && !left && startsWithStateName(own) && !isStateName(s.words) {
		return false // what stands above the state's name is no part of the header
	}
	nearest := other[0]
	if towards < 0 {
		nearest = other[len(other)-1]
	}
	if math.Abs(nearest.order-s.order) <= 0.9*m.em {
		// Something stands beside it: one of the two must continue its column, or both are a line of the text below.
		return fits(s, own, m) || fits(nearest, other, m)
	}
	neighbour := nextLine(own, s, towards)
	if neighbour == nil {
		return false
	}
	aligned := fits(s, own, m)
	if !left && towards < 0 {
		return aligned // the signer's name, below the room for the signature
	}
	lines := linesOf(own)
	return aligned && math.Abs(neighbour.base-s.base) <= 1.7*usualPitch(lines, m)
}

// startsWithStateName tells whether one of a column's lines is the state's name.
func startsWithStateName(column []*segment) bool {
	return slices.ContainsFunc(column, func(s *segment) bool { return isStateName(s.words) })
}

// nextLine is the segment of the column next to s that is not in the same row.
func nextLine(column []*segment, s *segment, towards int) *segment {
	at := slices.Index(column, s)
	for i := at + towards; i >= 0 && i < len(column); i += towards {
		if column[i].row != s.row {
			return column[i]
		}
	}
	return nil
}

// fits tells whether the line of a segment stands where its column does: at its left edge or about its middle.
func fits(s *segment, column []*segment, m metrics) bool {
	var x0, centre []float64
	var own textLine
	for _, l := range linesOf(column) {
		if l.row == s.row {
			own = l
			continue
		}
		x0, centre = append(x0, l.x0), append(centre, (l.x0+l.x1)/2)
	}
	if len(x0) == 0 {
		return true // nothing to compare with
	}
	return math.Abs(median(x0)-own.x0) <= m.em || math.Abs(median(centre)-(own.x0+own.x1)/2) <= 1.5*m.em
}

// judge tells how sure it is that a zone is read column by column; 0 or less means that it is read row by row.
func (z *zone) judge(m metrics) float64 {
	left, right := linesOf(z.left), linesOf(z.right)
	river := min(4, (z.x1-z.x0)/m.em)
	header, recipients := startsWithStateName(z.right), slices.ContainsFunc(left, func(l textLine) bool { return isRecipients(l.words) })
	beside := pairs(left, right, m)
	score := float64(beside) + river
	switch {
	case header && len(right) >= 2:
		return score + 1000
	case recipients:
		return score + 500
	case isList(left) && !isList(right):
		return score + 200
	case len(left) < 2 || len(right) < 2 || river < 1 || isForm(left, right):
		return 0
	case len(left) >= 6 && len(right) >= 6 && dense(left, right):
		return score + 100
	case alignedShare(left, right, m) < 0.5, centred(right, m):
		return score
	}
	return 0
}

// pairs counts the lines of the right column that stand between the first and the last line of the left one.
func pairs(left, right []textLine, m metrics) int {
	n := 0
	for _, r := range right {
		if r.base >= left[0].base-m.em && r.base <= left[len(left)-1].base+m.em {
			n++
		}
	}
	return n
}

// isList tells whether most of a column's lines are entries of a list with dashes, as below Nơi nhận.
func isList(lines []textLine) bool {
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l.words[0].Text, "-") {
			n++
		}
	}
	return n >= 3 && 2*n > len(lines)
}

// isForm tells whether the right column is what a form's lines go on with: labels with colons, dots to write on.
func isForm(left, right []textLine) bool {
	marks := 0
	for _, l := range right {
		if slices.ContainsFunc(l.words, func(w *word) bool { return hasLeaders(w.Text) || endsInColon(w.Text) }) {
			marks++
		}
	}
	leaders := 0
	for _, l := range left {
		if slices.ContainsFunc(l.words, func(w *word) bool { return hasLeaders(w.Text) }) {
			leaders++
		}
	}
	return 2*marks >= len(right) || 2*leaders >= len(left)
}

// dense tells whether both columns are running text, whose lines are about as long as the column is wide.
func dense(columns ...[]textLine) bool {
	for _, lines := range columns {
		x0, x1, sum, words := lines[0].x0, lines[0].x1, 0.0, 0
		for _, l := range lines {
			x0, x1 = min(x0, l.x0), max(x1, l.x1)
			sum += l.x1 - l.x0
			words += len(l.words)
		}
		if sum < 0.8*(x1-x0)*float64(len(lines)) || words < 4*len(lines) {
			return false
		}
	}
	return true
}

// alignedShare is the part of the right lines that share the baseline of a left one, as those of a table do.
func alignedShare(left, right []textLine, m metrics) float64 {
	n := 0
	for _, r := range right {
		if slices.ContainsFunc(left, func(l textLine) bool { return math.Abs(l.base-r.base) <= 0.4*m.xh }) {
			n++
		}
	}
	return float64(n) / float64(len(right))
}

// centred tells whether the lines of a column share their middle rather than their left edge.
func centred(lines []textLine, m metrics) bool {
	var x0, centre []float64
	for _, l := range lines {
		x0, centre = append(x0, l.x0), append(centre, (l.x0+l.x1)/2)
	}
	return spread(centre) <= 0.8*m.em && spread(centre) <= 0.6*spread(x0)
}

// spread is the mean distance from the median.
func spread(values []float64) float64 {
	mid, sum := median(values), 0.0
	for _, v := range values {
		sum += math.Abs(v - mid)
	}
	return sum / float64(len(values))
}
