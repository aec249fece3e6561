package pages_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"sohoa/scripts/browser"
)

// keysSeen notes which keys came and how far apart the slowest two were: the machine that tests may be too busy for a scanner's pace.
const keysSeen = `window.keysSeen = []; addEventListener("keydown", (e) => { if (e.isTrusted && e.key !== "Shift") window.keysSeen.push([e.key, e.timeStamp]); }, true);`

// scans types as a handheld scanner does, all keys and Enter within moments, and again from a fresh page where the machine was too slow.
func scans(t *testing.T, tab *browser.Tab, text string, prepare func()) {
	t.Helper()
	for range 60 {
		prepare()
		eval(t, tab, "window.keysSeen.length = 0")
		var all sync.WaitGroup
		keys := []input.Key{}
		for _, r := range text {
			keys = append(keys, input.Key(r))
		}
		for _, key := range append(keys, input.Enter) {
			all.Go(func() {
				// A page that is left by Enter answers no more.
				_ = key.Encode(proto.InputDispatchKeyEventTypeKeyDown, 0).Call(tab.Page())
			})
			time.Sleep(4 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		const went = `(() => { const k = window.keysSeen; return k.length === 0 ? "left" : k.map((e) => e[0]).join("") + " " + Math.max(...k.slice(1).map((e, i) => e[1] - k[i][1])) })()`
		got := eval(t, tab, went)
		all.Wait()
		var slowest float64
		seen, gap, _ := strings.Cut(got, " ")
		if _, err := fmt.Sscan(gap, &slowest); got == "left" || seen == text+"Enter" && err == nil && slowest < 35 {
			return
		}
		t.Logf("the machine was too slow for a scanner: %s", got)
	}
	t.Fatal("the machine is too busy to type as a scanner does")
}

// A handheld scanner while no field has the focus: the next citizen's dossier comes onto the desk, and none of the code's signs is
// taken for a shortcut, which would choose another component, open a dialog, or approve.
func TestAScanIsNoShortcut(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	dossierOf(t, site, "H50.13-260331-0001")
	second := dossierOf(t, site, "H50.13-260331-0002")
	paper := handRead(t, site, second, typeset(t, "don.pdf", "Giay to"), "TP01")
	tab := signedIn(t, site, browser.Officer, browser.Desk)
	_, err := tab.Page().EvalOnNewDocument(keysSeen)
	check(t, err)
	const dialogs = `(window.opened = 0, HTMLInputElement.prototype.click = () => window.opened++)`
	scans(t, tab, "H50.13-260331-0002", func() {
		check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
		see(t, tab, "#on-desk", "0001")
		until(t, tab, `document.activeElement.id === "on-desk"`)
		eval(t, tab, dialogs)
		// A digit chooses, as ever, and leaves the focus on a button of the kind that takes no text.
		check(t, tab.Press('2'))
		until(t, tab, `document.querySelector("[name=component]:checked").value === "component:TP02" && document.activeElement.type === "radio"`)
	})
	see(t, tab, "#on-desk", "H50.13-260331-0002")
	until(t, tab, `document.getElementById("desk").dataset.code === "H50.13-260331-0002"`)
	if got := eval(t, tab, `window.opened + " " + document.querySelector("[name=component]:checked").value + " " + document.querySelector("#batch").checked`); got != "0 component:TP02 false" {
		t.Errorf("keys of the scan did something: %s", got) // TP02 is what the second dossier lacks
	}

	// What is no code is looked for like all that is typed; t and d in it choose no file and approve nothing.
	scans(t, tab, "td-H50.13-260331-0077", func() {
		check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
		see(t, tab, "#on-desk", "0001")
		until(t, tab, `document.activeElement.id === "on-desk"`)
		eval(t, tab, dialogs)
	})
	see(t, tab, "#desk", "Không thấy hồ sơ nào cho “td-H50.13-260331-0077”")
	if got := eval(t, tab, "window.opened"); got != "0" {
		t.Error("a letter of the scan opened a dialog")
	}

	// Into a field of something else: the code is no citizen's name.
	scans(t, tab, "H50.13-260331-0001", func() {
		check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0099"))
		see(t, tab, "#new-title", "Chưa có hồ sơ")
		focus(t, tab, "#owner-name")
		check(t, tab.Page().InsertText("Lê Thị"))
	})
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	if n := dossiersOf(t, site); n != 2 {
		t.Errorf("there are %d dossiers, want 2", n)
	}

	// On a paper's page it opens the dossier's desk, and approves nothing.
	scans(t, tab, "DDDH50.13-260331-0001", func() {
		check(t, tab.Go(fmt.Sprintf("/giay-to/%d", paper)))
		until(t, tab, `document.getElementById("approve").disabled === false`)
		focus(t, tab, "#text")
	})
	until(t, tab, `location.pathname === "/tiep-nhan"`)
	if got := stateOf(t, site, paper); got == "approved" {
		t.Error("a scan approved a paper")
	}
}

func dossiersOf(t *testing.T, s *browser.Site) int {
	t.Helper()
	var found struct {
		Dossiers []struct{ Code string }
	}
	check(t, s.API(t.Context(), "GET", "/api/v1/dossiers", nil, &found))
	return len(found.Dossiers)
}
