//go:build !cgo

package catalogue

// sqliteVerdict has nothing to tell apart: without cgo the driver only says that it is missing.
func sqliteVerdict(err error) (again bool, wrapped error) { return false, err }
