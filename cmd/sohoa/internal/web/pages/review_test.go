package pages_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"sohoa/scripts/browser"
)

// typeset makes a PDF of lines of text as a word processor would, a page for each of texts. What stands in it is read as it is.
func typeset(t *testing.T, name string, texts ...string) string {
	t.Helper()
	var b bytes.Buffer
	var offsets []int
	object := func(text string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), text)
	}
	b.WriteString("%PDF-1.4\n")
	kids := ""
	for i := range texts {
		kids += fmt.Sprintf("%d 0 R ", 4+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, len(texts)))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	for i, text := range texts {
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*i))
		drawn := "BT /F1 14 Tf 60 760 Td 22 TL\n"
		for line := range strings.SplitSeq(text, "\n") {
			drawn += "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(line) + ") Tj T*\n"
		}
		drawn += "ET"
		object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(drawn), drawn))
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// must fails the test with the error of something that gives nothing else.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// handRead hands a file in as the officer would, and waits until it was read.
func handRead(t *testing.T, s *browser.Site, dossier int64, file, component string) int64 {
	t.Helper()
	id, err := s.HandIn(t.Context(), dossier, file, "component", component)
	must(t, err)
	_, err = s.WaitRead(t.Context(), id)
	must(t, err)
	return id
}

// eval is what an expression of JavaScript gives in the page.
func eval(t *testing.T, tab *browser.Tab, js string) string {
	t.Helper()
	got, err := tab.Page().Eval("() => String(" + js + ")")
	must(t, err)
	return got.Value.Str()
}

// until waits for an expression of JavaScript to be true.
func until(t *testing.T, tab *browser.Tab, js string) {
	t.Helper()
	if err := tab.Page().Timeout(browser.Patience).Wait(evalOf(js)); err != nil {
		said := eval(t, tab, `[document.activeElement.id, ...[...document.querySelectorAll("input")].map((i) => i.id + "=" + i.value), document.body.innerText].join("\n")`)
		t.Fatalf("%s never came true: %v; the page says: %s", js, err, said)
	}
}

// pageText is the text that the paper's page shows.
const pageText = `[...document.querySelectorAll("#text p")].map((p) => p.textContent).join("\n")`

// The officer's way with a paper, by the mouse: a word is clicked on the picture, typed anew, found in the text that is downloaded,
// and the paper approved; then comes the next one.
func TestAPaperIsReviewedByMouse(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, slip(t, 1), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/ho-so/%d", dossier))
	must(t, tab.Click("don-1"))
	until(t, tab, `document.getElementById("review")?.dataset.picture === "there" && document.querySelectorAll("[data-word]").length > 5`)
	first, err := tab.Find(`[data-word="2"]`)
	must(t, err)
	was, err := first.Text()
	must(t, err)
	// Where the word is on the picture says the place that the page marks when the word is chosen in the text.
	must(t, first.Click(proto.InputMouseButtonLeft, 1))
	until(t, tab, `!document.getElementById("editor").hidden`)
	if got := eval(t, tab, `document.getElementById("word").value`); got != was {
		t.Errorf("%q is to be corrected, want %q", got, was)
	}
	must(t, tab.Press(input.Escape))
	until(t, tab, `document.getElementById("editor").hidden`)
	chosen, err := tab.Find("#chosen")
	must(t, err)
	shape, err := chosen.Shape()
	must(t, err)
	middle := shape.Box()
	must(t, tab.Page().Mouse.MoveTo(proto.Point{X: middle.X + middle.Width/2, Y: middle.Y + middle.Height/2}))
	must(t, tab.Page().Mouse.Click(proto.InputMouseButtonLeft, 1))
	until(t, tab, `!document.getElementById("editor").hidden && document.getElementById("hover").hidden === false`)
	word, err := tab.Find("#word")
	must(t, err)
	must(t, word.SelectAllText())
	must(t, word.Input("ĐÃSỬA"))
	must(t, tab.Click("^Lưu"))
	until(t, tab, pageText+`.includes("ĐÃSỬA")`)
	until(t, tab, `document.getElementById("corrections-count").textContent === "1"`)
	if got := eval(t, tab, `document.getElementById("corrections-list").textContent`); !strings.Contains(got, "“"+was+"” → “ĐÃSỬA”") || !strings.Contains(got, browser.Officer) {
		t.Errorf("the corrections say %q", got)
	}
	must(t, tab.Click("^Duyệt"))
	_, err = tab.Text("#notices", "Bạn không còn giấy tờ nào chờ duyệt")
	must(t, err)
	_, err = tab.Text("#state", "Đã duyệt")
	must(t, err)
	if got := download(t, s, paper, "text"); !strings.Contains(got, "ĐÃSỬA") {
		t.Errorf("the text is %q", got)
	}
	must(t, tab.Go(fmt.Sprintf("/ho-so/%d", dossier)))
	for _, act := range []string{"Duyệt giấy tờ", "Sửa chữ nhận dạng", "Nộp giấy tờ"} {
		if _, err := tab.Text("td", "^"+act+"$"); err != nil {
			t.Error(err)
		}
	}
}

