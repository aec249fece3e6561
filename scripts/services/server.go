package services

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Process is one server process (group) with a folder and an address that stay when it is started again.
type Process struct {
	name      string
	dir       string
	start     func() *exec.Cmd
	ready     func(ctx context.Context) error // nil once it answers
	stop      syscall.Signal                  // ends it in good order
	scattered bool                            // its children leave its group, and belong to it all the same

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
}

// NewProcess describes a server of another kind: start makes its command anew each time, ready is nil once it answers, and
// SIGTERM ends it in good order. What it says goes to NAME.log in dir. It is not started yet.
func NewProcess(name, dir string, start func() *exec.Cmd, ready func(ctx context.Context) error) *Process {
	return &Process{name: name, dir: dir, start: start, ready: ready, stop: syscall.SIGTERM}
}

// MissingError says that a server's program is not on this machine.
type MissingError struct{ Program string }

func (e *MissingError) Error() string {
	return e.Program + " is not on this machine; scripts/setup --test installs it"
}

// Start starts the server (again) and waits, a minute at most, until it answers. What does not answer is killed.
func (s *Process) Start(ctx context.Context) error {
	ended, err := s.launch()
	if err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := s.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			said, _ := os.ReadFile(filepath.Join(s.dir, s.name+".log"))
			return fmt.Errorf("start %s: it ended at once: %s", s.name, last(said, 500))
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("start %s: it does not answer: %w", s.name, err), s.Kill())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// launch starts the process; ended is closed when it has ended.
func (s *Process) launch() (ended chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running() {
		return nil, fmt.Errorf("it runs already, as process %d", s.cmd.Process.Pid)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, s.name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := s.start()
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	ended = make(chan struct{})
	started := make(chan error, 1)
	go func() {
		// The kernel kills the server when the thread that started it ends: this one lives as long as the server.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // its log says how it ended
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	s.cmd, s.ended = cmd, ended
	return ended, nil
}

// running tells whether there is a process that has not ended; the lock is held.
func (s *Process) running() bool {
	if s.cmd == nil {
		return false
	}
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

func last(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// signal sends a signal to the server and all that it has started.
func (s *Process) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return nil
	}
	pid := s.cmd.Process.Pid
	if s.scattered && s.running() {
		return signalTree(pid, sig)
	}
	if err := send(-pid, sig); err != nil || sig != syscall.SIGSTOP {
		return err
	}
	return await(stopped, pid)
}

// Kill ends the server as a power cut of its machine would end its process, and waits for that.
func (s *Process) Kill() error {
	err := s.signal(syscall.SIGKILL)
	s.wait()
	return err
}

// Stop ends the server in good order.
func (s *Process) Stop() error {
	if s.PID() == 0 {
		return nil
	}
	s.mu.Lock()
	err := s.cmd.Process.Signal(s.stop) // the leader tells the others
	ended := s.ended
	s.mu.Unlock()
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-time.After(15 * time.Second):
		return s.Kill()
	}
}

// Pause has the server stand still, as if its machine could not be reached; Resume has it go on.
func (s *Process) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Process) Resume() error { return s.signal(syscall.SIGCONT) }

// PID is the server's process, 0 before its first start.
func (s *Process) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

func (s *Process) wait() {
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// freePort is a port on loopback that nobody listens on now. It lies below those that the kernel gives to outgoing
// connections: one of them could take it while the server is down, even a client's own attempt to reach the server.
func freePort(ctx context.Context) (int, error) {
	const first, after, tries = 12000, 32768, 100
	var err error
	for range tries {
		port := first + rand.IntN(after-first)
		var l net.Listener
		if l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", local(port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port: %w", err)
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// find is a program's file, among the folders or on the PATH.
func find(program string, folders ...string) (string, error) {
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(folder, program))
		if err == nil && len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", &MissingError{Program: program}
	}
	return path, nil
}
