package extract

import (
	"strings"
	"unicode"
)

// Labels of forms and cards, folded to letters, longest first where one begins another.
var (
	nameLabels = []string{
		"hochudemvaten", "hovatenfullname", "hovatenchuho", "hovatennguoidenghi", "hovatennguoikhai", "hovaten", "hoten", "tentoila", "toitenla", "toila",
		"capcho", "chuso", "tentochuccanhan", "tentochuc", "tendoanhnghiep", "tendonvi",
	}
	numberLabels = []string{
		"sodinhdanhcanhan", "sodinhdanh", "socancuoccongdan", "socancuoc", "cancuoccongdanso", "cancuocso", "thecancuocso", "cccdcmndso", "socccdcmnd",
		"socmndcccd", "cmndcccdso", "socccd", "cccdso", "socmnd", "cmndso", "chungminhnhandanso", "giaychungminhnhandanso", "sono", "sogiaytotuythan",
		"cccdcmnd", "cmndcccd", "cccd", "cmnd",
	}
	birthLabels = []string{"ngaythangnamsinh", "sinhngay", "ngaysinhdateofbirth", "ngaysinh", "namsinh", "dateofbirth"}
	// otherLabels end a value that another one follows in its line.
	otherLabels = []string{
		"quoctich", "sinhngay", "ngaysinh", "namsinh", "ngaythangnamsinh", "sodienthoai", "dienthoai", "capngay", "ngaycap", "noicap", "gioitinh", "nam,nu",
		"dantoc", "chucvu", "doctichdate", "socccd", "socmnd", "sodinhdanh", "diachi", "masothue", "email", "nationality", "sex", "nu",
	}
)

// labelled is the value behind one of several labels.
type labelled struct {
	words []word
	line  int
}

// behind finds the first label of some in the page and what stands behind it, in the same line or, where nothing does, the next.
func (s *sheet) behind(labels []string) (v labelled, ok bool) {
	for i := range s.lines {
		l := &s.lines[i]
		for from := range l.words {
			to := labelAt(l.words[from:], labels)
			if to == 0 || from > 0 && !endsValue(l.words[from-1]) {
				continue
			}
			value := untilLabel(l.words[from+to:])
			if from+to == len(l.words) && i+1 < len(s.lines) && s.lines[i+1].box.Y0 >= l.box.Y0 && s.lines[i+1].box.X0 < l.box.X1 {
				value = untilLabel(s.lines[i+1].words)
			}
			if len(value) > 0 {
				return labelled{value, i}, true
			}
		}
	}
	return v, false
}

// endsValue tells whether a label may follow a word: anything but a small word of a sentence.
func endsValue(w word) bool {
	r := []rune(core(w.text))
	return len(r) == 0 || !unicode.IsLower(r[0]) || strings.ContainsAny(w.text, ".,;:…/)(")
}

// labelAt is how many words one of some labels takes at the beginning of words; 0 where none stands there.
func labelAt(words []word, labels []string) int {
	said := ""
	for i, w := range words[:min(len(words), 9)] {
		said += letters(w.text)
		colon := strings.HasSuffix(w.text, ":") || strings.HasSuffix(w.text, ".") || strings.HasSuffix(w.text, ";")
		for _, label := range labels {
			if said == label || len(label) >= 8 && near(said, label) || colon && len(label) >= 5 && len(said) > len(label) && strings.HasPrefix(said, label) && len(said) <= len(label)+12 && i < 7 && !strings.Contains(said, "quoctich") {
				next := i + 1
				// What is in brackets or in English behind it belongs to the label.
				for !colon && next < len(words) && next < i+5 && startsAside(words[next].text) {
					for next < len(words) && !strings.HasSuffix(words[next].text, ":") && !strings.HasSuffix(words[next].text, ")") && next < i+8 {
						next++
					}
					colon = next < len(words) && strings.HasSuffix(words[next].text, ":")
					next = min(next+1, len(words))
				}
				if !colon && i+1 < len(words) && !colonAhead(words[i:], label) && next == i+1 && len(label) < 8 {
					continue
				}
				return next
			}
		}
	}
	return 0
}

