package web

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
	"sohoa/workers"
)

// twoPages hands in a scan and has it read with these texts of one line each; its pages lay on their sides.
func (w *world) twoPages(t *testing.T, path string, texts ...string) paperJSON {
	t.Helper()
	ctx := t.Context()
	p := w.handOne(t, path, "a.png", 1)
	full, err := w.records.Paper(ctx, catalogue.Everywhere, p.ID)
	must(t, err)
	began, err := w.records.ReadingByID(ctx, full.Reading)
	must(t, err)
	_, err = w.records.Split(ctx, began, "png", len(texts), time.Minute)
	must(t, err)
	put := func(name string, content []byte) {
		key, err := object.Reading(p.SHA256, "r1", name)
		must(t, err)
		must(t, w.store.Put(ctx, key, bytes.NewReader(content), int64(len(content)), ""))
	}
	var all []catalogue.PageText
	var pdf, whole, plain bytes.Buffer
	made, err := bind.NewPDF(&pdf, bind.Meta{Title: "Giấy tờ"})
	must(t, err)
	reading, err := bind.NewJSON(&whole, page.Reading{SHA256: p.SHA256, Format: "png", Revision: "r1"}, nil)
	must(t, err)
	for i, text := range texts {
		pg := sidewaysPage(i+1, text)
		must(t, made.Scan(pg, grey(t, pg.Width, pg.Height)))
		must(t, reading.Page(pg))
		must(t, bind.WriteText(&plain, pg))
		said, err := json.Marshal(pg)
		must(t, err)
		put("pages/"+strconv.Itoa(i+1)+".json", said)
		_, _, err = w.records.EndPage(ctx, began, catalogue.PageRecord{
			Number: i + 1, State: "read", Source: "recognized", Words: len(strings.Fields(text)), Width: 400, Height: 200, Turned: 90,
		}, time.Minute)
		must(t, err)
		all = append(all, workers.TextOf(pg))
	}
	_, err = reading.Close()
	must(t, err)
	must(t, made.Close())
	put("paper.txt", plain.Bytes())
	put("paper.pdf", pdf.Bytes())
	put("paper.json", whole.Bytes())
	must(t, w.records.Bound(ctx, began, catalogue.Summary{Words: 4, Confidence: 50, Review: true}, all))
	return p
}

// sidewaysPage is a page that lay on its side, with these lines.
func sidewaysPage(number int, text string) *page.Page {
	pg := &page.Page{
		Number: number, Source: page.Recognized, Width: 400, Height: 200, DPI: 72, Turned: 90,
		Blocks: []page.Block{{Kind: page.BlockText}, {Kind: page.BlockText}},
	}
	for k, line := range strings.Split(text, "\n") {
		var words []page.Word
		for n, word := range strings.Fields(line) {
			// Upright, the words of a line stand 20 pixels each beside each other; turned back they stand above each other.
			box := page.Box{X0: 100 * k, Y0: 180 - 20*n, X1: 100*k + 50, Y1: 200 - 20*n}
			words = append(words, page.Word{Text: word, Confidence: 50, Box: box, Quad: box.ReadAs(90)})
		}
		pg.Blocks[k].Lines = []page.Line{{Words: words}}
	}
	return pg
}

// grey is a picture.
func grey(t *testing.T, width, height int) *page.Facsimile {
	t.Helper()
	var b bytes.Buffer
	packed := zlib.NewWriter(&b)
	_, err := packed.Write(bytes.Repeat([]byte{128}, width*height))
	must(t, errors.Join(err, packed.Close()))
	return &page.Facsimile{Width: width, Height: height, Filter: page.Flate, Data: b.Bytes(), ColorSpace: page.Gray, Bits: 8}
}

func at(p paperJSON) string { return "/api/v1/papers/" + strconv.FormatInt(int64(p.ID), 10) }

func TestWordsAreCorrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	paper := at(w.twoPages(t, path, "Sờ Giao\n<script>alert(1)</script> thông", "trang hai"))
	words := func() wordsJSON {
		return want[wordsJSON](t, w.do(t, ask{"GET", paper + "/pages/1/words", w.desk, nil, nil}), 200)
	}
	before := words()
	// On its side the page is 400×200; upright it is 200×400, and the words stand from left to right.
	if before.Width != 200 || before.Height != 400 || before.Words[0].Box != (uprightBox{0, 0, 20, 50}) || before.Words[3].Box != (uprightBox{20, 100, 40, 150}) ||
		before.Words[3].Line != 1 || before.Words[2].Text != "<script>alert(1)</script>" {
		t.Errorf("%+v", before)
	}
	post := func(version string, body map[string]any) reply {
		body["version"] = version
		return w.do(t, ask{"POST", paper + "/pages/1/corrections", w.desk, body, nil})
	}
	after := want[wordsJSON](t, post(before.Version, map[string]any{"at": 0, "count": 1, "text": "Sở"}), 200)
	if after.Words[0].Text != "Sở" || after.Words[0].Confidence != 100 || len(after.Corrections) != 1 || after.Corrections[0].Was != "Sờ" ||
		after.Corrections[0].Box != before.Words[0].Box || !strings.HasPrefix(after.Corrections[0].By, "client:desk#") {
		t.Errorf("%+v", after)
	}
	wantCode(t, post(before.Version, map[string]any{"at": 1, "count": 1, "text": "giao"}), 409, CodeStale)
	after = want[wordsJSON](t, post(after.Version, map[string]any{"at": 2, "count": 0, "text": "vận tải", "box": []int{60, 0, 110, 50}}), 200)
	if len(after.Words) != 6 || after.Words[2].Box[0] != 60 || after.Words[3].Text != "tải" || after.Words[3].Box[2] != 110 || after.Words[3].Line != 0 {
		t.Errorf("inserted: %+v", after)
	}
	if f := wantCode(t, post(after.Version, map[string]any{"at": 99, "count": 1, "text": "x"}), 400, CodeInvalid); f.Field != "at" {
		t.Errorf("%+v", f)
	}
	wantCode(t, w.do(t, ask{"POST", paper + "/pages/1/corrections", w.other, map[string]any{"version": "", "at": 0, "count": 1, "text": "x"}, nil}), 404, CodeNotFound)
	text := w.do(t, ask{"GET", paper + "/text", w.desk, nil, nil})
	if string(text.text) != "Sở Giao vận tải\n\n<script>alert(1)</script> thông\n\ftrang hai\n\f" || text.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%q %v", text.text, text.Header)
	}
	wantStatus(t, w.do(t, ask{"GET", paper + "/text", w.desk, nil, map[string]string{"If-None-Match": text.Header.Get("ETag")}}), 304)
	found := w.do(t, ask{"GET", "/api/v1/search?q=%22v%E1%BA%ADn%20t%E1%BA%A3i%22", w.desk, nil, nil})
	if !strings.Contains(string(found.text), `"page":1`) {
		t.Errorf("found: %s", found.text)
	}
}

