package main

import (
	"fmt"

	"sohoa/scripts/browser"
)

// shots are the pictures: each page once at a desk, the officer's also on a phone.
func shots(f filled) []shot {
	dossier, paper := fmt.Sprintf("/ho-so/%d", f.dossier), fmt.Sprintf("/giay-to/%d", f.paper)
	return []shot{
		{name: "dang-nhap", path: "/dang-nhap", size: browser.Desk, ready: "input[type=password]"},
		{name: "tiep-nhan", who: browser.Officer, path: "/tiep-nhan?ma=" + f.code, size: browser.Desk, ready: "#handed .state.read, #handed .state.review", first: f.handIn},
		{name: "ho-so", who: browser.Officer, path: dossier, size: browser.Desk, ready: "h1"},
		{name: "giay-to", who: browser.Officer, path: paper, size: browser.Desk, ready: "h1"},
		{name: "giay-to-dien-thoai", who: browser.Officer, path: paper, size: browser.Phone, ready: "h1"},
		{name: "tra-cuu", who: browser.Officer, path: "/tra-cuu?q=giay+phep+lai+xe", size: browser.Desk, ready: "mark"},
		{name: "thong-ke", who: browser.Supervisor, path: "/thong-ke", size: browser.Desk, ready: "h1"},
		{name: "van-hanh", who: browser.IT, path: "/van-hanh", size: browser.Desk, ready: "h1"},
	}
}

// handIn hands a scan in as the officer does, by choosing a file.
func (f filled) handIn(t *browser.Tab) error {
	file, err := t.Find("#file")
	if err != nil {
		return err
	}
	return file.SetFiles([]string{f.scan})
}
