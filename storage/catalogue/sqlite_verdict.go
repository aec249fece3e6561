//go:build cgo

package catalogue

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// sqliteVerdict is what an error of SQLite means, and whether the transaction may be tried again at once.
func sqliteVerdict(err error) (again bool, wrapped error) {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false, err
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return true, fmt.Errorf("%w: %w", ErrUnavailable, err)
	case sqlite3.ErrFull:
		return false, fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.ErrIoErr, sqlite3.ErrCantOpen:
		// SQLite says IOERR where the write-ahead log or its index cannot grow; the cause may pass.
		return false, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return false, err
}
