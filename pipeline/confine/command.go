package confine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

const (
	// arg0 is the name under which our own binary starts in order to be confined.
	arg0 = "sohoa-confined"
	// self is our own binary, also when its file was replaced meanwhile.
	self = "/proc/self/exe"
	// notConfined is the exit status of a process that could not be confined and so was not run.
	notConfined = 125
	// grace is how long pipes may stay open after a process was killed: whoever else holds them must not hold us.
	grace = 2 * time.Second
)

// order is what the process that starts is told in its first argument. What follows is the arguments of what it is to
// become, beginning with the name.
type order struct {
	Limits   Limits
	Writable []string `json:",omitempty"`
	Path     string   `json:",omitempty"` // the tool's file; empty for a child of our own binary
	Parent   int
}

// Command is exec.CommandContext for a confined tool: name with args, within l, writing only below the folders in writable,
// which must exist. It can start no processes. Its environment holds what a tool needs and nothing of ours; the caller may
// append to cmd.Env. When ctx ends, the whole process group is killed. Run, Stream and Describe explain how it ended; its
// Start fails with a *NotInstalledError where there is no such tool.
func Command(ctx context.Context, l Limits, writable []string, name string, args ...string) *exec.Cmd {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	} else if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		err = notInstalled(name)
	}
	cmd := command(ctx, order{Limits: l, Writable: writable, Path: path}, name, args)
	if err != nil {
		cmd.Err = err
	}
	return cmd
}

// Child is Command for our own binary: it starts with args as its arguments, confined before main goes on from Init. Go's
// collector is told to keep well within l.Memory.
func Child(ctx context.Context, l Limits, writable []string, args ...string) *exec.Cmd {
	cmd := command(ctx, order{Limits: l, Writable: writable}, os.Args[0], args)
	// One page has one core; more would be threads, and each counts with its stack.
	cmd.Env = append(cmd.Env, "GOMAXPROCS=2")
	if l.Memory > 0 {
		cmd.Env = append(cmd.Env, "GOMEMLIMIT="+strconv.FormatInt(l.Memory/4*3, 10))
	}
	return cmd
}

func command(ctx context.Context, o order, name string, args []string) *exec.Cmd {
	folders, err := absolute(o.Writable)
	o.Writable, o.Parent = folders, os.Getpid()
	said, marshalErr := json.Marshal(o)
	cmd := exec.CommandContext(ctx, self, append([]string{string(said), name}, args...)...) //nolint:gosec // our own binary
	cmd.Err = errors.Join(cmd.Err, err, marshalErr)
	cmd.Args[0] = arg0
	cmd.Env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/nonexistent", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
		// Tesseract's threads cost more than they give; a page has one core.
		"OMP_THREAD_LIMIT=1",
		// Each arena more reserves memory for nothing in a process that works on one page.
		"MALLOC_ARENA_MAX=2",
	}
	if len(o.Writable) > 0 {
		cmd.Env = append(cmd.Env, "TMPDIR="+o.Writable[0]) // elsewhere it may not write
	}
	// A session of its own is a process group of its own and has no terminal to type into.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return kill(cmd) }
	cmd.WaitDelay = grace
	return cmd
}

// kill ends the process and its group.
func kill(cmd *exec.Cmd) error {
	group := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	err := cmd.Process.Kill()
	if errors.Is(group, syscall.ESRCH) && err == nil {
		return nil
	}
	return err
}

// Init must be called first of all in main and TestMain. In a process that Command started it confines itself, becomes the
// tool and never returns. In one that Child started it confines itself and returns, os.Args being those of the child. In
// every other process it does nothing.
func Init() {
	const leastArgs = 3 // arg0, the order, the name
	if len(os.Args) < leastArgs || os.Args[0] != arg0 {
		return
	}
	err := obey(os.Args[1], os.Args[2:])
	if err == nil {
		os.Args = os.Args[2:]
		return
	}
	fmt.Fprintf(os.Stderr, "confine: %v\n", err)
	os.Exit(notConfined)
}

// obey confines this process; it returns without an error only in a child of our own binary.
func obey(said string, args []string) error {
	var o order
	if err := json.Unmarshal([]byte(said), &o); err != nil {
		return fmt.Errorf("understand the order: %w", err)
	}
	if err := dieWithParent(o.Parent); err != nil {
		return err
	}
	if err := o.Limits.lowerPriority(); err != nil {
		return err
	}
	runtime.LockOSThread()
	if o.Path == "" {
		defer runtime.UnlockOSThread()
		return restrict(o.Limits, o.Writable, rules{allThreads: true})
	}
	// This thread alone becomes the tool, the others end; so it stays locked.
	environment := os.Environ()
	if err := restrict(o.Limits, o.Writable, rules{exec: true}); err != nil {
		return err
	}
	return fmt.Errorf("start %s: %w", o.Path, syscall.Exec(o.Path, args, environment)) //nolint:gosec // what Command was asked for
}

// orderOf is what a command of ours was told, and the name of what it became.
func orderOf(cmd *exec.Cmd) (order, string) {
	var o order
	const leastArgs = 3
	if len(cmd.Args) < leastArgs || cmd.Args[0] != arg0 || json.Unmarshal([]byte(cmd.Args[1]), &o) != nil {
		return order{}, filepath.Base(cmd.Path)
	}
	return o, filepath.Base(cmd.Args[2])
}
