package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa/pipeline/language"
	"sohoa/scripts/texts"
)

// written is a text in the characters that the model writes for it.
func written(text string) string {
	return strings.NewReplacer("…", "...", "–", "-", "\u2212", "-", "‘", "’").Replace(language.Normalize(text))
}

// readText reads the paragraphs of the official texts in a folder, but for those of the scans on which models are judged, and without
// what no paper has: letters of other scripts, runs of dots. * and _ would change the cut.
func readText(folder, scans string, out io.Writer) ([]string, error) {
	docs, err := texts.Read(folder)
	if err == nil {
		docs, err = texts.LeaveOut(docs, scans, out)
	}
	if err != nil {
		return nil, fmt.Errorf("read official text: %w", err)
	}
	var all []string
	for _, doc := range docs {
		for _, line := range doc.Paragraphs {
			text := strings.Join(strings.Fields(written(strings.NewReplacer("*", "", "_", " ").Replace(line))), " ")
			if paragraph(text) {
				all = append(all, text)
			}
		}
	}
	return all, nil
}

// paragraph tells whether a line is text that a paper may have.
func paragraph(text string) bool {
	n := utf8.RuneCountInString(text)
	if n < 3 || n > 900 || strings.HasPrefix(text, "#") || strings.Contains(text, "....") {
		return false
	}
	for _, r := range text {
		if r > 0x1EF9 && !strings.ContainsRune("“”’—", r) || unicode.IsControl(r) {
			return false
		}
	}
	return true
}
