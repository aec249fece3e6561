package pages

import (
	"testing"
	"time"
)

func TestFiguresLookVietnamese(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Number(0), "0"},
		{Number(999), "999"},
		{Number(1000), "1.000"},
		{Number(-1234567), "-1.234.567"},
		{Number(int64(1000000)), "1.000.000"},
		{Decimal(83.15, 2), "83,15"},
		{Decimal(1234.5, 2), "1.234,50"},
		{Decimal(-0.5, 1), "-0,5"},
		{Decimal(100, 0), "100"},
		{Size(0), "0 byte"},
		{Size(999), "999 byte"},
		{Size(1_400_000), "1,4 MB"},
		{Size(2_000_000_000), "2,0 GB"},
		{Day("2026-03-31"), "31/03/2026"},
		{Day(""), ""},
		{typedDay(" 31/3/2026"), "2026-03-31"},
		{typedDay("05.04.2026"), "2026-04-05"},
		{typedDay("05042026"), "2026-04-05"},
		{typedDay("2026-04-05"), "2026-04-05"},
		{typedDay("31/02/2026"), "31/02/2026"},
		{typedDay("hôm nay"), "hôm nay"},
		{typedDay(""), ""},
		{Day("không rõ"), "không rõ"},
		// 18:30 in London is the next day in Vietnam.
		{Moment(time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)), "01/04/2026 01:30"},
		{Today(time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)), "2026-04-01"},
		{Moment(time.Time{}), ""},
		{Clock(time.Date(2026, 3, 31, 1, 5, 0, 0, time.UTC)), "08:05"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
