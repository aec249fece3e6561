package confine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// Self confines the process that is running, all its threads and whatever it starts, for good: l in force, no network, no
// new privileges, no writing but below the folders in writable, which must exist. Without allowExec it can start no
// program and no process any more; with it, it can, confined alike.
//
// What it holds already stays: open files and sockets, and memory, which counts. On an error the process may be confined in
// part and should end.
func Self(l Limits, writable []string, allowExec bool) error {
	folders, err := absolute(writable)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return restrict(l, folders, rules{exec: allowExec, fork: allowExec, allThreads: true})
}

// restrict is what Self and Init share. The caller is locked to its thread: the kernel hands on to the others, or to what
// the thread becomes, what this one has.
func restrict(l Limits, writable []string, r rules) error {
	if err := restrictFiles(writable, r.allThreads); err != nil {
		return err
	}
	// The filter cannot tell /dev/null, which programs like to open for writing, from other files. Where Landlock stands
	// guard they may; our own code, which has no such habit, may not.
	r.readOnly = len(writable) == 0 && (!r.exec || !guardsFiles())
	if err := r.filter(); err != nil {
		return err
	}
	return l.apply(limitOwnMemory || !r.allThreads)
}

// absolute gives the folders' full names, whatever the working folder will be.
func absolute(folders []string) ([]string, error) {
	out := make([]string, 0, len(folders))
	for _, folder := range folders {
		full, err := filepath.Abs(folder)
		if err != nil {
			return nil, fmt.Errorf("find the writable folder %s: %w", folder, err)
		}
		info, err := os.Stat(full)
		if err != nil {
			return nil, fmt.Errorf("find the writable folder: %w", err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("the writable %s is no folder", full)
		}
		out = append(out, full)
	}
	return out, nil
}

// dieWithParent has the kernel kill this process when its parent dies, so that nothing goes on unseen.
func dieWithParent(parent int) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("ask to die with the parent: %w", err)
	}
	if os.Getppid() != parent {
		return errors.New("the parent is gone")
	}
	return nil
}
