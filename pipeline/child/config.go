package child

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"sohoa/pipeline/confine"
)

// Config says what the children are and what they may use.
type Config struct {
	// Command is what follows our own binary's name to make it a child: a hidden verb and its arguments.
	Command []string
	// Size is how many children there are at most. Defaults to 1.
	Size int
	// Limits hold for each child. Memory is also the most that it may have resident, of whatever kind, during a request;
	// CPU is for one request, so that the child gets it as often as it may serve.
	Limits confine.Limits
	// Timeout is the most time on the clock for one request, the child's start included. Defaults to a minute.
	Timeout time.Duration
	// MaxRequests is after how many requests a child is replaced. Defaults to 200.
	MaxRequests int
	// MaxRSS replaces a child whose resident memory in bytes is above it after a request. Defaults to 300 MiB.
	MaxRSS int64
	// MaxAnswer is the most bytes of one answer. Defaults to 512 MiB.
	MaxAnswer int64
	// MaxSaid is how many bytes of what a child writes to standard error over a request are kept for a CrashError: a third
	// from the beginning, where Go's runtime and C++ say what is wrong, the others from the end. Defaults to 1,000.
	MaxSaid int
}

const (
	// mostGreeting is the most bytes of a child's greeting.
	mostGreeting = 1 << 10
	// mostRequest is the most bytes of one request, which names files and options.
	mostRequest = 16 << 20
	// mostAnswer is the most that MaxAnswer may be: a message's length has four bytes, and gob ends at a gibibyte.
	mostAnswer = 1 << 30
)

// WithDefaults fills what was not set.
func (c Config) WithDefaults() Config {
	c.Size = cmp.Or(c.Size, 1)
	c.Timeout = cmp.Or(c.Timeout, time.Minute)
	c.MaxRequests = cmp.Or(c.MaxRequests, 200)
	c.MaxRSS = cmp.Or(c.MaxRSS, 300<<20)
	c.MaxAnswer = cmp.Or(c.MaxAnswer, 512<<20)
	c.MaxSaid = cmp.Or(c.MaxSaid, 1000)
	return c
}

// Validate names the first field that cannot be.
func (c Config) Validate() error {
	switch {
	case len(c.Command) == 0:
		return errors.New("child: no command")
	case c.Size < 1:
		return fmt.Errorf("child: a pool needs at least one child, not %d", c.Size)
	case c.Timeout <= 0 || c.MaxRequests <= 0 || c.MaxRSS <= 0 || c.MaxAnswer <= 0 || c.MaxSaid <= 0:
		return errors.New("child: a limit is not positive")
	case c.MaxAnswer > mostAnswer:
		return fmt.Errorf("child: answers of %d bytes are more than the possible %d", c.MaxAnswer, mostAnswer)
	case c.Limits.Memory < 0 || c.Limits.CPU < 0 || c.Limits.Files < 0 || c.Limits.FileSize < 0:
		return errors.New("child: a limit is negative")
	}
	return nil
}

// limits are those of a child for its whole life.
func (c Config) limits() confine.Limits {
	l := c.Limits
	const forever = 1 << 62
	if l.CPU > 0 && int64(c.MaxRequests) > forever/int64(l.CPU) {
		l.CPU = 0
	} else {
		l.CPU *= time.Duration(c.MaxRequests)
	}
	return l
}
