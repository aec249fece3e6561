package pipeline

import (
	"fmt"
	"os"
	"testing"
	"time"

	"sohoa/pipeline/child"
	"sohoa/pipeline/confine"
)

// slowVerb makes the test binary a child that never comes to an end with reading, but makes pictures.
const slowVerb = "slow-child"

func serveSlowly() {
	w := &Worker{}
	err := child.Serve(os.Stdin, os.Stdout, func(job Job) (Done, error) {
		if job.Read {
			time.Sleep(time.Hour)
		}
		return w.Work(job)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// The test binary is its own child: the pool starts it again with the hidden verb.
func TestMain(m *testing.M) {
	confine.Init()
	if len(os.Args) == 3 && os.Args[1] == ChildVerb {
		if err := ServeChild(os.Stdin, os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 2 && os.Args[1] == slowVerb {
		serveSlowly()
		os.Exit(0)
	}
	os.Exit(m.Run())
}
