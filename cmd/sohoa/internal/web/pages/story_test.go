package pages_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
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

// The same by the keyboard alone, of one officer: nothing is clicked, and wherever a key leads the focus is to be seen. What is
// downloaded at the end says what was corrected.
func TestFromTheDeskToTheFiguresByKeys(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	code := fmt.Sprintf("%s-%s-0001", browser.Department, time.Now().In(time.FixedZone("ICT", 7*60*60)).Format("060102"))
	tab := browser.Visit(t, s, browser.Desk)
	must(t, tab.Go("/"))
	typeHere(t, tab, browser.Officer)
	must(t, tab.Press(input.Tab))
	typeHere(t, tab, browser.Password)
	must(t, tab.Press(input.Enter))
	focusAt(t, tab, "#code")

	typeKeys(t, tab, code, input.Enter)
	see(t, tab, "#new-title", "Chưa có hồ sơ")
	focusAt(t, tab, "#procedure")
	typeKeys(t, tab, browser.Procedure, input.Tab)
	focusAt(t, tab, "#owner-name")
	typeHere(t, tab, "Trần Thị Bích")
	must(t, tab.Press(input.Enter))
	see(t, tab, "#on-desk", code)
	focusAt(t, tab, "#on-desk")
	choose, err := tab.Page().HandleFileDialog()
	check(t, err, tab.Press('t'), choose([]string{slip(t, 1)}))
	see(t, tab, "#handed .state", "Đã đọc|Cần kiểm tra")
	inSight(t, tab)
	tabTo(t, tab, "#handed a.handed-name")
	must(t, tab.Press(input.Enter))

	until(t, tab, `document.querySelectorAll("[data-word]").length > 5`)
	focusAt(t, tab, "#text")
	must(t, tab.Press(input.ArrowDown))
	for range 2 {
		must(t, tab.Press(input.ArrowRight))
	}
	until(t, tab, `document.querySelector("#text .chosen")?.dataset.word === "2"`)
	was := eval(t, tab, `document.querySelector("#text .chosen").textContent`)
	must(t, tab.Press(input.Enter))
	focusAt(t, tab, "#word")
	typeHere(t, tab, "SỬAXONG")
	must(t, tab.Press(input.Enter))
	until(t, tab, pageText+`.includes("SỬAXONG")`)
	// Saved, it goes on to what is doubtful, or else to the button that approves.
	until(t, tab, `document.activeElement.id === "word" || document.activeElement.id === "approve"`)
	inSight(t, tab)
	must(t, tab.Page().KeyActions().Press(input.ControlLeft).Type(input.Enter).Do())
	see(t, tab, "#state", "Đã duyệt")
	see(t, tab, "#notices", "không còn giấy tờ nào chờ duyệt")
	focusAt(t, tab, "#text")
	paper := int64(number(t, eval(t, tab, "document.getElementById('review').dataset.paper")))
	agree(t, s, paper, "SỬAXONG", was)

	must(t, tab.Press('/'))
	focusAt(t, tab, "#q")
	typeKeys(t, tab, "suaxong")
	see(t, tab, "mark", "SỬAXONG")
	must(t, tab.Press(input.ArrowDown))
	focusAt(t, tab, ".hit-open")
	must(t, tab.Press(input.Enter))
	see(t, tab, "#text .lit.chosen", "SỬAXONG")
	focusAt(t, tab, "#text")

	tabTo(t, tab, `.menu a[href="/thong-ke"]`, input.ShiftLeft)
	must(t, tab.Press(input.Enter))
	card, err := tab.Text(".rates-card", "Số hóa khi tiếp nhận")
	must(t, err)
	said, err := card.Text()
	must(t, err)
	for _, want := range []string{"100,00", "1 trên 1 hồ sơ", "1 đã duyệt"} {
		if !strings.Contains(said, want) {
			t.Errorf("the card does not say %q: %s", want, said)
		}
	}
	// A page that was just opened begins at its beginning.
	must(t, tab.Press(input.Tab))
	focusAt(t, tab, ".skip")
	tabTo(t, tab, ".rates-card a")
	must(t, tab.Press(input.Enter))
	see(t, tab, "main", code)
}

// agree sees that all that is downloaded of a paper has one word, and another no more; the JSON has that beside it.
func agree(t *testing.T, s *browser.Site, paper int64, word, was string) {
	t.Helper()
	pdf := filepath.Join(t.TempDir(), "paper.pdf")
	must(t, os.WriteFile(pdf, []byte(download(t, s, paper, "pdf")), 0o600))
	for _, do := range [][]string{{"qpdf", "--check", pdf}, {"pdftotext", "-raw", pdf, pdf + ".txt"}} {
		if out, err := exec.CommandContext(t.Context(), do[0], do[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", do, err, out)
		}
	}
	raw, err := os.ReadFile(pdf + ".txt")
	must(t, err)
	var words []string
	_, _, err = bind.ReadJSON(strings.NewReader(download(t, s, paper, "json")), func(pg *page.Page) error {
		for w := range pg.Words {
			words = append(words, w.Text)
			if w.Text == word && (len(w.Read) != 1 || w.Read[0].Text != was) {
				t.Errorf("beside %q stands %+v, want %q", word, w.Read, was)
			}
		}
		return nil
	})
	must(t, err)
	text := strings.Fields(strings.ReplaceAll(download(t, s, paper, "text"), " | ", " "))
	if got := strings.Fields(string(raw)); !slices.Equal(got, text) || !slices.Equal(words, text) || !slices.Contains(text, word) {
		t.Errorf("the PDF says %q,\nthe JSON %q,\nthe text %q", got, words, text)
	}
}

// tabTo presses Tab, with another key or not, until an element has the focus, and sees that it is in sight all the way.
func tabTo(t *testing.T, tab *browser.Tab, selector string, with ...input.Key) {
	t.Helper()
	const most = 60
	for range most {
		must(t, tab.Page().KeyActions().Press(with...).Type(input.Tab).Do())
		inSight(t, tab)
		if eval(t, tab, fmt.Sprintf("document.activeElement.matches(%q)", selector)) == "true" {
			return
		}
	}
	t.Fatalf("%d times Tab do not lead to %s", most, selector)
}

// focusAt waits until an element has the focus, and sees that it shows so.
func focusAt(t *testing.T, tab *browser.Tab, selector string) {
	t.Helper()
	until(t, tab, fmt.Sprintf("document.activeElement.matches(%q)", selector))
	inSight(t, tab)
}

// whyUnseen is why nobody sees where the focus is; "" where it is to be seen.
const whyUnseen = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "nothing has it";
	const box = e.getBoundingClientRect();
	if (box.width < 1 || box.height < 1 || box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth) return "it is out of sight";
	const style = getComputedStyle(e);
	return style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 ? "it does not show" : "";
})()`

// inSight sees that the focus is to be seen.
func inSight(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if why := eval(t, tab, whyUnseen); why != "" {
		t.Errorf("the focus: %s: %s", why, eval(t, tab, `document.activeElement.outerHTML.slice(0, 200)`))
	}
}

// typeHere types into the field that has the focus when the page opens.
func typeHere(t *testing.T, tab *browser.Tab, text string) {
	t.Helper()
	until(t, tab, `document.activeElement.tagName === "INPUT"`)
	must(t, tab.Page().InsertText(text))
}
