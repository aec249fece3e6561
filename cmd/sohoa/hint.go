package main

import "errors"

// hint is what a person can do about an error, if the error knows.
func hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}
