package services

import (
	"os"
	"syscall"
	"testing"
)

// SmallDisk puts a file system of its own on a folder, until the test ends; options are tmpfs's ("size=16m"). Only root may
// mount: others' tests that need one are skipped, except in CI.
func SmallDisk(tb testing.TB, dir, options string) {
	tb.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatal(err)
		}
		tb.Skipf("a small disk cannot be mounted: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			tb.Errorf("unmount: %v", err)
		}
	})
}
