package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sohoa/pipeline/language"
	"sohoa/pipeline/language/ngram"
	"sohoa/scripts/score"
)

// document is a text by paragraphs.
type document struct {
	name       string
	paragraphs []string
}

// readDocuments reads all texts of a folder.
func readDocuments(dir string) ([]document, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("look for texts: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no .txt file in %s", dir)
	}
	var docs []document
	for _, file := range files { // Glob sorts them
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a text: %w", err)
		}
		docs = append(docs, document{name: filepath.Base(file)})
		for line := range strings.SplitSeq(language.Normalize(string(raw)), "\n") {
			if name, ok := strings.CutPrefix(line, "###"); ok {
				docs = append(docs, document{name: strings.TrimSpace(name)})
				continue
			}
			last := &docs[len(docs)-1]
			last.paragraphs = append(last.paragraphs, line)
		}
	}
	return docs, nil
}

const (
	// shingle is how many syllables in a row are compared.
	shingle = 7
	// tooAlike is the share of a true text's shingles that a document may have. Decisions of one kind share their preamble and
	// half of a page; the document itself shares nearly all.
	tooAlike = 0.45
)

// leaveOut drops the documents that are, or are much like, one of the true texts in a folder, and tells which.
func leaveOut(docs []document, dir string, out io.Writer) ([]document, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.gt.txt"))
	if err != nil {
		return nil, fmt.Errorf("look for true texts: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no .gt.txt file in %s", dir)
	}
	var truths []map[string]bool
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a true text: %w", err)
		}
		truths = append(truths, shingles(score.WithoutMarks(string(raw))))
	}
	var kept []document
	for _, d := range docs {
		has := shingles(strings.Join(d.paragraphs, "\n"))
		most, of := 0.0, ""
		for i, t := range truths {
			if share := shared(t, has); share > most {
				most, of = share, files[i]
			}
		}
		if most >= tooAlike {
			fmt.Fprintf(out, "left out: %s has %.0f %% of %s\n", d.name, 100*most, filepath.Base(of))
			continue
		}
		kept = append(kept, d)
	}
	return kept, nil
}

func shingles(text string) map[string]bool {
	syllables := score.Syllables(strings.ToLower(language.Normalize(text)))
	set := make(map[string]bool)
	for i := 0; i+shingle <= len(syllables); i++ {
		set[strings.Join(syllables[i:i+shingle], " ")] = true
	}
	return set
}

// shared is the share of a that is in b.
func shared(a, b map[string]bool) float64 {
	if len(a) == 0 {
		return 0
	}
	n := 0
	for s := range a {
		if b[s] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

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