// Who approves says what they saw; where another agency has approved the same scan nobody else corrects it.
func TestApprovingSaysWhatWasSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	theirs, _ := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	p := w.twoPages(t, path, "một hai")
	seen := want[paperJSON](t, w.do(t, ask{"GET", at(p), w.desk, nil, nil}), 200).Version
	words := want[wordsJSON](t, w.do(t, ask{"GET", at(p) + "/pages/1/words", w.desk, nil, nil}), 200)
	correct := func(version, text string) reply {
		return w.do(t, ask{"POST", at(p) + "/pages/1/corrections", w.desk, map[string]any{"version": version, "at": 0, "count": 1, "text": text}, nil})
	}
	words = want[wordsJSON](t, correct(words.Version, "Một"), 200)
	if words.PaperVersion != seen+1 {
		t.Errorf("version %d after %d", words.PaperVersion, seen)
	}
	approve := func(version any) reply {
		return w.do(t, ask{"PUT", at(p) + "/approval", w.desk, map[string]any{"version": version}, nil})
	}
	wantCode(t, approve(seen), 409, CodeStale)
	wantCode(t, approve(-1), 409, CodeStale)
	wantCode(t, approve("x"), 400, CodeInvalid)
	if got := want[paperJSON](t, approve(words.PaperVersion), 200); got.State != catalogue.PaperApproved {
		t.Errorf("%+v", got)
	}
	words = want[wordsJSON](t, correct(words.Version, "mốt"), 200)
	if got := want[paperJSON](t, w.do(t, ask{"GET", at(p), w.desk, nil, nil}), 200); got.State != catalogue.PaperReview || got.ApprovedBy != "" {
		t.Errorf("corrected: %+v", got)
	}
	r, err := w.records.HandIn(t.Context(), catalogue.Everywhere, catalogue.HandIn{Dossier: theirs, Scan: catalogue.Scan{SHA256: p.SHA256}, Revision: "r1"})
	must(t, err)
	_, err = w.records.Approve(t.Context(), catalogue.Everywhere, r.Paper.ID, catalogue.AnyEdition)
	must(t, err)
	wantCode(t, correct(words.Version, "một"), 409, CodeElsewhere)
}

func TestAPaperIsReviewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	waits := w.handOne(t, path, "b.png", 2)
	wantCode(t, w.do(t, ask{"PUT", at(waits) + "/approval", w.desk, nil, nil}), 409, CodeStillReading)
	p := w.twoPages(t, path, "một", "hai", "ba")
	list := func(query string) (ids []catalogue.PaperID) {
		for _, p := range want[papersJSON](t, w.do(t, ask{"GET", "/api/v1/review" + query, w.desk, nil, nil}), 200).Papers {
			ids = append(ids, p.ID)
		}
		return ids
	}
	if got := list("?mine=1&state=review"); len(got) != 1 || got[0] != p.ID {
		t.Errorf("%v wait", got)
	}
	if got := want[paperJSON](t, w.do(t, ask{"PUT", at(p) + "/approval", w.desk, nil, nil}), 200); got.State != catalogue.PaperApproved || got.ApprovedBy == "" {
		t.Errorf("%+v", got)
	}
	if got := list(""); len(got) > 0 {
		t.Errorf("%v wait", got)
	}
	if got := want[paperJSON](t, w.do(t, ask{"DELETE", at(p) + "/approval", w.desk, nil, nil}), 200); got.State != catalogue.PaperReview {
		t.Errorf("%+v", got)
	}
	order := want[arrangementJSON](t, w.do(t, ask{"GET", at(p) + "/arrangement", w.desk, nil, nil}), 200)
	order.Pages[0], order.Pages[1] = order.Pages[1], order.Pages[0]
	order.Pages[0].Turn = 180
	got := want[arrangementJSON](t, w.do(t, ask{"PUT", at(p) + "/arrangement", w.desk, order, nil}), 200)
	if len(got.Own) != 3 {
		t.Errorf("%+v", got)
	}
	if got.Arranged != 1 || got.Pages[0].Number != 2 || got.Pages[0].Turn != 180 {
		t.Errorf("%+v", got)
	}
	wantCode(t, w.do(t, ask{"PUT", at(p) + "/arrangement", w.desk, order, nil}), 409, CodeStale)
	if text := w.do(t, ask{"GET", at(p) + "/text", w.desk, nil, nil}); string(text.text) != "hai\n\fmột\n\fba\n\f" {
		t.Errorf("%q", text.text)
	}
	words := want[wordsJSON](t, w.do(t, ask{"GET", at(p) + "/pages/1/words", w.desk, nil, nil}), 200)
	if words.Words[0].Text != "hai" || words.Words[0].Box != (uprightBox{180, 350, 200, 400}) { // on its head
		t.Errorf("%+v", words)
	}
	part := want[paperJSON](t, w.do(t, ask{"POST", at(p) + "/split", w.desk, map[string]any{"arranged": 1, "positions": []int{3}, "kind": "result"}, nil}), 201)
	if part.Kind != catalogue.ResultPaper || part.Pages != 1 {
		t.Errorf("%+v", part)
	}
	whole := want[paperJSON](t, w.do(t, ask{"POST", at(p) + "/merge", w.desk, map[string]any{"arranged": 2, "others": []int{int(part.ID)}}, nil}), 200)
	if whole.Pages != 3 {
		t.Errorf("%+v", whole)
	}
	wantCode(t, w.do(t, ask{"GET", at(part), w.desk, nil, nil}), 404, CodeNotFound)
	fields := want[fieldsJSON](t, w.do(t, ask{"PUT", at(p) + "/fields", w.desk, map[string]any{"fields": map[string]any{
		"title": "Đơn", "number": map[string]any{"value": "12", "page": 1, "box": []int{180, 350, 200, 400}},
	}}, nil}), 200)
	if f := fields.Fields[1]; f.Page != 1 || f.Box == nil || *f.Box != (uprightBox{180, 350, 200, 400}) || f.Source != "typed" {
		t.Errorf("%+v", fields)
	}
	confirmed := map[string]any{"fields": map[string]any{"number": map[string]any{"value": "12", "confirm": true}}}
	wantCode(t, w.do(t, ask{"PUT", at(p) + "/fields", w.machine, confirmed, nil}), 403, CodeForbidden)
	fields = want[fieldsJSON](t, w.do(t, ask{"PUT", at(p) + "/fields", w.desk, confirmed, nil}), 200)
	if f := fields.Fields[1]; f.Source != "confirmed" || f.Page != 1 {
		t.Errorf("%+v", fields)
	}
}

func TestPagesHavePictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	img := image.NewGray(image.Rect(0, 0, 1500, 700))
	img.SetGray(3, 3, color.Gray{200})
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	p := *want[handedJSON](t, w.do(t, ask{"POST", path + "/papers?name=x.png", w.desk, b.Bytes(), nil}), 201).Results[0].Paper
	for query, size := range map[string]image.Point{"?width=200": {200, 93}, "": {1000, 467}, "?width=2000": {1500, 700}} {
		got := w.do(t, ask{"GET", at(p) + "/pages/1/image" + query, w.desk, nil, nil})
		wantStatus(t, got, 200)
		seen, err := jpeg.Decode(bytes.NewReader(got.text))
		if err != nil || seen.Bounds().Size() != size {
			t.Errorf("%s: %v, %v", query, seen.Bounds(), err)
		}
		if h := got.Header; h.Get("Content-Type") != "image/jpeg" || h.Get("Cache-Control") != "private, no-cache" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%v", h)
		}
		wantStatus(t, w.do(t, ask{"GET", at(p) + "/pages/1/image" + query, w.desk, nil, map[string]string{"If-None-Match": got.Header.Get("ETag")}}), 304)
	}
	bad := ask{"GET", at(p) + "/pages/1/image?width=300", w.desk, nil, nil}
	req := w.request(t, bad)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a width of our own choice is %d", resp.StatusCode)
	}
	wantCode(t, w.do(t, ask{"GET", at(p) + "/pages/1/image", w.other, nil, nil}), 404, CodeNotFound)
	broken := append(append([]byte{}, b.Bytes()[:60]...), make([]byte, 500)...)
	p = *want[handedJSON](t, w.do(t, ask{"POST", path + "/papers?name=y.png", w.desk, broken, nil}), 201).Results[0].Paper
	wantCode(t, w.do(t, ask{"GET", at(p) + "/pages/1/image", w.desk, nil, nil}), 422, CodeNoPicture)
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "paper.download"})
	must(t, err)
	if len(acts) != 2 || acts[0].Detail["part"] != "image" {
		t.Errorf("the audit has %+v", acts)
	}
}
