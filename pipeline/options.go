package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sohoa/pipeline/confine"
)

// Options says how papers are read. The zero value is usable: WithDefaults fills it.
type Options struct {
	// Model is "large" (the default: Tesseract's larger Vietnamese network, in the binary) or "small" (Debian's).
	Model string
	// Jobs is how many pages are read at once, each in a child process. Defaults to the number of processors.
	Jobs int
	// Redo reads every page anew, also born-digital ones and those with a good text layer.
	Redo bool
	// PageTime ends the reading of a page. Defaults to 60 s.
	PageTime time.Duration
	// PageMemory is what a child may use for a page, in bytes. Defaults to 1 GiB.
	PageMemory int64
	// Pixels is the most that a page may have. Defaults to 200,000,000.
	Pixels int64
	// Pages is the most that a file may have. Defaults to 2,000.
	Pages int
	// Background lets other work go first: the children run at a lower priority.
	Background bool
	// CacheDir is where the model is unpacked. It must be given.
	CacheDir string
	// WorkDir is where all temporary files of Split, ReadPage and Bind lie, those of tools included; it is made if it does not
	// exist. A process that is killed leaves them: whoever has a folder of its own here empties it at the start. Only the
	// outputs of Bind grow beside their places. Defaults to the system's folder.
	WorkDir string
	// Log gets what IT may want to know; never a word of a paper. Defaults to silence.
	Log *slog.Logger
}

// WithDefaults fills what was not set.
func (o Options) WithDefaults() Options {
	o.Model = cmp.Or(o.Model, "large")
	o.Jobs = cmp.Or(o.Jobs, runtime.NumCPU())
	o.PageTime = cmp.Or(o.PageTime, time.Minute)
	o.PageMemory = cmp.Or(o.PageMemory, 1<<30)
	o.Pixels = cmp.Or(o.Pixels, 200_000_000)
	o.Pages = cmp.Or(o.Pages, 2000)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// workFolder makes a new folder for temporary files.
func (o Options) workFolder() (string, error) {
	above := cmp.Or(o.WorkDir, os.TempDir())
	above, err := filepath.Abs(above) // tools have working folders of their own
	if err == nil && o.WorkDir != "" {
		err = os.MkdirAll(above, 0o700)
	}
	if err != nil {
		return "", &confine.MachineError{Err: fmt.Errorf("make the folder for temporary files: %w", err)}
	}
	work, err := os.MkdirTemp(above, "sohoa-")
	if err != nil {
		return "", &confine.MachineError{Err: fmt.Errorf("make a folder for temporary files: %w", err)}
	}
	return work, nil
}

// Validate names the first option that cannot be.
func (o Options) Validate() error {
	const leastMemory = 256 << 20 // the model and an ordinary page need that much
	switch {
	case o.Jobs < 1:
		return errors.New("jobs must be at least 1")
	case o.PageTime < time.Second:
		return errors.New("the time for a page must be at least a second")
	case o.PageMemory < leastMemory:
		return errors.New("the memory for a page must be at least 256 MiB")
	case o.Pixels < 1 || o.Pages < 1:
		return errors.New("the limits on pixels and pages must be at least 1")
	case o.CacheDir == "":
		return errors.New("a cache folder must be given")
	}
	return nil
}
