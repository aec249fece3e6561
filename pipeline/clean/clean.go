package clean

import (
	"fmt"
	"image"
	"math"

	"sohoa/pipeline/page"
)

// TargetXHeight is the height in pixels of an x to which pages are scaled: that of 13–14 pt print at 200 dpi. Tesseract
// scales every line to 36 pixels itself, so more costs layout time and gains nothing: on 22 real scans, 12 to 17 pixels
// read alike within half a percent of syllable error.
const TargetXHeight = 17.5

// Letters between leastXHeight and mostXHeight pixels are left alone: resampling costs more than it gives.
const (
	leastXHeight = 12.5
	mostXHeight  = 20
)

// The resolutions at which the print of official papers (13–14 pt, Nghị định 30/2020) has TargetXHeight, and the one to
// which larger scans are brought before their letters are measured.
const (
	targetDPI  = 200
	workingDPI = 210
)

// Scan is a page as decoded.
type Scan struct {
	Pixels  image.Image // *image.Gray or opaque *image.NRGBA; it is not changed
	Bilevel bool        // black and white only
	DPI     float64     // what the file says; 0 for nothing
}

// Options changes what cleaning does.
type Options struct {
	// Plain leaves out all that guesses about the page's look (photo, rules, specks, rotation by small angles): for a page
	// on which recognition failed after the full cleaning.
	Plain bool
	// Turn, where not nil, is by how many degrees clockwise (0, 90, 180, 270) the page is to be turned, unasked.
	Turn *int
}

// Cleaned is what recognition sees.
type Cleaned struct {
	Gray       *image.Gray
	DPI        int            // to tell Tesseract: the letters are as high as 13–14 pt print at this resolution
	ToScan     page.Transform // from Gray's pixels to the scan's
	Turned     int            // degrees clockwise
	TurnSure   float64        // 0–1; below TurnIsSure the caller should read a part both ways and compare
	Skew       float64        // degrees clockwise before straightening
	ScanDPI    float64        // the scan's resolution: the file's where it can be believed, else estimated
	XHeight    float64        // pixels on Gray, 0 where there are too few letters to tell
	Blank      bool
	Horizontal []page.Box // rules on Gray (erased there)
	Vertical   []page.Box
	Strips     []image.Rectangle // the columns of ruled tables, to be read one by one
	Steps      []page.Step
	Warnings   []string
}

// TurnIsSure is the least certainty with which an orientation needs no second look.
const TurnIsSure = 0.9

// Clean prepares a page for recognition.
func Clean(scan Scan, opt Options) *Cleaned {
	c := &cleaner{opt: opt, out: &Cleaned{ToScan: page.Identity()}}
	c.toGray(scan)
	c.toWorkingSize(scan)
	if !scan.Bilevel {
		c.evenLight()
	}
	c.toReadingSize()
	c.turnUpright()
	c.straighten()
	c.dropWhatIsNoLetter()
	c.estimateDPI(scan)
	return c.out
}

// cleaner holds the image on its way; out.ToScan always maps its pixels back to the scan's.
type cleaner struct {
	opt Options
	g   *image.Gray
	out *Cleaned
}

func (c *cleaner) note(name, format string, args ...any) {
	c.out.Steps = append(c.out.Steps, page.Step{Name: name, Detail: fmt.Sprintf(format, args...)})
}

// moved records that the image was mapped by t.
func (c *cleaner) moved(t page.Transform) { c.out.ToScan = t.Inverse().Then(c.out.ToScan) }

func (c *cleaner) toGray(scan Scan) {
	img := scan.Pixels
	if !c.opt.Plain && !scan.Bilevel {
		if corners, found := findPaper(img); found {
			straight, t := warpPaper(img, corners)
			img = straight
			c.moved(t)
			c.note("paper", "found in a photo, %d×%d of %d×%d pixels", img.Bounds().Dx(), img.Bounds().Dy(),
				scan.Pixels.Bounds().Dx(), scan.Pixels.Bounds().Dy())
		}
	}
	switch p := img.(type) {
	case *image.NRGBA:
		gray, red := grayWithoutSeals(p)
		c.g = gray
		if red > sealMinimum {
			c.note("seal", "%.2f %% of the page was red ink", 100*red)
		}
	case *image.Gray:
		c.g = p
	default:
		c.g = plainGray(img)
	}
}

// toWorkingSize brings a large page near the reading size first: all that follows costs by the pixel.
func (c *cleaner) toWorkingSize(scan Scan) {
	dpi := believableDPI(scan.DPI, c.g.Rect.Dx(), c.g.Rect.Dy())
	if factor := workingDPI / dpi; factor < 0.93 {
		small, t := shrink(c.g, factor)
		c.g = small
		c.moved(t)
	} else if g, ok := scan.Pixels.(*image.Gray); ok && g == c.g {
		own := *g // the scan must stay as it is
		own.Pix = append([]uint8(nil), g.Pix...)
		c.g = &own
	}
}

// believableDPI is the file's resolution if a page of that size could lie on a scanner, else what A4 paper would have.
func believableDPI(claimed float64, w, h int) float64 {
	long, short := float64(max(w, h)), float64(min(w, h))
	const a4Long = 11.69 // inches
	if claimed > 0 && long/claimed <= 17.5 && long/claimed >= 3 && short/claimed >= 2 {
		return claimed
	}
	return max(30, long/a4Long)
}

