package pages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
)

// Search as people do it: without accents, the words lit in the text and on the picture; by keys to a hit and into it; the address
// found again by somebody else.
func TestLookUp(t *testing.T) {
	t.Parallel()
	r := readSite(t)
	tab := signedIn(t, r.Site, browser.Officer, browser.Desk)
	check(t, tab.Go("/tra-cuu"))
	said := sentence(t, r)
	typeKeys(t, tab, strings.Join(said, " "))
	see(t, tab, ".hit mark", ".")
	check(t, tab.Settle())
	lit, err := tab.Page().Eval(`() => [document.querySelectorAll(".hit mark").length, document.querySelectorAll(".hit rect").length, document.querySelector(".hit img").naturalWidth].join()`)
	check(t, err)
	if n := strings.Split(lit.Value.Str(), ","); n[0] == "0" || n[1] == "0" || n[2] != "200" {
		t.Errorf("marks, boxes, width of the picture: %v", n)
	}
	accessible(t, tab)
	shot(t, tab, "lookup")
	where, err := tab.Path()
	check(t, err)
	if u, err := url.Parse(where); err != nil || u.Query().Get("q") != strings.Join(said, " ") {
		t.Errorf("the search is at %s (%v)", where, err)
	}

	// Another officer of the agency opens the link; one of another agency finds nothing.
	other := signedIn(t, r.Site, browser.Supervisor, browser.Phone)
	check(t, other.Go(where))
	see(t, other, ".hit mark", ".")
	accessible(t, other)
	shot(t, other, "lookup-phone")
	stranger := signedIn(t, r.Site, browser.Stranger, browser.Desk)
	check(t, stranger.Go(where))
	see(t, stranger, "#found", "Không thấy trang nào")

	// A box that is left tells of its change, and what is found is laid out anew: the hit that has the focus keeps it.
	check(t, tab.Press('/'), tab.Press(input.ArrowDown))
	hit := eval(t, tab, `document.activeElement.id`)
	if !strings.HasPrefix(hit, "hit-1-") {
		t.Fatalf("the arrow goes to %q", hit)
	}
	_, err = tab.Page().Eval(`() => new Promise((done) => {
		document.addEventListener("htmx:after:swap", done, { once: true });
		document.getElementById("q").dispatchEvent(new Event("change", { bubbles: true }));
	})`)
	check(t, err)
	see(t, tab, "#"+hit+":focus", ".")
	check(t, tab.Press(input.Enter))
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		where, err := tab.Path()
		check(t, err)
		if strings.HasPrefix(where, "/giay-to/1?") && strings.Contains(where, "trang=1") && strings.Contains(where, "q="+said[0]) {
			break
		}
		if time.Since(start) > browser.Patience {
			t.Fatalf("the hit is at %s, and the focus on %s", where, eval(t, tab, `document.activeElement.outerHTML`))
		}
	}
	see(t, tab, "#text .lit", ".")
	shot(t, tab, "hit")
}

// sentence are three words that follow each other on the paper, without accents.
func sentence(t *testing.T, r read) []string {
	t.Helper()
	var found struct {
		Hits []struct{ Snippet string }
	}
	check(t, r.API(t.Context(), "GET", "/api/v1/search?kind=component", nil, &found))
	for _, h := range found.Hits {
		for line := range strings.Lines(h.Snippet) {
			if words := strings.Fields(plain(line)); len(words) >= 3 {
				return words[:3]
			}
		}
	}
	t.Fatalf("no words: %+v", found)
	return nil
}

// plain is a text of letters without accents and spaces alone.
func plain(text string) string {
	const with, without = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ", "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd"
	return strings.Map(func(c rune) rune {
		if at := strings.IndexRune(with, c); at >= 0 {
			return rune(without[len([]rune(with[:at]))])
		}
		if c >= 'a' && c <= 'z' || c == ' ' {
			return c
		}
		return -1
	}, strings.ToLower(text))
}