// The same by keys alone, over two pages and to the next paper.
func TestAPaperIsReviewedByKeys(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	officer := tokenOf(t, s)
	first := handInAs(t, s, officer, dossier, typeset(t, "mot.pdf", "Cong hoa xa hoi chu nghia", "Trang hai cua giay to"), "TP01")
	second := handInAs(t, s, officer, dossier, typeset(t, "hai.pdf", "Giay to thu hai"), "TP02")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", first))
	until(t, tab, `document.querySelectorAll("[data-word]").length === 6`)
	// A digital page has no doubtful word: N says so, and leads to the button that approves.
	must(t, tab.Press(input.KeyN))
	_, err := tab.Text("#notices", "Không còn chữ đáng ngờ")
	must(t, err)
	until(t, tab, `document.activeElement.id === "approve"`)
	must(t, tab.Press(input.BracketRight))
	until(t, tab, pageText+` === "Trang hai cua giay to"`)
	must(t, tab.Press(input.BracketLeft))
	until(t, tab, pageText+` === "Cong hoa xa hoi chu nghia"`)
	// Enter corrects the chosen word, and Enter saves.
	focus(t, tab, "#text")
	choose(t, tab, 0)
	must(t, tab.Press(input.ArrowRight))
	until(t, tab, `document.querySelector(".chosen").textContent === "hoa"`)
	must(t, tab.Press(input.Enter))
	until(t, tab, `document.activeElement.id === "word"`)
	must(t, tab.Page().InsertText("hòa"))
	must(t, tab.Press(input.Enter))
	until(t, tab, pageText+`.startsWith("Cong hòa xa")`)
	// D approves and goes on to the next paper that waits.
	focus(t, tab, "#text")
	must(t, tab.Press(input.KeyD))
	until(t, tab, fmt.Sprintf(`location.pathname === "/giay-to/%d"`, second))
	until(t, tab, pageText+` === "Giay to thu hai"`)
	if got := stateOf(t, s, first); got != "approved" {
		t.Errorf("the first paper is %s", got)
	}
	// Single letters can be switched off; a combination still works.
	question, _ := input.Slash.Shift()
	must(t, tab.Press(question))
	until(t, tab, `document.getElementById("help").open`)
	letters, err := tab.Find("#letters")
	must(t, err)
	must(t, letters.Click(proto.InputMouseButtonLeft, 1))
	must(t, tab.Press(input.Escape))
	until(t, tab, `!document.getElementById("help").open`)
	must(t, tab.Press(input.KeyZ))
	if got := eval(t, tab, `document.getElementById("zoom").getAttribute("aria-pressed")`); got != "false" {
		t.Error("a letter that is switched off still zooms")
	}
	must(t, tab.Page().KeyActions().Press(input.ControlLeft).Type(input.Enter).Do())
	_, err = tab.Text("#notices", "Bạn không còn giấy tờ nào chờ duyệt")
	must(t, err)
	if got := stateOf(t, s, second); got != "approved" {
		t.Errorf("the second paper is %s", got)
	}
}

