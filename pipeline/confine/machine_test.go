package confine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sohoa/scripts/services"
)

// A tool's own limit is told from its caller's: the one is the file's fault, the other nobody's.
func TestOwnLimitIsNotTheCallers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		caller, limit, cpu time.Duration
		args               []string
		ours               bool
	}{
		"our limit":            {time.Hour, 200 * time.Millisecond, 0, []string{"sleep", "60"}, true},
		"over before it began": {time.Hour, time.Nanosecond, 0, []string{"sleep", "60"}, true},
		"processor time":       {time.Hour, time.Minute, time.Second, []string{"sh", "-c", "while :; do :; done"}, true},
		"the caller's":         {200 * time.Millisecond, time.Minute, 0, []string{"sleep", "60"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller, end := context.WithTimeout(t.Context(), c.caller)
			defer end()
			ctx, cancel := WithLimit(caller, c.limit)
			defer cancel()
			_, err := Run(ctx, Command(ctx, Limits{CPU: c.cpu}, nil, c.args[0], c.args[1:]...), mostSaid)
			var late *Error
			if !errors.As(err, &late) || !late.Late {
				t.Fatalf("%v", err)
			}
			if errors.Is(err, ErrTooLong) != c.ours || errors.Is(err, context.DeadlineExceeded) == c.ours {
				t.Errorf("%#v", late)
			}
			if MachineFault(err) {
				t.Errorf("it is called the machine's: %v", err)
			}
		})
	}
}

// What cannot be started or confined is the machine's fault; what a tool says of a file is not.
func TestMachineFaults(t *testing.T) {
	t.Parallel()
	noProgram := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(noProgram, []byte("\x00 neither a script nor a program"), 0o755); err != nil { //nolint:gosec // it is to be started
		t.Fatal(err)
	}
	run := func(writable []string, name string, args ...string) error {
		_, err := Run(t.Context(), Command(t.Context(), Limits{}, writable, name, args...), mostSaid)
		return err
	}
	notRun := run(nil, noProgram)
	var e *Error
	if !errors.As(notRun, &e) || e.Status != notConfined {
		t.Errorf("%v", notRun)
	}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"not installed":     {run(nil, "no-tool-of-this-name"), true},
		"no folder":         {run([]string{"/no/such/folder"}, "true"), true},
		"no program":        {notRun, true},
		"no room":           {&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, true},
		"quota":             {fmt.Errorf("write: %w", syscall.EDQUOT), true},
		"no more files":     {os.NewSyscallError("pipe2", syscall.EMFILE), true},
		"no more processes": {os.NewSyscallError("fork", syscall.EAGAIN), true},
		"a failure":         {run(nil, "false"), false},
		"a missing file":    {fs.ErrNotExist, false},
		"none":              {nil, false},
	} {
		if c.want && c.err == nil || MachineFault(c.err) != c.want {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

// A tool that finds no room is told from one that finds its file damaged, also if it cleans up behind itself, or says that
// all went well.
func TestNoRoomForATool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	services.SmallDisk(t, dir, "size=32m")
	if err := Room(dir); err != nil {
		t.Fatalf("an empty disk: %v", err)
	}
	for name, c := range map[string]struct {
		args []string
		full bool
	}{
		"it stops":            {[]string{"dd", "if=/dev/zero", "of=" + dir + "/a", "bs=1M", "count=64"}, true},
		"it cleans up":        {[]string{"", "probe", "fill", dir + "/b"}, true},
		"it says nothing":     {[]string{"dd", "if=/dev/zero", "of=" + dir + "/c", "bs=1M", "count=28"}, true},
		"it fails otherwise":  {[]string{"false"}, false},
		"it has room and all": {[]string{"dd", "if=/dev/zero", "of=" + dir + "/d", "bs=1M", "count=8"}, false},
	} {
		cmd := Command(t.Context(), Limits{}, []string{dir}, c.args[0], c.args[1:]...)
		if c.args[0] == "" {
			cmd = Child(t.Context(), Limits{}, []string{dir}, c.args[1:]...)
		}
		_, err := Run(t.Context(), cmd, mostSaid)
		var e *Error
		if full := errors.As(err, &e) && e.Full; full != c.full || errors.Is(err, syscall.ENOSPC) != c.full || MachineFault(err) != c.full {
			t.Errorf("%s: %v", name, err)
		}
		left, err := filepath.Glob(dir + "/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range left {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
}
