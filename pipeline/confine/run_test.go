package confine

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for tool, words := range map[string]string{
		"pdftoppm": "apt install poppler-utils", "qpdf": "apt install qpdf", "gs": "apt install ghostscript",
		"nothing-of-this-name": "not installed", "/nowhere/pdfinfo": "apt install poppler-utils",
	} {
		_, err := Run(t.Context(), Command(t.Context(), Limits{}, nil, tool), mostSaid)
		var missing *NotInstalledError
		if !errors.As(err, &missing) || missing.Tool != tool || !strings.Contains(err.Error(), words) || !errors.Is(err, exec.ErrNotFound) {
			t.Errorf("%s: %v", tool, err)
		}
	}
}

func TestMissingWritableFolder(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), Command(t.Context(), Limits{}, []string{"/no/such/folder"}, "true"), mostSaid)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestErrorSaysHowItEnded(t *testing.T) {
	t.Parallel()
	sh := func(script string) []string { return []string{"sh", "-c", script} }
	probe := func(what string) []string { return []string{"", "probe", what} }
	for name, c := range map[string]struct {
		limits  Limits
		command []string
		timeout time.Duration
		want    Error
		words   string
	}{
		"status":  {command: sh("echo one >&2; echo two >&2; exit 7"), want: Error{Tool: "sh", Status: 7, Said: "one two"}, words: "sh failed (status 7): one two"},
		"signal":  {command: sh("kill -SEGV $$"), want: Error{Tool: "sh", Signal: syscall.SIGSEGV}, words: "sh crashed (segmentation fault)"},
		"outside": {command: sh("kill -KILL $$"), want: Error{Tool: "sh", Signal: syscall.SIGKILL, Memory: true}, words: "want of memory"},
		"wall":    {command: []string{"sleep", "60"}, timeout: 200 * time.Millisecond, want: Error{Tool: "sleep", Signal: syscall.SIGKILL, Late: true}, words: "sleep was stopped: it took too long"},
		"cpu":     {command: sh("while :; do :; done"), limits: Limits{CPU: time.Second}, want: Error{Tool: "sh", Signal: syscall.SIGXCPU, Late: true}, words: "took too long"},
		"cpu, Go": {command: probe("spin"), limits: Limits{CPU: time.Second}, want: Error{Late: true, Signal: syscall.SIGKILL}, words: "took too long"},
		"output":  {command: []string{"yes"}, want: Error{Tool: "yes", Signal: syscall.SIGKILL, Overflow: true}, words: "yes wrote more than it may"},
		"memory":  {command: []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=1G", "count=1"}, limits: Limits{Memory: 64 * mib}, want: Error{Tool: "dd", Status: 1}, words: "memory exhausted"},
		"fork":    {command: sh("(:) & wait"), want: Error{Tool: "sh", Status: 2}, words: "Cannot fork"},
		"files":   {command: []string{"cat", "/dev/null", "/dev/null"}, limits: Limits{Files: 3}, want: Error{Tool: "cat", Status: 127}, words: "error while loading shared libraries"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(c.timeout, 20*time.Second))
			defer cancel()
			cmd := Command(ctx, c.limits, nil, c.command[0], c.command[1:]...)
			if c.command[0] == "" {
				cmd = Child(ctx, c.limits, nil, c.command[1:]...)
				c.want.Tool = filepath.Base(os.Args[0])
			}
			_, err := Run(ctx, cmd, mostSaid)
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("%v", err)
			}
			if got.Tool != c.want.Tool || got.Late != c.want.Late || got.Memory != c.want.Memory || got.Signal != c.want.Signal ||
				got.Status != c.want.Status || got.Overflow != c.want.Overflow || c.want.Said != "" && got.Said != c.want.Said {
				t.Errorf("%#v", *got)
			}
			if !strings.Contains(err.Error(), c.words) {
				t.Errorf("%q does not say %q", err, c.words)
			}
		})
	}
}

func TestOutputIsKept(t *testing.T) {
	t.Parallel()
	out, err := Run(t.Context(), Command(t.Context(), Limits{}, nil, "printf", "abc"), 3)
	if err != nil || string(out) != "abc" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := Run(t.Context(), Command(t.Context(), Limits{}, nil, "printf", "abcd"), 3); err == nil {
		t.Error("four bytes passed as three")
	}
	cmd := Command(t.Context(), Limits{}, nil, "cat")
	cmd.Stdin = strings.NewReader("through")
	if out, err := Run(t.Context(), cmd, mostSaid); err != nil || string(out) != "through" {
		t.Errorf("%q, %v", out, err)
	}
	if cmd.ProcessState == nil || cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss <= 0 {
		t.Error("no account of what it used")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenWriterStopsTheTool(t *testing.T) {
	t.Parallel()
	err := Stream(t.Context(), Command(t.Context(), Limits{}, nil, "yes"), brokenWriter{}, 1<<40)
	var e *Error
	if !errors.Is(err, io.ErrClosedPipe) || !errors.As(err, &e) || e.Overflow || e.Memory {
		t.Errorf("%v", err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	tail := &Tail{Most: 10}
	for _, s := range []string{"first\n", strings.Repeat("x", 100), "\nlast \xff"} {
		if n, err := io.WriteString(tail, s); n != len(s) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := tail.String(); got != "xxx last �" {
		t.Errorf("%q", got)
	}
	both := &Tail{First: 8, Most: 4}
	for _, c := range []struct{ write, want string }{
		{"fatal", "fatal"}, {": no", "fatal: no"}, {"w", "fatal: now"}, {"here and", "fatal: n … and"}, {" then", "fatal: n … then"},
	} {
		if _, err := io.WriteString(both, c.write); err != nil || both.String() != c.want {
			t.Errorf("%q, want %q, %v", both.String(), c.want, err)
		}
	}
	both.Reset()
	if got := both.String(); got != "" {
		t.Errorf("%q", got)
	}
}
