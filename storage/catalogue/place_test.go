package catalogue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Going on behind the last hit, in steps of any size, shows what one long answer does: each hit once, in the same order; also where a
// better stage has pages of a worse one, and while others hand in.
func TestASearchGoesOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		seed := uint64(time.Now().UnixNano()) //nolint:gosec // a seed
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test
		draw := func(n int) string {
			var words []string
			for range n {
				words = append(words, []string{"số", "so", "hóa", "hoa", "hồ", "ho", "sơ", "12/2024"}[random.IntN(8)])
			}
			return strings.Join(words, " ")
		}
		for i := range 70 {
			readAs(t, c, handIn(t, c, "H50.13", i+1, nil), draw(1+random.IntN(8)), draw(1+random.IntN(8)))
		}
		for n := range 40 {
			q := Query{Text: draw(1 + random.IntN(3)), Kind: ComponentPaper}
			switch random.IntN(4) {
			case 0:
				q.Text = `"` + q.Text + `"`
			case 1:
				q.Text = ""
			}
			long := hitsOf(t, c, q, 100)
			step := 1 + random.IntN(20)
			if n%8 > 0 {
				if short := hitsOf(t, c, q, step); !slices.Equal(short, long) {
					t.Errorf("%q in steps of %d:\n%v, not\n%v", q.Text, step, short, long)
				}
				continue
			}
			first := must[Hits](t)(c.Search(t.Context(), Everywhere, Query{Text: q.Text, Kind: q.Kind, Limit: 10}))
			readAs(t, c, handIn(t, c, "H50.13", 100+n, nil), q.Text+" "+draw(2))
			if len(long) > 10 {
				rest := must[Hits](t)(c.Search(t.Context(), Everywhere, Query{Text: q.Text, Kind: q.Kind, Limit: 100, Behind: first.Next}))
				if got := named(rest.Hits); !slices.Equal(got, long[10:min(110, len(long))]) {
					t.Errorf("%q while others hand in:\n%v, not\n%v", q.Text, got, long[10:])
				}
			}
		}
		for _, bad := range []string{"x", "0.", ".1", "0.0", "-1.5", "9.5", "0.99999999999999999999"} {
			var invalid *InvalidError
			if _, err := c.Search(t.Context(), Everywhere, Query{Text: "số", Behind: bad}); !errors.As(err, &invalid) || invalid.Field != "behind" {
				t.Errorf("behind %q: %v", bad, err)
			}
		}
	})
}

func named(hits []Hit) (all []string) {
	for _, h := range hits {
		all = append(all, fmt.Sprintf("%s/%d %v", h.DossierCode, h.Page, h.Exact))
	}
	return all
}

// hitsOf goes through all hits in steps.
func hitsOf(t *testing.T, c *Catalogue, q Query, step int) (all []string) {
	t.Helper()
	q.Limit = step
	for {
		h := must[Hits](t)(c.Search(t.Context(), Everywhere, q))
		all = append(all, named(h.Hits)...)
		if h.More != (h.Next != "") || h.More && len(h.Hits) != step {
			t.Fatalf("%d hits of %d, more: %v, next: %q", len(h.Hits), step, h.More, h.Next)
		}
		if q.Behind = h.Next; !h.More {
			return all
		}
	}
}
