package confine

import (
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// leastRoom is below how many bytes left a folder counts as full. A tool that found no room may have removed what it had
// written by the time it is asked for, and writes in pieces.
const leastRoom = 8 << 20

// Room tells whether there is room in a folder; where there is hardly any, the error is syscall.ENOSPC.
func Room(folder string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return fmt.Errorf("look how much room there is: %w", &fs.PathError{Op: "statfs", Path: folder, Err: err})
	}
	// A filesystem that does not count, as a tmpfs without a limit, says 0 of 0.
	full := s.Blocks > 0 && s.Bavail < leastRoom/uint64(max(s.Frsize, 1)) //nolint:gosec // positive
	if full || s.Files > 0 && s.Ffree == 0 {
		return &fs.PathError{Op: "write", Path: folder, Err: unix.ENOSPC}
	}
	return nil
}

// watchRoom looks at folders until the function that it returns is called, which tells whether one was full meanwhile: a
// tool that finds no room says so in words alone, if at all, and removes its temporary files.
func watchRoom(folders []string) (full func() bool) {
	if len(folders) == 0 {
		return func() bool { return false }
	}
	const look = 10 * time.Millisecond
	end, found := make(chan struct{}), make(chan bool)
	isFull := func() bool {
		for _, folder := range folders {
			if Room(folder) != nil {
				return true
			}
		}
		return false
	}
	go func() {
		tick := time.NewTicker(look)
		defer tick.Stop()
		seen := false
		for {
			select {
			case <-tick.C:
				seen = seen || isFull()
			case <-end:
				found <- seen || isFull()
				return
			}
		}
	}()
	return func() bool {
		close(end)
		return <-found
	}
}
