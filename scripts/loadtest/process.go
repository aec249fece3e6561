package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a sohoa that was started, with its children.
type process struct {
	name  string
	log   string // file of what it said
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended, once ended is closed
}

// endPatience is how long a process may take to end in good order; it is more than the grace that we tell it (see graceTold).
const endPatience = 40 * time.Second

// launch says how a process is started.
type launch struct {
	name  string   // for people and for its log
	args  []string // of sohoa
	env   []string // KEY=VALUE, on top of an environment without settings of sohoa
	cores []int    // it and its children run on these alone; none: on all
}

// start starts a sohoa. The kernel kills it should we die; what it says goes into a file.
func (h *host) start(l launch) (*process, error) {
	p := &process{name: l.name, log: filepath.Join(h.work, l.name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", l.name, err)
	}
	defer log.Close()
	p.cmd = exec.Command(h.binary, l.args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.Env = append(plainEnvironment(), l.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	go func() {
		// The thread is the process's parent for Pdeathsig, and hands on its cores: it is locked, and ends with this goroutine.
		runtime.LockOSThread()
		err := pin(l.cores)
		if err == nil {
			err = p.cmd.Start()
		}
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
		}
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", l.name, err)
	}
	return p, nil
}

// pin binds this thread, and what it starts, to cores.
func pin(cores []int) error {
	if len(cores) == 0 {
		return nil
	}
	var set unix.CPUSet
	for _, c := range cores {
		set.Set(c)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("bind to cores %v: %w", cores, err)
	}
	return nil
}

// plainEnvironment is ours without settings of sohoa.
func plainEnvironment() []string {
	var plain []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "SOHOA_") {
			plain = append(plain, pair)
		}
	}
	return plain
}

// wait waits for a process that ends by itself.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.stop()
		return ctx.Err()
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", p.name, p.err, p.said())
	}
	return nil
}

// stop ends the process in good order or, where that takes too long, at once.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
	select {
	case <-p.ended:
	case <-time.After(endPatience):
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // what is left of its group, mostly nothing
	<-p.ended
}

// gone is an error if the process has ended.
func (p *process) gone() error {
	select {
	case <-p.ended:
		return fmt.Errorf("%s ended (%w): %s", p.name, errors.Join(p.err), p.said())
	default:
		return nil
	}
}

// said is the last thing that the process said.
func (p *process) said() string {
	said, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	const most = 800
	return strings.TrimSpace(string(said[max(0, len(said)-most):]))
}

// pid is the process's number.
func (p *process) pid() int { return p.cmd.Process.Pid }

// endLeftoverRedis kills the queue of an `up` that could not end it itself.
func endLeftoverRedis(data string) {
	said, err := os.ReadFile(filepath.Join(data, "redis", "redis.pid"))
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(said)))
	if err != nil || pid <= 1 {
		return
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err == nil && strings.HasPrefix(string(name), "redis-server") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// freeAddress is a HOST:PORT on loopback where nobody listens now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