// What was not read at all is typed where it stands: a frame is drawn on the picture, or the key is pressed.
func TestMissingWordsAreAdded(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, typeset(t, "don.pdf", "Cong hoa xa hoi", "Trang hai"), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, pageText+` === "Cong hoa xa hoi" && document.getElementById("review").dataset.picture === "there"`)
	choose(t, tab, 3)
	last, err := tab.Find("#chosen")
	must(t, err)
	shape, err := last.Shape()
	must(t, err)
	box := shape.Box()
	must(t, tab.Click("^Thêm chữ$"))
	mouse := tab.Page().Mouse
	must(t, mouse.MoveTo(proto.Point{X: box.X + box.Width + 20, Y: box.Y}))
	must(t, mouse.Down(proto.InputMouseButtonLeft, 1))
	must(t, mouse.MoveTo(proto.Point{X: box.X + box.Width + 120, Y: box.Y + box.Height}))
	must(t, mouse.Up(proto.InputMouseButtonLeft, 1))
	until(t, tab, `document.activeElement.id === "word"`)
	must(t, tab.Page().InsertText("chủ nghĩa"))
	must(t, tab.Press(input.Enter))
	until(t, tab, pageText+` === "Cong hoa xa hoi chủ nghĩa"`)
	focus(t, tab, "#text")
	must(t, tab.Press(input.KeyI))
	until(t, tab, `document.activeElement.id === "word"`)
	must(t, tab.Page().InsertText("Việt Nam"))
	must(t, tab.Press(input.Enter))
	until(t, tab, pageText+` === "Cong hoa xa hoi chủ nghĩa Việt Nam"`)
	if got := download(t, s, paper, "text"); got != "Cong hoa xa hoi chủ nghĩa Việt Nam\n\fTrang hai\n\f" {
		t.Errorf("the text is %q", got)
	}
}

// Doubtful words are marked, gone through with one key, and none is left when all were confirmed.
func TestDoubtfulWordsAreGoneThrough(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	paper := handRead(t, s, dossier, slip(t, 3), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d", paper))
	until(t, tab, `document.querySelectorAll("[data-word]").length > 5`)
	// However sure the reading was, each word under 101 is doubtful: the page is told so before it is asked for the words.
	_, err := tab.Page().EvalOnNewDocument(`document.addEventListener("readystatechange", () => {
		const r = document.getElementById("review"); if (r) r.dataset.doubt = 100; })`)
	must(t, err)
	must(t, tab.Page().Reload())
	until(t, tab, `document.querySelectorAll(".doubt").length > 0 && /^[1-9]/.test(document.getElementById("doubts").textContent)`)
	left := func() int { return number(t, eval(t, tab, `document.querySelectorAll(".doubt").length`)) }
	before := left()
	focus(t, tab, "#text")
	must(t, tab.Press(input.KeyN))
	until(t, tab, `document.activeElement.id === "word"`)
	most := min(before, 4)
	for n := 1; n <= most; n++ {
		was := eval(t, tab, `document.getElementById("word").value`)
		must(t, tab.Press(input.Enter))
		until(t, tab, fmt.Sprintf(`document.querySelectorAll(".doubt").length === %d`, before-n))
		if n < before {
			until(t, tab, `document.activeElement.id === "word"`)
		}
		if got := eval(t, tab, `document.getElementById("corrections-list").firstChild.textContent`); !strings.Contains(got, "“"+was+"” được xác nhận") {
			t.Errorf("%q was confirmed, and the page says %q", was, got)
		}
	}
}

// What stands on a scan is text, whatever it looks like.
func TestTextOfAScanNeverRuns(t *testing.T) {
	t.Parallel()
	s := browser.ForTest(t)
	dossier, err := s.AddDossier(t.Context(), browser.Dossier{
		Code: "H50.13-260331-0001", Agency: browser.Department, Procedure: browser.Procedure, Subject: `<img src=x onerror="window.ran=1">`,
		Owner: map[string]any{"name": `"><script>window.ran=1</script>`}, State: 4,
	})
	must(t, err)
	evil := []string{`<script>window.ran=1</script>`, `<img src=x onerror=window.ran=1>`, `"><svg onload=window.ran=1>`, `{{.}} ${7*7} javascript:alert(1)`}
	paper := handRead(t, s, dossier, typeset(t, "xau.pdf", strings.Join(evil, "\n")), "TP01")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d?q=script", paper))
	until(t, tab, `document.querySelectorAll("[data-word]").length > 5`)
	// It was read from a picture, where not every sign comes out as it was; but these do.
	text := eval(t, tab, pageText)
	for _, part := range []string{"<script>window.ran=1</script>", "<img", "onerror=window.ran=1>"} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
	choose(t, tab, 0)
	must(t, tab.Press(input.Enter))
	until(t, tab, `document.activeElement.id === "word"`)
	must(t, tab.Page().InsertText(`<b onclick=window.ran=1>x</b>`))
	must(t, tab.Press(input.Enter))
	until(t, tab, pageText+`.includes("<b onclick=window.ran=1>x</b>")`)
	must(t, tab.Go(fmt.Sprintf("/ho-so/%d", dossier)))
	must(t, tab.Settle())
	if got := eval(t, tab, `window.ran + " " + document.querySelectorAll("main img, main b, main svg").length`); got != "undefined 0" {
		t.Errorf("something ran, or became an element: %s", got)
	}
}

// download is a part of a paper as the API gives it.
func download(t *testing.T, s *browser.Site, paper int64, part string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("%s/api/v1/papers/%d/%s", s.URL, paper, part), nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+s.Token)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", part, resp.Status, b.String(), err)
	}
	return b.String()
}

