package main

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/pipeline/page"
	"sohoa/scripts/score"
)

// verdict says what became of a changed word.
type verdict string

const (
	better      verdict = "better"
	worseChange verdict = "worse"
	stillWrong  verdict = "still wrong"
)

// change is a word that repair changed.
type change struct {
	paper           string
	from, to, truth string
	verdict         verdict
}

// tally adds up papers.
type tally struct {
	without, with             score.Score
	digitsWithout, digitsWith digits
	changes                   []change
}

// digits counts the runs of digits of the truth that a text has, too.
type digits struct{ exact, all int }

func (d digits) share() float64 {
	if d.all == 0 {
		return 1
	}
	return float64(d.exact) / float64(d.all)
}

func (d *digits) add(truth, text string) {
	have := make(map[string]int)
	for _, run := range digitRuns(text) {
		have[run]++
	}
	for _, run := range digitRuns(truth) {
		d.all++
		if have[run] > 0 {
			have[run]--
			d.exact++
		}
	}
}

func digitRuns(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
}

// add compares one paper.
func (t *tally) add(name, truth string, pages []page.Page) {
	truth = norm.NFC.String(truth)
	var words []page.Word
	var without, with strings.Builder
	for i := range pages {
		for w := range pages[i].Words {
			words = append(words, *w)
			without.WriteString(read(w) + " ")
			with.WriteString(w.Text + " ")
		}
	}
	t.without = score.Pool(t.without, score.Compare(truth, without.String()))
	t.with = score.Pool(t.with, score.Compare(truth, with.String()))
	t.digitsWithout.add(truth, without.String())
	t.digitsWith.add(truth, with.String())
	t.changes = append(t.changes, judge(name, words, score.Syllables(truth))...)
}

// read is what the recognizer read for a word.
func read(w *page.Word) string {
	if w.Recognized != "" {
		return w.Recognized
	}
	return w.Text
}

// judge gives a verdict on each changed word, by what stands in its place in the truth.
func judge(paper string, words []page.Word, truth []string) []change {
	var all []string // syllables as they were read
	at := make([]int, len(words)+1)
	for i := range words {
		all = append(all, score.Syllables(read(&words[i]))...)
		at[i+1] = len(all)
	}
	place := align(all, truth)
	var changes []change
	for i := range words {
		w := &words[i]
		if w.Recognized == "" {
			continue
		}
		from, to := all[at[i]:at[i+1]], score.Syllables(w.Text)
		printed := span(place, truth, at[i], at[i+1])
		c := change{
			paper: paper, from: strings.Join(from, " "), to: strings.Join(to, " "), truth: strings.Join(printed, " "),
			verdict: stillWrong,
		}
		if slices.Equal(from, to) { // punctuation alone
			continue
		}
		switch before, after := score.Common(from, printed)*2-len(from), score.Common(to, printed)*2-len(to); {
		case after > before:
			c.verdict = better
		case after < before:
			c.verdict = worseChange
		}
		changes = append(changes, c)
	}
	return changes
}

// span is the part of the truth that the syllables from to (without) until stand for.
func span(place []int, truth []string, from, until int) []string {
	first, last := -1, -1
	for i := from; i < until; i++ {
		if place[i] >= 0 {
			if first < 0 {
				first = place[i]
			}
			last = place[i]
		}
	}
	if first < 0 {
		return nil
	}
	return truth[first : last+1]
}

// count counts the verdicts.
func (t *tally) count() map[verdict]int {
	n := make(map[verdict]int)
	for _, c := range t.changes {
		n[c.verdict]++
	}
	return n
}
