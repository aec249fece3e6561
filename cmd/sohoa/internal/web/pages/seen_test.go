package pages_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/scripts/browser"
	"sohoa/scripts/corpus"
)

// read is a settled site with one dossier of the officer's agency, and one paper of it that was read.
type read struct {
	*browser.Site
	dossier, paper int64
}

// readSite makes one.
func readSite(t *testing.T, env ...string) read {
	t.Helper()
	r := read{Site: browser.ForTest(t, env...)}
	r.dossier = dossierOf(t, r.Site, "H50.13-260331-0001")
	var err error
	if r.paper, err = r.HandIn(t.Context(), r.dossier, slip(t, 1), "component", "TP01"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.WaitRead(t.Context(), r.paper); err != nil {
		t.Fatal(err)
	}
	return r
}

// dossierOf adds a dossier of the officer's agency.
func dossierOf(t *testing.T, s *browser.Site, code string) int64 {
	t.Helper()
	id, err := s.AddDossier(t.Context(), browser.Dossier{
		Code: code, Agency: browser.Department, Procedure: browser.Procedure, Subject: "Đổi giấy phép lái xe",
		Owner: map[string]any{"name": "Trần Thị Bích", "number": "045012345678", "kind": 1}, State: 4, Received: "2026-03-31", Due: "2026-04-05",
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// slip is the file of a made paper that is read in a moment; another for each seed.
func slip(t *testing.T, seed uint64) string {
	t.Helper()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := corpus.Slip(fonts, seed)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("don-%d.jpg", seed))
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scan := corpus.Scan{Image: sheet.Image, Format: corpus.FormatJPEG, Quality: 80, ClaimDPI: sheet.DPI, DPI: sheet.DPI}
	if err := corpus.Encode(file, scan); err != nil {
		t.Fatal(err)
	}
	return path
}

// look is the pages that somebody looks at.
type look struct {
	who   string // "" is nobody
	paths []string
}

func looks(r read) []look {
	dossier, paper := fmt.Sprintf("/ho-so/%d", r.dossier), fmt.Sprintf("/giay-to/%d", r.paper)
	const all = "?ky=tat-ca&chi-tieu=components"
	return []look{
		{"", []string{"/dang-nhap", "/cong-khai/so-lieu"}},
		{browser.Officer, []string{
			"/tiep-nhan", "/ho-so", dossier, dossier + "/bia", paper, "/tra-cuu", "/tra-cuu?q=cong+hoa", "/thong-ke", "/thong-ke" + all,
			"/thong-ke/ho-so" + all, "/tai-khoan", "/khong-co-trang-nay",
		}},
		{browser.Supervisor, []string{"/thong-ke" + all}},
		{browser.IT, []string{
			"/van-hanh", "/van-hanh/kho", "/van-hanh/giay-to-loi", "/van-hanh/tai-khoan", "/van-hanh/tai-khoan/" + browser.Officer, "/van-hanh/co-quan", "/van-hanh/co-quan/nhap",
			"/van-hanh/thu-tuc", "/van-hanh/thu-tuc/sua?ma=" + browser.Procedure, "/van-hanh/thu-tuc/nhap", "/van-hanh/ma-truy-cap", "/van-hanh/nhat-ky",
			"/van-hanh/ty-le", "/van-hanh/nhan-dang",
		}},
	}
}

// Each page at a desk and on a phone: WCAG 2.2 AA without a violation, nothing that the browser complains of, nothing wider than
// the window.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	r := readSite(t, "SOHOA_PUBLIC_RATES=open")
	for name, size := range map[string]browser.Size{"desk": browser.Desk, "phone": browser.Phone} {
		for _, l := range looks(r) {
			tab := signedIn(t, r.Site, l.who, size)
			for _, path := range l.paths {
				t.Run(name+path, func(t *testing.T) { looksRight(t, tab, path) })
				if strings.HasPrefix(path, "/thong-ke?") && eval(t, tab, `document.querySelectorAll("#so-lieu tbody tr").length > 0`) != "true" {
					t.Errorf("%s has no figures in it", path)
				}
			}
		}
	}
}

// looksRight opens a path and looks at what it shows.
func looksRight(t *testing.T, tab *browser.Tab, path string) {
	t.Helper()
	if err := errors.Join(tab.Go(path), tab.Settle()); err != nil {
		t.Fatal(err)
	}
	accessible(t, tab)
	const wider = "() => document.documentElement.scrollWidth - window.innerWidth"
	if got, err := tab.Page().Eval(wider); err != nil || got.Value.Int() > 0 {
		t.Errorf("it is %d pixels wider than the window (%v)", got.Value.Int(), err)
	}
	complaints := tab.Complaints()
	if path == "/khong-co-trang-nay" {
		if len(complaints) != 1 { // that there is no such page
			t.Errorf("the browser complains of %q", complaints)
		}
		return
	}
	for _, c := range complaints {
		t.Errorf("the browser complains: %s", c)
	}
}

// tofu counts the letters of Vietnamese that are drawn as the sign for a missing letter, or all alike.
const tofu = `() => {
	const letters = [..."àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"].flatMap((l) => [l, l.toUpperCase()]);
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 64;
	const pen = canvas.getContext("2d", { willReadFrequently: true });
	pen.font = "40px " + getComputedStyle(document.body).fontFamily;
	const drawn = (l) => {
		pen.clearRect(0, 0, 64, 64);
		pen.fillText(l, 8, 48);
		return pen.getImageData(0, 0, 64, 64).data.join();
	};
	const missing = drawn("\u{10FFFD}");
	const seen = new Map();
	for (const l of letters) {
		const d = drawn(l);
		if (d === missing || seen.has(d)) return l + " is drawn as " + (seen.get(d) ?? "a missing letter");
		seen.set(d, l);
	}
	return "";
}`

func TestEveryAccentIsDrawn(t *testing.T) {
	t.Parallel()
	tab := browser.Visit(t, browser.ForTest(t), browser.Desk)
	if err := tab.Go("/dang-nhap"); err != nil {
		t.Fatal(err)
	}
	got, err := tab.Page().Eval(tofu)
	if err != nil {
		t.Fatal(err)
	}
	if got.Value.Str() != "" {
		t.Error(got.Value.Str())
	}
}

// signedIn is a tab in which somebody is signed in; "" is nobody.
func signedIn(t *testing.T, s *browser.Site, login string, size browser.Size) *browser.Tab {
	t.Helper()
	tab := browser.Visit(t, s, size)
	if login == "" {
		return tab
	}
	if err := tab.SignIn(login); err != nil {
		t.Fatal(err)
	}
	return tab
}
