// Package confine runs programs that touch hostile bytes: the recognition children and the tools for PDFs. A confined
// process has limits on memory, processor time, open files and file sizes, no network, no other programs, no secrets in its
// environment, and writes nowhere but in the folders that it is given.
//
// A tour:
//
//   - limits.go: Limits, what a process may use.
//   - command.go: Command, an exec.Cmd for a tool, and Child, one for our own binary. Both start our own binary, which
//     confines itself in Init before it becomes the tool or goes on as the child: nothing happens between start and limit.
//   - self.go: Self, the same for the process that is running.
//   - files.go, syscalls.go: how: Landlock where the kernel has it, and a seccomp filter.
//   - run.go: Run and Stream, for tools that do one thing and end.
//   - time.go: WithLimit and ErrTooLong: our own limits on time, told from the caller's.
//   - room.go: whether there is room where a tool writes.
//   - errors.go: NotInstalledError and Error, which say in plain words what became of a process.
//   - machine.go: MachineFault, which tells this machine's faults from those of files.
//
// Every program that calls Command or Child, tests included, must call Init first of all in main (or TestMain).
//
// What holds where: the limits and the seccomp filter hold on every Linux that can run this at all; where the filter cannot
// be set, nothing is run. Landlock (Linux 5.13 and later, when switched on) is used as far as the kernel has it. Without it a
// process without writable folders still cannot write, because the filter refuses to open for writing; one with such folders
// is then held by file permissions alone. None of this needs privileges or user namespaces.
//
// A process dies with the thread that started it (PDEATHSIG is about threads), so Start must not be called from a goroutine
// that is locked to its thread and will end before the process does.
package confine
