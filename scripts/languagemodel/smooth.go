package main

import (
	"math"
	"slices"

	"sohoa/pipeline/language/ngram"
)

// discounts are what is taken from n-grams that were counted once, twice and more often (Chen and Goodman, "An empirical
// study of smoothing techniques for language modeling", 1998, section 3).
type discounts [4]float64

func discountsOf[K comparable](n map[K]int) discounts {
	var of [5]float64 // how many n-grams were counted 1, 2, 3, 4 times
	for _, c := range n {
		if c <= 4 {
			of[c]++
		}
	}
	if of[1] == 0 || of[2] == 0 || of[3] == 0 { // texts too short to say
		return discounts{0, 0.5, 0.75, 0.75}
	}
	y := of[1] / (of[1] + 2*of[2])
	return discounts{0, 1 - 2*y*of[2]/of[1], 2 - 3*y*of[3]/of[2], max(1, 3-4*y*of[4]/of[3])}
}

func (d discounts) of(count int) float64 { return d[min(count, 3)] }

// context sums up what follows one history.
type context struct{ total, discounted float64 }

func (c context) backoff() float64 {
	if c.total == 0 {
		return 1
	}
	return c.discounted / c.total
}

// table computes the probabilities. Below the triples what counts is not how often a word or pair stands in the texts but
// behind how many others: Francisco is frequent behind San alone.
func (c *counts) table() *ngram.Table {
	behind := make(map[pair]int) // of b c: how many a
	for t := range c.triples {
		behind[pair{t[1], t[2]}]++
	}
	for p := range c.listed {
		behind[p]++ // as if it stood behind one more word
	}
	single := make(map[int]int) // of c: how many b
	pairs := 0.0
	for p := range behind {
		single[p[1]]++
		pairs++
	}
	t := &ngram.Table{Words: c.words, Word: make([]ngram.Entry, len(c.words))}
	d2, d3 := discountsOf(behind), discountsOf(c.triples)
	after := make(map[int]context) // of b
	for p, n := range behind {
		after[p[0]] = after[p[0]].with(n, d2)
	}
	afterPair := make(map[pair]context)
	for x, n := range c.triples {
		history := pair{x[0], x[1]}
		afterPair[history] = afterPair[history].with(n, d3)
	}
	// Every word has a little, also those that stand behind one other alone.
	const share = 0.5
	word := func(w int) float64 {
		return (float64(single[w]) + share) / (pairs + share*float64(len(c.words)))
	}
	for w := range c.words {
		t.Word[w] = ngram.Entry{Last: w, Log: math.Log(word(w)), Backoff: math.Log(after[w].backoff())}
	}
	probability := func(p pair) float64 {
		ctx := after[p[0]]
		return (float64(behind[p])-d2.of(behind[p]))/ctx.total + ctx.backoff()*word(p[1])
	}
	index := make(map[pair]int, len(behind))
	for i, p := range sorted(behind, func(a, b pair) int { return slices.Compare(a[:], b[:]) }) {
		index[p] = i
		t.Pairs = append(t.Pairs, ngram.Entry{Before: p[0], Last: p[1], Log: math.Log(probability(p)), Backoff: math.Log(afterPair[p].backoff())})
	}
	for _, x := range sorted(c.triples, func(a, b triple) int { return slices.Compare(a[:], b[:]) }) {
		history, n := pair{x[0], x[1]}, c.triples[x]
		before, known := index[history]
		if !known { // the breaks before a paragraph stand behind nothing
			continue
		}
		ctx := afterPair[history]
		p := (float64(n)-d3.of(n))/ctx.total + ctx.backoff()*probability(pair{x[1], x[2]})
		t.Triples = append(t.Triples, ngram.Entry{Before: before, Last: x[2], Log: math.Log(p)})
	}
	return t
}

func (c context) with(n int, d discounts) context {
	return context{total: c.total + float64(n), discounted: c.discounted + d.of(n)}
}

func sorted[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}
