package web

import (
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

// What is held in another dossier of the same owner is offered and reused, on the desk and from the paper's page; not to others.
func TestHeldPapersAreReused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	must(t, w.records.PutProcedure(t.Context(), catalogue.Procedure{
		Code: "1.001", Name: "Đổi giấy phép", Components: []catalogue.Component{{Code: "TP01", Name: "Giấy khám sức khỏe"}},
	}))
	dossier := func(token, agency, code, owner string) (catalogue.DossierID, string) {
		d := want[dossierJSON](t, w.do(t, ask{"POST", "/api/v1/dossiers", token, map[string]any{
			"code": code, "agency": agency, "procedure": "1.001", "owner": map[string]any{"name": "Lan", "number": owner},
		}, nil}), 201)
		return d.ID, "/api/v1/dossiers/" + subject("", d.ID)[1:]
	}
	_, oldPath := dossier(w.desk, "H50.13", "H50.13-220331-0001", "045")
	old := w.twoPages(t, oldPath, "Sờ Giao", "trang hai")
	place := map[string]any{"kind": "component", "component": "TP01"}
	want[paperJSON](t, w.do(t, ask{"PUT", at(old) + "/place", w.desk, place, nil}), 200)
	fields := func(paper, number string) {
		body := map[string]any{"fields": map[string]any{"number": number, "notation": "GKSK", "issued_on": "2026-03-31"}}
		want[fieldsJSON](t, w.do(t, ask{"PUT", paper + "/fields", w.desk, body, nil}), 200)
	}
	fields(at(old), "7")
	w.correct(t, at(old), 1, 0, 1, "Sở")
	now, nowPath := dossier(w.desk, "H50.13", "H50.13-220331-0002", "045")
	held := func(path, token string) []heldOutJSON {
		return want[heldListJSON](t, w.do(t, ask{"GET", path + "/held", token, nil, nil}), 200).Held
	}
	offered := held(nowPath, w.desk)
	if len(offered) != 1 || offered[0].Paper != old.ID || offered[0].Number != "7/GKSK" || offered[0].Component != "TP01" || offered[0].Issued != "2026-03-31" {
		t.Fatalf("offered: %+v", offered)
	}
	wantCode(t, w.do(t, ask{"GET", nowPath + "/held", w.other, nil, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"POST", nowPath + "/papers/reused", w.other, map[string]any{"held": old.ID}, nil}), 404, CodeNotFound)
	_, strange := dossier(w.desk, "H50.13", "H50.13-220331-0003", "046")
	if f := wantCode(t, w.do(t, ask{"POST", strange + "/papers/reused", w.desk, map[string]any{"held": old.ID}, nil}), 400, CodeInvalid); f.Field != "held" {
		t.Errorf("%+v", f)
	}
	body := map[string]any{"held": old.ID, "component": "TP01"}
	reused := want[paperJSON](t, w.do(t, ask{"POST", nowPath + "/papers/reused", w.desk, body, nil}), 201)
	if !reused.Reused || reused.Dossier != now || reused.Component != "TP01" || len(held(nowPath, w.desk)) > 0 {
		t.Errorf("%+v", reused)
	}
	want[paperJSON](t, w.do(t, ask{"POST", nowPath + "/papers/reused", w.desk, body, nil}), 200)
	if text := w.do(t, ask{"GET", at(reused) + "/text", w.desk, nil, nil}); !strings.HasPrefix(string(text.text), "Sở Giao\n") {
		t.Errorf("it says %q", text.text)
	}
	_, thirdPath := dossier(w.desk, "H50.13", "H50.13-220331-0004", "045")
	again := *want[handedJSON](t, w.do(t, ask{"POST", thirdPath + "/papers?name=x.png&component=TP01", w.desk, scan(t, 99), nil}), 201).Results[0].Paper
	if like := held(at(again), w.desk); len(like) > 0 {
		t.Errorf("before its number is known %+v is like it", like)
	}
	fields(at(again), "07")
	like := held(at(again), w.desk)
	if len(like) == 0 {
		t.Fatal("nothing is like it")
	}
	instead := map[string]any{"held": like[0].Paper}
	wantCode(t, w.do(t, ask{"POST", at(again) + "/reuse", w.boss, instead, nil}), 403, CodeForbidden)
	put := want[paperJSON](t, w.do(t, ask{"POST", at(again) + "/reuse", w.desk, instead, nil}), 201)
	if !put.Reused || put.SHA256 != old.SHA256 || put.Component != "TP01" {
		t.Errorf("%+v", put)
	}
	wantCode(t, w.do(t, ask{"GET", at(again), w.desk, nil, nil}), 404, CodeNotFound)
}
