package services

import (
	"context"
	"errors"
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
	Addr   string // HOST:PORT
	Socket string // the file of its Unix socket; empty where the folder's path is too long for one
}

// StartRedis starts a Redis on a folder.
func StartRedis(ctx context.Context, dir string) (*RedisServer, error) {
	return startRedis(ctx, dir)
}

// StartRedisTLS starts a Redis that speaks TLS, too, with a certificate and its key (PEM files); at tells where.
func StartRedisTLS(ctx context.Context, dir, certificate, key string) (r *RedisServer, at string, err error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, "", err
	}
	r, err = startRedis(ctx, dir, "--tls-port", strconv.Itoa(port), "--tls-cert-file", certificate, "--tls-key-file", key,
		"--tls-ca-cert-file", certificate, "--tls-auth-clients", "no")
	return r, local(port), err
}

// startRedis starts one with more options.
func startRedis(ctx context.Context, dir string, more ...string) (*RedisServer, error) {
	program, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("start redis: %w", err)
	}
	r := &RedisServer{Addr: local(port)}
	args := []string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir, "--appendonly", "yes", "--save", ""}
	if path := filepath.Join(dir, "redis.sock"); len(path) <= longestSocket {
		r.Socket = path
		args = append(args, "--unixsocket", path)
	}
	args = append(args, more...)
	r.Process = Process{
		name: "redis", dir: dir, stop: syscall.SIGTERM,
		start: func() *exec.Cmd { return exec.Command(program, args...) },
		ready: func(ctx context.Context) error { return command(ctx, r.Addr, "PING") },
	}
	return r, r.Start(ctx)
}

// command has a Redis do one thing, whose answer is not asked for.
func command(ctx context.Context, addr string, words ...any) (err error) {
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, DialerRetries: 1})
	defer func() { err = errors.Join(err, client.Close()) }()
	return client.Do(ctx, words...).Err()
}

// longestSocket is how many bytes the path of a Unix socket has at most: sun_path has 108, the last of them zero. Redis
// would cut it off and open the socket elsewhere.
const longestSocket = 107

// Empty drops all that the server holds.
func (r *RedisServer) Empty(ctx context.Context) error {
	client := redis.NewClient(&redis.Options{Addr: r.Addr})
	defer client.Close()
	return client.FlushAll(ctx).Err()
}
