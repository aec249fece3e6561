package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sohoa/pipeline/page"
)

// notationPattern is what stands behind the number: "/QĐ-UBND", "/2020/NĐ-CP", or as the Party has it "-QĐ/TU".
var notationPattern = regexp.MustCompile(`^\s*((?:(?:19|20)[0-9OoIl]{2}/)?[\pL][\pL&.0-9]*(?:\s?[-–—/]\s?[\pL&.0-9]+)*)[\s.,;:'"*]*$`)

// number is the line "Số: 209/QĐ-UBND" taken apart.
type number struct {
	raw      string // what stands where the number should
	notation string // as it was read
	// The words of each: a word that holds both is in both.
	rawWords, notationWords []word
	gap                     page.Box // between label and notation, where the number should be
}

// first is what the notation says of the kind: QĐ of QĐ-UBND.
func (n *number) first() string {
	rest := n.notation
	if year, after, ok := strings.Cut(rest, "/"); ok && len(year) == 4 {
		rest = after
	}
	if i := strings.IndexAny(rest, "-/ "); i > 0 {
		return rest[:i]
	}
	return ""
}

// opensNumber tells whether a line begins as the number's does.
func opensNumber(f *folded) bool {
	t := strings.TrimLeft(f.text, " '\"*.,_-")
	return len(t) > 1 && (t[0] == 's' || t[0] == '$') && (strings.ContainsRune("oa06?", rune(t[1])) || !alphanumeric(t[1]))
}

// readNumber takes the line of the number apart.
func readNumber(l *line) (n number, ok bool) {
	if len(l.words) > 9 || !opensNumber(&l.fold) {
		return n, false
	}
	text := l.fold.runes
	label := labelEnd(&l.fold)
	for i := label; i < len(text); i++ {
		if c := base(text[i]); c != '/' && c != '-' {
			continue
		}
		m := notationPattern.FindStringSubmatch(unfigured(string(text[i+1:])))
		if m == nil || !isNotation(m[1], base(text[i])) {
			continue
		}
		n.raw, n.notation = strings.TrimSpace(string(text[label:i])), spaceless(m[1])
		n.take(l, label, i)
		return n, true
	}
	return n, n.withoutSign(l, label)
}

// withoutSign is for a line whose slash was read as a letter: "2766 IDS-SGTVT". What is a kind's abbreviation begins the notation.
func (n *number) withoutSign(l *line, label int) bool {
	text := l.fold.runes
	for i := label; i+1 < len(text); i++ {
		if !strings.ContainsRune("IlL1|!J", text[i]) {
			continue
		}
		m := notationPattern.FindStringSubmatch(string(text[i+1:]))
		if m == nil || !isNotation(m[1], '/') {
			continue
		}
		if first, rest, ok := strings.Cut(m[1], "-"); ok && len(rest) >= 2 && knownAbbreviation(first) {
			n.raw, n.notation = strings.TrimSpace(string(text[label:i])), spaceless(m[1])
			n.take(l, label, i)
			return true
		}
	}
	return false
}

// knownAbbreviation tells whether a text is what some kind is abbreviated to.
func knownAbbreviation(s string) bool {
	for i := range kinds {
		if a := kinds[i].abbreviation; len(a) > 1 && strings.EqualFold(a, s) {
			return true
		}
	}
	return false
}

// unfigured puts letters for the figures that they are taken for where a notation begins: 5XD is SXD.
func unfigured(s string) string {
	r := []rune(s)
	for i := 0; i < len(r); i++ {
		if r[i] == ' ' {
			continue
		}
		if i+2 < len(r) && unicode.IsUpper(r[i+1]) && unicode.IsUpper(r[i+2]) {
			if letter, ok := map[rune]rune{'5': 'S', '8': 'B', '0': 'O', '1': 'I'}[r[i]]; ok {
				r[i] = letter
			}
		}
		break
	}
	return string(r)
}

// isNotation tells whether a text can be one: abbreviations, mostly in capitals. Behind a hyphen it must have the Party's slash.
func isNotation(s string, sign byte) bool {
	if sign == '-' && !strings.Contains(s, "/") {
		return false
	}
	first := []rune(strings.TrimLeft(s, "0123456789/"))
	if len(first) < 2 || unicode.IsDigit(first[1]) {
		return false
	}
	return upperShare(s) >= 0.5 && strings.Count(strings.TrimSpace(s), " ") <= 3
}

// labelEnd is where "Số:" ends: at its colon, or behind the letters that it has at most.
func labelEnd(f *folded) int {
	start := strings.IndexFunc(f.text, func(r rune) bool { return r == 's' || r == '$' })
	for i := start; i < min(len(f.runes), start+6); i++ {
		if f.runes[i] == ':' {
			return i + 1
		}
	}
	end := start + 2
	if end < len(f.runes) && strings.ContainsRune("z.;!", f.runes[end]) { // a colon that was read otherwise
		end++
	}
	return min(end, len(f.runes))
}

// take notes the words of number and notation, which meet at a letter of the line.
func (n *number) take(l *line, label, sign int) {
	for i, w := range l.words {
		from, to := -1, -1
		for k, of := range l.fold.word {
			if of == i && l.fold.runes[k] != ' ' {
				if from < 0 {
					from = k
				}
				to = k
			}
		}
		if to >= label && from < sign {
			n.rawWords = append(n.rawWords, w)
		}
		if to >= sign {
			n.notationWords = append(n.notationWords, w)
		}
	}
	n.gap = l.words[l.fold.word[max(label-1, 0)]].printed.Union(n.notationWords[0].printed)
}

func spaceless(s string) string { return strings.Join(strings.Fields(s), "") }

