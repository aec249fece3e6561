package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

// A part of a scan opens no page of the others to an agency that has nothing but the part, by no way.
func TestAPartOpensNoOthersPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	theirs, theirPath := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	whole := w.twoPages(t, path, "trang một", "trang hai", "trang ba")
	part, err := w.records.SplitOff(t.Context(), catalogue.Everywhere, whole.ID, 0, catalogue.Part{Positions: []int{2}, Dossier: theirs})
	must(t, err)
	paper := "/api/v1/papers/" + strconv.FormatInt(int64(part.ID), 10)
	for _, asked := range []string{"/original", "/original?link=1"} {
		wantCode(t, w.do(t, ask{"GET", paper + asked, w.other, nil, nil}), 403, CodePartOfScan)
	}
	known := map[string]any{"sha256": whole.SHA256}
	wantCode(t, w.do(t, ask{"POST", theirPath + "/papers/known", w.other, known, nil}), 403, CodePartOfScan)
	if held := want[scanJSON](t, w.do(t, ask{"GET", "/api/v1/scans/" + whole.SHA256, w.other, nil, nil}), 200); len(held.HeldIn) > 0 {
		t.Errorf("the whole is said to be held: %+v", held)
	}
	arranged := want[arrangementJSON](t, w.do(t, ask{"GET", paper + "/arrangement", w.other, nil, nil}), 200)
	if len(arranged.Own) != 1 || arranged.Own[0].Number != 2 {
		t.Errorf("its own pages: %+v", arranged)
	}
	for _, foreign := range []int{1, 3} {
		body := arrangementJSON{Arranged: arranged.Arranged, Pages: []leafJSON{{SHA256: whole.SHA256, Number: 2}, {SHA256: whole.SHA256, Number: foreign}}}
		if f := wantCode(t, w.do(t, ask{"PUT", paper + "/arrangement", w.other, body, nil}), 400, CodeInvalid); f.Field != "pages" {
			t.Errorf("page %d: %+v", foreign, f)
		}
	}
	turned := arrangementJSON{Arranged: arranged.Arranged, Pages: []leafJSON{{SHA256: whole.SHA256, Number: 2, Turn: 90}}}
	want[arrangementJSON](t, w.do(t, ask{"PUT", paper + "/arrangement", w.other, turned, nil}), 200)
	if text := w.do(t, ask{"GET", paper + "/text", w.other, nil, nil}); string(text.text) != "trang hai\n\f" {
		t.Errorf("its text: %q", text.text)
	}
	if said := w.readJSON(t, paper, w.other); strings.Join(said.words(), " ") != "trang hai" {
		t.Errorf("its JSON: %+v", said)
	}
	for n := 2; n <= 3; n++ {
		wantCode(t, w.do(t, ask{"GET", paper + "/pages/" + strconv.Itoa(n), w.other, nil, nil}), 404, CodeNotFound)
	}

	// Who has the whole scan may have it, whichever paper they ask for.
	for token, path := range map[string]string{w.desk: at(whole), w.boss: paper} {
		wantStatus(t, w.do(t, ask{"GET", path + "/original", token, nil, nil}), http.StatusOK)
	}
	wantCode(t, w.do(t, ask{"POST", theirPath + "/papers/known", w.desk, known, nil}), 404, CodeNotFound)
	want[handedJSON](t, w.do(t, ask{"POST", path + "/papers/known", w.desk, map[string]any{"sha256": whole.SHA256, "component": "TP09"}, nil}), 201)
}

// A paper that was handed in wrongly goes where it belongs, or is taken back.
func TestAPaperIsRefiledAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	right, _ := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0002")
	w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	p := w.twoPages(t, path, "trang một")
	put := func(token string, body map[string]any) reply {
		return w.do(t, ask{"PUT", at(p) + "/place", token, body, nil})
	}
	if f := wantCode(t, put(w.desk, map[string]any{"dossier_code": "H50.14-220331-0001"}), 400, CodeInvalid); f.Field != "dossier_code" {
		t.Errorf("%+v", f)
	}
	wantCode(t, put(w.desk, map[string]any{"kind": "x"}), 400, CodeInvalid)
	wantCode(t, put(w.other, map[string]any{"kind": "result"}), 404, CodeNotFound)
	wantCode(t, put(w.boss, map[string]any{"kind": "result"}), 403, CodeForbidden)
	want[paperJSON](t, w.do(t, ask{"PUT", at(p) + "/approval", w.desk, nil, nil}), 200)
	got := want[paperJSON](t, put(w.desk, map[string]any{"dossier_code": "H50.13-220331-0002", "component": "TP02"}), 200)
	if got.Dossier != right || got.Component != "TP02" || got.Kind != catalogue.ComponentPaper || got.State != catalogue.PaperReview {
		t.Errorf("%+v", got)
	}
	wantCode(t, w.do(t, ask{"DELETE", at(p), w.desk, nil, nil}), 400, CodeInvalid)
	wantCode(t, w.do(t, ask{"DELETE", at(p) + "?reason=duplicate", w.other, nil, nil}), 404, CodeNotFound)
	wantStatus(t, w.do(t, ask{"DELETE", at(p) + "?reason=duplicate", w.desk, nil, nil}), http.StatusNoContent)
	wantCode(t, w.do(t, ask{"GET", at(p), w.desk, nil, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"GET", at(p) + "/original", w.desk, nil, nil}), 404, CodeNotFound)
}
