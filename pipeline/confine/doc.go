// Package confine runs programs that touch hostile bytes: the recognition children and the tools for PDFs. A confined
// process has limits on memory, processor time, open files and file sizes, no network, no secrets in its environment, and
// may write nowhere but in the folders that it is given.
//
// A tour:
//
//   - limits.go: Limits, what a process may use.
//   - command.go: Command, an exec.Cmd whose process is confined before its first instruction: our own binary starts,
//     confines itself (Init) and becomes the tool. Nothing can happen between start and limit.
//   - apply.go: how: rlimits, no new privileges, a seccomp filter, Landlock where the kernel has it.
//   - run.go: Run, for tools that do one thing and end, and Error, which says in plain words what became of them.
//
// Every program that calls Command, tests included, must call Init first of all in main (or TestMain).
package confine
