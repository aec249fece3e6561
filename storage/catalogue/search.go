package catalogue

import (
	"context"
	"time"
)

// PageText is the text of one page as it becomes searchable.
type PageText struct {
	Number int // from 1
	// Text is the page in reading order: words parted by spaces, lines by newlines. NFC.
	Text string
	// Words are where its words stand, in the order of Text.
	Words []WordBox
	// Width and Height are those of the page that the boxes count in, in pixels.
	Width, Height int
}

// WordBox is where a word stands on its page.
type WordBox struct {
	Start, End     int // bytes of PageText.Text
	X0, Y0, X1, Y1 int // pixels; X1 and Y1 are behind the last
	Confidence     int // 0 to 100
}

// Query is what somebody looks for. All that is given must hold.
type Query struct {
	// Text is words, with or without accents, and "phrases in quotes". A dossier code or a paper's number is found too.
	Text      string
	Agency    string // code: that agency and those below it
	Procedure string
	Dossier   string // code
	Kind      PaperKind
	Component string
	State     PaperState
	// ReceivedFrom and ReceivedTill are days (YYYY-MM-DD, both included) of the dossier's receipt.
	ReceivedFrom, ReceivedTill string
	// Limit is how many hits are wanted, at most 100. Defaults to 20. Offset leaves out as many before.
	Limit, Offset int
}

// Hit is one page on which everything was found.
type Hit struct {
	Paper       PaperID
	DossierCode string
	Agency      string
	Name        string
	Kind        PaperKind
	Component   string
	Reading     ReadingID
	Page        int  // from 1
	Exact       bool // with the accents as they were typed
	Snippet     string
	// Marks are the found words within Snippet, as bytes from and to.
	Marks [][2]int
	// Boxes are the found words on the page, in pixels of a page of Width × Height.
	Boxes         []WordBox
	Width, Height int
}

// Hits is the answer to a Query, the best first.
type Hits struct {
	Hits []Hit
	// More tells that there are further ones behind these.
	More bool
	Took time.Duration
}

// Search finds pages within reach.
func (c *Catalogue) Search(ctx context.Context, reach Reach, q Query) (Hits, error) {
	return Hits{}, nil
}

// indexPages makes the pages of a scan searchable in place of those that were.
func indexPages(ctx context.Context, q querier, sha256 string, pages []PageText) error {
	return nil
}
