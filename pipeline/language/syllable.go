package language

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// onsets, longest first, so that the first match is the right one.
const onsets = "ngh ng nh gh gi kh ph qu th tr ch b c d đ g h k l m n p r s t v x"

// rimes without tone, by first vowel. Those of qu and of y alone are filtered by fits.
const rimes = `
a ac ach ai am an ang anh ao ap at au ay
ăc ăm ăn ăng ăp ăt
âc âm ân âng âp ât âu ây
e ec em en eng eo ep et
ê êch êm ên ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăp oăt oc oe oem oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt
ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyp uyt uyu
ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
y ych yêm yên yêng yêt yêu ynh yp yt`

// The tone marks, as combining characters.
const (
	grave     = '\u0300'
	acute     = '\u0301'
	tilde     = '\u0303'
	hookAbove = '\u0309'
	dotBelow  = '\u0323'
)

// tables are the onsets and rimes, split for looking up.
type tables struct {
	onsets []string
	rimes  map[string]bool
}

func newTables() *tables {
	t := &tables{onsets: append(strings.Fields(onsets), ""), rimes: map[string]bool{}}
	for r := range strings.FieldsSeq(rimes) {
		t.rimes[r] = true
	}
	return t
}

var syllables = newTables() // read only

// IsSyllable tells whether a run of letters is a possible Vietnamese syllable, in any case and with either placement of
// the tone (hòa, hoà): an onset, a rime and a tone that go together. It knows no dictionary: a possible syllable need not
// have a meaning.
func IsSyllable(s string) bool {
	if len(s) == 0 || len(s) > 32 { // the longest, nghiêng, has 7 letters
		return false
	}
	base, tone, at, ok := splitTone(strings.ToLower(s))
	if !ok {
		return false
	}
	text := string(base)
	for _, onset := range syllables.onsets {
		rime, found := strings.CutPrefix(text, onset)
		if !found || !syllables.rimes[rime] || !fits(onset, rime) {
			continue
		}
		if tone == 0 || toneFits(rime, tone, at-len([]rune(onset))) {
			return true
		}
	}
	return false
}

// splitTone takes the tone out of a lower-case word: its letters with hats and horns but without tone, the tone's
// combining mark (0 for none) and the index of the letter that bore it.
func splitTone(s string) (base []rune, tone rune, at int, ok bool) {
	var letters []rune // decomposed without tone
	count := -1        // letters so far, less one
	for _, r := range norm.NFD.String(s) {
		switch r {
		case grave, acute, tilde, hookAbove, dotBelow:
			if tone != 0 || count < 0 {
				return nil, 0, 0, false
			}
			tone, at = r, count
			continue
		}
		if !unicode.Is(unicode.Mn, r) {
			if !unicode.IsLetter(r) {
				return nil, 0, 0, false
			}
			count++
		}
		letters = append(letters, r)
	}
	return []rune(norm.NFC.String(string(letters))), tone, at, true
}

// fits tells whether spelling lets the rime follow the onset.
func fits(onset, rime string) bool {
	first := []rune(rime)[0]
	front := strings.ContainsRune("eêiy", first)
	switch onset {
	case "k", "gh", "ngh":
		return front && rime != "y" || onset == "k" && rime == "y"
	case "c", "ng":
		return !front
	case "g": // gì, gìn, giếng; the others with i are spelled with gi
		return !front || rime == "i" || rime == "in" || rime == "iêng"
	case "gi":
		return first != 'i' && first != 'y'
	case "qu":
		return strings.ContainsRune("aăâeêiyơ", first) || rime == "ôc"
	case "":
		return true
	}
	if first == 'y' {
		return rime == "y" && strings.Contains("h l m s t v", onset)
	}
	return true
}

// toneFits tells whether the rime can have the tone, and on the letter with index at (of the rime).
func toneFits(rime string, tone rune, at int) bool {
	letters := []rune(rime)
	if at < 0 || at >= len(letters) {
		return false
	}
	switch letters[len(letters)-1] {
	case 'c', 'h', 'p', 't':
		stop := letters[len(letters)-1] != 'h' || letters[len(letters)-2] == 'c'
		if stop && tone != acute && tone != dotBelow {
			return false
		}
	}
	bearer, second := toneBearers(letters)
	return at == bearer || at == second
}

// toneBearers are the letters of a rime that may carry its tone: one, or two where both placements are in use.
func toneBearers(letters []rune) (first, second int) {
	vowels, marked := 0, -1
	for i, r := range letters {
		if !strings.ContainsRune("aăâeêioôơuưy", r) {
			break
		}
		vowels++
		if strings.ContainsRune("ăâêôơư", r) {
			marked = i // of ươ the second
		}
	}
	switch pair := string(letters[:min(2, vowels)]); {
	case marked >= 0:
		return marked, marked
	case vowels == 1:
		return 0, 0
	case vowels == 3, vowels < len(letters):
		return 1, 1
	case pair == "oa" || pair == "oe" || pair == "uy":
		return 0, 1
	}
	return 0, 0
}

// hasMark tells whether a lower-case word has a letter that only Vietnamese marks make: a tone, hat, horn or đ.
func hasMark(s string) bool {
	for _, r := range s {
		if r >= 0x80 {
			return true
		}
	}
	return false
}
