package pages_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
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
	accessible(t, tab)
	shot(t, tab, "desk")
	dropFiles(t, tab, slip(t, 7))
	see(t, tab, ".handed .state", "Đã đọc")
	see(t, tab, ".handed", "Đơn đề nghị đổi giấy phép lái xe")
	if err := tab.Settle(); err != nil {
		t.Fatal(err)
	}
	accessible(t, tab)
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
	accessible(t, tab)
	shot(t, tab, "offer")
}

// By the keyboard alone: a dossier that is not there is made, two files are chosen and said what they are, and both approved.
func TestHandInByKeys(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	tab := signedIn(t, site, browser.Officer, browser.Desk)
	check(t, tab.Go("/tiep-nhan"))
	typeKeys(t, tab, "H50.13-260331-0009", input.Enter)
	see(t, tab, "#new-title", "Chưa có hồ sơ")
	typeKeys(t, tab, browser.Procedure, input.Tab)
	check(t, tab.Page().InsertText("Nguyễn Văn Đạt"))
	check(t, tab.Press(input.Enter))
	see(t, tab, "#on-desk", "H50.13-260331-0009")
	see(t, tab, ".facts", "Nguyễn Văn Đạt")
	accessible(t, tab)
	shot(t, tab, "made")
	choose, err := tab.Page().HandleFileDialog()
	check(t, err)
	check(t, tab.Press('t'), choose([]string{slip(t, 7), slip(t, 11)}))
	see(t, tab, ".choosing select", "Giấy khám sức khỏe")
	accessible(t, tab)
	shot(t, tab, "choosing")
	check(t, tab.Press('0'), tab.Press('2'), tab.Press(input.Enter))
	for n := 1; n <= 2; n++ {
		see(t, tab, ".handed.next .state", "Đã đọc")
		time.Sleep(400 * time.Millisecond) // a key right after the mark has moved is for the paper before
		check(t, tab.Press('d'))
		check(t, tab.Page().Timeout(browser.Patience).Wait(rod.Eval(`(n) => document.querySelectorAll(".handed .state.approved").length >= n`, n)))
	}
	for start := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		got := map[string]string{}
		var found struct {
			Papers []struct{ State, Kind, Component string }
		}
		check(t, site.API(t.Context(), "GET", "/api/v1/dossiers/1", nil, &found))
		for _, p := range found.Papers {
			got[p.Kind+":"+p.Component] = p.State
		}
		if len(got) == 2 && got["component:TP02"] == "approved" && got["result:"] == "approved" {
			break
		}
		if time.Since(start) > browser.Patience {
			t.Fatalf("%v", got)
		}
	}
}

// paste pastes a picture out of the clipboard.
const paste = `(content) => {
	const data = new DataTransfer();
	const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
	data.items.add(new File([bytes], "image.png", { type: "image/png" }));
	document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
}`

// What cannot be read says why and what to do; what is no paper at all is refused in words, and a picture out of the clipboard goes
// in like a file.
func TestWhatGoesWrongIsSaid(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	dossierOf(t, site, "H50.13-260331-0001")
	tab := signedIn(t, site, browser.Officer, browser.Desk)
	check(t, tab.Go("/tiep-nhan"))
	dropFiles(t, tab, slip(t, 7))
	see(t, tab, "#notices", "Hãy mở hồ sơ trước")
	typeKeys(t, tab, "bich", input.Enter) // whose dossier it is, without accents
	see(t, tab, "#on-desk", "H50.13-260331-0001")

	good, err := os.ReadFile(slip(t, 7))
	check(t, err)
	half := filepath.Join(t.TempDir(), "nửa.jpg")
	check(t, os.WriteFile(half, good[:2000], 0o600))
	dropFiles(t, tab, half)
	see(t, tab, ".handed", "không thấy chữ nào")
	see(t, tab, ".handed .button", "Kiểm tra")
	broken := filepath.Join(t.TempDir(), "hỏng.pdf")
	check(t, os.WriteFile(broken, []byte("%PDF-1.7\n"+strings.Repeat("no more of it\n", 99)), 0o600))
	dropFiles(t, tab, broken)
	see(t, tab, ".handed .wrong", "Tệp bị hỏng")
	see(t, tab, ".handed [data-retry]", "Đọc lại")
	accessible(t, tab)
	shot(t, tab, "wrong")

	note := filepath.Join(t.TempDir(), "ghi chú.txt")
	check(t, os.WriteFile(note, []byte("không phải bản quét"), 0o600))
	dropFiles(t, tab, note)
	see(t, tab, ".upload-said", "Không nhận loại tệp này")
	check(t, tab.Click("^Bỏ$"))
	tab.Complaints() // of the answer that refused it

	_, err = tab.Page().Eval(paste, base64.StdEncoding.EncodeToString(good))
	check(t, err)
	see(t, tab, ".handed[data-sure] .handed-name", "^dán ")
}