// codes gives number and notation, apart.
func (s *sheet) codeFields(issuer string) []Field {
	if s.code < 0 {
		return nil
	}
	n, ok := readNumber(&s.lines[s.code])
	if !ok {
		return nil
	}
	return []Field{s.numberField(&n), s.notationField(&n, issuer)}
}

func (s *sheet) numberField(n *number) Field {
	f := Field{Name: Number, Page: s.number, Boxes: boxes(n.rawWords), Origin: Recognized}
	if len(f.Boxes) == 0 {
		f.Boxes = []page.Box{n.gap}
	}
	value, sure, ok := digits(n.raw, 6)
	p := chance(n.rawWords, knownWord)
	if !ok || p < 0.2 {
		return f // nothing that can be read: shown as missing
	}
	if !sure {
		p *= guessed
	}
	f.Value, f.Normal = value, strings.TrimLeft(value, "0")
	f.Confidence = percent(p * s.steady(s.lines[s.code].words) * s.level(n))
	return f
}

// level is lower where figures are much taller than what stands around them: numbers that are written in are.
func (s *sheet) level(n *number) float64 {
	label := s.lines[s.code].words[0]
	for _, w := range n.rawWords {
		if h := label.box.Height(); h > 0 && w.box.Height() > h*3/2 {
			return written
		}
	}
	return 1
}

func (s *sheet) notationField(n *number, issuer string) Field {
	p := chance(n.notationWords, knownWord)
	value, better := s.repairNotation(n.notation, issuer, p < doubtful)
	if better > 0 {
		p = better
	}
	return Field{
		Name: Notation, Value: value, Normal: strings.ToUpper(value), Confidence: percent(p), Page: s.number, Boxes: boxes(n.notationWords), Origin: Recognized,
	}
}

// repairNotation puts right what is known otherwise: the first part is the kind's abbreviation, the second the agency's; loosely
// tells that a letter of that may be wrong. It gives the chance that it is right, 0 where nothing is known.
func (s *sheet) repairNotation(read, issuer string, loosely bool) (string, float64) {
	value := strings.NewReplacer("Ð", "Đ", "–", "-", "—", "-").Replace(strings.TrimRight(read, ".-"))
	year := ""
	if head, rest, ok := strings.Cut(value, "/"); ok && len(head) == 4 {
		if d, _, good := digits(head, 4); good {
			year, value = d+"/", rest
		}
	}
	parts := strings.Split(value, "-")
	known1 := false
	if s.kind != nil && s.kind.abbreviation != "" && len(parts) > 1 {
		if alike(parts[0]) == alike(s.kind.abbreviation) || nearAbbreviation(parts[0], s.kind.abbreviation) {
			parts[0], known1 = s.kind.abbreviation, true
		}
	} else if k := kindAbbreviated(parts[0]); k != nil && len(parts) > 1 && s.kind == nil && s.about() < 0 {
		parts[0] = k.abbreviation
	}
	from := 0
	if known1 {
		from = 1
	}
	known2 := false
	if from < len(parts) {
		if a := agencyAbbreviation(parts[from], issuer); a != "" {
			parts[from], known2 = a, true
		} else if a := nearestAbbreviation(parts[from], issuer); loosely && a != "" {
			parts[from] = a
		}
	}
	value = year + strings.Join(parts, "-")
	if known1 && known2 && len(parts) == 2 {
		return value, known
	}
	return value, 0
}

// nearAbbreviation tells whether an abbreviation was misread by one letter.
func nearAbbreviation(read, should string) bool {
	a, b := alike(read), alike(should)
	return len(b) >= 2 && distance(a, b, 1) <= 1 && a[len(a)-1] == b[len(b)-1] || len(a) == 2 && len(b) == 2 && a[0] == b[0] && unicode.IsLower([]rune(read)[1])
}

// alike is an abbreviation with the letters that are taken for each other made one.
func alike(s string) string {
	var b strings.Builder
	for _, r := range s {
		c := base(r)
		switch c {
		case 'q', '0', 'c', 'g':
			c = 'o'
		case '1', '|', 'l', '!':
			c = 'i'
		case '5':
			c = 's'
		case '8':
			c = 'b'
		case '6':
			c = 'o'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// agencyAbbreviation is what an agency's name is abbreviated to where the notation says so, but for letters that are taken for each
// other; empty where it says something else.
func agencyAbbreviation(read, issuer string) string {
	all := abbreviations(issuer)
	if slices.Contains(all, read) {
		return read
	}
	for _, should := range all {
		if alike(read) == alike(should) {
			return should
		}
	}
	return ""
}

// nearestAbbreviation is the agency's where the notation has one letter more, less or other within it; empty where that is not one.
func nearestAbbreviation(read, issuer string) (found string) {
	const least = 4 // letters: shorter ones are near to others
	a := alike(read)
	for _, should := range abbreviations(issuer) {
		b := alike(should)
		if len(b) < least || len(a) < least-1 || a[0] != b[0] || a[len(a)-1] != b[len(b)-1] || distance(a, b, 1) > 1 || should == found {
			continue
		}
		if found != "" {
			return ""
		}
		found = should
	}
	return found
}

// abbreviations are those that a name may have: the first letters of its words, with and without "và", the first word and the place at
// its end.
func abbreviations(name string) []string {
	all := initials(name)
	if _, rest, ok := strings.Cut(name, " "); ok {
		all = append(all, initials(rest)...)
	}
	return all
}

func initials(name string) (all []string) {
	var full, short strings.Builder
	for _, w := range strings.Fields(strings.NewReplacer("-", " ", ",", " ").Replace(name)) {
		part := initial(w)
		full.WriteString(part)
		if strings.ToLower(w) != "và" {
			short.WriteString(part)
		}
		if n := len([]rune(short.String())); n >= 3 {
			all = append(all, short.String(), full.String())
		}
	}
	return all
}
