package child

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sohoa/pipeline/confine"
)

// The test binary is also the child.
func TestMain(m *testing.M) {
	confine.Init()
	if len(os.Args) > 1 && os.Args[1] == "test-child" {
		if err := Serve(os.Stdin, os.Stdout, handle); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "never-ready" {
		fmt.Fprintln(os.Stderr, "the model is gone")
		if len(os.Args) > 2 {
			time.Sleep(time.Minute)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// task is what the tests ask of a child; result is what it answers.
type task struct {
	What string
	Text string
	N    int
}

type result struct {
	Text string
	PID  int
	Data []byte
}

type finalError struct{}

func (finalError) Error() string   { return "never" }
func (finalError) Permanent() bool { return true }

func handle(t task) (result, error) {
	r := result{Text: t.Text, PID: os.Getpid()}
	switch t.What {
	case "echo":
		return r, nil
	case "bytes":
		r.Data = make([]byte, t.N)
		return r, nil
	case "open":
		_, err := os.Open(t.Text)
		return r, err
	case "print": // as a C library would
		if _, err := syscall.Write(1, []byte("noise on standard output\n")); err != nil {
			return r, err
		}
		return r, nil
	case "fail":
		return r, errors.New(t.Text)
	case "final":
		return r, fmt.Errorf("read: %w", finalError{})
	case "panic":
		panic("the handler: " + t.Text)
	case "arguments":
		r.Text = fmt.Sprintf("%q", os.Args[1:])
		return r, nil
	}
	return misbehave(t, r)
}

// misbehave does what a child that is broken or taken over would.
func misbehave(t task, r result) (result, error) {
	switch t.What {
	case "sleep":
		time.Sleep(time.Duration(t.N) * time.Millisecond)
		return r, nil
	case "spin":
		for start := time.Now(); time.Since(start) < time.Minute; {
			r.PID++
		}
	case "exit":
		fmt.Fprintln(os.Stderr, "last words")
		os.Exit(t.N)
	case "segfault":
		err := syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		time.Sleep(time.Minute) // any thread may get it, and not at once
		return r, err
	case "crash": // a fault in Go code that cannot be recovered from
		var m map[string]int
		go func() { m["x"] = 1 }()
		time.Sleep(time.Minute)
	case "close":
		return r, errors.Join(os.Stdin.Close(), closeAll())
	case "garbage", "liar":
		return r, writeRaw(t.What)
	case "heap":
		return r, fill(func(n int) ([]byte, error) { return make([]byte, n), nil })
	case "shared":
		return r, fill(func(n int) ([]byte, error) {
			return unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANON)
		})
	case "keep":
		ballast = make([]byte, t.N)
		touch(ballast)
		return r, nil
	case "start":
		return r, exec.Command("/bin/true").Run()
	case "fork":
		_, err := syscall.ForkExec("/bin/sleep", []string{"sleep", "60"}, nil)
		return r, err
	case "dial":
		_, err := net.Dial("tcp", t.Text)
		return r, err
	case "write":
		return r, os.WriteFile(t.Text, nil, 0o600)
	}
	return r, errors.New("no such task")
}

var ballast []byte

func touch(b []byte) {
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
}

// fill asks for memory and uses it until it gets no more.
func fill(get func(int) ([]byte, error)) error {
	var hold [][]byte
	for range 256 {
		b, err := get(16 << 20)
		if err != nil {
			return err
		}
		touch(b)
		hold = append(hold, b)
	}
	return fmt.Errorf("got %d pieces", len(hold))
}

// answersFD finds the pipe to the parent, as somebody who took the child over would.
func answersFD() int {
	for fd := 3; fd < 64; fd++ {
		if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err == nil && strings.HasPrefix(target, "pipe:") {
			if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil && flags&unix.O_ACCMODE == unix.O_WRONLY {
				return fd
			}
		}
	}
	return -1
}

func closeAll() error {
	if err := syscall.Close(answersFD()); err != nil {
		return err
	}
	time.Sleep(time.Minute)
	return nil
}

func writeRaw(what string) error {
	raw := []byte{0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'}
	if what == "liar" {
		raw = []byte{0xff, 0xff, 0xff, 0xff, 1}
	}
	_, err := syscall.Write(answersFD(), raw)
	time.Sleep(time.Minute)
	return err
}
