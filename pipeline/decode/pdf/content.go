package pdf

import (
	"math"
)

// picture is one image as a page draws it.
type picture struct {
	ref     ref    // the zero ref for an inline image
	matrix  matrix // from the unit square onto the page as shown, in points, y downwards
	bounds  rect   // the image on the page, unclipped
	visible rect   // what page and clip leave of it
	soft    bool   // it has a mask, or paints only where its bits say: what is below shows through
	stencil bool   // an image mask, painted in black
	annot   bool   // it belongs to an annotation
	before  tally  // what was drawn before it
}

// tally counts what content draws.
type tally struct {
	visibleText int     // bytes of strings shown
	hiddenText  int     // bytes of strings shown invisibly (Tr 3, 7)
	stampText   int     // bytes of visible strings in annotations
	drawings    int     // painted paths that are not white
	drawnArea   float64 // of their bounding boxes, in square points
	covers      float64 // of painted paths of any colour: white covers what is below
	curves      int     // curved segments of painted paths
}

// summary is what interpreting a page's content found.
type summary struct {
	tally
	pictures  []picture
	skipped   int  // pictures beyond mostPictures
	coloured  bool // something is painted in a colour
	truncated bool // there was too much to interpret
	damaged   bool // content that should be there is not
	need      []ref
}

const (
	mostPictures = 512
	mostOps      = 1_000_000
	// mostParsed is the most bytes of objects that one page's content may have parsed: resources over and over.
	mostParsed   = 64 << 20
	mostNesting  = 12
	mostStack    = 1024
	mostOperands = 64
)

// state is PDF's graphics state, as far as it matters here.
type state struct {
	ctm       matrix
	clip      rect
	rendering int // Tr
	white     bool
	black     bool // the fill colour
	lineWidth float64
}

// interpreter runs content streams over one page.
type interpreter struct {
	o     *objects
	bytes func(ref) ([]byte, bool) // a form's content, where it was fetched
	page  rect                     // the page as shown, in points
	out   *summary
	ops   int
	from  int64 // bytes parsed before this page
	annot bool

	state state
	stack []state
	path  rect
	bent  int  // curves in the path
	clips bool // W waits for the next painting operator
	args  []token
	text  int // bytes of strings among the operands
}

func newInterpreter(o *objects, page rect, bytes func(ref) ([]byte, bool)) *interpreter {
	return &interpreter{o: o, bytes: bytes, page: page, out: &summary{}, path: nothing(), from: o.parsed}
}

// run interprets data, drawn with the matrix and clip given.
func (in *interpreter) run(data []byte, resources dict, ctm matrix, clip rect, depth int) {
	saved, stack := in.state, in.stack
	in.state = state{ctm: ctm, clip: clip, rendering: in.state.rendering, black: true, lineWidth: 1}
	in.stack = nil
	s := &scanner{data: data}
	for !in.out.truncated {
		t := s.next()
		switch t.kind {
		case tokenEnd:
			in.state, in.stack = saved, stack
			in.args, in.text = in.args[:0], 0
			return
		case tokenKeyword:
			if in.ops++; in.ops > mostOps {
				in.out.truncated = true
			}
			in.operator(t.text, s, resources, depth)
			in.args, in.text = in.args[:0], 0
		case tokenString:
			in.text += t.size
		case tokenNumber, tokenName:
			if len(in.args) >= mostOperands {
				in.args = append(in.args[:0], in.args[1:]...)
			}
			in.args = append(in.args, t)
		case tokenOpen, tokenClose:
		}
	}
	in.state, in.stack = saved, stack
}

// numbers gives the last n operands; false where they are not n finite numbers.
func (in *interpreter) numbers(n int) ([6]float64, bool) {
	var v [6]float64
	if len(in.args) < n {
		return v, false
	}
	for i, a := range in.args[len(in.args)-n:] {
		if a.kind != tokenNumber || math.IsInf(a.number, 0) {
			return v, false
		}
		v[i] = a.number
	}
	return v, true
}

