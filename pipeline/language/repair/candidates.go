package repair

import (
	"cmp"
	"slices"

	"sohoa/pipeline/language"
	"sohoa/pipeline/language/ngram"
	"sohoa/pipeline/layout"
)

// The costs, in nats. They were chosen by what was changed for the better and for the worse on real scans, made pages, printed
// encyclopedia articles (the other kind of Vietnamese) and pages full of misspellings.
const (
	// natsPerPoint makes a likelihood of a difference between two of the recognizer's confidences: the median of what its own
	// probabilities say (lstm_choice_mode 1). Where the confidence is 0 there is no telling how unlikely; unheardCost is added.
	natsPerPoint, unheardCost = 0.075, 4.0
	// dearest is what the recognizer's doubt and the shapes may cost together.
	dearest = 13.0
	// markCost is that of another mark on a letter, or of a letter for a digit; letterCost that of another letter.
	markCost, letterCost = 0.5, 2.0
	// twiceCost is that of one letter read twice: QĐĐ.
	twiceCost = 4.0

	// A word that the model does not have is one of many: possible syllables, others, letters mixed with digits. Nor is a
	// number likely for being one.
	syllableCost, strangerCost, mixedCost, numberCost = 6.0, 12.0, 12.0, 3.0

	// margin is by how much another reading must be likelier; a word in the middle of a sentence that begins with a capital may
	// be a name and needs more.
	margin, nameMargin = 2.0, 3.0
	// far is how much less likely a candidate may be beside what was read around it and still be weighed.
	far = 4.0
)

const (
	// most is how many candidates a run may have, the one that was read among them.
	most = 8
	// mostEdits is how many characters of a run may be other ones, and longRun the length above which it is one.
	mostEdits = 3
	longRun   = 12
)

// candidate is one way to read a run of letters and digits.
type candidate struct {
	text string
	id   ngram.ID
	emit float64 // the logarithm of how likely it is to be read as it was, and of the word within its class
}

// speller finds what a run may be.
type speller struct {
	model   *ngram.Model
	run     run
	choices [][]layout.Choice // one for each letter of the run
	text    []rune
	found   []candidate
}

// spelled are the candidates for a run, the one that was read first.
func spelled(m *ngram.Model, text string, inCode bool, choices [][]layout.Choice) []candidate {
	read := known(m, text)
	all := []candidate{read}
	if len(choices) == 0 {
		return all
	}
	s := speller{model: m, run: newRun(text, inCode), choices: choices}
	s.spell(0, 0, 0)
	if inCode && s.run.abbreviation && read.emit < 0 {
		s.readTwice()
	}
	slices.SortStableFunc(s.found, func(a, b candidate) int { return cmp.Compare(b.emit, a.emit) })
	return append(all, s.found[:min(len(s.found), most-1)]...)
}

// spell walks through what the letters from one on may be.
func (s *speller) spell(at, edits int, cost float64) {
	letters := s.run.letters
	if at == len(letters) {
		if edits > 0 {
			s.add(string(s.text), cost)
		}
		return
	}
	read := letters[at]
	s.text = append(s.text, read)
	s.spell(at+1, edits, cost)
	s.text = s.text[:at]
	if edits == mostEdits || edits > 0 && len(letters) > longRun {
		return
	}
	confidence := 100.0
	for _, c := range s.choices[at] {
		if character(c) == read {
			confidence = c.Confidence
		}
	}
	for _, c := range s.choices[at] {
		is := character(c)
		if is == 0 || is == read {
			continue
		}
		shape, may := s.run.misread(read, is)
		dearer := cost + shape + max(0, confidence-c.Confidence)*natsPerPoint
		if c.Confidence == 0 {
			dearer += unheardCost
		}
		if !may || dearer > dearest {
			continue
		}
		s.text = append(s.text, is)
		s.spell(at+1, edits+1, dearer)
		s.text = s.text[:at]
	}
}

// readTwice adds what an abbreviation is without one of two equal letters.
func (s *speller) readTwice() {
	letters := s.run.letters
	for i := 1; i < len(letters); i++ {
		if letters[i] == letters[i-1] {
			s.add(string(letters[:i])+string(letters[i+1:]), twiceCost)
		}
	}
}

// add takes a spelling if the model knows it.
func (s *speller) add(text string, cost float64) {
	read := string(s.run.letters)
	key := ngram.Key(text)
	id, ok := s.model.ID(key)
	if !ok || !steady(text) && steady(read) {
		return
	}
	if key == ngram.Key(read) && !isNumber(text) {
		return // another placement of the tone, another case: not for us to say
	}
	s.found = append(s.found, candidate{text: text, id: id, emit: withinClass(key, true, text) - cost})
}

// known is a run as the model knows it.
func known(m *ngram.Model, text string) candidate {
	key := ngram.Key(text)
	id, ok := m.ID(key)
	if !ok && !steady(text) {
		id, _ = m.ID(ngram.Mixed)
	}
	return candidate{text: text, id: id, emit: withinClass(key, ok, text)}
}

// withinClass is the logarithm of a run's probability within the class that it is counted as.
func withinClass(key string, known bool, text string) float64 {
	switch {
	case key == ngram.Small || key == ngram.Number || key == ngram.Year:
		return -numberCost
	case known:
		return 0
	case !steady(text):
		return -mixedCost
	case language.IsSyllable(text):
		return -syllableCost
	}
	return -strangerCost
}
