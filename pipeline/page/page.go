package page

import "slices"

// Source says where the words of a page come from.
type Source string

// The sources of a page's words.
const (
	Recognized Source = "recognized" // read by the recognizer
	Digital    Source = "digital"    // born digital: the PDF's own visible text, unread
	TextLayer  Source = "text-layer" // a scan that came with an invisible text layer good enough to keep
	Blank      Source = "blank"      // nothing to read
	Failed     Source = "failed"     // could not be read; Page.Error says why
)

// Word is what stands between two spaces.
type Word struct {
	Text string `json:"text"` // NFC, no ligatures
	// Recognized is what the recognizer read where repair by context made Text of it; empty where it was left as it was.
	Recognized string `json:"recognized,omitempty"`
	// Box is the ink's upright bounding box in pixels of the original page, Quad the same box along the direction of
	// reading (they differ on skewed and turned pages).
	Box        Box     `json:"box"`
	Quad       Quad    `json:"-"`
	Confidence float64 `json:"confidence"` // 0–100; 100 for text that the file itself carries
	// Read is what was read where somebody set this word: nothing where it was inserted, the same where it was confirmed. It is
	// nil for a word that stands as it was read.
	Read []Word `json:"read,omitzero"`
}

// Line is a printed line within one column.
type Line struct {
	Words []Word `json:"words"`
	Box   Box    `json:"box"`
	// Baseline is where the letters stand: from the start to the end of the line, in pixels of the original page.
	Baseline [2]Point `json:"baseline"`
	// Cells counts the table cells to the left of this line's text in the same row: 0 outside tables and in a first cell.
	// A line with Cells > 0 continues the row of the line before it; plain text parts the two with a bar.
	Cell int `json:"cell,omitempty"`
	// Removed is what was read and somebody took away, without a word in its place.
	Removed []Word `json:"removed,omitempty"`
}

// BlockKind says what a block is for the reader.
type BlockKind string

// The kinds of blocks.
const (
	BlockText  BlockKind = "text"
	BlockTable BlockKind = "table"
)

// Block is a run of lines that is read as one: a header column, a paragraph, the Nơi nhận list, a table.
type Block struct {
	Kind  BlockKind `json:"kind"`
	Box   Box       `json:"box"`
	Lines []Line    `json:"lines"`
}

// CodeKind says what a code that machines read is drawn as.
type CodeKind string

// The kinds of codes.
const (
	QR      CodeKind = "qr"
	Code128 CodeKind = "code128"
)

// Code is a QR code or barcode on a page: a cover sheet's, or whatever else is printed there. It is what stands on the paper,
// and nothing that may be trusted.
type Code struct {
	Kind CodeKind `json:"kind"`
	Text string   `json:"text"`
	Box  Box      `json:"box"` // in pixels of the original page
}

// Step is one thing that cleaning did, in order, with its figures: {"skew", "2.1°"}.
type Step struct {
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"`
}

// Origin is the page of a scan that a page of an arranged paper is. Turn is by how many degrees clockwise it was turned by hand,
// within Page.Turned.
type Origin struct {
	SHA256 string `json:"sha256"`
	Number int    `json:"number"`
	Turn   int    `json:"turn,omitempty"`
}

// Page is the reading of one side of paper. Blocks, lines and words stand in reading order.
type Page struct {
	Number int    `json:"number"` // from 1
	Source Source `json:"source"`
	// Width and Height are those of the original page in pixels, as a viewer shows it (EXIF or /Rotate applied). For PDF
	// pages without one whole-page image they are those of the rendering that was read.
	Width  int `json:"width"`
	Height int `json:"height"`
	// DPI is the resolution that gives the page its size on paper: the file's where it can be believed, else estimated.
	DPI float64 `json:"dpi"`
	// Turned is by how many degrees clockwise (0, 90, 180, 270) the original had to be turned to stand upright; the
	// two-layer PDF shows it so.
	Turned int `json:"turned"`
	// Skew is by how many degrees clockwise the lines of the (turned) original slope.
	Skew       float64  `json:"skew"`
	Confidence float64  `json:"confidence"` // mean of its words, weighted by their letters; 0 without words
	Cleaning   []Step   `json:"cleaning,omitempty"`
	Warnings   []string `json:"warnings,omitempty"`
	Error      string   `json:"error,omitempty"`
	Seconds    float64  `json:"seconds"` // of one core
	// Origin is where the page comes from, where a paper is not all of its scan as it was scanned.
	Origin *Origin `json:"origin,omitempty"`
	// Codes are those that were found, from the top to the bottom; they are looked for where that was asked for,
	// and on pages of a kind that has one.
	Codes  []Code  `json:"codes,omitempty"`
	Blocks []Block `json:"blocks"`
}

// Upright is the page as its PDF shows it: turned, and all that stands on it with it.
func (p *Page) Upright() Page {
	up := *p
	way := Turn(p.Turned, p.Width, p.Height)
	up.Turned, up.Blocks = 0, slices.Clone(p.Blocks)
	if p.Turned%180 != 0 {
		up.Width, up.Height = p.Height, p.Width
	}
	for b := range up.Blocks {
		block := &up.Blocks[b]
		block.Box = way.Quad(block.Box.Quad()).Box()
		block.Lines = slices.Clone(block.Lines)
		for l := range block.Lines {
			line := &block.Lines[l]
			line.Box = way.Quad(line.Box.Quad()).Box()
			line.Baseline = [2]Point{way.Apply(line.Baseline[0]), way.Apply(line.Baseline[1])}
			line.Words = slices.Clone(line.Words)
			for w := range line.Words {
				word := &line.Words[w]
				word.Box = way.Quad(word.Box.Quad()).Box()
				if word.Quad != (Quad{}) {
					word.Quad = way.Quad(word.Quad)
				}
			}
		}
	}
	return up
}

// Words calls yield for each word in reading order until it returns false.
func (p *Page) Words(yield func(*Word) bool) {
	for b := range p.Blocks {
		for l := range p.Blocks[b].Lines {
			words := p.Blocks[b].Lines[l].Words
			for w := range words {
				if !yield(&words[w]) {
					return
				}
			}
		}
	}
}

// MeanConfidence is the mean of the words' confidence, weighted by their letters; 0 without words.
func (p *Page) MeanConfidence() float64 {
	var sum, weight float64
	for w := range p.Words {
		n := float64(len([]rune(w.Text)))
		sum += n * w.Confidence
		weight += n
	}
	if weight == 0 {
		return 0
	}
	return sum / weight
}
