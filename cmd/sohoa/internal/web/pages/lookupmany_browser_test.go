package pages_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
	"sohoa/storage/catalogue"
)

// manyHits is as many hits as a page must hold without slowing the browser.
const manyHits = 2000

// spread puts a paper that was read into many dossiers more: the catalogue's own calls, without the desk's.
func spread(t *testing.T, r read, times int) {
	t.Helper()
	ctx := t.Context()
	c, err := catalogue.Open(catalogue.Config{URL: "sqlite:" + filepath.Join(r.Data, "catalogue.db")})
	check(t, err)
	defer func() { check(t, c.Close()) }()
	first, err := c.Paper(ctx, catalogue.Everywhere, catalogue.PaperID(r.paper))
	check(t, err)
	var ids []catalogue.DossierID
	list := func(yield func(catalogue.Listed) bool) {
		for n := range times {
			d := catalogue.Dossier{Code: fmt.Sprintf("H50.13-260401-%04d", n), Agency: browser.Department}
			if !yield(catalogue.Listed{Dossier: d, Row: n + 1}) {
				return
			}
		}
	}
	_, err = c.PutDossiers(ctx, catalogue.Everywhere, "test", list, func(_ *catalogue.Listed, put *catalogue.Put) { ids = append(ids, put.ID) })
	check(t, err)
	scan := catalogue.Scan{SHA256: first.SHA256, Size: first.Size, MediaType: first.MediaType}
	for _, id := range ids {
		got, err := c.HandIn(ctx, catalogue.Everywhere, catalogue.HandIn{Dossier: id, Scan: scan, Component: "TP01", Revision: first.Revision})
		check(t, err)
		if got.Due || !got.Held {
			t.Fatalf("the scan would be read again: %+v", got)
		}
	}
}

// 2,000 hits on one page: all of them are reached by going on, each once; and what the browser has to lay out, to load and to look at
// for a key stays what is seen. Times are bounded loosely, for machines that are busy; the counts are what cannot flake.
func TestManyHitsDoNotSlowTheBrowser(t *testing.T) {
	t.Parallel()
	r := readSite(t)
	said := sentence(t, r)
	spread(t, r, manyHits)
	tab := signedIn(t, r.Site, browser.Officer, browser.Desk)
	check(t, tab.Go("/tra-cuu?q="+strings.Join(said, "+")))
	until(t, tab, `document.querySelectorAll(".hit").length >= 40`)
	check(t, tab.Settle())
	if n := number(t, eval(t, tab, `[...document.querySelectorAll(".hit img")].filter((i) => i.complete && i.naturalWidth > 0).length`)); n == 0 || n > 30 {
		t.Errorf("%d pictures of the first 40 hits were loaded; a few are seen", n)
	}
	const all = `document.querySelectorAll(".hit").length`
	for before := 0; before < manyHits; {
		before = number(t, eval(t, tab, all))
		if eval(t, tab, `document.querySelector(".hits-more") === null`) == "true" {
			break
		}
		eval(t, tab, `window.scrollTo(0, document.body.scrollHeight)`)
		until(t, tab, fmt.Sprintf(`%s > %d || document.querySelector(".hits-more") === null`, all, before))
	}
	count := number(t, eval(t, tab, all))
	if once := number(t, eval(t, tab, `new Set([...document.querySelectorAll(".hit-open")].map((h) => h.id)).size`)); once != count || count < manyHits {
		t.Fatalf("%d hits, of which %d are different", count, once)
	}
	if n := number(t, eval(t, tab, `document.querySelectorAll("*").length`)); n > count*50 {
		t.Errorf("%d elements for %d hits", n, count)
	}
	movesAreFast(t, tab)
}

// movesAreFast looks at what scrolling and moving by keys cost on a page of many hits.
func movesAreFast(t *testing.T, tab *browser.Tab) {
	t.Helper()
	const drawn = `[...document.querySelectorAll(".hit")].filter((h) => h.firstElementChild.checkVisibility({ contentVisibilityAuto: true })).length`
	for _, to := range []string{"0", "document.body.scrollHeight / 2", "document.body.scrollHeight"} {
		took := number(t, eval(t, tab, `(() => { const start = performance.now(); window.scrollTo(0, `+to+`); document.body.offsetHeight; return Math.ceil(performance.now() - start); })()`))
		if took > 2000 {
			t.Errorf("a scroll to %s takes %d ms", to, took)
		}
		until(t, tab, drawn+" < 100") // of 2,000
	}
	eval(t, tab, `window.scrollTo(0, 0)`)
	check(t, tab.Press('/'), tab.Press(input.ArrowDown))
	until(t, tab, `document.activeElement === document.querySelector(".hit-open")`)
	var times []int
	for _, f := range strings.Split(eval(t, tab, `Array.from({ length: 100 }, () => {
		const start = performance.now();
		document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true, cancelable: true }));
		document.activeElement.getBoundingClientRect();
		return Math.ceil(performance.now() - start);
	}).join(",")`), ",") {
		times = append(times, number(t, f))
	}
	slices.Sort(times)
	t.Logf("a key: %d ms in the middle, %d at most", times[50], times[99])
	if times[50] > 200 {
		t.Errorf("a key takes %d ms", times[50])
	}
	until(t, tab, `document.activeElement === document.querySelectorAll(".hit-open")[100]`)
	if n := number(t, eval(t, tab, drawn)); n > 100 {
		t.Errorf("%d hits are laid out", n)
	}
	check(t, tab.Press(input.ArrowUp))
	until(t, tab, `document.activeElement === document.querySelectorAll(".hit-open")[99]`)
}
