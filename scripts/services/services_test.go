package services

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sohoa-services-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What a server was told stays when it is killed and started again, at the same address.
func TestRedisIsKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r, err := StartRedis(ctx, folder(t))
	Need(t, err)
	defer r.Kill()
	client := redis.NewClient(&redis.Options{Addr: r.Addr})
	defer client.Close()
	if err := client.Do(ctx, "CONFIG", "SET", "appendfsync", "always").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func() error{r.Kill, r.Stop} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if client.Ping(ctx).Err() == nil {
			t.Error("it still answers")
		}
		if err := r.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if v, err := client.Get(ctx, "k").Result(); err != nil || v != "v" {
			t.Errorf("%q, %v", v, err)
		}
	}
}

func TestPostgresIsKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p, err := StartPostgres(ctx, folder(t), true)
	Need(t, err)
	defer p.Kill()
	url := p.NewDatabase(t)
	query := func(sql string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(context.Background())
		_, err = conn.Exec(ctx, sql)
		return err
	}
	if err := query("CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if query("SELECT 1") == nil {
		t.Error("it still answers")
	}
	if err := p.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := query("SELECT n FROM kept"); err != nil {
		t.Error(err)
	}
}

func TestMinIOIsKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	m, err := StartMinIO(ctx, folder(t))
	Need(t, err)
	defer m.Kill()
	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
	if m.ready(ctx) == nil {
		t.Error("it still answers")
	}
	if err := m.Start(ctx); err != nil {
		t.Error(err)
	}
}

// Tests of a package share a server, and it is gone when they are done.
func TestSharedServerEndsWithItsLastUser(t *testing.T) {
	var pid int
	var dir string
	t.Run("first", func(t *testing.T) {
		r := Redis(t)
		pid, dir = r.PID(), r.dir
		t.Run("second", func(t *testing.T) {
			if Redis(t).PID() != pid {
				t.Error("the server is not shared")
			}
		})
	})
	if _, err := os.Stat(filepath.Join(dir, "redis.log")); !os.IsNotExist(err) {
		t.Errorf("its folder stays: %v", err)
	}
}
