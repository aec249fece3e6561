package compose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// process is one that runs until it is told to end.
type process struct {
	name  string
	log   string
	cmd   *exec.Cmd
	ended chan error
}

// start runs a command of the program; when the test ends the process does, with all that it has started.
func start(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{name: name, cmd: cmd, log: filepath.Join(t.TempDir(), name+".log"), ended: make(chan error, 1)}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		p.ended <- cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.said())
		}
	})
	return p
}

func (p *process) said() []byte {
	said, err := os.ReadFile(p.log)
	if err != nil {
		return []byte(err.Error())
	}
	return said
}

// wait waits until the process has said what matches, and gives the match's group.
func (p *process) wait(ctx context.Context, what *regexp.Regexp) (string, error) {
	var group string
	err := until(ctx, time.Minute, func() error {
		if found := what.FindSubmatch(p.said()); found != nil {
			group = string(found[1])
			return nil
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			return final{fmt.Errorf("%s ended: %w", p.name, err)}
		default:
			return fmt.Errorf("%s has not said %v", p.name, what)
		}
	})
	return group, err
}

// stop tells the process to end, as an engine does, and gives it the engine's time for it.
func (p *process) stop(grace time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("%s is told to end: %w", p.name, err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("%s ends: %w", p.name, err)
		}
		return nil
	case <-time.After(grace):
		return fmt.Errorf("%s does not end in %v", p.name, grace)
	}
}

// final is an error after which asking again is in vain.
type final struct{ error }

// until asks until there is no error, or one that is final, or patience is at its end.
func until(ctx context.Context, patience time.Duration, ask func() error) error {
	for end := time.Now().Add(patience); ; {
		err := ask()
		if last := (final{}); err == nil || errors.As(err, &last) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