var digits = regexp.MustCompile(`\d+`)

func number(t *testing.T, text string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(digits.FindString(text), &n); err != nil {
		t.Fatalf("%q is no number", text)
	}
	return n
}

func stateOf(t *testing.T, s *browser.Site, paper int64) string {
	t.Helper()
	var p struct {
		State string `json:"state"`
	}
	must(t, s.API(t.Context(), http.MethodGet, fmt.Sprintf("/api/v1/papers/%d", paper), nil, &p))
	return p.State
}

// evalOf is an expression as rod waits for it.
func evalOf(js string) *rod.EvalOptions { return rod.Eval("() => Boolean(" + js + ")") }

// tokenOf is a token by which a program hands in for the officer.
func tokenOf(t *testing.T, s *browser.Site) string {
	t.Helper()
	var made struct {
		Secret string `json:"secret"`
	}
	must(t, s.API(t.Context(), http.MethodPost, "/api/v1/tokens", map[string]string{"name": "may-quet", "login": browser.Officer}, &made))
	return made.Secret
}

func handInAs(t *testing.T, s *browser.Site, token string, dossier int64, file, component string) int64 {
	t.Helper()
	theirs := *s
	theirs.Token = token
	return handRead(t, &theirs, dossier, file, component)
}

// focus puts the keyboard somewhere, as a click beside all words would.
func focus(t *testing.T, tab *browser.Tab, selector string) {
	t.Helper()
	e, err := tab.Find(selector)
	must(t, err)
	must(t, e.Focus())
}

// choose chooses a word without opening its field.
func choose(t *testing.T, tab *browser.Tab, word int) {
	t.Helper()
	e, err := tab.Find(fmt.Sprintf(`[data-word="%d"]`, word))
	must(t, err)
	must(t, e.Click(proto.InputMouseButtonLeft, 1))
	until(t, tab, `document.activeElement.id === "word"`)
	must(t, tab.Press(input.Escape))
	until(t, tab, `document.getElementById("editor").hidden`)
}

// officerAt is a tab in which the officer has asked for a page, and signed in to see it.
func officerAt(t *testing.T, s *browser.Site, path string) *browser.Tab {
	t.Helper()
	tab := browser.Visit(t, s, browser.Desk)
	must(t, tab.Go(path))
	must(t, tab.Fill("Tên đăng nhập", browser.Officer))
	must(t, tab.Fill("Mật khẩu", browser.Password))
	must(t, tab.Click("Đăng nhập"))
	_, err := tab.Find(".who")
	must(t, err)
	return tab
}
