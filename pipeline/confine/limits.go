package confine

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Limits is what a confined process may use. A zero field sets no limit of that kind.
type Limits struct {
	// Memory is the most private writable memory in bytes (RLIMIT_DATA). Address space that is only reserved, as Go's
	// runtime and glibc's arenas do by the gigabyte, does not count; Go counts in steps of 64 MiB and each thread with its
	// stack of 8 MiB, so a Go child needs some 80 MiB more than it fills. Mappings of any kind are bounded, too, far more
	// generously (RLIMIT_AS, 4 GiB above Memory), for the sake of shared memory, which RLIMIT_DATA does not see.
	Memory int64
	// CPU is the most processor time (RLIMIT_CPU), rounded up to whole seconds: a guard should the caller's own timeout fail.
	CPU time.Duration
	// Files is the most open files (RLIMIT_NOFILE), standard input and outputs included.
	Files int
	// FileSize is the most bytes of one file that it writes (RLIMIT_FSIZE). Pipes are not files.
	FileSize int64
	// Nice lowers the priority (nice(2), 0 to 19): what has a higher one goes first where they share a core.
	Nice int
}

// lowerPriority lowers the priority of this process, which leads a process group of its own, with all its threads.
func (l Limits) lowerPriority() error {
	if l.Nice <= 0 {
		return nil
	}
	if err := unix.Setpriority(unix.PRIO_PGRP, 0, l.Nice); err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	// Where the kernel groups processes by session to share out the cores, ours is a session: its group counts, not it.
	err := os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(l.Nice)), 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("lower the session's priority: %w", err)
	}
	return nil
}

// reserve is how much more than its memory a process may map.
const reserve = 4 << 30

// apply sets the limits for this process and whatever it becomes; memory last, since we need a little ourselves.
func (l Limits) apply(memory bool) error {
	type limit struct {
		name       string
		resource   int
		soft, hard int64
	}
	seconds := int64(math.Ceil(l.CPU.Seconds()))
	limits := []limit{
		// With both the same the kernel would skip SIGXCPU, which tells us why the process died.
		{"processor time", unix.RLIMIT_CPU, seconds, seconds + 1},
		{"open files", unix.RLIMIT_NOFILE, int64(l.Files), int64(l.Files)},
		{"file size", unix.RLIMIT_FSIZE, l.FileSize, l.FileSize},
	}
	if memory && l.Memory > 0 {
		mapped := l.Memory + min(reserve, math.MaxInt64-l.Memory)
		limits = append(limits, limit{"mappings", unix.RLIMIT_AS, mapped, mapped}, limit{"memory", unix.RLIMIT_DATA, l.Memory, l.Memory})
	}
	// A core dump would hold a citizen's paper. 1 and not 0: the kernel would still feed a program in core_pattern.
	if err := setLimit(unix.RLIMIT_CORE, 1, 1); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	for _, r := range limits {
		if r.soft <= 0 {
			continue
		}
		if err := setLimit(r.resource, uint64(r.soft), uint64(r.hard)); err != nil { //nolint:gosec // positive
			return fmt.Errorf("limit %s: %w", r.name, err)
		}
	}
	return nil
}

// setLimit lowers a limit; one that is lower already stays, since only root may raise it.
func setLimit(resource int, soft, hard uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return fmt.Errorf("look at the limit: %w", err)
	}
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: min(soft, now.Max), Max: min(hard, now.Max)})
}
