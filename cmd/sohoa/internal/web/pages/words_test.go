package pages

import (
	"testing"
	"time"

	"sohoa/storage/catalogue"
)

func TestTimesInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "1 giây", time.Millisecond: "1 giây", 29_500 * time.Millisecond: "30 giây", time.Minute: "1 phút", 61 * time.Second: "2 phút", 15 * time.Minute: "15 phút",
	} {
		if got := wait(d); got != want {
			t.Errorf("to wait %v is %q", d, got)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "không", 999 * time.Millisecond: "không", 59 * time.Second: "59 giây", 90 * time.Second: "1 phút", 5 * time.Hour: "5 giờ", 49 * time.Hour: "2 ngày",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %q", d, got)
		}
	}
	at := time.Date(2026, 3, 31, 17, 0, 5, 0, time.UTC)
	if got := momentSecond(at); got != "01/04/2026 00:00:05" {
		t.Errorf("%v is %q", at, got)
	}
}

func TestBrowsersAreCalledAsPeopleCallThem(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":               "Chrome, Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge, Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                        "Firefox, Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1":     "Safari, iPhone",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                  "Chrome, Android",
		"curl/8.0": "Trình duyệt khác", "": "Trình duyệt khác",
	} {
		if got := browserName(agent); got != want {
			t.Errorf("%s is %q, want %q", agent, got, want)
		}
	}
}

func TestAgenciesStandBelowTheOneAboveThem(t *testing.T) {
	t.Parallel()
	// As the catalogue gives them to who reaches H50.13 and below: their own parent is not among them.
	all := inTree([]catalogue.Agency{
		{Code: "H50.13", Parent: "H50"}, {Code: "H50.13.2", Parent: "H50.13"}, {Code: "H50.13.1", Parent: "H50.13"}, {Code: "H50.13.2.1", Parent: "H50.13.2"},
	})
	var said string
	for _, a := range all {
		said += a.Code + " "
	}
	if said != "H50.13 H50.13.1 H50.13.2 H50.13.2.1 " {
		t.Errorf("%s", said)
	}
}

func TestSubjectsLeadToTheirPages(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"paper:12": "/giay-to/12", "dossier:7": "/ho-so/7", "user:3": "", "paper:x": "", "paper:1/../..": "", "token": "", "": "",
	} {
		if got := subjectPath(subject); got != want {
			t.Errorf("%s leads to %q", subject, got)
		}
	}
}
