package extract

import (
	"strings"

	"sohoa/pipeline/language"
)

// A trích yếu is said again in the text: "thủ tục hành chính" stands there many times. What was read there between the same
// neighbours puts right what was misread in it.

// mended is the text of words, and the chance that it is right.
type mended struct {
	text   string
	chance float64
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
	texts, weights := s.compare(words, inside)
	spellPhrases(texts, weights)
	var b strings.Builder
	p := 1.0
	for i, t := range texts {
		p *= words[i].chanceWith(weights[i])
		b.WriteString(t)
		// A word that is parted at a line's end by its own hyphen goes on without a space: "TT-" "BYT".
		if i < len(texts)-1 && !(ends[i] && strings.HasSuffix(t, "-") && len([]rune(t)) > 1 && len(words[i+1].text) > 0 && upperShare(words[i+1].text) == 1) {
			b.WriteByte(' ')
		}
	}
	return mended{text: strings.Trim(tidy(glued.Replace(b.String())), " .,;'\"*_|"), chance: p}
}

// chanceWith is the chance that a word is right where the rest of the page weighs for or against it.
func (w word) chanceWith(weight float64) float64 {
	p := proseWord(w)
	if weight > 0 { // what is misread once is often misread again: another witness takes away half of the doubt
		return 1 - (1-p)/2
	}
	return p * (1 + weight)
}

// glued parts words that a recognizer runs together at the beginning of a trích yếu.
var glued = strings.NewReplacer("Vềviệc", "Về việc", "Vềviêc", "Về việc", "Vê việc", "Về việc", "V/vviệc", "V/v việc")

// spellPhrases puts right what is a long phrase of agencies' names.
func spellPhrases(texts []string, weights []float64) {
	const least = 8                    // letters: shorter ones are words of any sentence
	all := make([]spelled, len(texts)) // none of them doubtful: only marks are put right
	for i, t := range texts {
		all[i] = spelled{read: t, folded: letters(t)}
	}
	for i := 0; i < len(texts); {
		p := names.best(all[i:])
		if p == nil || len(p.words) < 2 || p.letters < least && !p.province {
			i++
			continue
		}
		for k, w := range p.words {
			if !p.province || upperShare(texts[i+k]) > 0 {
				texts[i+k], weights[i+k] = respell(texts[i+k], w), 1
			}
		}
		if i > 0 && p.province && all[i-1].folded == "tinh" {
			texts[i-1], weights[i-1] = respell(texts[i-1], "tỉnh"), 1
		}
		i += len(p.words)
	}
}

// compare looks for each word, with a neighbour, in the rest of the page.
func (s *sheet) compare(words []word, inside map[*line]bool) (texts []string, weights []float64) {
	own := make([]string, len(words))
	pairs := make(map[[2]string][]word) // by both words, folded: the words that stand there
	for i, w := range words {
		if own[i] = letters(w.text); i > 0 {
			pairs[[2]string{own[i-1], own[i]}] = nil
		}
	}
	var before word
	last := ""
	for i := range s.lines {
		if l := &s.lines[i]; inside[l] {
			continue
		}
		for _, w := range s.lines[i].words {
			said := letters(w.text)
			key := [2]string{last, said}
			if there, asked := pairs[key]; asked {
				pairs[key] = append(there, before, w)
			}
			before, last = w, said
		}
	}
	texts, weights = make([]string, len(words)), make([]float64, len(words))
	for i, w := range words {
		votes := make(map[string]float64)
		if i > 0 {
			vote(votes, pairs[[2]string{own[i-1], own[i]}], 1)
		}
		if i+1 < len(words) {
			vote(votes, pairs[[2]string{own[i], own[i+1]}], 0)
		}
		texts[i], weights[i] = settle(w, votes)
	}
	return texts, weights
}

// vote counts how sure the text is of each spelling; at chooses the word of the pair.
func vote(votes map[string]float64, pairs []word, at int) {
	for i := at; i < len(pairs); i += 2 {
		votes[strings.ToLower(core(pairs[i].text))] += pairs[i].confidence / 100
	}
}

// settle is a word as the votes have it, and what they make of the chance that it is right: 1 where they agree with it, 0 where they
// say nothing.
func settle(w word, votes map[string]float64) (text string, weight float64) {
	mine := strings.ToLower(core(w.text))
	own := votes[mine]
	best, most := mine, own+w.confidence/100
	for spelling, n := range votes {
		if n > most || n == most && spelling < best {
			best, most = spelling, n
		}
	}
	const (
		sureOf    = 1.8 // two good readings against one
		surer     = 2.5 // against one that nobody doubted
		contested = -0.15
	)
	switch {
	case best == mine && own >= sureOf, samePlacement(best, mine) && best != mine:
		return w.text, 1
	case own == 0 && language.IsSyllable(best) && best != mine && (most >= surer || most >= sureOf && loose(mine, w.confidence)):
		return respell(w.text, best), 1
	case own == 0 && len(votes) > 0:
		return w.text, contested
	}
	return w.text, 0
}

// loose tells whether a word may be changed: it is no syllable, or it was not read with certainty.
func loose(text string, confidence float64) bool {
	return confidence < 95 || !language.IsSyllable(text)
}