const tile = 32 // pixels: an eighth of an inch, wider than any stroke and narrower than a shadow

func (c *cleaner) evenLight() {
	even, edges := divideBackground(c.g, tile)
	if even < 0.85 {
		c.note("light", "darkest paper had %.0f %% of the brightest's light", 100*even)
	}
	if edges {
		c.note("edges", "dark edges dropped")
	}
	ink := inkLevel(c.g, tile)
	stretch(c.g, ink, 0.95)
	if ink > 90 {
		c.note("levels", "print had %.0f %% of full contrast", 100*(1-float64(ink)/255))
	}
}

// toReadingSize measures the letters and scales the page so that they have TargetXHeight.
func (c *cleaner) toReadingSize() {
	blobs, _ := findBlobs(c.g)
	x := xHeight(blobs)
	c.out.Blank = blank(blobs)
	c.out.XHeight = x
	c.out.DPI = targetDPI // of print as it should be; Tesseract only weighs noise and gaps by it
	if x == 0 {
		return
	}
	if x >= leastXHeight && x <= mostXHeight {
		return
	}
	factor := TargetXHeight / x
	long := float64(max(c.g.Rect.Dx(), c.g.Rect.Dy()))
	factor = min(factor, 3.5, 5000/long) // beyond that there is nothing to gain but time to lose
	var t page.Transform
	c.g, t = resize(c.g, factor)
	c.moved(t)
	c.out.XHeight = x * t[0]
	c.note("scale", "letters of %.0f pixels scaled by %.2f", x, factor)
}

func (c *cleaner) turnUpright() {
	turn, sure := 0, 1.0
	switch {
	case c.opt.Turn != nil:
		turn = *c.opt.Turn
	case !c.out.Blank:
		turn, sure = findOrientation(c.g)
	}
	c.out.Turned, c.out.TurnSure = turn, sure
	if turn == 0 {
		return
	}
	w, h := c.g.Rect.Dx(), c.g.Rect.Dy()
	c.g = turnGray(c.g, turn)
	c.moved(page.Turn(turn, w, h))
	c.note("turn", "%d° clockwise", turn)
	if turn != 180 {
		c.toReadingSize() // lying on their sides, letters were measured by their width
	}
}

func (c *cleaner) straighten() {
	if c.opt.Plain || c.out.Blank {
		return
	}
	degrees, sure := findSkew(c.g)
	if sure < 0.3 {
		return
	}
	c.out.Skew = degrees
	// Tesseract follows lines that slope a little, and rotating softens letters: on real scans, straightening 0.3° to 0.7°
	// took pages from 2.2 % to 5.1 % and from 4.1 % to 7.1 % syllable error; one of 2° went from 39 % to 0.7 %.
	const leastSkew = 0.8
	if math.Abs(degrees) < leastSkew {
		return
	}
	straight, t := rotateGray(c.g, -degrees, 255)
	c.g = straight
	c.moved(t)
	c.note("skew", "%.1f°", degrees)
}

func (c *cleaner) dropWhatIsNoLetter() {
	c.out.Gray = c.g
	if c.opt.Plain || c.out.Blank {
		return
	}
	letter := c.out.XHeight
	if letter == 0 {
		letter = TargetXHeight
	}
	if n := dropSpecks(c.g, letter); n > 0 {
		c.note("specks", "%d", n)
	}
	c.out.Horizontal, c.out.Vertical = findRules(c.g, letter)
	// Rules in a grid glue letters together; a lone one under a heading does no harm, and erasing it takes dots with it.
	if len(c.out.Horizontal) >= 2 && len(c.out.Vertical) >= 2 {
		eraseRules(c.g, c.out.Horizontal, c.out.Vertical, letter)
		c.out.Strips = tableStrips(c.out.Horizontal, c.out.Vertical, letter)
		c.note("rules", "%d", len(c.out.Horizontal)+len(c.out.Vertical))
	}
}

// estimateDPI settles the resolution that gives the page its size on paper.
func (c *cleaner) estimateDPI(scan Scan) {
	b := scan.Pixels.Bounds()
	w, h := b.Dx(), b.Dy()
	claimed := scan.DPI
	// An x of official print is 4 to 9 points high with all headings and footnotes; outside of that the file lies.
	inch := c.out.XHeight * math.Hypot(c.out.ToScan[0], c.out.ToScan[3]) // an x in pixels of the scan
	believed := claimed > 0 && claimed == believableDPI(claimed, w, h)
	if points := inch * 72 / claimed; believed && (inch == 0 || points > 3.2 && points < 10) {
		c.out.ScanDPI = claimed
		return
	}
	long, short := float64(max(w, h)), float64(min(w, h))
	aspect := long / short
	switch {
	case aspect > 1.34 && aspect < 1.49 || inch == 0:
		c.out.ScanDPI = long / 11.69 // A4
	default:
		c.out.ScanDPI = inch / TargetXHeight * targetDPI
	}
	c.out.ScanDPI = math.Round(min(1200, max(50, c.out.ScanDPI)))
	if claimed > 0 {
		c.out.Warnings = append(c.out.Warnings,
			fmt.Sprintf("the file says %.0f dpi, which its letters belie; %.0f dpi taken", claimed, c.out.ScanDPI))
	}
	c.note("dpi", "%.0f estimated", c.out.ScanDPI)
}
