package workers

import (
	"os"
	"testing"
	"time"
)

// A process is told of once, with all that it does at once, as long as it works.
func TestMachinesAreThoseThatWork(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	look := func() []Machine {
		t.Helper()
		all, err := s.queue.Machines(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := look(); len(all) != 0 {
		t.Fatalf("before any: %+v", all)
	}
	stop := s.server(nil)
	var all []Machine
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		// Its two servers tell of themselves one after the other: two readers at once, and what goes on beside them.
		if all = look(); len(all) > 0 && all[0].Jobs == 8 {
			break
		}
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Host != host || all[0].PID != os.Getpid() || all[0].Jobs != 8 || all[0].Active != 0 || all[0].Longest != 0 || time.Since(all[0].Since) > time.Minute {
		t.Errorf("%+v", all)
	}
	stop()
	if all := look(); len(all) != 0 {
		t.Errorf("after it ended: %+v", all)
	}
	if err := s.redis.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.queue.Machines(t.Context()); err == nil {
		t.Error("a Redis that is away tells who works")
	}
}
