package corpus

import (
	"fmt"
	"strconv"
	"strings"
)

// make gives the values that no list can hold: numbers, dates, codes. It reports whether it knows the name.
func (w *writer) make(name string) (string, bool) {
	if args, ok := strings.CutPrefix(name, "int:"); ok {
		return w.integer(args), true
	}
	switch name {
	case "year":
		return strconv.Itoa(w.year), true
	case "date-long":
		return w.longDate(w.year - w.between(0, 3)), true
	case "date-long-later":
		return w.longDate(w.year + w.between(0, 4)), true
	case "date-short":
		return w.shortDate(w.year - w.between(0, 1)), true
	case "date-short-later":
		return w.shortDate(w.year + w.between(0, 1)), true
	case "birth":
		return fmt.Sprintf("%02d/%02d/%d", w.between(1, 28), w.between(1, 12), w.between(1958, 2004)), true
	default:
		return w.code(name)
	}
}

// code gives numbers that name a thing: dossiers, plates, telephones, amounts.
func (w *writer) code(name string) (string, bool) {
	switch name {
	case "dossier":
		return fmt.Sprintf("H50.%d-%02d%02d%02d-%04d", w.between(1, 26), w.year%100, w.between(1, 12), w.between(1, 28), w.between(1, 420)), true
	case "procedure":
		return fmt.Sprintf("%d.%06d", w.between(1, 3), w.between(126, 13999)), true
	case "plate":
		return fmt.Sprintf("74%s-%03d.%02d", []string{"A", "B", "C", "D", "H", "F"}[w.rng.IntN(6)], w.between(0, 999), w.between(0, 99)), true
	case "phone":
		return w.phone(), true
	case "id12":
		return fmt.Sprintf("045%d%02d%06d", w.between(0, 3), w.between(0, 99), w.between(0, 999999)), true
	case "licence":
		return fmt.Sprintf("45%010d", w.rng.Int64N(1e10)), true
	case "class":
		return []string{"A1", "A2", "B1", "B2", "C", "D", "E", "FC", "FD"}[w.rng.IntN(9)], true
	case "tax":
		return fmt.Sprintf("3200%06d", w.between(100000, 999999)), true
	case "account":
		return fmt.Sprintf("3511.0.%07d.00000", w.between(1000000, 1199999)), true
	case "vin":
		return fmt.Sprintf("RL4%s%02dB%d%06d", []string{"MB", "XA", "UF", "KT"}[w.rng.IntN(4)], w.between(10, 99), w.between(1, 9), w.between(0, 999999)), true
	case "email":
		return []string{"sogtvt", "soxaydung", "vanphong", "onecua"}[w.rng.IntN(4)] + "@quangtri.gov.vn", true
	case "money":
		return grouped(w.between(12, 9800) * []int{10_000, 100_000, 250_000, 1_000_000}[w.rng.IntN(4)]), true
	case "fee":
		return grouped(w.between(3, 60) * 5_000), true
	}
	return "", false
}

// integer is a number between two bounds written lo:hi.
func (w *writer) integer(args string) string {
	lo, hi, _ := strings.Cut(args, ":")
	from, errFrom := strconv.Atoi(lo)
	to, errTo := strconv.Atoi(hi)
	if errFrom != nil || errTo != nil || to < from {
		panic("corpus: bad bounds " + args)
	}
	return strconv.Itoa(w.between(from, to))
}

// longDate writes a date as official papers do: days under 10 and the months January and February with a leading 0.
func (w *writer) longDate(year int) string {
	month := w.between(1, 12)
	form := "%02d tháng %d năm %d"
	if month < 3 {
		form = "%02d tháng %02d năm %d"
	}
	return fmt.Sprintf(form, w.between(1, 28), month, year)
}

// shortDate is a date in figures.
func (w *writer) shortDate(year int) string {
	form := "%02d/%02d/%d"
	if w.chance(40) {
		form = "%d/%d/%d"
	}
	return fmt.Sprintf(form, w.between(1, 28), w.between(1, 12), year)
}

// phone is a land line of the province or a mobile telephone.
func (w *writer) phone() string {
	switch w.rng.IntN(3) {
	case 0:
		return fmt.Sprintf("0233.3%03d.%03d", w.between(500, 899), w.between(0, 999))
	case 1:
		return fmt.Sprintf("09%02d %03d %03d", w.between(10, 89), w.between(0, 999), w.between(0, 999))
	}
	return fmt.Sprintf("03%d%07d", w.between(2, 9), w.between(0, 9999999))
}

// grouped writes a number with points between the thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}
