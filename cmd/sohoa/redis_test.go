package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"sohoa/scripts/services"
)

// startedRedis is a Redis as up starts it, until the test ends.
func startedRedis(t *testing.T, dir string) *privateRedis {
	t.Helper()
	needRedis(t)
	r, err := startRedis(t.Context(), dir, slog.New(slog.NewTextHandler(testLog{t}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		services.Need(t, &services.MissingError{Program: "redis-server"})
	}
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// client talks to a Redis by its socket.
func client(t *testing.T, r *privateRedis) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: r.socket, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { c.Close() })
	return c
}

// leave starts a Redis as a process that was killed has left it, with options of its own, and gives its end.
func leave(t *testing.T, dir string, options ...string) (pid int, ended chan struct{}) {
	t.Helper()
	needRedis(t)
	cmd := exec.Command("redis-server", append([]string{
		"--port", "0", "--unixsocket", filepath.Join(dir, redisSocket), "--dir", dir, "--appendonly", "yes", "--save", "",
	}, options...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended = make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	return cmd.Process.Pid, ended
}

// awaitAnswer waits until a Redis answers in this way.
func awaitAnswer(t *testing.T, r *privateRedis, prefix string) {
	t.Helper()
	answer := "nothing yet"
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if answer = r.ask(t.Context()); strings.HasPrefix(answer, prefix) && (prefix != "" || answer == "") {
			return
		}
	}
	t.Fatalf("it answers %q, not %q", answer, prefix)
}

func quiet(t *testing.T, dir string) *privateRedis {
	t.Helper()
	r, err := redisIn(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.close() })
	return r
}

// Whatever a Redis answers that a killed process has left: there is never a second one on its files.
func TestLeftoverRedisIsEnded(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(t *testing.T, dir string) (pid int, ended chan struct{}){
		"it answers":     func(t *testing.T, dir string) (int, chan struct{}) { return leave(t, dir) },
		"it loads":       leaveLoading,
		"its disk fills": leaveMisconfigured,
		"it stands still": func(t *testing.T, dir string) (int, chan struct{}) {
			pid, ended := leave(t, dir)
			awaitAnswer(t, quiet(t, dir), pong)
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			return pid, ended
		},
		"its socket was removed": func(t *testing.T, dir string) (int, chan struct{}) {
			pid, ended := leave(t, dir, "--pidfile", redisPID)
			awaitAnswer(t, quiet(t, dir), pong)
			if err := os.Remove(filepath.Join(dir, redisSocket)); err != nil {
				t.Fatal(err)
			}
			return pid, ended
		},
		"it asks for a password": func(t *testing.T, dir string) (int, chan struct{}) { return leave(t, dir, "--requirepass", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			pid, ended := prepare(t, dir)
			if name != "its socket was removed" && name != "it stands still" {
				awaitSomething(t, quiet(t, dir))
			}
			r := startedRedis(t, dir)
			select {
			case <-ended:
			default:
				t.Errorf("process %d is still there", pid)
			}
			if answer := r.ask(t.Context()); answer != pong {
				t.Errorf("the new one answers %q", answer)
			}
			if n, err := client(t, r).DBSize(t.Context()).Result(); err != nil || n != 0 {
				t.Errorf("it has %d keys, %v", n, err)
			}
		})
	}
}

func awaitSomething(t *testing.T, r *privateRedis) {
	t.Helper()
	for start := time.Now(); r.ask(t.Context()) == ""; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 30*time.Second {
			t.Fatal("it says nothing")
		}
	}
}

