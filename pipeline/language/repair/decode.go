package repair

import (
	"math"

	"sohoa/pipeline/language/ngram"
)

// best gives for each slot and candidate the likelihood of the best reading of the whole sequence that has it: a forward
// and a backward pass over pairs of neighbours.
func best(m *ngram.Model, slots [][]candidate) [][]float64 {
	n := len(slots)
	forward := make([][]float64, n) // by previous candidate × candidate
	start := []candidate{{id: m.Break()}}
	at := func(i int) []candidate {
		if i < 0 {
			return start
		}
		return slots[i]
	}
	before := []float64{0}
	for i := range n {
		here, prev, prior := at(i), at(i-1), at(i-2)
		f := make([]float64, len(prev)*len(here))
		for p := range prev {
			for h := range here {
				top := math.Inf(-1)
				for q := range prior {
					top = max(top, before[q*len(prev)+p]+m.Log(prior[q].id, prev[p].id, here[h].id))
				}
				f[p*len(here)+h] = top + here[h].emit
			}
		}
		forward[i], before = f, f
	}
	result := make([][]float64, n)
	var after []float64 // of slot i+1, by candidate of i × candidate of i+1: what follows i+1
	for i := n - 1; i >= 0; i-- {
		here, prev := at(i), at(i-1)
		b := make([]float64, len(prev)*len(here))
		result[i] = make([]float64, len(here))
		for h := range here {
			result[i][h] = math.Inf(-1)
			for p := range prev {
				if i < n-1 {
					next := at(i + 1)
					top := math.Inf(-1)
					for x := range next {
						top = max(top, m.Log(prev[p].id, here[h].id, next[x].id)+next[x].emit+after[h*len(next)+x])
					}
					b[p*len(here)+h] = top
				}
				result[i][h] = max(result[i][h], forward[i][p*len(here)+h]+b[p*len(here)+h])
			}
		}
		after = b
	}
	return result
}

// screen drops candidates that are far from likely beside what was read around them, so that few are left to weigh against each
// other. A neighbour that is misread, too, makes a right one less likely than it is: the bound is wide.
func screen(m *ngram.Model, slots [][]candidate) {
	id := func(i int) ngram.ID {
		if i < 0 || i >= len(slots) {
			return m.Break()
		}
		return slots[i][0].id
	}
	for i, cands := range slots {
		if len(cands) < 2 {
			continue
		}
		a, b, d, e := id(i-2), id(i-1), id(i+1), id(i+2)
		around := func(c candidate) float64 {
			return c.emit + m.Log(a, b, c.id) + m.Log(b, c.id, d) + m.Log(c.id, d, e)
		}
		least := around(cands[0]) - far
		kept := cands[:1]
		for _, c := range cands[1:] {
			if around(c) > least {
				kept = append(kept, c)
			}
		}
		slots[i] = kept
	}
}
