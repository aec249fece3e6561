package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The table stands in the README between these lines.
const (
	tableBegin = "<!-- scripts/bench writes from here -->"
	tableEnd   = "<!-- to here -->"
)

// errNoPlace says that the README does not have the two marks, once each and in order.
var errNoPlace = errors.New("it needs the lines " + tableBegin + " and " + tableEnd + ", once each and in this order")

// replaceTable puts a table between the marks of a document.
func replaceTable(document, table string) (string, error) {
	before, rest, found := strings.Cut(document, tableBegin)
	_, after, closed := strings.Cut(rest, tableEnd)
	if !found || !closed || strings.Count(document, tableBegin) != 1 || strings.Count(document, tableEnd) != 1 {
		return "", errNoPlace
	}
	return before + tableBegin + "\n" + strings.TrimSpace(table) + "\n" + tableEnd + after, nil
}

// updateREADME writes the table into a file; an empty table only tries whether that will be possible.
func updateREADME(path, table string) error {
	document, err := os.ReadFile(path) //nolint:gosec // the project's own README
	if err != nil {
		return fmt.Errorf("update the README: %w", err)
	}
	updated, err := replaceTable(string(document), table)
	if err != nil {
		return fmt.Errorf("update %s: %w", path, err)
	}
	if table == "" {
		return nil
	}
	if err := os.WriteFile(path, []byte(updated), 0o644); err != nil { //nolint:gosec // a README is for all to read
		return fmt.Errorf("update the README: %w", err)
	}
	return nil
}
