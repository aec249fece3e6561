package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a Redis with its append-only file on.
type RedisServer struct {
	Process
	Addr string // HOST:PORT
}

// StartRedis starts a Redis on a folder.
func StartRedis(ctx context.Context, dir string) (*RedisServer, error) {
	program, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("start redis: %w", err)
	}
	r := &RedisServer{Addr: local(port)}
	client := redis.NewClient(&redis.Options{Addr: r.Addr, MaxRetries: -1})
	r.Process = Process{
		name: "redis", dir: dir, stop: syscall.SIGTERM,
		start: func() *exec.Cmd {
			return exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir, "--appendonly", "yes",
				"--save", "", "--unixsocket", filepath.Join(dir, "redis.sock"))
		},
		ready: func(ctx context.Context) error { return client.Ping(ctx).Err() },
	}
	return r, r.Start(ctx)
}

// Empty drops all that the server holds.
func (r *RedisServer) Empty(ctx context.Context) error {
	client := redis.NewClient(&redis.Options{Addr: r.Addr})
	defer client.Close()
	return client.FlushAll(ctx).Err()
}
