package main

import (
	"errors"
	"fmt"
	"testing"
)

func TestExitStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"help"}, statusDone},
		{[]string{"read"}, statusUsage},
		{[]string{"read", "--jobs", "none", "x"}, statusUsage},
		{[]string{"read", "--page-time", "1ms", "x"}, statusUsage},
		{[]string{"nothing"}, statusUsage},
		{[]string{"read", "-o", t.TempDir(), "/does/not/exist.jpg"}, statusFailed},
	} {
		if got := run(c.args); got != c.want {
			t.Errorf("sohoa %v ends with %d, want %d", c.args, got, c.want)
		}
	}
}

func TestHintsComeFromTheError(t *testing.T) {
	t.Parallel()
	if h := hint(fmt.Errorf("read: %w", hinting{})); h != "do that" {
		t.Errorf("hint %q", h)
	}
	if h := hint(errors.New("plain")); h != "" {
		t.Errorf("hint %q for an error without one", h)
	}
}

type hinting struct{}

func (hinting) Error() string { return "it" }
func (hinting) Hint() string  { return "do that" }
