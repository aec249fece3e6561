package services

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
)

// A test process shares one server of each kind. It is started by the first test that asks and stopped when the last one
// that asked is done; should the process die, the kernel ends the server with it.
type shared[S interface{ Kill() error }] struct {
	start func(ctx context.Context, dir string) (S, error)

	mu    sync.Mutex
	users int
	dir   string
	one   S
	err   error
}

//nolint:gochecknoglobals // one of each for a test process is what this is for
var (
	sharedRedis    = &shared[*RedisServer]{start: StartRedis}
	sharedMinIO    = &shared[*MinIOServer]{start: StartMinIO}
	sharedPostgres = &shared[*PostgresServer]{start: func(ctx context.Context, dir string) (*PostgresServer, error) {
		return StartPostgres(ctx, dir, false)
	}}
)

// Redis is a real Redis for a test, shared with the other tests of its package.
func Redis(tb testing.TB) *RedisServer { tb.Helper(); return sharedRedis.get(tb) }

// MinIO is a real MinIO for a test, shared with the other tests of its package.
func MinIO(tb testing.TB) *MinIOServer { tb.Helper(); return sharedMinIO.get(tb) }

// Postgres is a real PostgreSQL for a test, shared with the other tests of its package: each takes a database of its own
// with NewDatabase.
func Postgres(tb testing.TB) *PostgresServer { tb.Helper(); return sharedPostgres.get(tb) }

func (s *shared[S]) get(tb testing.TB) S {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		// Not tb.TempDir: the server outlives the test that asked first.
		if s.dir, s.err = os.MkdirTemp("", "sohoa-services-"); s.err == nil {
			// PostgreSQL runs as another user.
			s.err = os.Chmod(s.dir, 0o755)
		}
		if s.err == nil {
			s.one, s.err = s.start(context.Background(), s.dir)
		}
	}
	s.users++
	tb.Cleanup(s.put)
	Need(tb, s.err)
	return s.one
}

func (s *shared[S]) put() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	if s.users > 0 {
		return
	}
	if s.err == nil {
		_ = s.one.Kill()
	}
	_ = os.RemoveAll(s.dir)
}

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
