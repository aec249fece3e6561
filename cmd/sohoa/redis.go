package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// privateRedis is the redis-server of `sohoa up`: a child on a Unix socket that nobody else reaches.
type privateRedis struct {
	dir    string
	socket string // in a folder of its own where dir's name is too long for a socket
	short  string // that folder, "" where it is not needed
	cmd    *exec.Cmd
	ended  chan struct{}
}

// errNoRedis says that redis-server is not installed.
type noRedisError struct{ err error }

func (e *noRedisError) Error() string { return "redis-server cannot be started: " + e.err.Error() }
func (e *noRedisError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (*noRedisError) Hint() string { return "apt-get install redis-server" }

func startRedis(ctx context.Context, dir string) (*privateRedis, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of Redis: %w", err)
	}
	r := &privateRedis{dir: dir, socket: filepath.Join(dir, "redis.sock")}
	const longest = 100 // sun_path has 108 bytes
	if len(r.socket) > longest {
		short, err := os.MkdirTemp("", "sohoa-")
		if err != nil {
			return nil, fmt.Errorf("make a folder for the socket of Redis: %w", err)
		}
		r.short, r.socket = short, filepath.Join(short, "redis.sock")
	}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.stop())
	}
	return r, nil
}

// start starts the server and waits until it answers.
func (r *privateRedis) start(ctx context.Context) error {
	// One of a process that was killed may still hold the files.
	if err := r.endLeftover(ctx); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(r.dir, "redis.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of Redis: %w", err)
	}
	defer log.Close() //nolint:errcheck // the child has its own
	// The server outlives ctx: it goes last, after everything that uses it.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "redis-server", //nolint:gosec // our own arguments
		"--port", "0", "--unixsocket", r.socket, "--unixsocketperm", "700", "--dir", r.dir, "--appendonly", "yes", "--save", "",
		"--pidfile", filepath.Join(r.dir, "redis.pid"), "--maxmemory-policy", "noeviction", "--daemonize", "no")
	cmd.Stdout, cmd.Stderr = log, log
	// A terminal's Ctrl-C is for us: Redis ends when we have.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return &noRedisError{err}
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(ended)
	}()
	r.cmd, r.ended = cmd, ended
	if err := os.WriteFile(filepath.Join(r.dir, "redis.pid"), fmt.Appendln(nil, cmd.Process.Pid), 0o600); err != nil {
		return fmt.Errorf("note the process of Redis: %w", err)
	}
	return r.wait(ctx)
}

// wait waits until the server answers.
func (r *privateRedis) wait(ctx context.Context) error {
	const patience = 30 * time.Second // an append-only file is read at the start
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if r.answers(ctx) {
			return nil
		}
		select {
		case <-r.ended:
			return &noRedisError{fmt.Errorf("it ended at once; %s says why", filepath.Join(r.dir, "redis.log"))}
		case <-ctx.Done():
			return &noRedisError{errors.New("it does not answer")}
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (r *privateRedis) answers(ctx context.Context) bool {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", r.socket)
	if err != nil {
		return false
	}
	defer conn.Close() //nolint:errcheck // only looked whether it answers
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	const pong = "+PONG" // while it reads its file it says -LOADING
	answer := make([]byte, len(pong))
	_, err = conn.Read(answer)
	return err == nil && string(answer) == pong
}

// endLeftover ends a server that a killed process left behind on our socket.
func (r *privateRedis) endLeftover(ctx context.Context) error {
	if !r.answers(ctx) {
		return nil
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", r.socket)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return nil // it is gone meanwhile
	}
	if err != nil {
		return fmt.Errorf("end the Redis that was left: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes down with the server
	if _, err := conn.Write([]byte("SHUTDOWN NOSAVE\r\n")); err != nil {
		return fmt.Errorf("end the Redis that was left: %w", err)
	}
	for range 500 {
		if !r.answers(ctx) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("end the Redis that was left: it does not end")
}

// keepUp starts the server again whenever it dies, until ctx ends.
func (r *privateRedis) keepUp(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.ended:
		}
		if err := r.startInsistently(ctx); err != nil {
			return err
		}
	}
}

// startInsistently tries for a while: a full disk, for one, may have room again. ctx's end is no error.
func (r *privateRedis) startInsistently(ctx context.Context) error {
	const most = 20
	for failures := 0; ctx.Err() == nil; failures++ {
		err := r.start(ctx)
		if err == nil || failures == most {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

// stop ends the server; what it carries it keeps in its append-only file.
func (r *privateRedis) stop() error {
	if r.cmd != nil && r.cmd.Process != nil {
		_ = r.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
		select {
		case <-r.ended:
		case <-time.After(10 * time.Second):
			_ = r.cmd.Process.Kill()
			<-r.ended
		}
	}
	if r.short != "" {
		return os.RemoveAll(r.short)
	}
	return nil
}
