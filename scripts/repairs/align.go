package main

import "slices"

// gapCost is that of a syllable without a partner; replaceCost gives that of two partners: two gaps are dearer than a mark on
// the right letter and cheaper than a wholly different word.
const gapCost = 0.7

func replaceCost(a, b string) float32 {
	if a == b {
		return 0
	}
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return 1.3
	}
	differ := 0
	for i := range x {
		if x[i] != y[i] {
			differ++
		}
	}
	if differ == len(x) && differ > 1 {
		return 1.5
	}
	return 0.5 + 0.5*float32(differ)/float32(len(x))
}

// align gives for each syllable of a the index of its partner in b, -1 for none: the cheapest alignment in order.
func align(a, b []string) []int {
	width := len(b) + 1
	cost := make([]float32, (len(a)+1)*width)
	for i := range len(a) + 1 {
		for j := range width {
			switch {
			case i == 0:
				cost[j] = gapCost * float32(j)
			case j == 0:
				cost[i*width] = gapCost * float32(i)
			default:
				cost[i*width+j] = min(
					cost[(i-1)*width+j]+gapCost, cost[i*width+j-1]+gapCost,
					cost[(i-1)*width+j-1]+replaceCost(a[i-1], b[j-1]),
				)
			}
		}
	}
	place := slices.Repeat([]int{-1}, len(a))
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch here := cost[i*width+j]; here {
		case cost[(i-1)*width+j-1] + replaceCost(a[i-1], b[j-1]):
			i, j = i-1, j-1
			place[i] = j
		case cost[(i-1)*width+j] + gapCost:
			i--
		default:
			j--
		}
	}
	return place
}
