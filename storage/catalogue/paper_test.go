package catalogue

import (
	"testing"
	"time"
)

// Changes are listed one behind the other, however many have the same instant, and each once.
func TestChangesArePagedThrough(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		agencies(t, c)
		start := clock.now()
		want := make(map[PaperID]bool)
		for n := range 9 {
			r := handIn(t, c, "H50.13", n, nil)
			want[r.Paper.ID] = true
			if n%3 == 2 {
				clock.pass(time.Second)
			}
		}
		since, after := start, PaperID(0)
		for range 5 {
			papers := must[[]Paper](t)(c.PapersChanged(t.Context(), Everywhere, since, after, 2))
			for _, p := range papers {
				if !want[p.ID] {
					t.Errorf("paper %d comes twice, or is none", p.ID)
				}
				delete(want, p.ID)
				since, after = p.Changed, p.ID
			}
		}
		if len(want) > 0 {
			t.Errorf("never told of: %v", want)
		}
	})
}
