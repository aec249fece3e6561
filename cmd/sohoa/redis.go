package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// privateRedis is the redis-server of `sohoa up`: a child on a Unix socket that nobody else reaches.
type privateRedis struct {
	dir    string
	socket string
	folder *os.File // dir, held open where its name is too long for a socket's; else nil
	log    *slog.Logger
	cmd    *exec.Cmd
	ended  chan struct{}
}

// The names in the folder of Redis.
const (
	redisSocket = "redis.sock"
	redisPID    = "redis.pid"
	redisLog    = "redis.log"
)

// noRedisError says that redis-server is not installed.
type noRedisError struct{ err error }

func (e *noRedisError) Error() string { return "redis-server cannot be started: " + e.err.Error() }
func (e *noRedisError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (*noRedisError) Hint() string { return "apt-get install redis-server" }

// errEndedAtOnce is a redis-server that ends before it answers.
var errEndedAtOnce = errors.New("redis-server ended at once")

// redisIn is the Redis of a folder, which is there: running, or to be started.
func redisIn(dir string, log *slog.Logger) (*privateRedis, error) {
	r := &privateRedis{dir: dir, socket: filepath.Join(dir, redisSocket), log: log}
	const longest = 100 // sun_path has 108 bytes
	if len(r.socket) <= longest {
		return r, nil
	}
	var err error
	if r.folder, err = os.Open(dir); err != nil { //nolint:gosec // below the data folder
		return nil, fmt.Errorf("open the folder of Redis: %w", err)
	}
	r.socket = fmt.Sprintf("/proc/self/fd/%d/%s", r.folder.Fd(), redisSocket)
	return r, nil
}

// startRedis starts a Redis on a folder, with nothing in it: whoever was here before is dead, nobody else has what was
// queued, and the catalogue knows what there is to do. So a file that a full disk has spoiled keeps nobody from starting.
func startRedis(ctx context.Context, dir string, log *slog.Logger) (r *privateRedis, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of Redis: %w", err)
	}
	if r, err = redisIn(dir, log); err != nil {
		return nil, err
	}
	if err = r.endLeftover(ctx); err == nil {
		err = r.clear()
	}
	if err == nil {
		err = r.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.stop())
	}
	return r, nil
}

// start starts the server and waits until it answers. One that ends at once, as it does over a spoiled file, is started
// again with nothing in it.
func (r *privateRedis) start(ctx context.Context) error {
	if err := r.endLeftover(ctx); err != nil {
		return err
	}
	err := r.launch(ctx)
	if !errors.Is(err, errEndedAtOnce) {
		return err
	}
	r.log.WarnContext(ctx, "Redis is started again without what it kept", "error", err)
	if err := r.clear(); err != nil {
		return err
	}
	return r.launch(ctx)
}

// clear removes all that a server has left but for its log. No server may run.
func (r *privateRedis) clear() error {
	left, err := os.ReadDir(r.dir)
	if err != nil {
		return fmt.Errorf("empty the folder of Redis: %w", err)
	}
	for _, entry := range left {
		if entry.Name() == redisLog {
			continue
		}
		if err := os.RemoveAll(filepath.Join(r.dir, entry.Name())); err != nil {
			return fmt.Errorf("empty the folder of Redis: %w", err)
		}
	}
	return nil
}

// launch starts the process and waits until it answers; with an error nothing of it is left.
func (r *privateRedis) launch(ctx context.Context) (err error) {
	log, err := os.OpenFile(filepath.Join(r.dir, redisLog), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of Redis: %w", err)
	}
	defer log.Close() //nolint:errcheck // the child has its own
	// The server outlives ctx: it goes last, after everything that uses it. Its names are relative to its folder.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "redis-server", //nolint:gosec // our own arguments
		"--port", "0", "--unixsocket", redisSocket, "--unixsocketperm", "700", "--dir", r.dir, "--appendonly", "yes", "--save", "",
		"--pidfile", redisPID, "--maxmemory-policy", "noeviction", "--daemonize", "no")
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.dir, log, log
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
	// Redis writes it, too, but later: until then nobody would find it whose parent is killed. Where the disk is full it is
	// still found by its socket.
	if err := os.WriteFile(filepath.Join(r.dir, redisPID), fmt.Appendln(nil, cmd.Process.Pid), 0o600); err != nil {
		r.log.WarnContext(ctx, "the process of Redis is not noted", "error", err)
	}
	if err := r.wait(ctx); err != nil {
		_ = cmd.Process.Kill() // it may be gone
		<-ended
		return err
	}
	return nil
}

