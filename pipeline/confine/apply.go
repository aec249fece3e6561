package confine

import (
	"fmt"
	"math"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// apply confines this process, all of its threads and whatever it starts, for good.
func apply(l Limits, writable []string) error {
	for _, r := range []struct {
		name     string
		resource int
		value    int64
	}{
		{"memory", unix.RLIMIT_DATA, l.Memory},
		{"processor time", unix.RLIMIT_CPU, int64(math.Ceil(l.CPU.Seconds()))},
		{"open files", unix.RLIMIT_NOFILE, int64(l.Files)},
		{"file size", unix.RLIMIT_FSIZE, l.FileSize},
	} {
		if r.value <= 0 {
			continue
		}
		if err := setLimit(r.resource, uint64(r.value)); err != nil {
			return fmt.Errorf("limit %s: %w", r.name, err)
		}
	}
	// A core dump would hold a citizen's paper.
	if err := setLimit(unix.RLIMIT_CORE, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	if err := restrictFiles(writable); err != nil {
		return err
	}
	return noNetwork()
}

func setLimit(resource int, value uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(resource, &now); err != nil {
		return err
	}
	value = min(value, now.Max) // lower is allowed to everybody, higher to root alone
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: value, Max: value})
}

// restrictFiles lets the process read everything and write only below the folders given, where the kernel can (Landlock,
// Linux 5.13 and later, if it is switched on); elsewhere file permissions alone hold.
func restrictFiles(writable []string) error {
	err := landlock.V3.BestEffort().RestrictPaths(
		landlock.RODirs("/"),
		landlock.RWDirs(writable...).IgnoreIfMissing(),
		landlock.RWFiles("/dev/null").IgnoreIfMissing(),
	)
	if err != nil {
		return fmt.Errorf("restrict files: %w", err)
	}
	return nil
}

// noNetwork refuses sockets of every family but Unix's, on all threads, and privileges gained by set-user-id programs.
func noNetwork() error {
	err := seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls: []seccomp.SyscallGroup{{
				NamesWithCondtions: []seccomp.NameWithConditions{{
					Name:       "socket",
					Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.NotEqual, Value: unix.AF_UNIX}},
				}},
				// io_uring can open sockets past this filter.
				Names:  []string{"io_uring_setup", "ptrace", "process_vm_readv", "process_vm_writev"},
				Action: seccomp.ActionErrno,
			}},
		},
	})
	if err != nil {
		return fmt.Errorf("forbid the network: %w", err)
	}
	return nil
}

// NoMorePrograms refuses from now on to start any program in this process: a recognition child needs none, and whoever
// takes one over shall not have a shell.
func NoMorePrograms() error {
	err := seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionAllow,
			Syscalls:      []seccomp.SyscallGroup{{Names: []string{"execve", "execveat"}, Action: seccomp.ActionErrno}},
		},
	})
	if err != nil {
		return fmt.Errorf("forbid programs: %w", err)
	}
	return nil
}

// grace is how long pipes may stay open after a process was killed: a grandchild that holds them must not hold us.
const grace = 2 * time.Second
