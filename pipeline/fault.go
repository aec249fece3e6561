package pipeline

import (
	"errors"
	"io/fs"
	"syscall"

	"sohoa/pipeline/child"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/decode/pdf"
)

// Fault names what is wrong where a paper or a page could not be read, for whoever counts faults or tells people of them.
type Fault string

// The faults of a scan.
const (
	FaultEmpty     Fault = "empty"     // the file has no bytes
	FaultFormat    Fault = "format"    // the file is of no known kind
	FaultProtected Fault = "protected" // it opens with a password alone
	FaultDamaged   Fault = "damaged"   // it is broken, or made in a way that we cannot read
	FaultTooLarge  Fault = "too_large" // it goes beyond the limits on pixels or pages
	FaultTooSlow   Fault = "too_slow"  // it took longer than a page may
	FaultMemory    Fault = "memory"    // it needed more memory than a page may
	FaultCrash     Fault = "crash"     // the reader died over it
	FaultMachine   Fault = "machine"   // this machine cannot read now: a tool, room, memory or processes are missing
	FaultReader    Fault = "reader"    // the reader itself is not in order: not the scan's fault
)

// FaultOf tells an error of Split, ReadPage (PageResult.Cause), Bind or Check. again says that trying once more may help: what
// the scan itself is stays, but a process may have died of something else, and a machine is put in order.
//
// FaultTooSlow is for our own limits on time; such an error is not context.DeadlineExceeded. One that is comes of the caller's
// context, which is to be asked first: it says nothing of the scan.
func FaultOf(err error) (f Fault, again bool) {
	if f := faultOfScan(err); f != "" {
		return f, false
	}
	var (
		refused *child.RequestError
		late    *child.TimeoutError
		died    *child.CrashError
		broken  *pdf.BrokenError
		tool    *confine.Error
		nothing *NothingReadError
	)
	switch {
	case errors.As(err, &refused) && ownLimit(refused.Errno):
		return FaultMemory, true
	case confine.MachineFault(err):
		return FaultMachine, true
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return FaultReader, true // the file is gone, or may not be opened
	case errors.As(err, &refused):
		return FaultDamaged, false
	case errors.Is(err, confine.ErrTooLong), errors.As(err, &late), errors.As(err, &tool) && tool.Late:
		return FaultTooSlow, true
	case errors.As(err, &died) && died.Memory, errors.As(err, &tool) && tool.Memory:
		return FaultMemory, true
	case errors.As(err, &died):
		return FaultCrash, true
	case errors.As(err, &tool):
		return FaultDamaged, true
	case errors.As(err, &broken), errors.As(err, &nothing):
		return FaultDamaged, false
	}
	return FaultReader, true
}

// ownLimit tells the errors that a child meets at its own limits, which a page may run into at any time on a machine that has
// plenty: waiting for the machine to be put in order would not end.
func ownLimit(errno syscall.Errno) bool {
	return errno == syscall.ENOMEM || errno == syscall.EAGAIN || errno == syscall.EMFILE
}

// faultOfScan tells the errors that are about the scan as it is, "" for others.
func faultOfScan(err error) Fault {
	var (
		limit  *decode.LimitError
		limits *pdf.LimitError
		locked *pdf.EncryptedError
	)
	switch {
	case errors.Is(err, decode.ErrEmpty):
		return FaultEmpty
	case errors.Is(err, decode.ErrUnknown):
		return FaultFormat
	case errors.As(err, &limit), errors.As(err, &limits):
		return FaultTooLarge
	case errors.As(err, &locked):
		return FaultProtected
	}
	return ""
}
