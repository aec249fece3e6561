package corpus

import "math"

// grain is cheap noise for millions of pixels: the same seed gives the same noise.
type grain struct {
	seed  uint64
	state uint64
	gauss *[4096]float32
}

func newGrain(seed uint64) *grain { return &grain{seed: seed, state: mix(seed) | 1} }

// mix scrambles a number (SplitMix64's last step).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// next is the next random number of the stream (xorshift).
func (g *grain) next() uint64 {
	g.state ^= g.state << 13
	g.state ^= g.state >> 7
	g.state ^= g.state << 17
	return g.state
}

// uniform is the next number from 0 to 1.
func (g *grain) uniform() float64 { return float64(g.next()>>11) / (1 << 53) }

// between is the next number from lo to hi.
func (g *grain) between(lo, hi float64) float64 { return lo + (hi-lo)*g.uniform() }

// normal is the next number of a normal distribution, from a table of quantiles.
func (g *grain) normal() float32 {
	if g.gauss == nil {
		g.gauss = new([4096]float32)
		for i := range g.gauss {
			g.gauss[i] = float32(math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/4096-1))
		}
	}
	return g.gauss[g.next()>>52]
}

// lattice is a number from 0 to 1 that belongs to a point of a grid.
func (g *grain) lattice(x, y int) float64 {
	return float64(mix(g.seed^uint64(x)*0x9E3779B1^uint64(y)<<32)>>11) / (1 << 53) //nolint:gosec // a hash may wrap
}

// smooth is noise from 0 to 1 that changes over about one unit.
func (g *grain) smooth(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy, tx, ty := int(fx), int(fy), x-fx, y-fy
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	top := g.lattice(ix, iy)*(1-tx) + g.lattice(ix+1, iy)*tx
	low := g.lattice(ix, iy+1)*(1-tx) + g.lattice(ix+1, iy+1)*tx
	return top*(1-ty) + low*ty
}