func (in *interpreter) operator(op string, s *scanner, resources dict, depth int) {
	switch op {
	case "q":
		if len(in.stack) < mostStack {
			in.stack = append(in.stack, in.state)
		}
	case "Q":
		if n := len(in.stack); n > 0 {
			in.state, in.stack = in.stack[n-1], in.stack[:n-1]
		}
	case "cm":
		if v, ok := in.numbers(6); ok {
			in.state.ctm = matrix(v).then(in.state.ctm)
		}
	case "w":
		if v, ok := in.numbers(1); ok {
			in.state.lineWidth = v[0]
		}
	case "Do":
		if n := len(in.args); n > 0 && in.args[n-1].kind == tokenName {
			in.do(in.args[n-1].text, resources, depth)
		}
	case "BI":
		in.inline(s)
	case "Tr":
		if v, ok := in.numbers(1); ok {
			in.state.rendering = int(v[0])
		}
	case "Tj", "TJ", "'", "\"":
		in.showText()
	case "g", "G", "rg", "RG", "k", "K", "sc", "SC", "scn", "SCN", "cs":
		in.colour(op)
	case "sh":
		in.out.coloured = true
		in.painted(in.state.clip.intersect(in.page), false)
	default:
		in.pathOperator(op)
	}
}

func (in *interpreter) showText() {
	switch {
	case in.state.rendering == 3 || in.state.rendering == 7:
		in.out.hiddenText += in.text
	case in.annot:
		in.out.stampText += in.text
	default:
		in.out.visibleText += in.text
	}
}

func (in *interpreter) pathOperator(op string) {
	switch op {
	case "m", "l":
		if v, ok := in.numbers(2); ok {
			in.addPoint(v[0], v[1])
		}
	case "c":
		in.curve(6)
	case "v", "y":
		in.curve(4)
	case "re":
		if v, ok := in.numbers(4); ok {
			for _, p := range [4][2]float64{{0, 0}, {v[2], 0}, {v[2], v[3]}, {0, v[3]}} {
				in.addPoint(v[0]+p[0], v[1]+p[1])
			}
		}
	case "W", "W*":
		in.clips = true
	case "f", "F", "f*", "B", "B*", "b", "b*":
		in.paint(false)
	case "S", "s":
		in.paint(true)
	case "n":
		in.endPath()
	}
}

func (in *interpreter) addPoint(x, y float64) { in.path = in.path.add(in.state.ctm.apply(x, y)) }

func (in *interpreter) curve(n int) {
	v, ok := in.numbers(n)
	if !ok {
		return
	}
	for i := 0; i+1 < len(v) && i < n; i += 2 {
		in.addPoint(v[i], v[i+1]) //nolint:gosec // the loop looks one ahead
	}
	in.bent++
}

// paint fills or strokes the path.
func (in *interpreter) paint(stroke bool) {
	b := in.path
	if stroke {
		w := in.state.lineWidth * math.Sqrt(math.Abs(in.state.ctm[0]*in.state.ctm[3]-in.state.ctm[1]*in.state.ctm[2])) / 2
		w = max(w, 0.1)
		b = rect{b.x0 - w, b.y0 - w, b.x1 + w, b.y1 + w}
	}
	in.painted(b.intersect(in.state.clip).intersect(in.page), !stroke && in.state.white)
	in.out.curves += in.bent
	in.endPath()
}

// painted counts a painted area.
func (in *interpreter) painted(b rect, white bool) {
	a := b.area()
	if a == 0 {
		return
	}
	in.out.covers += a
	if !white {
		in.out.drawings++
		in.out.drawnArea += a
	}
}

func (in *interpreter) endPath() {
	if in.clips {
		in.state.clip = in.state.clip.intersect(in.path)
	}
	in.path, in.bent, in.clips = nothing(), 0, false
}

// colour notes whether anything but grey is set, and whether the fill is white or black.
func (in *interpreter) colour(op string) {
	var v []float64
	for _, a := range in.args {
		if a.kind == tokenName && op != "cs" {
			in.out.coloured = true // a pattern
			in.state.white, in.state.black = false, false
			return
		}
		v = append(v, a.number)
	}
	if op == "cs" {
		in.state.white, in.state.black = false, true
		return
	}
	white, black := false, false
	switch len(v) {
	case 1:
		white, black = v[0] >= 0.99, v[0] <= 0.1
	case 3:
		white = min(v[0], v[1], v[2]) >= 0.99
		black = max(v[0], v[1], v[2]) <= 0.1
		in.out.coloured = in.out.coloured || max(v[0], v[1], v[2])-min(v[0], v[1], v[2]) > 0.05
	case 4:
		white = max(v[0], v[1], v[2], v[3]) <= 0.01
		black = v[3] >= 0.9 || min(v[0], v[1], v[2]) >= 0.9
		in.out.coloured = in.out.coloured || max(v[0], v[1], v[2])-min(v[0], v[1], v[2]) > 0.05
	}
	if op == "g" || op == "rg" || op == "k" || op == "sc" || op == "scn" {
		in.state.white, in.state.black = white, black
	}
}
