package extract

import (
	_ "embed" // the phrases
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/pipeline/language"
)

//go:embed phrases.txt
var phraseTable string

// phrase is a part of agencies' names.
type phrase struct {
	words, folded []string
	letters       int
	begins, open  bool
	province      bool
}

// vocabulary is the table of phrases, read once.
type vocabulary struct {
	phrases   []phrase
	provinces map[string]string // by number
}

var names = readPhrases(phraseTable) // read only

func readPhrases(table string) *vocabulary {
	v := &vocabulary{provinces: make(map[string]string)}
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(row), "\t")
		if len(cells) < 2 || strings.HasPrefix(row, "#") {
			continue
		}
		if cells[0] == "province" {
			v.provinces[cells[1]] = cells[2]
		}
		p := phrase{words: strings.Fields(cells[len(cells)-1]), open: cells[0] == "open", province: cells[0] == "province"}
		p.begins = p.open || cells[0] == "begins"
		for _, w := range p.words {
			p.folded = append(p.folded, letters(w))
			p.letters += len(letters(w))
		}
		v.phrases = append(v.phrases, p)
	}
	return v
}

// match tells how many letters differ where a phrase stands at the beginning of words; ok where it may well be that phrase. Marks do
// not count. A word with other letters must be doubtful itself: what was read surely is another word.
func (p *phrase) match(words []spelled) (differ int, ok bool) {
	if len(words) < len(p.words) {
		return 0, false
	}
	most := 0
	if len(p.words) > 1 && p.letters >= 6 {
		most = max(1, p.letters/8)
	}
	for i, w := range p.folded {
		d := distance(words[i].folded, w, most)
		if d > 0 && !words[i].doubtful {
			return 0, false
		}
		if differ += d; differ > most {
			return 0, false
		}
	}
	return differ, true
}

// spelled is a word to compare with phrases.
type spelled struct {
	read, folded string
	doubtful     bool
}

func toSpell(words []word) []spelled {
	all := make([]spelled, len(words))
	for i, w := range words {
		all[i] = spelled{read: w.text, folded: letters(w.text), doubtful: w.confidence < 85 || !language.IsSyllable(core(w.text))}
	}
	return all
}

// best is the longest phrase that stands at the beginning of words, and of those the one that is spelled most like them.
func (v *vocabulary) best(words []spelled) (found *phrase) {
	least := 0
	for i := range v.phrases {
		p := &v.phrases[i]
		if found != nil && len(p.words) < len(found.words) {
			continue
		}
		differ, ok := p.match(words)
		if !ok {
			continue
		}
		for k, w := range p.words {
			if !strings.EqualFold(core(words[k].read), core(w)) {
				differ++
			}
		}
		if found == nil || len(p.words) > len(found.words) || differ < least {
			found, least = p, differ
		}
	}
	return found
}

// spell gives the text of words of a name, put right where they are those of phrases that names are made of; known tells that
// nothing else stands there.
func spell(words []word) (text string, known bool) {
	all := toSpell(words)
	known = true
	out := make([]string, 0, len(words))
	for i := 0; i < len(all); {
		p := names.best(all[i:])
		if p == nil || all[i].folded == "" {
			known = known && all[i].folded == ""
			out = append(out, all[i].read)
			i++
			continue
		}
		for k, w := range p.words {
			out = append(out, respell(all[i+k].read, w))
		}
		i += len(p.words)
	}
	return tidy(strings.Join(out, " ")), known
}

// core is a word without the signs around it.
func core(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// respell writes a word as it should be in the case in which it was read, with the signs around it. Where the tone stands is the
// writer's choice.
func respell(read, should string) string {
	inner := core(read)
	if inner == "" || core(should) == "" {
		return read
	}
	before, after, _ := strings.Cut(read, inner)
	after = strings.TrimLeft(after, "'’`\"*")
	if samePlacement(inner, core(should)) {
		return before + inner + after
	}
	word := core(should)
	switch {
	case upperShare(inner) > 0.5 && len([]rune(inner)) > 1 || len([]rune(inner)) == 1 && upperShare(inner) == 1 && len(word) == 1:
		word = strings.ToUpper(word)
	case upperShare(inner) == 0:
		word = strings.ToLower(word)
	case unicode.IsUpper([]rune(inner)[0]):
		r := []rune(word)
		word = string(unicode.ToUpper(r[0])) + string(r[1:])
	}
	return before + word + after
}

// samePlacement tells whether two words are the same but for their case and the letter that bears the tone.
func samePlacement(a, b string) bool {
	restA, toneA := withoutTone(a)
	restB, toneB := withoutTone(b)
	return restA == restB && toneA == toneB
}

// toneless is a letter without its tone: Ủ is abbreviated to U.
func toneless(r rune) rune {
	rest, _ := withoutTone(string(r))
	return []rune(rest)[0]
}

func withoutTone(s string) (rest string, tone rune) {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch r {
		case '\u0300', '\u0301', '\u0303', '\u0309', '\u0323':
			tone = r
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String()), tone
}
