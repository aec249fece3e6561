package extract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sohoa/pipeline/page"
)

// dossierPattern is a dossier code with what recognizers make of its figures; dossierForm is what it must come to.
var (
	dossierPattern = regexp.MustCompile(`(?:[hg][0-9oil]{2}(?:\.[0-9oil]{1,3})*|[0-9oil]{3}(?:\.[0-9oil]{2,3})*\.[hg][0-9oil]{2}) ?- ?[0-9oil]{6} ?- ?[0-9oil]{4,6}`)
	dossierForm    = regexp.MustCompile(`^((H|G)\d{2}(\.\d{1,3})*|\d{3}(\.\d{2,3})*\.(H|G)\d{2})-\d{6}-\d{4,6}$`)
	// procedurePattern is a procedure's code, with or without the agency behind it.
	procedurePattern = regexp.MustCompile(`(?:^|[^0-9.])([123]\.[0-9oil]{6})(?:[^0-9]|$)`)
)

// ParseDossierCode brings a dossier code into its form, "H50.13-220331-0001", with figures for the letters that they are taken for;
// sure tells that none was. The six figures in its middle must be a day.
func ParseDossierCode(read string) (code string, sure, ok bool) {
	sure = true
	var b strings.Builder
	for _, r := range fold(spaceless(read)) {
		switch {
		case r == 'h' || r == 'g':
			b.WriteRune(r - 'a' + 'A')
		case r >= '0' && r <= '9' || r == '.' || r == '-':
			b.WriteRune(r)
		default:
			d, _, is := digitOf(r)
			if !is {
				return "", false, false
			}
			sure = false
			b.WriteByte(d)
		}
	}
	code = b.String()
	if !dossierForm.MatchString(code) {
		return "", false, false
	}
	parts := strings.Split(code, "-")
	day := parts[len(parts)-2]
	if iso, _ := isoDay(day[4:], day[2:4], "20"+day[:2]); iso == "" {
		return "", false, false
	}
	return code, sure, true
}

// codesInText gives the codes of dossier and procedure that the page says, if it says one: a list of dossiers is none's.
func (s *sheet) codesInText() (all []Field) {
	if f, ok := s.only(DossierCode, func(l *line) (string, int, int, bool) {
		m := dossierPattern.FindStringIndex(l.fold.text)
		if m == nil {
			return "", 0, 0, false
		}
		code, _, ok := ParseDossierCode(l.fold.original(m[0], m[1]))
		return code, m[0], m[1], ok
	}, dossierLabels); ok {
		all = append(all, f)
	}
	if f, ok := s.only(Procedure, func(l *line) (string, int, int, bool) {
		m := procedurePattern.FindStringSubmatchIndex(l.fold.text)
		if m == nil {
			return "", 0, 0, false
		}
		code, _, ok := digits(strings.Replace(l.fold.text[m[2]:m[3]], ".", "", 1), 7)
		if !ok {
			return "", 0, 0, false
		}
		return code[:1] + "." + code[1:], m[2], m[3], true
	}, procedureLabels); ok {
		all = append(all, f)
	}
	return all
}

// What stands before a code that is the paper's own, in letters.
var (
	dossierLabels   = []string{"mahoso", "masohoso", "sohoso", "mabiennhan", "sobiennhan", "matiepnhan"}
	procedureLabels = []string{"mathutuc", "matthc", "masotthc", "masothutuc", "thutuchanhchinhma", "mathutuchanhchinh"}
)

// only gives what a page says of itself, by a label before it, or else what it says once: then it may be another's.
func (s *sheet) only(name Name, read func(*line) (value string, from, to int, ok bool), labels []string) (f Field, ok bool) {
	several := false
	for i := range s.lines {
		l := &s.lines[i]
		value, from, to, is := read(l)
		if !is || l.table {
			continue
		}
		words := l.words[l.fold.word[from] : l.fold.word[to-1]+1]
		p := chance(words, knownWord)
		if strings.ContainsAny(l.fold.text[from+1:to], "oil") {
			p *= guessed
		}
		before := letters(l.fold.text[:from])
		labelled := slices.ContainsFunc(labels, func(label string) bool { return strings.HasSuffix(before, label) })
		if !labelled {
			p *= written
		}
		one := Field{Name: name, Value: value, Normal: value, Confidence: percent(p), Page: s.number, Boxes: boxes(words), Origin: Recognized}
		if labelled {
			return one, true
		}
		several = several || ok && f.Value != value
		f, ok = one, true
	}
	return f, ok && !several
}

// withCodes adds what QR codes and barcodes say. A code that the words agree with is the best witness there is; one that they
// contradict makes both doubtful, and one alone is believed as far as one witness is: anybody can print a code.
func (s *sheet) withCodes(all []Field) []Field {
	for _, c := range s.codes {
		for _, said := range s.codeSays(c) {
			at := -1
			for i := range all {
				if all[i].Name == said.Name {
					at = i
				}
			}
			switch {
			case at < 0:
				all = append(all, said)
			case all[at].Value == "" || compare(&all[at]) == compare(&said):
				agrees := all[at].Value != ""
				said.Boxes = append(said.Boxes, all[at].Boxes...)
				if agrees {
					said.Confidence = 99.5
				}
				all[at] = said
			case all[at].Origin == Recognized:
				said.Differs, said.Confidence = all[at].Value, percent(lone*written)
				all[at] = said
			}
		}
	}
	return all
}

// compare is a field's value without what may differ between a code and print.
func compare(f *Field) string { return letters(f.Normal) }

// codeSays are the fields in a code.
func (s *sheet) codeSays(c page.Code) (all []Field) {
	add := func(name Name, value, normal string) {
		if value != "" {
			all = append(all, Field{
				Name: name, Value: value, Normal: normal, Confidence: percent(lone), Page: s.number, Boxes: []page.Box{c.Box}, Origin: Code,
			})
		}
	}
	if id, ok := ParseIdentityCode(c.Text); ok {
		add(OwnerNumber, id.Number, id.Number)
		add(OwnerName, id.Name, strings.ToUpper(id.Name))
		if s.kind != nil && s.kind.family == card {
			add(Issued, shownDay(id.Issued), id.Issued)
		}
		return all
	}
	if m := dossierPattern.FindString(fold(c.Text)); m != "" {
		if code, _, ok := ParseDossierCode(m); ok {
			add(DossierCode, code, code)
		}
	}
	return all
}

// IdentityCode is what the QR code of an identity card says.
type IdentityCode struct {
	Number, Old, Name, Sex, Address string
	Born, Issued                    string // days, ISO
}

// ParseIdentityCode reads the QR code of an identity card: "number|old number|name|born|sex|address|issued", days as ddmmyyyy. Later
// cards have more behind it.
func ParseIdentityCode(text string) (c IdentityCode, ok bool) {
	parts := strings.Split(tidy(text), "|")
	if len(parts) < 7 {
		return c, false
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	c = IdentityCode{
		Number: parts[0], Old: parts[1], Name: parts[2], Born: compactDay(parts[3]), Sex: parts[4], Address: parts[5], Issued: compactDay(parts[6]),
	}
	citizen, valid := ParseCitizen(c.Number)
	if !valid || c.Name == "" || c.Born == "" {
		return IdentityCode{}, false
	}
	return c, strings.HasPrefix(c.Born, strconv.Itoa(citizen.Born))
}
