package confine

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// rules says what the filter leaves to a process.
type rules struct {
	readOnly bool // no file may be opened for writing, nor its name be changed
	exec     bool // may become another program
	fork     bool // may start processes, and so signal others
	// allThreads puts the rules in force for the whole process; without it they are for this thread and what it becomes.
	allThreads bool
}

// forbidden are calls that nothing we run has a use for, with what somebody who took it over would do with them.
func forbidden() []string {
	return []string{
		// The network. Unix sockets, too: the queue, a database or a container engine may listen on one.
		"socket", "socketpair", "connect", "bind", "listen",
		// Sockets and files past this filter.
		"io_uring_setup", "io_uring_enter", "io_uring_register",
		// Other processes.
		"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise", "kcmp",
		// Memory that the limit does not count and that outlives the process.
		"shmget", "shmat", "semget", "msgget", "mq_open", "memfd_create", "memfd_secret",
		// What Landlock does not guard: owners, modes and times of files. Devices in a writable folder.
		"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat",
		"futimesat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
		"removexattrat", "mknod", "mknodat", "open_by_handle_at",
		// The machine, for those who run as root, and the kernel's larger attack surfaces.
		"mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
		"mount_setattr", "setns", "unshare", "swapon", "swapoff", "reboot", "kexec_load", "kexec_file_load", "init_module",
		"finit_module", "delete_module", "bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl", "acct",
		"quotactl", "quotactl_fd", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname",
		"setdomainname", "iopl", "ioperm", "modify_ldt", "syslog", "vhangup", "nfsservctl", "lookup_dcookie", "fanotify_init",
		// Its process group, by which it is killed.
		"setpgid", "setsid",
	}
}

// writing are the calls that change names; with readOnly they are refused beside every opening for writing.
func writing() []string {
	return []string{
		"creat", "truncate", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link",
		"linkat", "symlink", "symlinkat",
	}
}

// Each of these bits makes an open one for writing.
const openToWrite = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC | unix.O_APPEND

// namespaces are clone's flags for new namespaces, in which an ordinary user would be root.
const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP

// notThere makes a C library use an older call, whose arguments the filter can see.
const notThere = seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)

// policy is the filter for these rules, in this process: signals are allowed to itself alone.
func (r rules) policy(known map[string]int) seccomp.Policy {
	refused := seccomp.SyscallGroup{Action: seccomp.ActionErrno}
	hidden := seccomp.SyscallGroup{Action: notThere, Names: present(known, "clone3")}
	refuse := func(names ...string) { refused.Names = append(refused.Names, present(known, names...)...) }
	refuseWhere := func(name string, conditions ...seccomp.Condition) {
		if len(present(known, name)) > 0 {
			refused.NamesWithCondtions = append(refused.NamesWithCondtions, seccomp.NameWithConditions{Name: name, Conditions: conditions})
		}
	}
	refuse(forbidden()...)
	if r.readOnly {
		refuse(writing()...)
		refuseWhere("open", seccomp.Condition{Argument: 1, Operation: seccomp.BitsSet, Value: openToWrite})
		refuseWhere("openat", seccomp.Condition{Argument: 2, Operation: seccomp.BitsSet, Value: openToWrite})
		hidden.Names = append(hidden.Names, present(known, "openat2")...)
	}
	if !r.exec {
		refuse("execve", "execveat")
	}
	refuseWhere("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsSet, Value: namespaces})
	if !r.fork {
		refuse("fork", "vfork", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
		refuseWhere("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD})
		me := uint64(os.Getpid()) //nolint:gosec // a process number is positive
		notMe := seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: me}
		// tkill stays: libpsx wakes our threads with it when Self is called again. Others are Landlock's to guard from it.
		refuseWhere("kill", notMe)
		refuseWhere("tgkill", notMe)
		refuseWhere("prlimit64", notMe, seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: 0})
	}
	return seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{refused, hidden}}
}

// present leaves out the calls that this processor's kernels never had, such as open on arm64.
func present(known map[string]int, names ...string) []string {
	var found []string
	for _, name := range names {
		if _, ok := known[name]; ok {
			found = append(found, name)
		}
	}
	return found
}

// filter puts the rules in force for good. The caller is locked to its thread.
func (r rules) filter() error {
	native, err := arch.GetInfo("")
	if err != nil {
		return fmt.Errorf("look up system calls: %w", err)
	}
	policy := r.policy(native.SyscallNames)
	program, err := policy.Assemble()
	if err != nil {
		return fmt.Errorf("assemble the filter: %w", err)
	}
	// The library lets calls of another architecture pass by the default action: a 64-bit process could open a socket
	// through the 32-bit entry. Nothing of ours does that, so whoever does is up to no good.
	const archOffset = 4 // in struct seccomp_data
	program = append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: archOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(native.ID), SkipTrue: 1},
		bpf.RetConstant{Val: uint32(seccomp.ActionKillProcess)},
	}, program...)
	raw, err := bpf.Assemble(program)
	if err != nil {
		return fmt.Errorf("assemble the filter: %w", err)
	}
	return load(raw, r.allThreads)
}

// load is the library's LoadFilter for a program that it did not make.
func load(raw []bpf.RawInstruction, allThreads bool) error {
	instructions := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		instructions[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid new privileges: %w", err)
	}
	program := unix.SockFprog{Len: uint16(len(instructions)), Filter: &instructions[0]} //nolint:gosec // some hundred
	var flags uintptr
	if allThreads {
		flags = unix.SECCOMP_FILTER_FLAG_TSYNC
	}
	thread, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags,
		uintptr(unsafe.Pointer(&program))) //nolint:gosec // the call wants an address
	runtime.KeepAlive(&program)
	switch {
	case errno != 0:
		return fmt.Errorf("set the system call filter: %w", errno)
	case thread != 0:
		return errors.New("set the system call filter: a thread has one of its own")
	}
	return nil
}
