package pages_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
)

// One paper's whole way, as people see it: the officer makes the dossier, hands a paper in, corrects a word and approves; a
// colleague of the agency finds it by the corrected word; the supervisor's figures count it. An officer of another agency sees none
// of it.
func TestFromTheDeskToTheFigures(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	today := time.Now().In(time.FixedZone("ICT", 7*60*60))
	code := fmt.Sprintf("%s-%s-0001", browser.Department, today.Format("060102"))

	officer := signedIn(t, s, browser.Officer, browser.Desk)
	must(t, officer.Go("/tiep-nhan"))
	typeHere(t, officer, code)
	must(t, officer.Press(input.Enter))
	_, err := officer.Text("h2", "Chưa có hồ sơ")
	must(t, err)
	must(t, officer.Fill("^Thủ tục", browser.Procedure))
	must(t, officer.Fill("^Tên chủ hồ sơ", "Trần Thị Bích"))
	must(t, officer.Fill("^Số định danh", "045012345678"))
	must(t, officer.Fill("^Trích yếu", "Đổi giấy phép lái xe"))
	must(t, officer.Click("^Tạo hồ sơ"))
	_, err = officer.Text("#on-desk", code)
	must(t, err)

	file, err := officer.Find("#file")
	must(t, err)
	must(t, file.SetFiles([]string{slip(t, 1)}))
	_, err = officer.Text("#handed .state", "Đã đọc|Cần kiểm tra")
	must(t, err)
	until(t, officer, `document.querySelector("#handed img.thumb")?.naturalWidth > 0`)
	link, err := officer.Find("#handed a.handed-name")
	must(t, err)
	must(t, link.Click("left", 1))

	until(t, officer, `document.querySelectorAll("[data-word]").length > 5`)
	focus(t, officer, "#text")
	choose(t, officer, 2)
	must(t, officer.Press(input.Enter))
	until(t, officer, `document.activeElement.id === "word"`)
	must(t, officer.Page().InsertText("SỬAXONG"))
	must(t, officer.Press(input.Enter))
	until(t, officer, pageText+`.includes("SỬAXONG")`)
	must(t, officer.Press(input.Escape))
	must(t, officer.Click("^Duyệt"))
	_, err = officer.Text("#state", "Đã duyệt")
	must(t, err)

	// Without accents, and at once.
	must(t, officer.Go("/tra-cuu?q=suaxong"))
	_, err = officer.Text("mark", "SỬAXONG")
	must(t, err)
	stranger := signedIn(t, s, browser.Stranger, browser.Desk)
	must(t, stranger.Go("/tra-cuu?q=suaxong"))
	must(t, stranger.Settle())
	if n := eval(t, stranger, `document.querySelectorAll("mark").length`); n != "0" {
		t.Errorf("another agency's officer finds %s", n)
	}

	supervisor := signedIn(t, s, browser.Supervisor, browser.Desk)
	must(t, supervisor.Go("/thong-ke?ky=nam-nay&theo=day"))
	card, err := supervisor.Text(".rates-card", "Số hóa khi tiếp nhận")
	must(t, err)
	said, err := card.Text()
	must(t, err)
	for _, want := range []string{"100,00", "1 trên 1 hồ sơ", "1 đã duyệt"} {
		if !strings.Contains(said, want) {
			t.Errorf("the card does not say %q: %s", want, said)
		}
	}
}

// typeHere types into the field that has the focus when the page opens.
func typeHere(t *testing.T, tab *browser.Tab, text string) {
	t.Helper()
	until(t, tab, `document.activeElement.tagName === "INPUT"`)
	must(t, tab.Page().InsertText(text))
}
