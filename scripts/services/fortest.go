package services

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
)

// ForProcess is a server that the tests of a process share; Shared makes it. It is started by the first test that asks and stays until the process
// ends, however that ends: making PostgreSQL's files anew for each test would take longer than most tests.
type ForProcess[S any] struct {
	start func(ctx context.Context, dir string) (S, error)

	once  sync.Once
	one   S
	alive io.Closer // open for as long as this process lives, and kept here so that nothing collects it
	err   error
}

// Shared says how a server is started that the tests of a process share.
func Shared[S any](start func(ctx context.Context, dir string) (S, error)) *ForProcess[S] {
	return &ForProcess[S]{start: start}
}

//nolint:gochecknoglobals // one of each for a test process is what this is for
var (
	sharedRedis    = Shared(StartRedis)
	sharedMinIO    = Shared(StartMinIO)
	sharedPostgres = Shared(func(ctx context.Context, dir string) (*PostgresServer, error) {
		return StartPostgres(ctx, dir, false)
	})
)

// Redis is a real Redis for a test, shared with the other tests of its package.
func Redis(tb testing.TB) *RedisServer { tb.Helper(); return sharedRedis.Get(tb) }

// MinIO is a real MinIO for a test, shared with the other tests of its package.
func MinIO(tb testing.TB) *MinIOServer { tb.Helper(); return sharedMinIO.Get(tb) }

// Postgres is a real PostgreSQL for a test, shared with the other tests of its package: each takes a database of its own
// with NewDatabase.
func Postgres(tb testing.TB) *PostgresServer { tb.Helper(); return sharedPostgres.Get(tb) }

// Get is the server; the first test that asks starts it.
func (s *ForProcess[S]) Get(tb testing.TB) S {
	tb.Helper()
	s.once.Do(func() {
		var dir string
		if dir, s.alive, s.err = folderOfProcess(); s.err == nil {
			s.one, s.err = s.start(context.Background(), dir)
		}
	})
	Need(tb, s.err)
	return s.one
}

// folderOfProcess makes a folder that is removed when this process has ended, by a shell that waits for that: it reads from
// a pipe which nobody writes to, and whose end comes with ours. By then the kernel has killed the servers on the folder;
// PostgreSQL's children see to themselves, and may still write a file or two.
func folderOfProcess() (dir string, alive io.Closer, err error) {
	if dir, err = os.MkdirTemp("", "sohoa-services-"); err != nil {
		return "", nil, err
	}
	// PostgreSQL runs as another user.
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", nil, err
	}
	cmd := exec.Command("sh", "-c", removeAfter, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is for us, and it outlives us
	if alive, err = cmd.StdinPipe(); err != nil {
		return "", nil, err
	}
	return dir, alive, cmd.Start()
}

// removeAfter removes the folder that is its argument once its input ends, until nobody makes it anew.
const removeAfter = `cat
for try in 1 2 3 4 5; do
	rm -rf "$0"
	sleep 0.3
	[ -e "$0" ] || break
done`

// Need ends a test that could not have its server: it is skipped where the program is not installed, except in CI, where
// nothing may be skipped.
func Need(tb testing.TB, err error) {
	tb.Helper()
	if err == nil {
		return
	}
	if missing := (&MissingError{}); errors.As(err, &missing) && os.Getenv("CI") == "" {
		tb.Skip(err)
	}
	tb.Fatal(err)
}