// leaveLoading leaves a Redis that takes its time to read its file.
func leaveLoading(t *testing.T, dir string) (pid int, ended chan struct{}) {
	t.Helper()
	_, ended = leave(t, dir)
	r := quiet(t, dir)
	awaitAnswer(t, r, pong)
	c := client(t, r)
	if _, err := c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for n := range 100_000 {
			p.Set(t.Context(), strconv.Itoa(n), "x", 0)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c.ShutdownNoSave(t.Context())
	<-ended
	pid, ended = leave(t, dir, "--key-load-delay", "300") // it looks up every 1,024 keys
	awaitAnswer(t, r, "-LOADING")
	return pid, ended
}

// leaveMisconfigured leaves a Redis whose disk is full.
func leaveMisconfigured(t *testing.T, dir string) (pid int, ended chan struct{}) {
	t.Helper()
	services.SmallDisk(t, dir, "size=4m")
	pid, ended = leave(t, dir)
	r := quiet(t, dir)
	awaitAnswer(t, r, pong)
	c := client(t, r)
	for n := range 100 {
		if err := c.Set(t.Context(), strconv.Itoa(n), strings.Repeat("x", 100_000), 0).Err(); err != nil {
			break
		}
	}
	awaitAnswer(t, r, "-MISCONF")
	return pid, ended
}

// Another process's number in the note is left alone.
func TestOthersAreNotEnded(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	pid, ended := leave(t, elsewhere)
	awaitAnswer(t, quiet(t, elsewhere), pong)
	if err := os.WriteFile(filepath.Join(dir, redisPID), fmt.Appendln(nil, pid), 0o600); err != nil {
		t.Fatal(err)
	}
	startedRedis(t, dir)
	select {
	case <-ended:
		t.Error("it was ended")
	default:
	}
}

// A file that cannot be read keeps nobody from starting: neither what an earlier process left, nor what this one's own Redis
// kept when it died.
func TestSpoiledFileOfRedis(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	spoil := func() {
		t.Helper()
		folder := filepath.Join(dir, "appendonlydir")
		manifest := "file appendonly.aof.1.incr.aof seq 1 type i\n"
		err := errors.Join(os.MkdirAll(folder, 0o700),
			os.WriteFile(filepath.Join(folder, "appendonly.aof.manifest"), []byte(manifest), 0o600),
			os.WriteFile(filepath.Join(folder, "appendonly.aof.1.incr.aof"), []byte("*3\r\n$3\r\nSE\x00\x00\x00\x00garbage\r\n"), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	spoil()
	r := startedRedis(t, dir)
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-r.ended
	spoil()
	if err := r.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answer := r.ask(t.Context()); answer != pong {
		t.Errorf("it answers %q", answer)
	}
}

// What a Redis that dies has kept is there again: only a new process begins with nothing.
func TestRedisKeepsWhatItCarries(t *testing.T) {
	t.Parallel()
	r := startedRedis(t, t.TempDir())
	c := client(t, r)
	if err := errors.Join(c.ConfigSet(t.Context(), "appendfsync", "always").Err(), c.Set(t.Context(), "k", "v", 0).Err()); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-r.ended
	if err := r.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Get(t.Context(), "k").Result(); got != "v" {
		t.Errorf("%q, %v", got, err)
	}
}

// The note of its process is for those who look; without it the server runs all the same.
func TestRedisWithoutItsNote(t *testing.T) {
	t.Parallel()
	r := startedRedis(t, t.TempDir())
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-r.ended
	note := filepath.Join(r.dir, redisPID)
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.Mkdir(note, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := r.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answer := r.ask(t.Context()); answer != pong {
		t.Errorf("it answers %q", answer)
	}
}

// While the disk has no room for its files Redis does not start, and leaves nothing behind; when there is room again, it
// starts by itself, however long that takes.
func TestRedisOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	services.SmallDisk(t, dir, "size=8m,nr_inodes=40")
	inside := filepath.Join(dir, "redis")
	r := startedRedis(t, inside)
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-r.ended
	if err := os.RemoveAll(filepath.Join(inside, "appendonlydir")); err != nil {
		t.Fatal(err)
	}
	fillers := fill(t, dir)
	if err := r.start(t.Context()); err == nil {
		t.Fatal("it starts on a full disk: this test shows nothing")
	}
	if left := owners(r); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- r.keepUp(ctx) }()
	time.Sleep(1500 * time.Millisecond)
	for _, f := range fillers {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	awaitAnswer(t, quiet(t, inside), pong)
	time.Sleep(200 * time.Millisecond) // keepUp sees it, too
	cancel()
	if err := <-kept; err != nil {
		t.Error(err)
	}
	if left := owners(r); len(left) != 1 {
		t.Errorf("there are %v", left)
	}
}

// fill makes files until the disk takes no more.
func fill(t *testing.T, dir string) (files []string) {
	t.Helper()
	for n := 0; ; n++ {
		path := filepath.Join(dir, fmt.Sprint("filler", n))
		err := os.WriteFile(path, nil, 0o600)
		if errors.Is(err, syscall.ENOSPC) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
}

// owners are the servers that run on a folder.
func owners(r *privateRedis) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range all {
		if pid, err := strconv.Atoi(filepath.Base(process)); err == nil && r.owns(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// A folder whose name is too long for a socket's does as well, and needs none elsewhere.
func TestRedisInALongFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 120))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r := startedRedis(t, dir)
	if err := client(t, r).Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Error(err)
	}
	if err := checkPrivateRedis(t.Context(), dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, redisSocket)); err != nil {
		t.Error(err)
	}
	// One that is left there is found as well.
	if err := quiet(t, dir).endLeftover(t.Context()); err != nil {
		t.Error(err)
	}
	<-r.ended
}

func TestRedisThatIsNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := startRedis(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(hint(err), "apt-get") {
		t.Errorf("%v: %q", err, hint(err))
	}
}
