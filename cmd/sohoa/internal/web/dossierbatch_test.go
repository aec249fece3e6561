package web

import (
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

func TestABatchOfDossiers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	post := func(token string, dossiers ...map[string]any) reply {
		return w.do(t, ask{"POST", "/api/v1/dossiers/batch", token, map[string]any{"dossiers": dossiers}, nil})
	}
	w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	rows := []map[string]any{
		{"code": "H50.13-220331-0001", "agency": "H50.13", "state": 4},
		{"code": "H50.13-220331-0002"},
		{"code": "H50.13-220331-0001"},
		{"code": "H50.14-220331-0001", "state": 9},
		{"code": "x"},
	}
	got := want[dossierBatchJSON](t, post(w.machine, rows...), 200)
	if got.Added != 2 || got.Wrong != 3 || len(got.Results) != 5 || got.Results[0].ID == 0 {
		t.Fatalf("%+v", got)
	}
	for row, code := range map[int]Code{2: CodeConflict, 3: CodeConflict, 4: CodeInvalid} {
		if e := got.Results[row].Error; e == nil || e.Code != code || row == 3 && strings.Contains(e.Detail, "H50.14") {
			t.Errorf("row %d: %+v", row, e)
		}
	}
	if again := want[dossierBatchJSON](t, post(w.machine, rows[:2]...), 200); again.Same != 2 {
		t.Errorf("again: %+v", again)
	}
	wantCode(t, post(w.desk), 400, CodeInvalid)
	wantCode(t, post(w.desk, make([]map[string]any, 1001)...), 400, CodeInvalid)
	wantCode(t, post(w.boss, rows...), 403, CodeForbidden)
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "dossier.import"})
	if err != nil || len(acts) != 1 || !strings.HasPrefix(acts[0].Actor, "client:machine") {
		t.Errorf("%+v, %v", acts, err)
	}
}
