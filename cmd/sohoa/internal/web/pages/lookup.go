package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// lookupRoutes are search: one box and filters, all of them in the address, so that a search can be sent as a link.
func (p *Pages) lookupRoutes() []Route {
	return []Route{
		{Pattern: "GET /tra-cuu", Do: p.lookupPage},
		{Pattern: "GET /tra-cuu/tiep", Do: p.lookupMore},
	}
}

// lookupForm is what somebody looks for, as the address has it.
type lookupForm struct {
	Text, Agency, Procedure string
	Kind                    catalogue.PaperKind
	State                   catalogue.PaperState
	From, Till              string
	Sure                    string // how sure recognition was: sure, rather, unsure
	behind                  string // the place of the last hit that is shown already
}

// lookupData is the page.
type lookupData struct {
	Form       lookupForm
	Agencies   []catalogue.Agency
	Procedures []catalogue.Procedure
	States     []catalogue.PaperState
	Asked      bool
	Found      foundData
}

// foundData is a stretch of hits.
type foundData struct {
	Hits  []hitData
	More  string // where the next ones are; "" at the end
	First bool
	Took  time.Duration
}

// hitData is a hit as it is shown.
type hitData struct {
	catalogue.Hit

	Pieces []piece
	Link   string // to the page in its paper, with the words lit
	// The picture of the page, upright, and the found words on it.
	ShownWidth, ShownHeight int
	Lit                     []catalogue.WordBox
}

// piece is a part of a snippet, found or not.
type piece struct {
	Text string
	Lit  bool
}

// atOnce is how many hits come at a time; more come when somebody gets there.
const atOnce = 40

func readLookup(r *http.Request) (f lookupForm) {
	q := r.URL.Query()
	f = lookupForm{
		Text: strings.TrimSpace(q.Get("q")), Agency: q.Get("co-quan"), Kind: catalogue.PaperKind(q.Get("loai")),
		State: catalogue.PaperState(q.Get("trang-thai")), From: typedDay(q.Get("tu")), Till: typedDay(q.Get("den")), Sure: q.Get("tin-cay"),
	}
	f.Procedure, _, _ = strings.Cut(strings.TrimSpace(q.Get("thu-tuc")), " ")
	if f.Kind != catalogue.ComponentPaper && f.Kind != catalogue.ResultPaper {
		f.Kind = ""
	}
	if !slices.Contains(paperStates(), f.State) {
		f.State = ""
	}
	f.behind = q.Get("tiep")
	return f
}

// query is what the catalogue is asked.
func (f *lookupForm) query() catalogue.Query {
	const longest = 500
	text := f.Text
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest])
	}
	query := catalogue.Query{
		Text: text, Agency: f.Agency, Procedure: f.Procedure, Kind: f.Kind, State: f.State, ReceivedFrom: f.From, ReceivedTill: f.Till,
		Limit: atOnce, Behind: f.behind,
	}
	switch f.Sure { // as surely words it
	case "sure":
		query.ConfidenceFrom = 90
	case "rather":
		query.ConfidenceFrom, query.ConfidenceTill = 75, 89.999
	case "unsure":
		query.ConfidenceTill = 74.999
	}
	return query
}

// address is the form as a query of an address.
func (f *lookupForm) address(more url.Values) string {
	for name, value := range map[string]string{
		"q": f.Text, "co-quan": f.Agency, "thu-tuc": f.Procedure, "loai": string(f.Kind), "trang-thai": string(f.State), "tu": f.From,
		"den": f.Till, "tin-cay": f.Sure,
	} {
		if value != "" {
			more.Set(name, value)
		}
	}
	return more.Encode()
}

func (p *Pages) lookupPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	f := readLookup(r)
	f.behind = ""
	data := lookupData{Form: f, States: paperStates(), Asked: r.URL.RawQuery != ""}
	found, err := p.found(r, v, f)
	if err != nil {
		return err
	}
	data.Found = found
	data.Found.First = true
	if r.Header.Get("HX-Request-Type") == "partial" {
		w.Header().Set("HX-Replace-Url", "/tra-cuu?"+f.address(url.Values{}))
		return p.renderBlock(w, r, v, http.StatusOK, "tra-cuu", "found", data)
	}
	if data.Agencies, err = v.Records.Agencies(r.Context(), v.Reach); err != nil {
		return err
	}
	if data.Procedures, err = v.Records.FindProcedures(r.Context(), "", 500); err != nil {
		return err
	}
	return p.render(w, r, v, "tra-cuu", data)
}

// lookupMore are the next hits of a search.
func (p *Pages) lookupMore(w http.ResponseWriter, r *http.Request, v *Visit) error {
	found, err := p.found(r, v, readLookup(r))
	if err != nil {
		return err
	}
	return p.renderBlock(w, r, v, http.StatusOK, "tra-cuu", "hits", found)
}

func (p *Pages) found(r *http.Request, v *Visit, f lookupForm) (data foundData, err error) {
	found, err := v.Records.Search(r.Context(), v.Reach, f.query())
	if err != nil {
		return data, err
	}
	data.Took = found.Took
	for _, h := range found.Hits {
		data.Hits = append(data.Hits, hitOf(h, f.Text))
	}
	if found.More {
		data.More = "/tra-cuu/tiep?" + f.address(url.Values{"tiep": {found.Next}})
	}
	return data, nil
}

func hitOf(h catalogue.Hit, text string) hitData {
	d := hitData{Hit: h, Pieces: piecesOf(h.Snippet, h.Marks), ShownWidth: h.Width, ShownHeight: h.Height}
	d.Link = "/giay-to/" + strconv.FormatInt(int64(h.Paper), 10) + "?" + url.Values{"trang": {strconv.Itoa(h.Page)}, "q": {text}}.Encode()
	turned := (h.Turned%360 + 360) % 360
	if turned == 90 || turned == 270 {
		d.ShownWidth, d.ShownHeight = h.Height, h.Width
	}
	for _, b := range h.Boxes {
		d.Lit = append(d.Lit, turnedBox(b, turned, h.Width, h.Height))
	}
	return d
}

// turnedBox is where a word of a w × h page stands when the page is turned clockwise.
func turnedBox(b catalogue.WordBox, degrees, w, h int) catalogue.WordBox {
	x0, y0, x1, y1 := b.X0, b.Y0, b.X1, b.Y1
	switch degrees {
	case 90:
		b.X0, b.Y0, b.X1, b.Y1 = h-y1, x0, h-y0, x1
	case 180:
		b.X0, b.Y0, b.X1, b.Y1 = w-x1, h-y1, w-x0, h-y0
	case 270:
		b.X0, b.Y0, b.X1, b.Y1 = y0, w-x1, y1, w-x0
	}
	return b
}

// BoxWidth and BoxHeight are for templates, which do not subtract.
func (hitData) BoxWidth(b catalogue.WordBox) int { return b.X1 - b.X0 }

// BoxHeight is how high a found word is.
func (hitData) BoxHeight(b catalogue.WordBox) int { return b.Y1 - b.Y0 }

// piecesOf cuts a snippet at the words that were found. Marks are bytes in order; one that does not fit is passed over.
func piecesOf(snippet string, marks [][2]int) (all []piece) {
	at := 0
	for _, m := range marks {
		if m[0] < at || m[1] > len(snippet) || m[0] >= m[1] {
			continue
		}
		if m[0] > at {
			all = append(all, piece{snippet[at:m[0]], false})
		}
		all = append(all, piece{snippet[m[0]:m[1]], true})
		at = m[1]
	}
	if at < len(snippet) {
		all = append(all, piece{snippet[at:], false})
	}
	return all
}
