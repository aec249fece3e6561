package main

import (
	"slices"
	"strings"

	"sohoa/pipeline/language/ngram"
	"sohoa/scripts/texts"
)

type (
	pair   [2]int
	triple [3]int
)

// counts are how often the texts have each word, pair and triple; words are numbered as the model's are, sorted.
type counts struct {
	words   []string
	word    []int
	pairs   map[pair]int
	triples map[triple]int
	listed  map[pair]bool // pairs of general Vietnamese
}

// count counts documents, and takes the pairs of a list into account.
func count(docs []texts.Document, listed []listedPair, least int) *counts {
	often := map[string]int{ngram.Unknown: least, ngram.Mixed: least, ngram.Break: least, ngram.Small: least, ngram.Number: least, ngram.Year: least}
	for _, d := range docs {
		for _, p := range d.Paragraphs {
			for _, key := range keys(p) {
				often[key]++
			}
		}
	}
	for _, p := range listed {
		often[p[0]]++
		often[p[1]]++
	}
	c := &counts{pairs: make(map[pair]int), triples: make(map[triple]int), listed: make(map[pair]bool)}
	for key, n := range often {
		if n >= least {
			c.words = append(c.words, key)
		}
	}
	slices.Sort(c.words)
	number := make(map[string]int, len(c.words))
	for i, w := range c.words {
		number[w] = i
	}
	c.word = make([]int, len(c.words))
	for _, p := range listed {
		a, knowsA := number[p[0]]
		b, knowsB := number[p[1]]
		if knowsA && knowsB {
			c.listed[pair{a, b}] = true
		}
	}
	for _, d := range docs {
		for _, p := range d.Paragraphs {
			c.paragraph(keys(p), number)
		}
	}
	return c
}

// paragraph counts one paragraph, which begins behind two breaks and ends with one.
func (c *counts) paragraph(keys []string, number map[string]int) {
	breakID := number[ngram.Break]
	a, b := breakID, breakID
	for _, key := range append(keys, ngram.Break) {
		id, known := number[key]
		if !known {
			id = number[unknownKey(key)]
		}
		if id == breakID && b == breakID {
			continue
		}
		c.word[id]++
		c.pairs[pair{b, id}]++
		c.triples[triple{a, b, id}]++
		a, b = b, id
	}
}

// unknownKey is the class of a word that the model does not have.
func unknownKey(key string) string {
	if strings.ContainsAny(key, "0123456789") {
		return ngram.Mixed
	}
	return ngram.Unknown
}

func keys(paragraph string) []string {
	var all []string
	for word := range strings.FieldsSeq(paragraph) {
		for _, t := range ngram.Tokens(word) {
			all = append(all, t.Key)
		}
	}
	return all
}
