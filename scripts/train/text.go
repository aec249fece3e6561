package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa/pipeline/language"
)

// written is a text in the characters that the model writes for it.
func written(text string) string {
	return strings.NewReplacer("…", "...", "–", "-", "\u2212", "-", "‘", "’").Replace(language.Normalize(text))
}

// readText reads the paragraphs of the official texts in a folder, without what no paper has: letters of other scripts, runs of
// dots. * and _ would change the cut.
func readText(folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no *.txt in %s: name a folder with official texts", folder)
	}
	var out []string
	for _, file := range files {
		f, err := os.Open(file) //nolint:gosec // the caller's
		if err != nil {
			return nil, fmt.Errorf("read official text: %w", err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			text := strings.Join(strings.Fields(written(strings.NewReplacer("*", "", "_", " ").Replace(lines.Text()))), " ")
			if paragraph(text) {
				out = append(out, text)
			}
		}
		err = lines.Err()
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return nil, fmt.Errorf("read official text %s: %w", file, err)
		}
	}
	return out, nil
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
