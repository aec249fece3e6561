package confine

import (
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	llsyscall "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// restrictFiles lets the process read and execute everything and write only below the folders given, as far as the
// kernel's Landlock goes: not at all before Linux 5.13, truncation since 6.2, devices since 6.10, signals to others since
// 6.12. It holds for all threads.
func restrictFiles(writable []string) error {
	rules := []landlock.Rule{landlock.RODirs("/"), landlock.RWFiles("/dev/null").IgnoreIfMissing()}
	if len(writable) > 0 {
		rules = append(rules, landlock.RWDirs(writable...))
	}
	if err := landlock.V9.BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("restrict files: %w", err)
	}
	return nil
}

// guardsFiles tells whether this kernel's Landlock keeps a process from changing files in every way that we know of.
func guardsFiles() bool {
	const truncation = 3
	version, err := llsyscall.LandlockGetABIVersion()
	return err == nil && version >= truncation
}
