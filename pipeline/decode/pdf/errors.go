package pdf

import (
	"errors"
	"fmt"
)

// ErrNoPage is returned for a page number that the document does not have.
var ErrNoPage = errors.New("there is no such page in the file")

// LimitError says which limit a file goes beyond.
type LimitError struct {
	What string // "pages", "pixels" or "bytes of structure"
	Has  int64
	Most int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("it has %d %s, more than the %d allowed", e.Has, e.What, e.Most)
}

// EncryptedError says that the document does not open without a password.
type EncryptedError struct{}

func (*EncryptedError) Error() string { return "the PDF is locked with a password" }

// Hint says what to do about it.
func (*EncryptedError) Hint() string {
	return "open it with its password, print or save it without one (qpdf --password=… --decrypt IN OUT) and hand that in"
}

// BrokenError says that neither tool can make sense of the file.
type BrokenError struct{ Err error }

func (e *BrokenError) Error() string {
	return fmt.Sprintf("the PDF is damaged beyond repair: %v", e.Err)
}

func (e *BrokenError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (*BrokenError) Hint() string {
	return "fetch the file again from its source, or scan the paper anew"
}

// CannotStandError says why a page's image cannot stand in a PDF/A-1 as it is; the caller uses a rendering.
type CannotStandError struct {
	Page   int
	Reason string
}

func (e *CannotStandError) Error() string {
	return fmt.Sprintf("the image of page %d cannot stand as it is: %s", e.Page, e.Reason)
}
