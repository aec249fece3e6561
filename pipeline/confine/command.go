package confine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// arg0 is the name under which our own binary starts to become a confined tool.
const arg0 = "sohoa-confined"

// Self is the name to give to Command for a confined process of our own binary.
const Self = "/proc/self/exe"

// order is what the re-executed binary is told.
type order struct {
	Limits   Limits
	Writable []string
	Path     string
	Args     []string
	Parent   int
}

// Command is exec.CommandContext for a confined process: name with args, within l, writing only below the folders in
// writable. Its environment holds what a tool needs and nothing of ours; the caller may append to cmd.Env. When ctx ends,
// the whole process group is killed.
func Command(ctx context.Context, l Limits, writable []string, name string, args ...string) *exec.Cmd {
	path, err := exec.LookPath(name)
	if err != nil {
		cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // never started: Err is set
		cmd.Err = &NotInstalledError{Tool: name}
		return cmd
	}
	if path == Self {
		// Inside the re-executed process the link means the same file; the resolved name shows in process lists.
		if path, err = os.Executable(); err != nil {
			path = Self
		}
	}
	absolute := make([]string, 0, len(writable))
	for _, dir := range writable {
		if abs, err := filepath.Abs(dir); err == nil {
			absolute = append(absolute, abs)
		}
	}
	said, err := json.Marshal(order{Limits: l, Writable: absolute, Path: path, Args: append([]string{name}, args...), Parent: os.Getpid()})
	cmd := exec.CommandContext(ctx, Self, string(said)) //nolint:gosec // our own binary
	if err != nil {
		cmd.Err = fmt.Errorf("confine %s: %w", name, err)
	}
	cmd.Args[0] = arg0
	cmd.Env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/nonexistent", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
		// Tesseract's threads cost more than they give; a page has one core.
		"OMP_THREAD_LIMIT=1",
		// One arena: each more reserves memory for nothing in a process that works on one page.
		"MALLOC_ARENA_MAX=2",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
	cmd.WaitDelay = grace
	return cmd
}

// Init must be called first of all in main and TestMain. In a process that Command started it confines itself, becomes the
// tool and never returns; in every other process it does nothing.
func Init() {
	if len(os.Args) != 2 || os.Args[0] != arg0 {
		return
	}
	err := become(os.Args[1])
	fmt.Fprintf(os.Stderr, "confine: %v\n", err)
	os.Exit(notConfined)
}

// notConfined is the exit status of a process that could not be confined and so was not run.
const notConfined = 125

func become(said string) error {
	var o order
	if err := json.Unmarshal([]byte(said), &o); err != nil {
		return fmt.Errorf("understand the order: %w", err)
	}
	if err := dieWithParent(o.Parent); err != nil {
		return err
	}
	if err := apply(o.Limits, o.Writable); err != nil {
		return err
	}
	if err := syscall.Exec(o.Path, o.Args, os.Environ()); err != nil { //nolint:gosec // what Command was asked for
		return fmt.Errorf("start %s: %w", o.Path, err)
	}
	return nil
}

// toolOf is the tool's name in an order.
func toolOf(said string) string {
	var o order
	if json.Unmarshal([]byte(said), &o) != nil || len(o.Args) == 0 {
		return "tool"
	}
	return filepath.Base(o.Args[0])
}
