package confine

import (
	"errors"
	"syscall"
)

// MachineError says that this machine cannot do what was asked, whatever the file: the next one would fare no better here.
type MachineError struct{ Err error }

func (e *MachineError) Error() string { return e.Err.Error() }

// Unwrap gives what is wrong.
func (e *MachineError) Unwrap() error { return e.Err }

// MachineFault tells whether an error is this machine's and no file's: a *MachineError or *NotInstalledError, or the kernel
// that has nothing left of what every process needs.
func MachineFault(err error) bool {
	var machine *MachineError
	var missing *NotInstalledError
	if errors.As(err, &machine) || errors.As(err, &missing) {
		return true
	}
	for _, errno := range []syscall.Errno{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO, // the disk
		syscall.EMFILE, syscall.ENFILE, // open files
		syscall.ENOMEM, syscall.EAGAIN, // memory and processes
	} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
