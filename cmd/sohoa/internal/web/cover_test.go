package web

import (
	"encoding/xml"
	"image"
	"image/color"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sohoa/pipeline/codes"
	"sohoa/storage/catalogue"
)

// drawn is an SVG of one path of horizontal strokes, as qrSVG writes it, eight pixels a module.
func drawn(t *testing.T, svg []byte) *image.Gray {
	t.Helper()
	var picture struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(svg, &picture); err != nil || len(picture.Paths) != 2 {
		t.Fatalf("%v: %s", err, svg)
	}
	const size = 8
	fields := strings.Fields(picture.ViewBox)
	n, err := strconv.Atoi(fields[len(fields)-1])
	must(t, err)
	img := image.NewGray(image.Rect(0, 0, n*size, n*size))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for stroke := range strings.SplitSeq(strings.TrimPrefix(picture.Paths[1].D, "M"), "M") {
		var at [3]int
		for i, part := range strings.FieldsFunc(stroke[:strings.Index(stroke, "v")], func(r rune) bool { return r == ' ' || r == 'h' }) {
			at[i], err = strconv.Atoi(part)
			must(t, err)
		}
		for y := at[1] * size; y < (at[1]+1)*size; y++ {
			for x := at[0] * size; x < (at[0]+at[2])*size; x++ {
				img.SetGray(x, y, color.Gray{})
			}
		}
	}
	return img
}

// What the API draws is what it says, read by what reads scans; a dossier out of reach has no sheets.
func TestCoverSheets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	listed := want[coversJSON](t, w.do(t, ask{"GET", path + "/covers", w.desk, nil, nil}), 200)
	if len(listed.Covers) != 2 || listed.Covers[0].Kind != catalogue.ResultPaper {
		t.Fatalf("%+v", listed)
	}
	for _, c := range listed.Covers {
		r := w.do(t, ask{"GET", path + "/covers/code?kind=" + string(c.Kind) + "&component=" + c.Component, w.desk, nil, nil})
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Fatalf("%d %v", r.StatusCode, r.Header)
		}
		found := codes.Find(drawn(t, r.text), 100)
		if len(found) != 1 || found[0].Text != c.Code {
			t.Errorf("it says %q and was read as %+v", c.Code, found)
		}
	}
	wantCode(t, w.do(t, ask{"GET", path + "/covers/code?component=TP99", w.desk, nil, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"GET", path + "/covers/code?kind=other", w.desk, nil, nil}), 400, CodeInvalid)
	_, foreign := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	wantCode(t, w.do(t, ask{"GET", foreign + "/covers", w.desk, nil, nil}), 404, CodeNotFound)
}

// A scan is told to be a batch in each of the ways in which files come in; where it is held is told to those alone who may see it.
func TestABatchIsHandedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	sent := scan(t, 1)
	wantCode(t, w.do(t, ask{"POST", path + "/papers?batch=maybe", w.desk, sent, nil}), 400, CodeInvalid)
	body, head := form(t, piece{"batch", "", []byte("true")}, piece{"file", "lô.png", sent}, piece{"batch", "", []byte("false")}, piece{"file", "đơn.png", scan(t, 2)})
	got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, body, head}), 201)
	if len(got.Results) != 2 || !got.Results[0].Paper.Batch || got.Results[1].Paper.Batch || got.Results[0].Paper.Split {
		t.Fatalf("%+v", got)
	}
	single := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers?batch=true", w.desk, scan(t, 3), nil}), 201)
	if !single.Results[0].Paper.Batch {
		t.Errorf("%+v", single)
	}
	b := want[batchJSON](t, w.do(t, ask{"GET", "/api/v1/papers/" + strconv.FormatInt(int64(got.Results[0].Paper.ID), 10) + "/batch", w.desk, nil, nil}), 200)
	if b.Split != nil || len(b.Parts) != 0 {
		t.Errorf("%+v", b)
	}
	wantCode(t, w.do(t, ask{"GET", "/api/v1/papers/" + strconv.FormatInt(int64(got.Results[1].Paper.ID), 10) + "/batch", w.desk, nil, nil}), 404, CodeNotFound)

	held := want[scanJSON](t, w.do(t, ask{"GET", "/api/v1/scans/" + sum(sent), w.desk, nil, nil}), 200)
	if len(held.HeldIn) != 1 || held.HeldIn[0].DossierCode != "H50.13-220331-0001" {
		t.Errorf("%+v", held)
	}
	for _, r := range []reply{
		w.do(t, ask{"GET", "/api/v1/scans/" + sum(sent), w.other, nil, nil}), w.do(t, ask{"GET", "/api/v1/scans/" + sum(scan(t, 9)), w.desk, nil, nil}),
	} {
		if held := want[scanJSON](t, r, 200); len(held.HeldIn) != 0 {
			t.Errorf("%+v", held)
		}
	}
	wantCode(t, w.do(t, ask{"GET", "/api/v1/scans/x", w.desk, nil, nil}), 404, CodeNotFound)
}
