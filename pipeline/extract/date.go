package extract

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// dayPattern is "ngày … tháng … năm …" as it comes out of a recognizer: syllables run together with the figures, lose their first
// letter, and figures that were written in by hand are anything or nothing.
var dayPattern = regexp.MustCompile(`n?gay(.{0,10}?)t?hang(.{0,10}?)nam[^a-z0-9]{0,3}([0-9a-z|!\]\[]{0,4})`)

// day is a day in words as it stands in a line.
type day struct {
	place       int    // the word with which the place before it begins; that of "ngày" without
	first, last int    // the words from "ngày" to the year
	iso         string // empty where a part cannot be read
	sure        bool   // no part of it had to be guessed
	parts       [3]string
}

// findDay looks for a day in words.
func findDay(l *line) (d day, ok bool) {
	if !strings.Contains(l.fold.text, "nam") || !strings.Contains(l.fold.text, "han") {
		return d, false
	}
	m := dayPattern.FindStringSubmatchIndex(l.fold.text)
	if m == nil {
		return d, false
	}
	d.first, d.last = l.fold.word[m[0]], l.fold.word[m[1]-1]
	for i := range d.parts {
		d.parts[i] = strings.TrimSpace(l.fold.original(m[2+2*i], m[3+2*i]))
	}
	d.iso, d.sure = isoDay(d.parts[0], d.parts[1], d.parts[2])
	if d.iso != "" { // as it is printed, without the signs that were read around the figures
		d.parts[0], _, _ = digits(d.parts[0], 2)
		d.parts[1], _, _ = digits(d.parts[1], 2)
		d.parts[2], _, _ = digits(d.parts[2], 4)
	}
	d.place = placeBefore(l, d.first)
	return d, true
}

// isoDay is the day of three figures as they were read; empty where that is none.
func isoDay(dd, mm, yyyy string) (iso string, sure bool) {
	sure = true
	var n [3]int
	for i, s := range []string{dd, mm, yyyy} {
		most := 2
		if i == 2 {
			most = 4
		}
		text, certain, ok := digits(s, most)
		if !ok || i == 2 && len(text) != 4 {
			return "", false
		}
		sure = sure && certain
		n[i], _ = strconv.Atoi(text) // digits alone
	}
	t := time.Date(n[2], time.Month(n[1]), n[0], 0, 0, 0, 0, time.UTC)
	if t.Day() != n[0] || int(t.Month()) != n[1] || n[2] < 1945 || n[2] > 2100 {
		return "", false
	}
	return t.Format(time.DateOnly), sure
}

// placeBefore is the word with which the name of a place before a day begins: words with a capital and no gap between them.
func placeBefore(l *line, first int) int {
	at := first
	for at > 0 && first-at < 6 {
		w := l.words[at-1]
		inner := []rune(core(w.text))
		if len(inner) == 0 {
			break
		}
		r := inner[0]
		gap := l.words[at].box.X0 - w.box.X1
		if gap > 2*max(w.box.Height(), 1) || !unicode.IsLetter(r) || strings.ContainsAny(w.text, "/:;)") {
			break
		}
		if unicode.IsLower(r) && !strings.HasPrefix(fold(w.text), "ngay") && w.text != "tỉnh" && w.text != "phố" {
			break
		}
		at--
	}
	return at
}

// issued gives place and day of the head.
func (s *sheet) issued() (all []Field) {
	at := max(s.day, s.footDay)
	if at < 0 {
		return nil
	}
	l := &s.lines[at]
	d, ok := findDay(l)
	if !ok {
		return nil
	}
	if words := l.words[d.place:d.first]; len(words) > 0 {
		all = append(all, s.placeField(words))
	}
	words := l.words[d.first : d.last+1]
	f := Field{Name: Issued, Value: fmt.Sprintf("ngày %s tháng %s năm %s", d.parts[0], d.parts[1], d.parts[2]), Normal: d.iso, Page: s.number, Boxes: boxes(words), Origin: Recognized}
	if d.iso == "" {
		f.Value = ""
	} else {
		p := 1.0
		if !d.sure {
			p = guessed
		}
		f.Confidence = percent(p * chance(words, knownWord) * s.steady(words))
	}
	return append(all, f)
}

func (s *sheet) placeField(words []word) Field {
	text, sure := spell(words)
	text = strings.Trim(text, " ,.;:'\"*_-")
	p := chance(words, knownWord)
	if sure {
		p = max(p, known)
	}
	return Field{Name: Place, Value: text, Normal: strings.ToUpper(text), Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized}
}

// steady is lower where words of a printed line lie over each other or reach out of it: somebody wrote into it.
func (s *sheet) steady(words []word) float64 {
	p := 1.0
	for i := 1; i < len(words); i++ {
		a, b := words[i-1].box, words[i].box
		if b.X0 < a.X1-a.Height()/4 {
			p *= written
		}
		if gap := b.X0 - a.X1; gap > 2*a.Height() {
			p *= written
		}
	}
	return p
}

// shortDay is a day in figures.
var shortDay = regexp.MustCompile(`\b([0-3]?[0-9])[/.-]([01]?[0-9])[/.-]((?:19|20)[0-9]{2})\b`)

// dayIn is the first day in figures or words of a text; empty without.
func dayIn(text string) (iso string) {
	if m := shortDay.FindStringSubmatch(text); m != nil {
		if iso, _ = isoDay(m[1], m[2], m[3]); iso != "" {
			return iso
		}
	}
	if m := dayPattern.FindStringSubmatch(text); m != nil {
		iso, _ = isoDay(m[1], m[2], m[3])
	}
	return iso
}

// compactDay is a day as codes have it, ddmmyyyy.
func compactDay(s string) string {
	if len(s) != len("02011990") {
		return ""
	}
	iso, sure := isoDay(s[:2], s[2:4], s[4:])
	if !sure {
		return ""
	}
	return iso
}

// shownDay is a day as papers print it in figures.
func shownDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%d", t.Day(), int(t.Month()), t.Year())
}
