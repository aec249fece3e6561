package pages_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/scripts/corpus"

	"github.com/go-rod/rod/lib/proto"

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
	for range 2 {
		see(t, tab, ".handed.next .state", "Đã đọc")
		// The field of the code takes letters: away from it, d approves.
		check(t, tab.Press('d'))
		see(t, tab, "#notices", "Đã duyệt")
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

// cable is a line to the site that can be cut, and counts what goes up it.
type cable struct {
	listener net.Listener
	to       string
	up       atomic.Int64

	mu    sync.Mutex
	cut   bool
	after int64 // bytes up after which it breaks by itself; 0: never
	open  map[net.Conn]struct{}
}

func newCable(t *testing.T, site *browser.Site) (*cable, *browser.Site) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	c := &cable{listener: l, to: strings.TrimPrefix(site.URL, "http://"), open: make(map[net.Conn]struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(from)
		}
	}()
	through := *site
	through.URL = "http://" + l.Addr().String()
	return c, &through
}

func (c *cable) carry(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer to.Close()
	c.mu.Lock()
	if c.cut {
		c.mu.Unlock()
		return
	}
	c.open[from], c.open[to] = struct{}{}, struct{}{}
	c.mu.Unlock()
	go func() {
		_, _ = io.Copy(from, to)
		from.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
		sum := c.up.Add(int64(n))
		c.mu.Lock()
		breaks := c.after > 0 && sum > c.after
		if breaks {
			c.after = 0
		}
		c.mu.Unlock()
		if breaks {
			c.set(true)
			return
		}
	}
}

// set cuts the line, or mends it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		for conn := range c.open {
			conn.Close()
		}
		clear(c.open)
	}
}

func (c *cable) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// The line is cut in the middle of an upload: it goes on by itself from where it was, and is not begun anew.
func TestAnUploadGoesOnAfterTheNetworkWasCut(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	dossierOf(t, site, "H50.13-260331-0001")
	line, through := newCable(t, site)
	tab := signedIn(t, through, browser.Officer, browser.Phone)
	check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	tab.Complaints()

	// A scan with much behind its end: large, and quickly read.
	const size = 24 << 20
	file := slip(t, 21)
	content, err := os.ReadFile(file)
	check(t, err)
	check(t, os.WriteFile(file, append(content, make([]byte, size-len(content))...), 0o600))
	chosen, err := tab.Page().Element("#file")
	check(t, err)
	before := line.up.Load()
	line.mu.Lock()
	line.after = before + size/2
	line.mu.Unlock()
	check(t, chosen.SetFiles([]string{file}))
	for start := time.Now(); !line.isCut(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > browser.Patience {
			t.Fatal("the line was never cut")
		}
	}
	time.Sleep(2 * time.Second) // while it is away nothing helps
	shot(t, tab, "cut")
	line.set(false)
	see(t, tab, ".handed .state", "Đã đọc|Cần kiểm tra")
	accessible(t, tab)
	shot(t, tab, "cut-read")
	if sent := line.up.Load() - before; sent > size*5/4 {
		t.Errorf("%d bytes were sent of a file of %d: it was begun anew", sent, size)
	}
	var found struct {
		Papers []struct{ Size int64 }
	}
	check(t, site.API(t.Context(), "GET", "/api/v1/dossiers/1", nil, &found))
	if len(found.Papers) != 1 || found.Papers[0].Size != size {
		t.Errorf("%+v", found)
	}
	for _, c := range tab.Complaints() { // of the line, which was away
		if !strings.Contains(c, "net::ERR_") {
			t.Error(c)
		}
	}
}

// printed are the pages that the browser prints, as a scanner sees them.
func printed(t *testing.T, tab *browser.Tab, path string) (pages []*image.NRGBA) {
	t.Helper()
	check(t, tab.Go(path), tab.Settle())
	stream, err := tab.Page().PDF(&proto.PagePrintToPDF{PaperWidth: ptr(8.27), PaperHeight: ptr(11.69)})
	check(t, err)
	pdf, err := io.ReadAll(stream)
	check(t, err)
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "print.pdf"), pdf, 0o600))
	out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "300", "-png", filepath.Join(dir, "print.pdf"), filepath.Join(dir, "page")).CombinedOutput()
	if err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	check(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		img, err := png.Decode(bytes.NewReader(text))
		check(t, err)
		n := image.NewNRGBA(img.Bounds())
		draw.Draw(n, n.Rect, img, image.Point{}, draw.Src)
		pages = append(pages, n)
	}
	return pages
}

func ptr[T any](v T) *T { return &v }

// A feeder's batch: cover sheets are printed from the page, laid before papers of two dossiers and scanned as a fax machine does;
// handed in as one file it becomes the papers of both.
func TestABatchFromAFeeder(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	for n := 1; n <= 2; n++ {
		dossierOf(t, site, fmt.Sprintf("H50.13-260331-%04d", n))
	}
	tab := signedIn(t, site, browser.Officer, browser.Desk)
	first := printed(t, tab, "/ho-so/1/bia?to=component:TP01")
	second := printed(t, tab, "/ho-so/2/bia?to=component:TP02")
	if len(first) != 1 || len(second) != 1 {
		t.Fatalf("%d and %d pages are printed, want a sheet each", len(first), len(second))
	}
	var scans []corpus.Scan
	add := func(sheet corpus.Sheet) {
		scan, err := corpus.Apply(sheet, corpus.Fax, uint64(len(scans)))
		check(t, err)
		scans = append(scans, scan)
	}
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	check(t, err)
	paper := func(seed uint64) {
		sheet, err := corpus.Slip(fonts, seed)
		check(t, err)
		add(sheet)
	}
	paper(30) // before the first sheet
	add(corpus.Sheet{Image: first[0], DPI: 300})
	paper(31)
	paper(32)
	add(corpus.Sheet{Image: second[0], DPI: 300})
	paper(33)
	var tiff bytes.Buffer
	check(t, corpus.EncodeTIFF(&tiff, scans))
	file := filepath.Join(t.TempDir(), "lô sáng.tif")
	check(t, os.WriteFile(file, tiff.Bytes(), 0o600))

	check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	check(t, tab.Press('l'))
	chosen, err := tab.Page().Element("#file")
	check(t, err)
	check(t, chosen.SetFiles([]string{file}))
	see(t, tab, ".handed .state", "Đã tách lô")
	see(t, tab, ".parts", "H50.13-260331-0002")
	check(t, tab.Settle())
	accessible(t, tab)
	shot(t, tab, "batch")
	var batch struct {
		Parts []struct {
			Cover, First, Last int
			DossierCode        string `json:"dossier_code"`
			Component          string
			Reasons            []string
		}
	}
	check(t, site.API(t.Context(), "GET", "/api/v1/papers/1/batch", nil, &batch))
	want := "[{0 1 1 H50.13-260331-0001  [no_cover]} {2 3 4 H50.13-260331-0001 TP01 []} {5 6 6 H50.13-260331-0002 TP02 []}]"
	if got := fmt.Sprint(batch.Parts); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	see(t, tab, ".handed", "Giấy khám sức khỏe của người lái xe")
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
