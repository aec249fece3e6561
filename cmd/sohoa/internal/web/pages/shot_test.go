package pages_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
	"sohoa/scripts/corpus"
)

func full(t *testing.T) string {
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	must(t, err)
	img, _, err := corpus.Compose(corpus.Decision, 21, corpus.Options{}).Draw(fonts, 200)
	must(t, err)
	scan, err := corpus.Apply(corpus.Sheet{Image: img, DPI: 200, Turn: 90}, corpus.Turned, 21)
	must(t, err)
	p := t.TempDir() + "/quyet-dinh.jpg"
	f, err := os.Create(p)
	must(t, err)
	must(t, corpus.Encode(f, scan))
	must(t, f.Close())
	return p
}

func TestShot(t *testing.T) {
	s := browser.ForTest(t)
	dossier := dossierOf(t, s, "H50.13-260331-0001")
	handRead(t, s, dossier, slip(t, 1), "TP01")
	paper := handRead(t, s, dossier, full(t), "TP02")
	long := handRead(t, s, dossier, typeset(t, "bon.pdf", "Trang mot", "Trang hai", "Trang ba", "Trang bon"), "TP03")
	tab := officerAt(t, s, fmt.Sprintf("/giay-to/%d?tim=quyet", paper))
	_, err := tab.Page().EvalOnNewDocument(`document.addEventListener("readystatechange", () => {
		const r = document.getElementById("review"); if (r) r.dataset.doubt = 93; })`)
	must(t, err)
	must(t, tab.Page().Reload())
	until(t, tab, `document.querySelectorAll("[data-word]").length > 5`)
	must(t, tab.Settle())
	shot := func(name string) {
		b, err := tab.Shot()
		must(t, err)
		must(t, os.WriteFile("/tmp/shot-"+name+".png", b, 0o600))
	}
	shot("paper")
	must(t, tab.Press(input.KeyN))
	must(t, tab.Settle())
	shot("edit")
	must(t, tab.Go(fmt.Sprintf("/giay-to/%d", long)))
	must(t, tab.Settle())
	must(t, tab.Click("Sắp xếp trang"))
	shot("long")
	must(t, tab.Go(fmt.Sprintf("/ho-so/%d", dossier)))
	must(t, tab.Settle())
	shot("dossier")
	must(t, tab.Go("/ho-so"))
	must(t, tab.Settle())
	shot("dossiers")
	for _, p := range []string{"/ho-so", fmt.Sprintf("/ho-so/%d", dossier), fmt.Sprintf("/giay-to/%d", paper), fmt.Sprintf("/giay-to/%d", long)} {
		for _, size := range []browser.Size{browser.Desk, browser.Phone} {
			v := browser.Visit(t, s, size)
			must(t, v.Go(p))
			must(t, v.Fill("Tên đăng nhập", browser.Officer))
			must(t, v.Fill("Mật khẩu", browser.Password))
			must(t, v.Click("Đăng nhập"))
			_, err := v.Find(".who")
			must(t, err)
			must(t, v.Settle())
			all, err := v.Axe()
			must(t, err)
			for _, a := range all {
				t.Errorf("%s %v: %s", p, size, a)
			}
			if got := eval(t, v, "document.documentElement.scrollWidth - window.innerWidth"); got != "0" {
				t.Errorf("%s %v is %s wider", p, size, got)
			}
			if size == browser.Phone {
				b, err := v.Shot()
				must(t, err)
				must(t, os.WriteFile("/tmp/shot-phone"+fmt.Sprint(len(p))+".png", b, 0o600))
			}
		}
	}
}
