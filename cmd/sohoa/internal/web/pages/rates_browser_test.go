package pages_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"sohoa/scripts/browser"
)

// ratesSite has dossiers of three months of 2026, some with a paper.
func ratesSite(t *testing.T) *browser.Site {
	t.Helper()
	s := browser.ForTest(t, "SOHOA_PUBLIC_RATES=open")
	for n := range 9 {
		day := fmt.Sprintf("2026-0%d-1%d", 1+n/3, n%3)
		id, err := s.AddDossier(t.Context(), browser.Dossier{
			Code: fmt.Sprintf("H50.13-26%s%s-000%d", day[5:7], day[8:], n), Agency: []string{browser.Department, "H50.14"}[n%2], Procedure: browser.Procedure,
			State: []int{4, 10}[n%2], Received: day, Resolved: []string{"", day}[n%2],
		})
		if err != nil {
			t.Fatal(err)
		}
		if n%3 > 0 {
			continue
		}
		if _, err := s.HandIn(t.Context(), id, slip(t, uint64(n+1)), "component", "TP01"); err != nil { //nolint:gosec // a seed
			t.Fatal(err)
		}
	}
	return s
}

const cutOf2026 = "?ky=tuy-chon&tu=2026-01-01&den=2026-03-31&chi-tieu=components"

// drawn counts the dots of the chart that are of the portal's colour.
const drawnDots = `() => {
	const canvas = document.querySelector(".rates-drawing canvas");
	const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
	let n = 0;
	for (let i = 0; i < dots.length; i += 4) if (dots[i] < 40 && dots[i + 1] > 60 && dots[i + 1] < 100 && dots[i + 2] > 90 && dots[i + 3] > 200) n++;
	return n;
}`

// The rates in a real browser, at a desk and on a phone: the chart is drawn from the table and can be read with the keyboard alone,
// and nothing is against WCAG 2.2 AA.
func TestRatesInABrowser(t *testing.T) {
	t.Parallel()
	s := ratesSite(t)
	for name, size := range map[string]browser.Size{"desk": browser.Desk, "phone": browser.Phone} {
		t.Run(name, func(t *testing.T) {
			tab := signedIn(t, s, browser.Supervisor, size)
			for _, path := range []string{
				"/thong-ke" + cutOf2026, "/thong-ke" + cutOf2026 + "&theo=agency", "/thong-ke" + cutOf2026 + "&so-voi=nam-truoc-do", "/thong-ke?ky=thang-nay", "/thong-ke/ho-so" + cutOf2026 + "&phia=missing", "/cong-khai/so-lieu",
			} {
				mustDo(t, tab.Go(path), tab.Settle())
				violations, err := tab.Axe()
				mustDo(t, err)
				for _, v := range violations {
					t.Errorf("%s: %s", path, v)
				}
				if got, err := tab.Page().Eval("() => document.documentElement.scrollWidth - window.innerWidth"); err != nil || got.Value.Int() > 0 {
					t.Errorf("%s is %d pixels wider than the window (%v)", path, got.Value.Int(), err)
				}
			}
			mustDo(t, tab.Go("/thong-ke"+cutOf2026), tab.Settle())
			if got, err := tab.Page().Eval(drawnDots); err != nil || got.Value.Int() < 50 {
				t.Errorf("the chart has %d dots of its line (%v)", got.Value.Int(), err)
			}
			slider, err := tab.Field("Xem từng điểm")
			mustDo(t, err)
			mustDo(t, slider.Focus(), tab.Press(input.Home))
			_, err = tab.Text(".rates-point", `^01/2026: theo Cổng 33,33.% \(1 trên 3 hồ sơ\)`)
			mustDo(t, err)
			mustDo(t, tab.Press(input.ArrowRight, input.ArrowRight))
			_, err = tab.Text(".rates-point", "^03/2026")
			mustDo(t, err)
		})
	}
}

// From a number to the dossiers behind it and to one of them, and a period that is chosen by hand.
func TestFromANumberToItsDossiers(t *testing.T) {
	t.Parallel()
	tab := signedIn(t, ratesSite(t), browser.Supervisor, browser.Desk)
	mustDo(t, tab.Go("/thong-ke"+cutOf2026), tab.Click("còn thiếu 6"))
	_, err := tab.Text("[data-testid=count]", "^6$")
	mustDo(t, err)
	rows, err := tab.Page().Elements("tbody tr")
	if err != nil || len(rows) != 6 {
		t.Errorf("%d dossiers, %v", len(rows), err)
	}
	mustDo(t, tab.Click("← Thống kê"))
	mustDo(t, tab.Fill("^Từ ngày$", "01/02/2026"), tab.Click("^Xem$"))
	_, err = tab.Text(".rates-cut", "từ 01/02/2026 đến 31/03/2026")
	mustDo(t, err)
	_, err = tab.Text(".rates-card", `2 trên 6 hồ sơ`)
	mustDo(t, err)
	if path, err := tab.Path(); err != nil || !strings.Contains(path, "ky=tuy-chon") {
		t.Errorf("at %s, %v", path, err)
	}
}

// A period is set beside another one that is typed: the choice follows what is typed, and the link shows the same to others. The cell
// of what has files leads to those dossiers.
func TestPeriodsAreComparedInABrowser(t *testing.T) {
	t.Parallel()
	s := ratesSite(t)
	tab := signedIn(t, s, browser.Supervisor, browser.Desk)
	mustDo(t, tab.Go("/thong-ke?ky=tuy-chon&tu=2026-03-01&den=2026-03-31&chi-tieu=components&theo=agency"))
	mustDo(t, tab.Fill("^So sánh từ ngày$", "01/01/2026"), tab.Fill("^So sánh đến ngày$", "28/02/2026"))
	if got := eval(t, tab, `document.getElementById("so-voi").value`); got != "tuy-chon" {
		t.Errorf("it is compared with %q", got)
	}
	mustDo(t, tab.Click("^Xem$"))
	_, err := tab.Text(".rates-cut", "so với kỳ từ 01/01/2026 đến 28/02/2026")
	mustDo(t, err)
	_, err = tab.Text(".rates-card", `Kỳ so sánh: 33,33.%; không đổi`)
	mustDo(t, err)
	where, err := tab.Path()
	mustDo(t, err)
	other := signedIn(t, s, browser.Supervisor, browser.Phone)
	mustDo(t, other.Go(where))
	_, err = other.Text("#so-lieu tfoot td", "^33,33.%$")
	mustDo(t, err)
	accessible(t, other)
	mustDo(t, other.Settle())

	filed, err := tab.Find("#so-lieu tfoot td:nth-of-type(2) a")
	mustDo(t, err)
	mustDo(t, filed.Click("left", 1))
	_, err = tab.Text("[data-testid=count]", "^1$")
	mustDo(t, err)
	mustDo(t, tab.Click("← Thống kê"))
	_, err = tab.Text(".rates-cut", "so với kỳ từ 01/01/2026")
	mustDo(t, err)
}

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
