package pages_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"sohoa/scripts/browser"
)

// endSession ends the officer's sessions but the one of the tab it is done in.
func endSession(t *testing.T, other *browser.Tab) {
	t.Helper()
	check(t, other.Go("/tai-khoan"))
	check(t, other.Click("^Kết thúc$"))
	see(t, other, ".notice.good", "Đã kết thúc phiên")
}

// inAnotherTab signs the officer in where the notice leads, in another tab of the same browser.
func inAnotherTab(t *testing.T, tab *browser.Tab) {
	t.Helper()
	link := eval(t, tab, `(() => { const a = document.querySelector("#notices a"); return a.href + " " + a.target; })()`)
	address, target, _ := strings.Cut(link, " ")
	if target != "_blank" {
		t.Fatalf("the notice leads to %s", link)
	}
	second, err := tab.Page().Browser().Page(proto.TargetCreateTarget{URL: address})
	check(t, err)
	second = second.Timeout(browser.Patience)
	for id, text := range map[string]string{"#login": browser.Officer, "#password": browser.Password} {
		field, err := second.Element(id)
		check(t, err)
		check(t, field.Input(text))
	}
	check(t, second.Keyboard.Type(input.Enter))
	_, err = second.Element(".who")
	check(t, err)
	check(t, second.Close())
}

