package pdf

import (
	"cmp"
	"time"
)

// Limits is what one document may use.
type Limits struct {
	Pages  int           // Defaults to 2,000.
	Pixels int64         // of a rendering. Defaults to 200 million.
	Memory int64         // bytes that one tool may use. Defaults to 1 GiB.
	Time   time.Duration // for one call of a method of Document. Defaults to a minute.
	Nice   int           // by how much the tools let others go first: confine.Limits has the same.
}

// Options says how a document is opened.
type Options struct {
	Limits Limits
	// Redo has all text layers and digital pages read anew.
	Redo bool
	// WorkDir holds temporary files in a folder of their own, which Close removes. Defaults to the system's folder.
	WorkDir string
}

func (o Options) withDefaults() Options {
	o.Limits.Pages = cmp.Or(o.Limits.Pages, 2000)
	o.Limits.Pixels = cmp.Or(o.Limits.Pixels, 200e6)
	o.Limits.Memory = cmp.Or(o.Limits.Memory, 1<<30)
	o.Limits.Time = cmp.Or(o.Limits.Time, time.Minute)
	return o
}
