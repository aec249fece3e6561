// Package pdfa has PDFBox judge whether files are PDF/A-1b, for tests and for the benchmark.
package pdfa

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Validator is the Java class that judges.
const Validator = "org.apache.pdfbox.preflight.Validator_A1b"

// jars is where Debian's libpdfbox2-java and what it needs lie.
const jars = "/usr/share/java"

// ClassPath is where Java finds the validator.
func ClassPath() (string, error) {
	var all []string
	for _, name := range []string{
		"preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api",
	} {
		jar := filepath.Join(jars, name+".jar")
		if _, err := os.Stat(jar); err != nil {
			return "", fmt.Errorf("find PDFBox (scripts/setup --test installs it): %w", err)
		}
		all = append(all, jar)
	}
	return strings.Join(all, ":"), nil
}

// Check fails a test whose file is no PDF/A-1b. Each call starts a Java machine: keep them few. Without the validator it tells so, and
// fails in CI.
func Check(tb testing.TB, file string) {
	tb.Helper()
	path, err := ClassPath()
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") == "" {
		tb.Logf("PDF/A of %s not validated: %v", filepath.Base(file), err)
		return
	}
	if err != nil {
		tb.Fatal(err)
	}
	said, err := exec.CommandContext(tb.Context(), "java", "-XX:TieredStopAtLevel=1", "-cp", path, Validator, file).CombinedOutput() //nolint:gosec // a test's own file
	if err != nil {
		tb.Fatalf("%s is no PDF/A-1b: %v\n%s", filepath.Base(file), err, said)
	}
}
