package confine

import "time"

// Limits is what a confined process may use. A zero field sets no limit of that kind.
type Limits struct {
	// Memory is the most private writable memory in bytes (RLIMIT_DATA). Address space that is only reserved, as Go and
	// glibc do by the gigabyte, does not count, so RLIMIT_AS would be of no use.
	Memory int64
	// CPU is the most processor time, in whole seconds (RLIMIT_CPU): a guard should the caller's own timeout fail.
	CPU time.Duration
	// Files is the most open files.
	Files int
	// FileSize is the most bytes of one file that it writes.
	FileSize int64
}
