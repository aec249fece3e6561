package pages_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
)

// What is held in another dossier of the same owner is offered on the desk, before it is scanned, and beside a paper that was scanned
// once more, as soon as its number is known; by keys, in one act.
func TestHeldPapersAreOffered(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	owned := func(n int) int64 {
		t.Helper()
		id, err := s.AddDossier(t.Context(), browser.Dossier{
			Code: fmt.Sprintf("H50.13-260331-%04d", n), Agency: browser.Department, Procedure: browser.Procedure, State: 4,
			Owner: map[string]any{"name": "Trần Thị Bích", "number": "045012345678"},
		})
		must(t, err)
		return id
	}
	old := handRead(t, s, owned(1), typeset(t, "kham.pdf", "Giay kham suc khoe"), "TP02")
	fields := map[string]any{"fields": map[string]any{"number": "12", "notation": "GKSK", "issued_on": "2026-03-31"}}
	must(t, s.API(t.Context(), http.MethodPut, fmt.Sprintf("/api/v1/papers/%d/fields", old), fields, nil))
	owned(2)
	tab := officerAt(t, s, "/tiep-nhan")
	typeKeys(t, tab, "H50.13-260331-0002", input.Enter)
	see(t, tab, "#held li", "Giấy khám sức khỏe.*kham.pdf, số 12/GKSK.*H50.13-260331-0001.*31/03/2026")
	accessible(t, tab)
	shot(t, tab, "held")
	tabTo(t, tab, "#held button")
	must(t, tab.Press(input.Enter))
	see(t, tab, "#notices", "Đã dùng lại Giấy khám sức khỏe.* số 12/GKSK")
	see(t, tab, ".handed", "dùng lại bản đã có")
	until(t, tab, `document.getElementById("held").hidden`)
	focusAt(t, tab, "#on-desk")

	third := handRead(t, s, owned(3), typeset(t, "lai.pdf", "Giay kham suc khoe lan nua"), "TP02")
	must(t, tab.Go(fmt.Sprintf("/giay-to/%d", third)))
	until(t, tab, pageText+` === "Giay kham suc khoe lan nua" && !document.getElementById("approve").disabled`)
	if got := eval(t, tab, `document.getElementById("held").hidden`); got != "true" {
		t.Error("it is offered before its number is known")
	}
	tabTo(t, tab, "#field-number")
	typeHere(t, tab, "012/gksk") // not key by key, as fast as a scanner
	must(t, tab.Press(input.Enter))
	see(t, tab, "#held li", "kham.pdf, số 12/GKSK")
	accessible(t, tab)
	shot(t, tab, "held-paper")
	tabTo(t, tab, "#held button", input.ShiftLeft)
	must(t, tab.Press(input.Enter))
	until(t, tab, fmt.Sprintf(`/^\/giay-to\/\d+$/.test(location.pathname) && location.pathname !== "/giay-to/%d"`, third))
	until(t, tab, pageText+` === "Giay kham suc khoe"`)
	var rates struct {
		Total []struct {
			Figure string
			Filed  int
		}
	}
	must(t, s.API(t.Context(), http.MethodGet, "/api/v1/rates", nil, &rates))
	if last := rates.Total[len(rates.Total)-1]; last.Figure != "reuse" || last.Filed != 2 {
		t.Errorf("the rates count %+v", rates.Total)
	}
}
