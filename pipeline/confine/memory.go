//go:build !race

package confine

// limitOwnMemory tells whether a memory limit can be set on a process of our own binary.
const limitOwnMemory = true
