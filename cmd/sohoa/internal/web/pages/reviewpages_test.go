package pages_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"sohoa/scripts/browser"
)

// Pages are turned, ordered, left out, split off and joined, and what is downloaded follows.
func TestPagesAreArrangedOnThePage(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, typeset(t, "bon.pdf", "Trang mot", "Trang hai", "Trang ba", "Trang bon"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, pageText+` === "Trang mot"`)
	must(t, tab.Click("Sắp xếp trang"))
	must(t, tab.Click("Xuống sau"))
	until(t, tab, `document.getElementById("page-at").textContent === "Trang 2/4" && `+pageText+` === "Trang mot"`)
	must(t, tab.Click("Xoay phải"))
	until(t, tab, `document.getElementById("picture").naturalWidth > document.getElementById("picture").naturalHeight`)
	must(t, tab.Click("Bỏ trang"))
	until(t, tab, `document.getElementById("page-at").textContent === "Trang 1/3" && `+pageText+` === "Trang hai"`)
	if got := download(t, s, paper, "text"); got != "Trang hai\n\fTrang ba\n\fTrang bon\n\f" {
		t.Errorf("the text is %q", got)
	}
	must(t, tab.Click("Tách thành giấy tờ mới"))
	until(t, tab, `document.getElementById("page-at").textContent === "Trang 1/2"`)
	must(t, tab.Click("Mở giấy tờ mới"))
	until(t, tab, pageText+` === "Trang hai"`)
	must(t, tab.Click("Sắp xếp trang"))
	must(t, tab.Click("^Ghép$"))
	until(t, tab, `document.getElementById("page-at").textContent === "Trang 1/3"`)
	part := number(t, eval(t, tab, `document.getElementById("review").dataset.paper`))
	pdf := filepath.Join(t.TempDir(), "x.pdf")
	must(t, os.WriteFile(pdf, []byte(download(t, s, int64(part), "pdf")), 0o600))
	text, err := exec.CommandContext(t.Context(), "pdftotext", pdf, "-").Output()
	must(t, err)
	if got := strings.Join(strings.Fields(string(text)), " "); got != "Trang hai Trang ba Trang bon" {
		t.Errorf("the PDF has %q", got)
	}
	must(t, tab.Click("Trở về các trang lúc đầu"))
	until(t, tab, `document.getElementById("page-at").textContent === "Trang 1/4"`)
}

// A paper of 500 pages, most of which are still to be read: the browser loads the page that is shown, and the thumbnails that are
// seen.
func TestALongPaperDoesNotSlowTheBrowser(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	const pages = 500
	texts := make([]string, pages)
	for i := range texts {
		texts[i] = fmt.Sprintf("Trang so %d", i+1)
	}
	paper, err := s.HandIn(t.Context(), dossier, typeset(t, "dai.pdf", texts...), "component", "TP01")
	must(t, err)
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, fmt.Sprintf(`document.querySelectorAll("#thumbs li").length === %d`, pages))
	until(t, tab, `document.querySelectorAll("#thumbs img[src]").length > 30`)
	until(t, tab, pageText+` === "Trang so 1"`)
	until(t, tab, `document.getElementById("review").dataset.picture === "there"`)
	must(t, tab.Press(input.BracketRight))
	until(t, tab, pageText+` === "Trang so 2"`)
	until(t, tab, `performance.getEntriesByType("resource").some((e) => e.name.includes("width=200"))`)
	if asked := number(t, eval(t, tab, `performance.getEntriesByType("resource").filter((e) => e.name.includes("width=200")).length`)); asked > 25 {
		t.Errorf("%d thumbnails were asked for, of which a few are seen", asked)
	}
	// However many there are, the list is one stop for Tab: the arrows go through it.
	focus(t, tab, `[data-page="2"]`)
	must(t, tab.Press(input.ArrowDown, input.End))
	focusAt(t, tab, `[data-page="500"]`)
	must(t, tab.Press(input.Tab))
	focusAt(t, tab, `#thumbs li:last-child input`)
	must(t, tab.Press(input.ArrowUp))
	focusAt(t, tab, `#thumbs li:nth-child(499) input`)
	tabTo(t, tab, "#page-before")
	words := number(t, eval(t, tab, `new Set(performance.getEntriesByType("resource").map((e) => e.name).filter((n) => n.endsWith("/words"))).size`))
	if words != 2 {
		t.Errorf("the words of %d pages were asked for, want 2", words)
	}
	if n := number(t, eval(t, tab, `document.getElementById("picture-box").querySelectorAll("*").length`)); n > 20 {
		t.Errorf("%d elements lie over the picture", n)
	}
}

