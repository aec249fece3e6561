package pages_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
)

// drop drops files on the page, as from a folder.
const drop = `(files) => {
	const data = new DataTransfer();
	for (const f of files) {
		const bytes = Uint8Array.from(atob(f.content), (c) => c.charCodeAt(0));
		data.items.add(new File([bytes], f.name, { type: "image/jpeg" }));
	}
	document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}`

func dropFiles(t *testing.T, tab *browser.Tab, files ...string) {
	t.Helper()
	var all []map[string]string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, map[string]string{"name": filepath.Base(file), "content": base64.StdEncoding.EncodeToString(content)})
	}
	if _, err := tab.Page().Eval(drop, all); err != nil {
		t.Fatal(err)
	}
}

// typeKeys types text key by key, as a keyboard or a handheld scanner does.
func typeKeys(t *testing.T, tab *browser.Tab, text string, then ...input.Key) {
	t.Helper()
	for _, r := range text {
		if err := tab.Press(input.Key(r)); err != nil {
			t.Fatalf("press %q: %v", r, err)
		}
	}
	if err := tab.Press(then...); err != nil {
		t.Fatal(err)
	}
}

// see waits for an element whose text matches.
func see(t *testing.T, tab *browser.Tab, selector, pattern string) {
	t.Helper()
	if _, err := tab.Text(selector, pattern); err != nil {
		t.Fatal(err)
	}
}

// shot keeps a picture of the tab where somebody asked for it.
func shot(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	picture, err := tab.Shot()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// An ordinary paper from drop to approved: the dossier's code is scanned, the file dropped, the paper read and approved by one key.
// What the officer does to the paper itself is two things.
func TestHandInByDrop(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	dossierOf(t, site, "H50.13-260331-0001")
	tab := signedIn(t, site, browser.Officer, browser.Desk)
	if err := tab.Go("/tiep-nhan"); err != nil {
		t.Fatal(err)
	}
	typeKeys(t, tab, "H50.13-260331-0001", input.Enter)
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	see(t, tab, ".choice", "Đơn đề nghị đổi giấy phép lái xe")
	shot(t, tab, "desk")
	dropFiles(t, tab, slip(t, 7))
	see(t, tab, ".handed .state", "Đã đọc")
	see(t, tab, ".handed", "Đơn đề nghị đổi giấy phép lái xe")
	if err := tab.Settle(); err != nil {
		t.Fatal(err)
	}
	shot(t, tab, "read")
	typeKeys(t, tab, "d")
	see(t, tab, ".handed .state", "Đã duyệt")
	see(t, tab, "#notices", "Đã duyệt don-7.jpg")
	var papers struct {
		Papers []struct {
			State, Component, Name string
		}
	}
	if err := site.API(t.Context(), "GET", "/api/v1/dossiers/1", nil, &papers); err != nil {
		t.Fatal(err)
	}
	if len(papers.Papers) != 1 || papers.Papers[0].State != "approved" || papers.Papers[0].Component != "TP01" || papers.Papers[0].Name != "don-7.jpg" {
		t.Errorf("%+v", papers)
	}

	// The same file once more: what is held is offered before it is sent.
	dropFiles(t, tab, slip(t, 7))
	see(t, tab, ".handed .upload-said", "đã có trong hồ sơ H50.13-260331-0001")
	shot(t, tab, "offer")
}
