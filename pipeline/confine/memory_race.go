//go:build race

package confine

// limitOwnMemory is false under the race detector, for tests alone: its shadow memory is terabytes of private writable
// mappings, so that any limit would end the process at once. Tools are limited all the same.
const limitOwnMemory = false
