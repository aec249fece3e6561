package confine

import (
	"errors"
	"fmt"
	"os"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// We speak to Landlock one step below go-landlock's own interface, which always confines all threads: stopping and waking
// each of them costs up to 25 ms on a busy machine, and a process that is about to become a tool needs it for one only.

const (
	reading = ll.AccessFSExecute | ll.AccessFSReadFile | ll.AccessFSReadDir
	// writingBelow is what may be done below a writable folder: devices, pipes, sockets and names from elsewhere are not made there.
	writingBelow = reading | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile |
		ll.AccessFSMakeDir | ll.AccessFSMakeReg | ll.AccessFSMakeSym
)

// landlockVersion is that of the kernel's interface, 0 where it has none or does not let us use it.
func landlockVersion() int {
	version, err := ll.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return version
}

// guardsFiles tells whether this kernel's Landlock keeps a process from changing files in every way that we know of.
func guardsFiles() bool {
	const truncation = 3
	return landlockVersion() >= truncation
}

// ruleset is all that a kernel of this version can restrict: files since 1 (Linux 5.13), moving them 2, truncation 3,
// TCP 4, devices' ioctls 5, signals and abstract sockets 6 (Linux 6.12), sockets with names 9, UDP 10.
func ruleset(version int) *ll.RulesetAttr {
	r := &ll.RulesetAttr{HandledAccessFS: ll.AccessFSRefer - 1} // all that is older than moving
	for _, more := range []struct {
		since int
		to    *uint64
		bits  uint64
	}{
		{2, &r.HandledAccessFS, ll.AccessFSRefer},
		{3, &r.HandledAccessFS, ll.AccessFSTruncate},
		{4, &r.HandledAccessNet, ll.AccessNetBindTCP | ll.AccessNetConnectTCP},
		{5, &r.HandledAccessFS, ll.AccessFSIoctlDev},
		{6, &r.Scoped, ll.ScopeAbstractUnixSocket | ll.ScopeSignal},
		{9, &r.HandledAccessFS, ll.AccessFSResolveUnix},
		{10, &r.HandledAccessNet, ll.AccessNetBindUDP | ll.AccessNetConnectSendUDP},
	} {
		if version >= more.since {
			*more.to |= more.bits
		}
	}
	return r
}

// restrictFiles lets this thread, or all of the process, read and execute everything and write only below the folders
// given, as far as the kernel's Landlock goes.
func restrictFiles(writable []string, allThreads bool) (err error) {
	version := landlockVersion()
	if version == 0 {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("restrict files: %w", err)
		}
	}()
	attr := ruleset(version)
	rules, err := ll.LandlockCreateRuleset(attr, 0)
	if err != nil {
		return fmt.Errorf("make the rules: %w", err)
	}
	defer func() { err = errors.Join(err, unix.Close(rules)) }()
	if err := allow(rules, "/", reading); err != nil {
		return err
	}
	if err := allow(rules, os.DevNull, ll.AccessFSWriteFile|ll.AccessFSTruncate&attr.HandledAccessFS); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	for _, folder := range writable {
		if err := allow(rules, folder, writingBelow&attr.HandledAccessFS); err != nil {
			return err
		}
	}
	if allThreads {
		return errors.Join(
			ll.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
			ll.AllThreadsLandlockRestrictSelf(rules, 0))
	}
	return errors.Join(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ll.LandlockRestrictSelf(rules, 0))
}

// allow adds a rule: access below path, or to the file path.
func allow(rules int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("allow %s: %w", path, err)
	}
	err = ll.LandlockAddPathBeneathRule(rules, &ll.PathBeneathAttr{AllowedAccess: access, ParentFd: fd}, 0)
	if err = errors.Join(err, unix.Close(fd)); err != nil {
		return fmt.Errorf("allow %s: %w", path, err)
	}
	return nil
}
