package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// cost is what a program took: seconds on the clock, and of all processors, its children's included.
type cost struct{ Wall, CPU time.Duration }

// failure is a program that ended badly, with the last thing it said.
type failure struct {
	program string
	said    string
	err     error
}

func (f *failure) Error() string { return fmt.Sprintf("%s: %v: %s", f.program, f.err, f.said) }
func (f *failure) Unwrap() error { return f.err }

// command prepares a program that is ended with ctx. One thread a process is what both tesseract's users and OCRmyPDF
// choose when there is a process a core.
func command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // running other programs is this command's purpose
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// execute runs a program to its end and gives what it wrote on standard output. The error is a *failure.
func execute(ctx context.Context, program string, args ...string) ([]byte, cost, error) {
	cmd := command(ctx, program, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	c := cost{Wall: time.Since(start)}
	if cmd.ProcessState != nil {
		c.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err != nil {
		return out.Bytes(), c, &failure{program: program, said: lastLine(errs.String()), err: err}
	}
	return out.Bytes(), c, nil
}

// lastLine is the last line that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
