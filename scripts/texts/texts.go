// Package texts reads the official texts that models are made of: a folder of *.txt, a paragraph a line, where a line that begins
// with ### begins another document. Read reads them, LeaveOut drops those by which a model would know what it is judged on.
package texts

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sohoa/pipeline/language"
	"sohoa/scripts/score"
)

// Document is a text by paragraphs, NFC.
type Document struct {
	Name       string
	Paragraphs []string
}

// Read reads all texts of a folder.
func Read(dir string) ([]Document, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("look for texts: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no .txt file in %s", dir)
	}
	var docs []Document
	for _, file := range files { // Glob sorts them
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a text: %w", err)
		}
		docs = append(docs, Document{Name: filepath.Base(file)})
		for line := range strings.SplitSeq(language.Normalize(string(raw)), "\n") {
			if name, ok := strings.CutPrefix(line, "###"); ok {
				docs = append(docs, Document{Name: strings.TrimSpace(name)})
				continue
			}
			last := &docs[len(docs)-1]
			last.Paragraphs = append(last.Paragraphs, line)
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

// LeaveOut drops the documents that are, or are much like, one of the true texts (*.gt.txt) in a folder, and tells which.
func LeaveOut(docs []Document, dir string, out io.Writer) ([]Document, error) {
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
	var kept []Document
	for _, d := range docs {
		has := shingles(strings.Join(d.Paragraphs, "\n"))
		most, of := 0.0, ""
		for i, t := range truths {
			if share := shared(t, has); share > most {
				most, of = share, files[i]
			}
		}
		if most >= tooAlike {
			fmt.Fprintf(out, "left out: %s has %.0f %% of %s\n", d.Name, 100*most, filepath.Base(of))
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
