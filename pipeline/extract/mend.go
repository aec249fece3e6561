package extract

import (
	"strings"

	"sohoa/pipeline/language"
)

// A trích yếu is said again in the text: "thủ tục hành chính" stands there many times. What was read there between the same
// neighbours puts right what was misread in it.

// mended is a run of words, and which of them the text says, too.
type mended struct {
	text   string
	agreed []bool
}

// mend gives the text of lines, each word as the rest of the page has it where that is sure.
func (s *sheet) mend(lines []*line) mended {
	var words []word
	ends := make(map[int]bool)
	inside := make(map[*line]bool)
	for _, l := range lines {
		words = append(words, l.words...)
		ends[len(words)-1] = true
		inside[l] = true
	}
	texts, agreed := s.compare(words, inside)
	var b strings.Builder
	for i, t := range texts {
		b.WriteString(t)
		// A word that is parted at a line's end by its own hyphen goes on without a space: "TT-" "BYT".
		if i < len(texts)-1 && !(ends[i] && strings.HasSuffix(t, "-") && len([]rune(t)) > 1 && len(words[i+1].text) > 0 && upperShare(words[i+1].text) == 1) {
			b.WriteByte(' ')
		}
	}
	return mended{text: strings.Trim(tidy(b.String()), " .'\"*_"), agreed: agreed}
}

// compare looks for each word, with a neighbour, in the rest of the page.
func (s *sheet) compare(words []word, inside map[*line]bool) (texts []string, agreed []bool) {
	var rest []word
	for i := range s.lines {
		if l := &s.lines[i]; !inside[l] {
			rest = append(rest, l.words...)
		}
	}
	pairs := make(map[[2]string][]word) // by both words, folded: the words that stand there
	folded := make([]string, len(rest))
	for i, w := range rest {
		folded[i] = letters(w.text)
		if i > 0 {
			key := [2]string{folded[i-1], folded[i]}
			pairs[key] = append(pairs[key], rest[i-1], rest[i])
		}
	}
	own := make([]string, len(words))
	for i, w := range words {
		own[i] = letters(w.text)
	}
	texts, agreed = make([]string, len(words)), make([]bool, len(words))
	for i, w := range words {
		votes := make(map[string]float64)
		if i > 0 {
			vote(votes, pairs[[2]string{own[i-1], own[i]}], 1)
		}
		if i+1 < len(words) {
			vote(votes, pairs[[2]string{own[i], own[i+1]}], 0)
		}
		texts[i], agreed[i] = settle(w, votes)
	}
	return texts, agreed
}

// vote counts how sure the text is of each spelling; at chooses the word of the pair.
func vote(votes map[string]float64, pairs []word, at int) {
	for i := at; i < len(pairs); i += 2 {
		votes[strings.ToLower(core(pairs[i].text))] += pairs[i].confidence / 100
	}
}

// settle is a word as the votes have it, and whether they agree with it. One that nobody doubts stays.
func settle(w word, votes map[string]float64) (text string, agreed bool) {
	mine := strings.ToLower(core(w.text))
	own := votes[mine]
	best, most := mine, own+w.confidence/100
	for spelling, n := range votes {
		if n > most || n == most && spelling < best {
			best, most = spelling, n
		}
	}
	const sureOf = 1.8 // two good readings against one
	switch {
	case best == mine:
		return w.text, own >= sureOf
	case samePlacement(best, mine):
		return w.text, true
	case most < sureOf || own > 0 || !language.IsSyllable(best) || !loose(mine, w.confidence):
		return w.text, false
	}
	return respell(w.text, best), true
}

// loose tells whether a word may be changed: it is no syllable, or it was not read with certainty.
func loose(text string, confidence float64) bool {
	return confidence < 95 || !language.IsSyllable(text)
}
