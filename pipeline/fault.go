package pipeline

import (
	"errors"

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
	FaultReader    Fault = "reader"    // the reader itself is not in order: not the scan's fault
)

// FaultOf tells an error of Split, ReadPage (PageResult.Cause) or Bind. again says that trying once more may help: what the
// scan itself is stays, but a process may have died of something else.
func FaultOf(err error) (f Fault, again bool) {
	var (
		refused *child.RequestError
		late    *child.TimeoutError
		died    *child.CrashError
		limit   *decode.LimitError
		limits  *pdf.LimitError
		locked  *pdf.EncryptedError
		broken  *pdf.BrokenError
		tool    *confine.Error
		nothing *NothingReadError
	)
	switch {
	case errors.Is(err, decode.ErrEmpty):
		return FaultEmpty, false
	case errors.Is(err, decode.ErrUnknown):
		return FaultFormat, false
	case errors.As(err, &limit), errors.As(err, &limits):
		return FaultTooLarge, false
	case errors.As(err, &locked):
		return FaultProtected, false
	case errors.As(err, &refused), errors.As(err, &nothing):
		return FaultDamaged, false
	case errors.As(err, &late):
		return FaultTooSlow, true
	case errors.As(err, &died) && died.Memory:
		return FaultMemory, true
	case errors.As(err, &died):
		return FaultCrash, true
	case errors.As(err, &tool):
		return FaultDamaged, true
	case errors.As(err, &broken):
		return FaultDamaged, false
	}
	return FaultReader, true
}
