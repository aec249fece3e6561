package services

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// PostgreSQL's processes each open a session, and with it a group, of their own. A signal to the first one's group would
// leave the others as they are: those of open connections would answer while the server is "paused", and after a "kill"
// hold the memory without which no new server starts.

// signalTree sends SIGSTOP, SIGCONT or SIGKILL to a process and its children. Only that process starts others: it is
// stopped first, so that none is missed. After SIGSTOP it waits until the children stand still, after SIGKILL until they
// are gone.
func signalTree(pid int, sig syscall.Signal) error {
	if err := errors.Join(send(pid, syscall.SIGSTOP), await(stopped, pid)); err != nil {
		return err
	}
	children := childrenOf(pid)
	var failed error
	for _, child := range children {
		failed = errors.Join(failed, send(child, sig))
	}
	switch sig {
	case syscall.SIGSTOP:
		return errors.Join(failed, await(stopped, children...))
	case syscall.SIGKILL:
		return errors.Join(failed, send(pid, sig), await(gone, children...))
	}
	return errors.Join(failed, send(pid, sig))
}

// send is kill(2); that there is nobody any more is no error.
func send(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("send %v to %d: %w", sig, pid, err)
	}
	return nil
}

// await waits for what the kernel does to processes in a moment.
func await(done func(pid int) bool, pids ...int) error {
	end := time.Now().Add(10 * time.Second)
	for _, pid := range pids {
		for !done(pid) {
			if time.Now().After(end) {
				return fmt.Errorf("process %d is still in state %s", pid, state(pid))
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// gone tells whether a process runs no more; one that nobody has waited for yet does not.
func gone(pid int) bool { return strings.Contains("ZX", state(pid)) }

// stopped tells whether a process stands still with all its threads: each stops when it next has to do with the kernel. One
// that is gone does so, too.
func stopped(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	return !slices.ContainsFunc(threads, func(file string) bool {
		state, _, ok := stat(file)
		return ok && !strings.Contains("TtZX", state)
	})
}

// state is a process's state, one letter as in proc(5); X where there is no such process.
func state(pid int) string {
	state, _, ok := stat(fmt.Sprintf("/proc/%d/stat", pid))
	if !ok {
		return "X"
	}
	return state
}

// childrenOf are the processes that this one has started and that are not waited for yet.
func childrenOf(pid int) (children []int) {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range processes {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		if _, parent, ok := stat(file); ok && parent == pid {
			children = append(children, child)
		}
	}
	return children
}

// stat gives the state and the parent out of a process's or a thread's file; they follow its name, which may hold anything.
func stat(file string) (state string, parent int, ok bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", 0, false
	}
	words := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(words) < 2 {
		return "", 0, false
	}
	parent, err = strconv.Atoi(words[1])
	return words[0], parent, err == nil
}
