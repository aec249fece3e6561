package confine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is also the confined child: with a probe's name as its first argument it tries something and says what
// came of it.
func TestMain(m *testing.M) {
	Init()
	if len(os.Args) > 2 && os.Args[1] == "probe" {
		if err := probe(os.Args[2], os.Args[3:]); err != nil {
			fmt.Print(err)
			os.Exit(1)
		}
		fmt.Print("done")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func probe(what string, args []string) error {
	switch what {
	case "self": // confine this process as a caller of Self does, then go on with the probe that follows
		return probeSelf(args)
	case "many": // each probe with its arguments, all in this process
		return probeMany(args)
	case "limits":
		return probeLimits()
	case "environment":
		return fmt.Errorf("%q", os.Environ())
	case "arguments":
		return fmt.Errorf("%q", os.Args)
	case "spin":
		for {
			_ = time.Now()
		}
	case "filter": // as on a kernel without Landlock
		lock()
		if err := (rules{readOnly: true, allThreads: true}).filter(); err != nil {
			return err
		}
		return probe(args[0], args[1:])
	case "threads":
		return probeThreads(args[0])
	case "parent":
		return probeParent()
	case "stat": // of all threads
		return probeStat()
	}
	return probeOne(what, args)
}

func probeStat() error {
	files, err := filepath.Glob("/proc/self/task/*/stat")
	if err != nil {
		return err
	}
	for _, file := range files {
		said, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Print(string(said))
	}
	return nil
}

// probeOne tries one thing that a confined process may not do.
func probeOne(what string, args []string) error {
	switch what {
	case "write":
		return os.WriteFile(args[0], []byte("was here"), 0o600)
	case "read":
		_, err := os.ReadFile(args[0])
		return err
	case "fill":
		return probeFill(args[0])
	case "remove":
		return os.Remove(args[0])
	case "rename":
		return os.Rename(args[0], args[0]+".moved")
	case "truncate":
		return os.Truncate(args[0], 0)
	case "mode":
		return os.Chmod(args[0], 0o777)
	case "folder":
		return os.Mkdir(args[0], 0o700)
	case "exec":
		return syscall.Exec("/bin/true", []string{"true"}, nil)
	case "start":
		return exec.Command("/bin/true").Run()
	case "kill":
		pid, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return syscall.Kill(pid, syscall.SIGCONT)
	case "setsid":
		_, err := syscall.Setsid()
		return err
	case "userns":
		return unix.Unshare(unix.CLONE_NEWUSER)
	}
	return probeNetwork(what, args)
}

// probeFill writes a file until there is no room, thinks, and leaves nothing behind.
func probeFill(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	for err == nil {
		_, err = f.Write(make([]byte, 1<<20))
	}
	time.Sleep(100 * time.Millisecond)
	return errors.Join(err, f.Close(), os.Remove(name))
}

func probeNetwork(what string, args []string) error {
	families := map[string]int{
		"inet": unix.AF_INET, "inet6": unix.AF_INET6, "packet": unix.AF_PACKET, "netlink": unix.AF_NETLINK,
		"vsock": unix.AF_VSOCK, "unixsocket": unix.AF_UNIX,
	}
	if family, ok := families[what]; ok {
		fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
		if err == nil {
			err = unix.Close(fd)
		}
		return err
	}
	switch what {
	case "dial":
		c, err := net.Dial(args[0], args[1])
		if err == nil {
			err = c.Close()
		}
		return err
	case "iouring":
		if _, _, errno := syscall.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0); errno != 0 {
			return errno
		}
		return nil
	}
	return errors.New("no such probe")
}

func probeSelf(args []string) error {
	var s struct {
		Limits   Limits
		Writable []string
		Exec     bool
	}
	if err := json.Unmarshal([]byte(args[0]), &s); err != nil {
		return err
	}
	for range 2 { // the second time must neither hang nor fail
		if err := Self(s.Limits, s.Writable, s.Exec); err != nil {
			return fmt.Errorf("self: %w", err)
		}
	}
	return probe(args[1], args[2:])
}

// probeMany takes the probes as JSON and answers with what came of each.
func probeMany(args []string) error {
	var probes [][]string
	if err := json.Unmarshal([]byte(args[0]), &probes); err != nil {
		return err
	}
	out := make(map[string]string, len(probes))
	for _, p := range probes {
		out[p[0]] = "done"
		if err := probeOne(p[0], p[1:]); err != nil {
			out[p[0]] = err.Error()
		}
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func probeLimits() error {
	limits := make(map[string]uint64)
	for name, resource := range map[string]int{
		"data": unix.RLIMIT_DATA, "as": unix.RLIMIT_AS, "cpu": unix.RLIMIT_CPU, "files": unix.RLIMIT_NOFILE,
		"size": unix.RLIMIT_FSIZE, "core": unix.RLIMIT_CORE,
	} {
		var r unix.Rlimit
		if err := unix.Getrlimit(resource, &r); err != nil {
			return err
		}
		limits[name] = r.Cur
	}
	return json.NewEncoder(os.Stdout).Encode(limits)
}

// probeParent starts a confined sleep, says its number and waits to be killed.
func probeParent() error {
	cmd := Command(context.Background(), Limits{}, nil, "sleep", "60")
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(200 * time.Millisecond) // for it to have become the tool
	fmt.Println(cmd.Process.Pid)
	return cmd.Wait()
}

// probeThreads tries from many threads at once, some of them older than the confinement: not one may write.
func probeThreads(dir string) error {
	const threads = 8
	var ready, finish sync.WaitGroup
	confined := make(chan struct{})
	errs := make([]error, threads)
	for i := range threads {
		ready.Add(1)
		finish.Go(func() {
			// A thread of its own for each, as C code would hold it.
			lock()
			ready.Done()
			<-confined
			errs[i] = os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), nil, 0o600)
			if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err == nil {
				errs[i] = errors.Join(errs[i], unix.Close(fd), errors.New("got a socket"))
			}
		})
	}
	ready.Wait()
	if err := Self(Limits{}, nil, false); err != nil {
		return err
	}
	close(confined)
	finish.Wait()
	for i, err := range errs {
		if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EACCES) {
			return fmt.Errorf("thread %d: %w", i, err)
		}
	}
	return nil
}
