package pages_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
)

// slowSaving holds back what is sent to be saved, as a slow line does.
const slowSaving = `() => {
	const send = window.fetch;
	window.fetch = async (where, how) => {
		if (how?.method === "PUT" && where.endsWith("/fields")) await new Promise((on) => setTimeout(on, 700));
		return send(where, how);
	};
}`

// Nothing that was typed into a field is lost: neither while the field before it is saved, nor where it was refused, nor by a key
// that approves from within it.
func TestTypedFieldsAreNeverLost(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, typeset(t, "don.pdf", "So: 123"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, pageText+` === "So: 123" && !document.getElementById("approve").disabled`)
	_, err := tab.Page().Eval(slowSaving)
	must(t, err)
	focus(t, tab, "#field-number")
	check(t, tab.Page().InsertText("123"), tab.Press(input.Enter))
	focus(t, tab, "#field-notation")
	must(t, tab.Page().InsertText("QĐ-UBND"))
	see(t, tab, `[data-field="number"] [data-source]`, "đã gõ")
	if got := eval(t, tab, `document.getElementById("field-notation").value`); got != "QĐ-UBND" {
		t.Errorf("what was being typed became %q", got)
	}
	// The one in between is no day: it is refused and stays, also when another one is saved behind it.
	focus(t, tab, "#field-issued_on")
	must(t, tab.Page().InsertText("31/13/2022"))
	focus(t, tab, "#field-issuer")
	see(t, tab, "#notices", "không hợp lệ|Ngày có dạng")
	tab.Complaints()
	check(t, tab.Page().InsertText("UBND"), tab.Press(input.Enter))
	see(t, tab, `[data-field="issuer"] [data-source]`, "đã gõ")
	if got := eval(t, tab, `document.getElementById("field-issued_on").value`); got != "31/13/2022" {
		t.Errorf("the refused day became %q", got)
	}
	// What is refused keeps the paper from being approved, and the keyboard goes there.
	must(t, tab.Page().KeyActions().Press(input.ControlLeft).Type(input.Enter).Do())
	until(t, tab, `document.activeElement.id === "field-issued_on"`)
	tab.Complaints()
	if got := stateOf(t, s, paper); got == "approved" {
		t.Fatal("the paper was approved without what was typed")
	}
	day, err := tab.Find("#field-issued_on")
	must(t, err)
	check(t, day.SelectAllText(), tab.Page().InsertText("31032022"))
	must(t, tab.Page().KeyActions().Press(input.ControlLeft).Type(input.Enter).Do())
	see(t, tab, "#notices", "Đã duyệt")
	var kept struct {
		Fields []struct{ Name, Value string }
	}
	must(t, s.API(t.Context(), http.MethodGet, fmt.Sprintf("/api/v1/papers/%d/fields", paper), nil, &kept))
	got := map[string]string{}
	for _, f := range kept.Fields {
		got[f.Name] = f.Value
	}
	for name, want := range map[string]string{"number": "123", "notation": "QĐ-UBND", "issuer": "UBND", "issued_on": "2022-03-31"} {
		if got[name] != want {
			t.Errorf("%s is kept as %q, want %q", name, got[name], want)
		}
	}
}

// What the reader found is compared with the paper by keys alone: T goes there, Enter says that it is right, or saves what is typed in
// its place; and the page shows where it stands.
func TestFoundFieldsAreConfirmedByKeys(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, typeset(t, "qd.pdf", "So: 209/QD-UBND   Quang Tri, ngay 31 thang 3 nam 2022"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, `document.getElementById("field-number").value === "209" && document.getElementById("field-issued_on").value === "31/03/2022"`)
	see(t, tab, `[data-field="number"] [data-source]`, "máy đọc, chưa đối chiếu")
	must(t, tab.Press(input.KeyT))
	until(t, tab, `document.activeElement.id === "field-title" && !document.getElementById("chosen").hidden`)
	must(t, tab.Press(input.Enter))
	see(t, tab, `[data-field="title"] [data-source]`, "đã đối chiếu")
	until(t, tab, `document.activeElement.id === "field-number"`)
	number, err := tab.Find("#field-number")
	must(t, err)
	check(t, number.SelectAllText(), tab.Page().InsertText("210"), tab.Press(input.Enter))
	see(t, tab, `[data-field="number"] [data-source]`, "đã gõ, máy đọc “209”")
	until(t, tab, `document.activeElement.id === "field-notation"`)
	check(t, tab.Press(input.Enter))
	until(t, tab, `document.activeElement.id === "field-issued_on"`)
	check(t, tab.Press(input.Enter))
	until(t, tab, `document.activeElement.id === "field-place" && document.getElementById("more-fields").open`)
	check(t, tab.Press(input.Enter))
	see(t, tab, `[data-field="place"] [data-source]`, "đã đối chiếu")
	var kept struct {
		Fields []struct {
			Name, Value, Source string
			Found               struct{ Value string }
		}
	}
	must(t, s.API(t.Context(), http.MethodGet, fmt.Sprintf("/api/v1/papers/%d/fields", paper), nil, &kept))
	got := map[string]string{}
	for _, f := range kept.Fields {
		got[f.Name] = f.Value + " " + f.Source + " " + f.Found.Value
	}
	for name, want := range map[string]string{
		"title": "QUYẾT ĐỊNH confirmed QUYẾT ĐỊNH", "number": "210 typed 209", "issued_on": "2022-03-31 confirmed ngày 31 tháng 3 năm 2022",
		"place": "Quảng Trị confirmed Quảng Trị",
	} {
		if got[name] != want {
			t.Errorf("%s is kept as %q, want %q", name, got[name], want)
		}
	}
}