// wait waits until the server takes commands. While it reads its file it says so, and is given the time it needs.
func (r *privateRedis) wait(ctx context.Context) error {
	const patience = 30 * time.Second
	for heard := time.Now(); ; {
		switch answer := r.ask(ctx); {
		case strings.HasPrefix(answer, "-LOADING"):
			heard = time.Now()
		case answer != "": // also that it cannot write now: whoever uses it is told the same
			return nil
		case time.Since(heard) > patience:
			return errors.New("redis-server does not answer")
		}
		select {
		case <-r.ended:
			return fmt.Errorf("%w; at the end of %s stands: %s", errEndedAtOnce, filepath.Join(r.dir, redisLog), r.lastWords())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lastWords are the last line of the server's log.
func (r *privateRedis) lastWords() string {
	const most = 300
	log, err := os.ReadFile(filepath.Join(r.dir, redisLog))
	if err != nil {
		return err.Error()
	}
	log = bytes.TrimSpace(log[max(0, len(log)-most):])
	return string(log[bytes.LastIndexByte(log, '\n')+1:])
}

// pong is what a Redis says that can do its work.
const pong = "+PONG"

// ask gives the first line that the server says to a PING, "" where it says none.
func (r *privateRedis) ask(ctx context.Context) string {
	conn, err := r.dial(ctx)
	if err != nil {
		return ""
	}
	defer conn.Close() //nolint:errcheck // only looked whether it answers
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return ""
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return ""
	}
	answer := make([]byte, 200)
	n, _ := conn.Read(answer) // nothing is an answer, too
	line, _, _ := strings.Cut(string(answer[:n]), "\r\n")
	return line
}

func (r *privateRedis) dial(ctx context.Context) (*net.UnixConn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", r.socket)
	if err != nil {
		return nil, fmt.Errorf("reach Redis: %w", err)
	}
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(errors.New("reach Redis: this is no socket of this machine"), conn.Close())
	}
	return unixConn, nil
}

// keepUp starts the server again whenever it dies, until ctx ends: however long a disk stays full, once it has room work goes
// on by itself.
func (r *privateRedis) keepUp(ctx context.Context) error {
	const first, longest = time.Second, 15 * time.Second
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-r.ended:
		}
		r.log.WarnContext(ctx, "Redis has ended and is started again")
		for pause := first; ctx.Err() == nil; pause = min(2*pause, longest) {
			err := r.start(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			r.log.ErrorContext(ctx, "Redis does not start; it is tried again", "error", err, "in", pause)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
	return nil
}

// stop ends the server.
func (r *privateRedis) stop() error {
	if r.cmd != nil {
		_ = r.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
		select {
		case <-r.ended:
		case <-time.After(10 * time.Second):
			_ = r.cmd.Process.Kill()
			<-r.ended
		}
	}
	return r.close()
}

// close lets go of the folder, and leaves the server as it is.
func (r *privateRedis) close() error {
	if r.folder == nil {
		return nil
	}
	return r.folder.Close()
}

// endLeftover ends a server that a killed process has left behind: two of them would write to the same file. Whoever takes
// connections on our socket is alive, whatever it answers and even if it answers nothing.
func (r *privateRedis) endLeftover(ctx context.Context) error {
	listens, pid, err := r.leftover(ctx)
	if err != nil || !listens && pid == 0 {
		return err
	}
	r.log.WarnContext(ctx, "a Redis that a killed process has left is ended", "pid", pid)
	signal := func(sig syscall.Signal) {
		if r.owns(pid) { // it may have ended meanwhile, and its number be another's
			_ = syscall.Kill(pid, sig)
		}
	}
	for _, end := range []func(){
		func() {
			if pid == 0 { // the kernel does not say who it is
				r.shutDown(ctx)
			}
			signal(syscall.SIGTERM)
		},
		func() { signal(syscall.SIGKILL) },
	} {
		end()
		for start := time.Now(); time.Since(start) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
			if listens, _, err = r.leftover(ctx); err == nil && !listens && !r.owns(pid) {
				return nil
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return fmt.Errorf("end the Redis that was left in %s: it does not end", r.dir)
}

// leftover tells whether somebody listens on the socket, and which process it is or, where nobody does, which one runs on
// the folder; 0 where there is none of ours.
func (r *privateRedis) leftover(ctx context.Context) (listens bool, pid int, err error) {
	conn, err := r.dial(ctx)
	switch {
	case err == nil:
		defer conn.Close() //nolint:errcheck // only looked who is there
		if pid = peer(conn); r.owns(pid) {
			return true, pid, nil
		}
		listens = true
	case errors.Is(err, syscall.EAGAIN): // more wait for it than it takes
		listens = true
	case !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist):
		return false, 0, err
	}
	noted, err := os.ReadFile(filepath.Join(r.dir, redisPID))
	if err != nil {
		return listens, 0, nil //nolint:nilerr // nobody is noted
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(noted)))
	if err != nil || !r.owns(pid) {
		return listens, 0, nil //nolint:nilerr // a half-written note names nobody
	}
	return listens, pid, nil
}

// owns tells whether a process is a redis-server that works in our folder. Numbers of processes are used again.
func (r *privateRedis) owns(pid int) bool {
	if pid <= 0 {
		return false
	}
	process := filepath.Join("/proc", strconv.Itoa(pid))
	name, err := os.ReadFile(filepath.Join(process, "comm")) //nolint:gosec // a number below /proc
	if err != nil || strings.TrimSpace(string(name)) != "redis-server" {
		return false
	}
	here, err := os.Stat(r.dir)
	there, err2 := os.Stat(filepath.Join(process, "cwd"))
	return err == nil && err2 == nil && os.SameFile(here, there)
}

// peer is the process that listens at the other end; 0 where the kernel does not say.
func peer(conn *net.UnixConn) (pid int) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		if who, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(who.Pid)
		}
	})
	return pid
}

// shutDown asks the server to end.
func (r *privateRedis) shutDown(ctx context.Context) {
	conn, err := r.dial(ctx)
	if err != nil {
		return
	}
	defer conn.Close()                                //nolint:errcheck // it goes down with the server
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // who does not take it is killed
	if _, err = conn.Write([]byte("SHUTDOWN NOSAVE\r\n")); err == nil {
		_, _ = conn.Read(make([]byte, 1)) // the end, or a refusal
	}
}
