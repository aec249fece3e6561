package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The test binary is also a program that holds memory, for TestWatch.
const (
	roleVariable = "BENCHMARK_TEST_ROLE"
	roleParent   = "parent" // starts a holder and waits for it
	roleHolder   = "holder" // holds holderBytes for a while
	holderBytes  = 96 << 20
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) { //nolint:forbidigo // how a re-executed test knows what it is
	case roleParent:
		child := exec.Command(os.Args[0]) //nolint:gosec,noctx // itself
		child.Env = append(os.Environ(), roleVariable+"="+roleHolder)
		if child.Run() != nil {
			os.Exit(1)
		}
	case roleHolder:
		held := bytes.Repeat([]byte{1}, holderBytes)
		time.Sleep(10 * sampleEvery)
		os.Exit(int(held[0]) - 1)
	default:
		os.Exit(m.Run())
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{
		{"-only", "beauty"},
		{"-pages", "ten"},
		{"-pages", "0"},
		{"-n", "0"},
		{"more"},
		{"-unknown"},
		{"-only", "speed", "-update-readme"},
	} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), args, &out, &errs); status != 2 {
			t.Errorf("%v: status %d, want 2", args, status)
		}
		if errs.Len() == 0 {
			t.Errorf("%v: nothing was said", args)
		}
	}
}

func TestReadmeIsTriedFirst(t *testing.T) {
	var out, errs bytes.Buffer
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte("# No place for a table\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// There is no binary to measure either; the README's fault must come up before.
	if status := run(t.Context(), []string{"-root", root, "-update-readme"}, &out, &errs); status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	if !strings.Contains(errs.String(), tableBegin) {
		t.Errorf("said %q", errs.String())
	}
}

func TestReplaceTable(t *testing.T) {
	document := "# Sohoa\n\n" + tableBegin + "\nold\n" + tableEnd + "\n\nMore.\n"
	got, err := replaceTable(document, "\n| a |\n\n")
	want := "# Sohoa\n\n" + tableBegin + "\n| a |\n" + tableEnd + "\n\nMore.\n"
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if again, err := replaceTable(got, "| a |"); err != nil || again != got {
		t.Errorf("the second time: %q, %v", again, err)
	}
	for name, bad := range map[string]string{
		"no marks": "x", "no end": tableBegin, "no begin": tableEnd, "twice": document + document,
		"wrong order": tableEnd + tableBegin,
	} {
		if _, err := replaceTable(bad, "t"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
