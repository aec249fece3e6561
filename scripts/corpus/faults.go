package corpus

import (
	"fmt"
	"image"
	"math"

	"sohoa/pipeline/page"
)

// Fault is what happened to a page on its way through a scanner, a fax or a telephone.
type Fault string

// The faults. The first eleven are the benchmark's.
const (
	Clean  Fault = "clean"  // a good office scanner
	Skew   Fault = "skew"   // turned by 1–3.5°
	Noise  Fault = "noise"  // sensor noise, specks and holes in the toner
	DPI150 Fault = "dpi150" // scanned at 150 dpi
	DPI100 Fault = "dpi100" // scanned at 100 dpi
	Fax    Fault = "fax"    // 200 dpi, black and white
	Dark   Fault = "dark"   // photographed from above in bad light
	Turned Fault = "turned" // fed sideways or upside down
	Faded  Fault = "faded"  // toner running out, streaks
	Bleed  Fault = "bleed"  // the back's text shows through
	JPEG   Fault = "jpeg"   // packed far too hard

	Photo    Fault = "photo"    // lying on a desk, seen from the side
	Blank    Fault = "blank"    // the empty back of a page: show-through and specks, no text
	Edges    Fault = "edges"    // dark edges, punch holes, a staple's shadow
	LyingDPI Fault = "lyingdpi" // 300 dpi that says 72
	Copied   Fault = "copied"   // a copy of a copy: blurred, strokes too thick or too thin, sometimes black and white
	Screen   Fault = "screen"   // what a screen showed, 72–96 dpi, without noise
)

// BenchFaults are the eleven of the benchmark.
func BenchFaults() []Fault {
	return []Fault{Clean, Skew, Noise, DPI150, DPI100, Fax, Dark, Turned, Faded, Bleed, JPEG}
}

// Faults are all.
func Faults() []Fault { return append(BenchFaults(), Photo, Blank, Edges, LyingDPI, Copied, Screen) }

// Sheet is a clean page and what lies behind it.
type Sheet struct {
	Image *image.NRGBA
	DPI   float64
	// Behind is the page on the paper's back, for Bleed and Blank; nil takes the page itself.
	Behind *image.NRGBA
	// Turn is by how many degrees clockwise Turned turns: 90, 180 or 270; 0 lets the seed choose.
	Turn int
}

// Scan is the image that came out, how such a device packs it, and the way from the clean page's pixels to its own.
type Scan struct {
	Image     image.Image // *image.NRGBA, or *image.Paletted for black and white
	Format    Format
	Quality   int     // of a JPEG
	ClaimDPI  float64 // what the file says; 0 nothing
	DPI       float64 // the true one
	Transform page.Transform
	NoText    bool // of a blank page
}

// Apply scans a sheet badly. The same sheet, fault and seed give the same pixels.
func Apply(s Sheet, fault Fault, seed uint64) (Scan, error) {
	g := newGrain(mix(seed) ^ hash(string(fault)))
	out := Scan{Format: FormatJPEG, Quality: 75 + int(g.between(0, 9)), ClaimDPI: s.DPI, DPI: s.DPI, Transform: page.Identity()}
	if s.Behind == nil {
		s.Behind = s.Image
	}
	switch fault {
	case Clean:
		img := clone(s.Image)
		addNoise(img, g, 0.8, 0.4)
		out.Image = img
	case Skew:
		skew(s, &out, g)
	case Noise:
		img := clone(s.Image)
		addNoise(img, g, g.between(13, 20), 5)
		specks(img, g, s.DPI, g.between(250, 500))
		out.Image = img
	case DPI150:
		resample(s, &out, g, 150)
	case DPI100:
		resample(s, &out, g, 100)
	case Fax:
		fax(s, &out, g)
	case Dark:
		dark(s, &out, g)
	case Turned:
		turned(s, &out, g)
	case Faded:
		out.Image = faded(s, g)
	case Bleed:
		img := clone(s.Image)
		showThrough(img, s, g, g.between(0.15, 0.30))
		addNoise(img, g, 1.2, 0.6)
		out.Image = img
	case JPEG:
		img := clone(s.Image)
		addNoise(img, g, 1.2, 0.6)
		out.Image, out.Quality = img, 12+int(g.between(0, 9))
	case Photo:
		photo(s, &out, g)
	case Blank:
		blank(s, &out, g)
	case Edges:
		out.Image = edges(s, g)
	case Copied:
		copied(s, &out, g)
	case Screen:
		screen(s, &out, g)
	case LyingDPI:
		out.Image, out.ClaimDPI = clone(s.Image), 72
	default:
		return Scan{}, fmt.Errorf("scan with fault %q: no such fault", fault)
	}
	return out, nil
}

// hash tells faults of one seed apart.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(s) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// skew turns the page about its middle; the corners show the scanner's lid behind a thin shadow.
func skew(s Sheet, out *Scan, g *grain) {
	degrees := g.between(1, 3.5)
	if g.uniform() < 0.5 {
		degrees = -degrees
	}
	w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy()
	cx, cy := float64(w)/2, float64(h)/2
	out.Transform = page.Translate(-cx, -cy).Then(page.Rotate(degrees)).Then(page.Translate(cx, cy))
	lid := g.between(205, 238)
	inv := out.Transform.Inverse()
	img := warp(s.Image, w, h, out.Transform, func(x, y int) rgb {
		p := inv.Apply(page.Point{X: float64(x), Y: float64(y)})
		outside := math.Hypot(max(-p.X, p.X-float64(w), 0), max(-p.Y, p.Y-float64(h), 0))
		v := lid - 70*math.Exp(-outside/(s.DPI/40))
		return rgb{v, v, v * 0.99}
	})
	addNoise(img, g, 1.2, 0.6)
	out.Image = img
}

// resample scans at a lower resolution.
func resample(s Sheet, out *Scan, g *grain, dpi float64) {
	w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy()
	nw, nh := int(math.Round(float64(w)*dpi/s.DPI)), int(math.Round(float64(h)*dpi/s.DPI))
	img := shrink(s.Image, nw, nh)
	addNoise(img, g, 2.5, 1)
	out.Image, out.DPI, out.ClaimDPI, out.Quality = img, dpi, dpi, 70+int(g.between(0, 10))
	out.Transform = page.Scale(float64(nw)/float64(w), float64(nh)/float64(h))
}

// turned feeds the page sideways or upside down.
func turned(s Sheet, out *Scan, g *grain) {
	degrees := s.Turn
	if degrees == 0 {
		degrees = 90 * (1 + int(g.between(0, 3)))
	}
	out.Transform = page.Turn(degrees, s.Image.Rect.Dx(), s.Image.Rect.Dy())
	img := turn(s.Image, degrees)
	addNoise(img, g, 1.2, 0.6)
	out.Image = img
}