// colonAhead tells whether a colon stands on its own behind a label.
func colonAhead(words []word, _ string) bool {
	return len(words) > 1 && core(words[1].text) == "" && strings.Contains(words[1].text, ":")
}

func startsAside(s string) bool { return strings.HasPrefix(s, "(") || strings.HasPrefix(s, "/") }

// untilLabel is the value at the beginning of words: it ends where another label begins, at a wide gap or at dots.
func untilLabel(words []word) []word {
	for len(words) > 0 && core(words[0].text) == "" {
		words = words[1:]
	}
	if labelAt(words, otherLabels) > 0 {
		return nil
	}
	for i, w := range words {
		gap := 0
		if i > 0 {
			gap = w.box.X0 - words[i-1].box.X1
		}
		dots := strings.Contains(w.text, "...") || strings.Contains(w.text, "…")
		if i > 0 && (labelAt(words[i:], otherLabels) > 0 || gap > 5*max(w.box.Height(), 1)) || dots && core(w.text) == "" {
			return words[:i]
		}
		if dots {
			return words[:i+1]
		}
	}
	return words
}

// ownerFields gives whose paper it is, of forms, cards and licences.
func (s *sheet) ownerFields() (all []Field) {
	if s.kind == nil || s.kind.family == official || s.isList() {
		return nil
	}
	if v, ok := s.behind(nameLabels); ok {
		if f, ok := s.ownerName(v.words); ok {
			all = append(all, f)
		}
	}
	if v, ok := s.behind(numberLabels); ok {
		if f, ok := s.ownerNumber(v.words); ok {
			all = append(all, f)
		}
	}
	return all
}

// isList tells whether the paper is of many people.
func (s *sheet) isList() bool {
	tables := 0
	for i := range s.lines {
		if s.lines[i].table {
			tables++
		}
	}
	return s.kind.name == "DANH SÁCH" || tables > len(s.lines)/2
}

func (s *sheet) ownerName(words []word) (Field, bool) {
	var texts []string
	var used []word
	for _, w := range words {
		c := strings.Trim(w.text, " .,;:…_'\"*")
		if core(c) == "" {
			break
		}
		if len(used) == 0 && (strings.EqualFold(c, "ông") || strings.EqualFold(c, "bà") || strings.EqualFold(c, "ông/bà")) {
			continue
		}
		texts, used = append(texts, c), append(used, w)
	}
	if len(used) == 0 || len(used) > 16 {
		return Field{}, false
	}
	p := chance(used, knownWord)
	value := tidy(strings.Join(texts, " "))
	if len(used) <= 5 {
		spelled, family := spellName(used)
		value = spelled
		if !family {
			p *= lone
		}
	}
	return Field{Name: OwnerName, Value: value, Normal: strings.ToUpper(value), Confidence: percent(p), Page: s.number, Boxes: boxes(used), Origin: Recognized}, true
}

func (s *sheet) ownerNumber(words []word) (Field, bool) {
	number, used, sure, ok := identityNumber(words)
	f := Field{Name: OwnerNumber, Page: s.number, Boxes: boxes(used), Origin: Recognized}
	if !ok {
		return f, len(used) > 0 // there is one, which could not be read
	}
	p := chance(used, knownWord)
	if !sure {
		p *= guessed
	}
	citizen, valid := ParseCitizen(number)
	switch {
	case valid:
		if born := s.born(); born != 0 && born != citizen.Born {
			p *= written
		} else if born == citizen.Born {
			p = max(p, min(1, p*1.05))
		}
	case !oldIdentity(number):
		p *= written
	}
	f.Value, f.Normal, f.Confidence = number, number, percent(p)
	return f, true
}

// born is the year of birth that the page says, 0 where it says none.
func (s *sheet) born() int {
	v, ok := s.behind(birthLabels)
	if !ok {
		return 0
	}
	var texts []string
	for _, w := range v.words {
		texts = append(texts, w.text)
	}
	iso := dayIn(fold(strings.Join(texts, " ")))
	if len(iso) < 4 {
		return 0
	}
	year, _, _ := strings.Cut(iso, "-")
	n := 0
	for _, r := range year {
		n = 10*n + int(r-'0')
	}
	return n
}
