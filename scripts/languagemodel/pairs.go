package main

import (
	"fmt"
	"os"
	"strings"

	"sohoa/pipeline/language"
	"sohoa/pipeline/language/ngram"
)

// listedPair is two syllables that general Vietnamese has in a row.
type listedPair [2]string

// readPairs reads a list of word pairs, one a line, and keeps those of Vietnamese syllables, each once.
func readPairs(file string) ([]listedPair, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the pairs: %w", err)
	}
	var all []listedPair
	seen := make(map[listedPair]bool)
	for line := range strings.SplitSeq(language.Normalize(string(raw)), "\n") {
		words := strings.Fields(line)
		if len(words) != 2 || !language.IsSyllable(words[0]) || !language.IsSyllable(words[1]) {
			continue
		}
		p := listedPair{ngram.Key(words[0]), ngram.Key(words[1])}
		if !seen[p] {
			seen[p] = true
			all = append(all, p)
		}
	}
	return all, nil
}