// The session ends while a field is typed and while a file is on its way: the page stays, says so, and goes on by itself when the
// person has signed in again in another tab.
func TestAnEndedSessionLosesNothing(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, typeset(t, "don.pdf", "So: 123"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	other := signedIn(t, s, browser.Officer, browser.Desk)
	until(t, tab, pageText+` === "So: 123"`)
	endSession(t, other)
	focus(t, tab, "#field-number")
	check(t, tab.Page().InsertText("123"), tab.Press(input.Enter))
	see(t, tab, "#notices", "Phiên làm việc đã hết")
	accessible(t, tab)
	if got := eval(t, tab, `location.pathname + " " + document.getElementById("field-number").value`); got != fmt.Sprintf("/giay-to/%d 123", paper) {
		t.Fatalf("what was typed is at %s", got)
	}
	inAnotherTab(t, tab)
	see(t, tab, `[data-field="number"] [data-source]`, "đã gõ")
	see(t, tab, "#notices", "Đã đăng nhập lại")

	check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	endSession(t, other)
	dropFiles(t, tab, slip(t, 7))
	see(t, tab, ".upload-state", "Chờ đăng nhập lại")
	see(t, tab, "#notices", "Phiên làm việc đã hết")
	if got := eval(t, tab, `document.querySelector("#handed .card, #handed h1") === null`); got != "true" {
		t.Error("the page of signing in stands in the list")
	}
	inAnotherTab(t, tab)
	see(t, tab, ".handed .state", "Đã đọc")

	// htmx, too, stays where it is.
	endSession(t, other)
	eval(t, tab, `window.stayed = 1`)
	typeKeys(t, tab, "/")
	until(t, tab, `document.activeElement.id === "code"`)
	check(t, tab.Page().InsertText("H50.13-260331-0002"), tab.Press(input.Enter))
	see(t, tab, "#notices", "Phiên làm việc đã hết")
	if got := eval(t, tab, `window.stayed`); got != "1" {
		t.Error("the page was left")
	}
	tab.Complaints() // of the answers that refused it
}

// failOnce sends the first bytes of a file where nobody takes them, and breaks the line when the file's end is told.
const failOnce = `((window.made = window.patched = window.ended = 0),
	((open, send) => {
		XMLHttpRequest.prototype.open = function (method, where, ...rest) {
			if (method === "POST") window.made++;
			const astray = method === "PATCH" && window.patched++ === 0;
			return open.call(this, method, astray ? "/api/v1/uploads/nowhere" : where, ...rest);
		};
		window.fetch = async (where, how) => {
			if (String(where).endsWith("/finish") && window.ended++ === 0) throw new TypeError("Failed to fetch");
			return send(where, how);
		};
	})(XMLHttpRequest.prototype.open, window.fetch))`

// What was sent is not sent again: after a refusal "Gửi lại" goes on with the same upload, and where only its end failed that
// alone is tried again.
func TestSendingAgainGoesOn(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossierOf(t, s, "H50.13-260331-0001")
	tab := signedIn(t, s, browser.Officer, browser.Desk)
	check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	eval(t, tab, failOnce)
	dropFiles(t, tab, slip(t, 7))
	see(t, tab, ".upload-state", "Chưa nộp được")
	check(t, tab.Click("^Gửi lại$"))
	see(t, tab, ".upload-said", "Mất kết nối với máy chủ")
	check(t, tab.Click("^Gửi lại$"))
	see(t, tab, ".handed .state", "Đã đọc")
	if got := eval(t, tab, `[window.made, window.patched, window.ended].join()`); got != "1,2,2" {
		t.Errorf("uploads were begun, sent and ended %s times; want 1,2,2", got)
	}
	tab.Complaints() // of what was made to fail
}

// Two desks make the same dossier at once: the second sees the first one's, and replaces nothing of it.
func TestTwoDesksMakeOneDossier(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	var desks []*browser.Tab
	for range 2 {
		tab := signedIn(t, s, browser.Officer, browser.Desk)
		check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0050"))
		see(t, tab, "#new-title", "Chưa có hồ sơ")
		desks = append(desks, tab)
	}
	for i, owner := range []string{"Trần Thị Bích", "Nguyễn Văn Đạt"} {
		check(t, desks[i].Fill("Tên chủ hồ sơ", owner), desks[i].Click("Tạo hồ sơ"))
		see(t, desks[i], ".facts", "Trần Thị Bích")
	}
	see(t, desks[1], "#desk .notice", "chưa được ghi")
	accessible(t, desks[1])
	if got := eval(t, desks[0], `document.querySelectorAll("#desk .notice").length`); got != "0" {
		t.Error("the first desk is told that it came second")
	}
}

// Single letters are switched off once, in the account's page, and then nowhere do anything.
func TestLettersAreSwitchedOffEverywhere(t *testing.T) {
	t.Parallel()
	r := readSite(t)
	tab := signedIn(t, r.Site, browser.Officer, browser.Desk)
	pressed := func(path, ready, key, becomes string, want bool) {
		t.Helper()
		check(t, tab.Go(path))
		until(t, tab, ready)
		typeKeys(t, tab, key)
		if want {
			until(t, tab, becomes)
			return
		}
		const longerThanHeld = `(await new Promise((on) => setTimeout(on, 300)))`
		got, err := tab.Page().Eval("async () => { " + longerThanHeld + "; return Boolean(" + becomes + "); }")
		check(t, err)
		if got.Value.Bool() {
			t.Errorf("%s on %s still does something", key, path)
		}
	}
	for _, on := range []bool{true, false} {
		check(t, tab.Go("/tai-khoan"))
		box, err := tab.Find("[data-letters]")
		check(t, err)
		if !on {
			check(t, box.Click(proto.InputMouseButtonLeft, 1))
		}
		pressed("/tiep-nhan?ma=H50.13-260331-0001", `document.activeElement.id === "on-desk"`, "k", `document.querySelector("[name=component]:checked").value === "component:"`, on)
		pressed("/tiep-nhan?ma=H50.13-260331-0001", `document.activeElement.id === "on-desk"`, "/", `document.activeElement.id === "code"`, on)
		pressed("/tra-cuu?q=cong", `document.readyState === "complete"`, "j", `document.activeElement.matches(".hit-open, #q")`, on)
		pressed(fmt.Sprintf("/giay-to/%d", r.paper), `document.querySelectorAll("[data-word]").length > 5`, "z", `document.getElementById("zoom").getAttribute("aria-pressed") === "true"`, on)
	}
}
