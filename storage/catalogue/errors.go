package catalogue

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound is the answer for what is not there, and for what the asker may not see.
	ErrNotFound = errors.New("not found")
	// ErrUnavailable is the answer while the database cannot be reached or is starting or stopping: later it may work.
	ErrUnavailable = errors.New("the catalogue is not available")
	// ErrFull is the answer where the database's disk is full: once there is room it works again.
	ErrFull = errors.New("the catalogue's disk is full")
	// ErrNotDue is the answer for a step that is over already, or whose reading is gone: there is nothing to do.
	ErrNotDue = errors.New("this step is over")
	// ErrOtherRevision is the answer for work that readers of another revision are to do.
	ErrOtherRevision = errors.New("this reading is for readers of another revision")
	// ErrNotRead is the answer for what can be done with a paper only after it was read.
	ErrNotRead = errors.New("the paper is not read yet")
	// ErrApprovedElsewhere is the answer for a correction of a page that is approved in a paper of another agency, too.
	ErrApprovedElsewhere = errors.New("this page is also in a paper that another agency has approved")
	// ErrOldSchema is the answer where the tables are older or newer than the program.
	ErrOldSchema = errors.New("the catalogue's tables do not fit this version of the program: run sohoa migrate")
)

// InvalidError says which value cannot be, and why.
type InvalidError struct {
	Field  string // the name as the API has it
	Reason string
}

func (e *InvalidError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

// ConflictError says what stands in the way of a change.
type ConflictError struct {
	Kind   string // "dossier", "user", …
	ID     string // what the other one is known by
	Reason string
	Stale  bool // somebody else has changed it since it was seen
}

func (e *ConflictError) Error() string { return fmt.Sprintf("%s %s: %s", e.Kind, e.ID, e.Reason) }