// A page that is being read appears where it is waited for, without a reload.
func TestAPaperAppearsAsItIsRead(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	tab := officerAt(t, s, "/ho-so")
	paper, err := s.HandIn(t.Context(), dossier, slip(t, 5), "component", "TP01")
	must(t, err)
	must(t, tab.Go(fmt.Sprintf("/giay-to/%d", paper)))
	eval(t, tab, "window.stayed = 1")
	until(t, tab, `document.querySelectorAll("[data-word]").length > 5 && !document.getElementById("approve").disabled`)
	if got := eval(t, tab, "window.stayed"); got != "1" {
		t.Error("the page was loaded anew")
	}
	until(t, tab, `document.querySelectorAll("#thumbs img[src]").length === 1`)
}

// Fields are taken from words that are chosen on the page, shown there again, and confirmed; who corrects what somebody else has
// just changed is told so.
func TestFieldsAreTakenFromThePage(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, typeset(t, "don.pdf", "Trang bia", "So: 123 ngay 31/3/2022"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d?trang=2", paper))
	until(t, tab, pageText+`.startsWith("So:")`)
	take := func(word int, field string) {
		t.Helper()
		choose(t, tab, word)
		button, err := tab.Find(fmt.Sprintf(`[data-field=%q] [data-take]`, field))
		must(t, err)
		must(t, button.Click(proto.InputMouseButtonLeft, 1))
	}
	take(1, "number")
	until(t, tab, `document.getElementById("field-number").value === "123"`)
	take(3, "issued_on")
	until(t, tab, `document.getElementById("field-issued_on").value === "31/03/2022"`)
	must(t, tab.Press(input.Escape))
	confirm, err := tab.Find(`[data-field="number"] [data-confirm]`)
	must(t, err)
	must(t, confirm.WaitVisible())
	must(t, confirm.Click(proto.InputMouseButtonLeft, 1))
	_, err = tab.Text(`[data-field="number"] [data-source]`, "đã đối chiếu")
	must(t, err)
	must(t, tab.Go(fmt.Sprintf("/giay-to/%d", paper)))
	show, err := tab.Find(`[data-field="number"] [data-show]`)
	must(t, err)
	must(t, show.WaitVisible())
	must(t, show.Click(proto.InputMouseButtonLeft, 1))
	until(t, tab, `document.getElementById("page-at").textContent === "Trang 2/2" && !document.getElementById("chosen").hidden`)
	// Somebody else corrects the page meanwhile.
	choose(t, tab, 0)
	var words struct {
		Version string `json:"version"`
	}
	at := fmt.Sprintf("/api/v1/papers/%d/pages/2", paper)
	must(t, s.API(t.Context(), http.MethodGet, at+"/words", nil, &words))
	must(t, s.API(t.Context(), http.MethodPost, at+"/corrections", map[string]any{"version": words.Version, "at": 2, "count": 1, "text": "ngày"}, nil))
	must(t, tab.Press(input.Enter))
	until(t, tab, `document.activeElement.id === "word"`)
	must(t, tab.Page().InsertText("Số:"))
	must(t, tab.Press(input.Enter))
	_, err = tab.Text("#notices", "người khác sửa")
	must(t, err)
	until(t, tab, pageText+` === "So: 123 ngày 31/3/2022"`)
	tab.Complaints() // that it was refused
}

// A paper that was approved is not, once it was changed; one that was handed in wrongly goes where it belongs, and is taken back.
func TestAPaperIsRefiledOnItsPage(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	wrong, right := dossierOf(t, s, "H50.13-260331-0001"), dossierOf(t, s, "H50.13-260331-0002")
	paper := handRead(t, s, wrong, typeset(t, "hai.pdf", "Trang mot", "Trang hai"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, pageText+` === "Trang mot"`)
	must(t, tab.Click("^Duyệt"))
	_, err := tab.Text("#state", "Đã duyệt")
	must(t, err)
	must(t, tab.Click("Sắp xếp trang"))
	must(t, tab.Click("Xoay phải"))
	until(t, tab, `!document.getElementById("reopened").hidden && document.getElementById("state").textContent === "Đã đọc"`)
	must(t, tab.Click("^Duyệt"))
	until(t, tab, `document.getElementById("reopened").hidden && document.getElementById("state").textContent === "Đã duyệt"`)
	must(t, tab.Click("Chuyển hoặc thu hồi"))
	code, err := tab.Find("#place-dossier")
	must(t, err)
	must(t, code.SelectAllText())
	must(t, code.Input("h50.13-260331-0002"))
	must(t, tab.Click("^Chuyển$"))
	must(t, tab.Click("Hủy"))
	must(t, tab.Click("^Chuyển$"))
	must(t, tab.Click("Đồng ý"))
	until(t, tab, fmt.Sprintf(`document.getElementById("review")?.dataset.dossier === "%d" && document.getElementById("state").textContent === "Đã đọc"`, right))
	must(t, tab.Click("Chuyển hoặc thu hồi"))
	must(t, tab.Click("^Thu hồi$"))
	must(t, tab.Click("Đồng ý"))
	until(t, tab, fmt.Sprintf(`location.pathname === "/ho-so/%d"`, right))
	if _, err := tab.Text("td", "^Thu hồi giấy tờ .nộp nhầm hồ sơ.$"); err != nil {
		t.Error(err)
	}
}
