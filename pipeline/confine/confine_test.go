package confine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"github.com/elastic/go-seccomp-bpf/arch"
)

const (
	mib      = 1 << 20
	mostSaid = mib
)

func lock() { runtime.LockOSThread() }

// hasLandlock tells whether writable folders are enforced on this kernel.
func hasLandlock(t *testing.T) bool {
	t.Helper()
	if !guardsFiles() {
		t.Log("this kernel has no Landlock to speak of: writable folders are not enforced here")
		return false
	}
	return true
}

func runProbe(t *testing.T, l Limits, writable []string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := Run(ctx, Child(ctx, l, writable, append([]string{"probe"}, args...)...), mostSaid)
	return string(out), err
}

// manyProbes gives what came of each probe in one confined process; start makes the process.
func manyProbes(t *testing.T, probes [][]string, run func(said string) (string, error)) map[string]string {
	t.Helper()
	said, err := json.Marshal(probes)
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(string(said))
	if err != nil {
		t.Fatalf("the probes did not run: %v: %s", err, out)
	}
	results := make(map[string]string)
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&results); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return results
}

// attacks are the things that no confined process may do, with a victim file and folder outside.
func attacks(t *testing.T) (probes [][]string, victim string) {
	t.Helper()
	outside := t.TempDir()
	victim = filepath.Join(outside, "victim")
	if err := os.WriteFile(victim, []byte("whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	for _, l := range []struct{ network, address string }{{"unix", socket}} {
		listener, err := net.Listen(l.network, l.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
	}
	return [][]string{
		{"write", filepath.Join(outside, "new")},
		{"mode", victim},
		{"truncate", victim},
		{"rename", victim},
		{"remove", victim},
		{"folder", filepath.Join(outside, "folder")},
		{"inet"},
		{"inet6"},
		{"packet"},
		{"netlink"},
		{"vsock"},
		{"unixsocket"},
		{"dial", "unix", socket},
		{"iouring"},
		{"start"},
		{"kill", strconv.Itoa(os.Getpid())},
		{"setsid"},
		{"userns"},
	}, victim
}

func checkAttacks(t *testing.T, results map[string]string, victim string, allowed ...string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(results)) {
		result := results[name]
		refused := strings.Contains(result, "not permitted") || strings.Contains(result, "permission denied")
		if may := slices.Contains(allowed, name); may && result != "done" || !may && !refused {
			t.Errorf("%s: %s", name, result)
		}
	}
	content, err := os.ReadFile(victim)
	if err != nil || string(content) != "whole" {
		t.Errorf("the victim: %q, %v", content, err)
	}
	if info, err := os.Stat(victim); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the victim's mode: %v, %v", info, err)
	}
}

func TestAttacksAreOrdinaryElsewhere(t *testing.T) {
	t.Parallel()
	// What the other tests see refused must be possible without us, or they show nothing.
	probes, _ := attacks(t)
	probes = append(probes, []string{"remove", probes[0][1]}) // the victim has another name by then
	results := manyProbes(t, probes, func(said string) (string, error) {
		out, err := exec.CommandContext(t.Context(), os.Args[0], "probe", "many", said).Output()
		return string(out), err
	})
	for _, name := range []string{"write", "mode", "folder", "inet", "unixsocket", "dial", "start", "kill", "truncate", "rename", "remove"} {
		if results[name] != "done" {
			t.Errorf("%s: %s", name, results[name])
		}
	}
}

func TestChildMayNothing(t *testing.T) {
	t.Parallel()
	probes, victim := attacks(t)
	probes = append(probes, []string{"exec"}, []string{"read", victim})
	results := manyProbes(t, probes, func(said string) (string, error) { return runProbe(t, Limits{}, nil, "many", said) })
	checkAttacks(t, results, victim, "read")
}

func TestChildWritesWhereItMay(t *testing.T) {
	t.Parallel()
	probes, victim := attacks(t)
	if !hasLandlock(t) {
		probes = probes[6:] // those on files
	}
	own := t.TempDir()
	results := manyProbes(t, probes, func(said string) (string, error) { return runProbe(t, Limits{}, []string{own}, "many", said) })
	checkAttacks(t, results, victim)
	inside := filepath.Join(own, "inside")
	for _, p := range [][]string{
		{"folder", filepath.Join(own, "folder")},
		{"write", filepath.Join(own, "folder", "deep")},
		{"write", inside},
		{"truncate", inside},
		{"rename", inside},
		{"remove", inside + ".moved"},
		{"write", os.DevNull},
	} {
		if out, err := runProbe(t, Limits{}, []string{own}, p...); err != nil || out != "done" {
			t.Errorf("%v: %s, %v", p, out, err)
		}
	}
}

func TestToolWritesWhereItMay(t *testing.T) {
	t.Parallel()
	if !hasLandlock(t) {
		return
	}
	own, other := t.TempDir(), t.TempDir()
	// Many times: what holds for one thread must hold for the one that becomes the tool.
	for i := range 20 {
		inside, outside := filepath.Join(own, strconv.Itoa(i)), filepath.Join(other, strconv.Itoa(i))
		script := `echo >"$0" && echo >/dev/null && ! echo >"$1"`
		if _, err := Run(t.Context(), Command(t.Context(), Limits{}, []string{own}, "sh", "-c", script, inside, outside), mostSaid); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(inside); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(outside); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", outside, err)
		}
	}
}

func TestManyArguments(t *testing.T) {
	t.Parallel()
	args := make([]string, 20_000) // more than one argument may hold
	for i := range args {
		args[i] = "argument-" + strconv.Itoa(i)
	}
	out, err := Run(t.Context(), Command(t.Context(), Limits{}, nil, "echo", args...), mostSaid)
	if err != nil || strings.TrimSpace(string(out)) != strings.Join(args, " ") {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

func TestRulesetGrowsWithTheKernel(t *testing.T) {
	t.Parallel()
	// From the kernel's Landlock documentation.
	for version, want := range map[int]ll.RulesetAttr{
		1: {HandledAccessFS: 1<<13 - 1},
		3: {HandledAccessFS: 1<<15 - 1},
		6: {HandledAccessFS: 1<<16 - 1, HandledAccessNet: 3, Scoped: 3},
		9: {HandledAccessFS: 1<<17 - 1, HandledAccessNet: 3, Scoped: 3},
	} {
		if got := *ruleset(version); got != want {
			t.Errorf("version %d: %+v, want %+v", version, got, want)
		}
	}
}

func TestFilterAloneForbidsWriting(t *testing.T) {
	t.Parallel()
	probes, victim := attacks(t)
	results := manyProbes(t, probes, func(said string) (string, error) {
		out, err := exec.CommandContext(t.Context(), os.Args[0], "probe", "filter", "many", said).Output()
		return string(out), err
	})
	checkAttacks(t, results, victim)
}

func TestSelf(t *testing.T) {
	t.Parallel()
	own := t.TempDir()
	for name, c := range map[string]struct {
		exec     bool
		writable []string
		allowed  []string
	}{
		"nothing":        {},
		"programs":       {exec: true, allowed: []string{"start", "kill"}},
		"a folder":       {writable: []string{own}},
		"folder, starts": {writable: []string{own}, exec: true, allowed: []string{"start", "kill"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(c.writable) > 0 && !hasLandlock(t) {
				return
			}
			probes, victim := attacks(t)
			if c.exec {
				// Signals beyond the confinement are Landlock's to refuse, where it can.
				probes = slices.DeleteFunc(probes, func(p []string) bool { return p[0] == "kill" })
			}
			said, err := json.Marshal(map[string]any{"Limits": Limits{Files: 50}, "Writable": c.writable, "Exec": c.exec})
			if err != nil {
				t.Fatal(err)
			}
			results := manyProbes(t, probes, func(many string) (string, error) {
				out, err := exec.CommandContext(t.Context(), os.Args[0], "probe", "self", string(said), "many", many).Output()
				return string(out), err
			})
			checkAttacks(t, results, victim, c.allowed...)
		})
	}
}

func TestSelfHoldsForAllThreads(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), os.Args[0], "probe", "threads", t.TempDir()).CombinedOutput()
	if err != nil || string(out) != "done" {
		t.Errorf("%s, %v", out, err)
	}
}

func TestLimitsAreInForce(t *testing.T) {
	t.Parallel()
	l := Limits{Memory: 1 << 30, CPU: 1500 * time.Millisecond, Files: 40, FileSize: 12345}
	want := map[string]uint64{"data": 1 << 30, "as": 5 << 30, "cpu": 2, "files": 40, "size": 12345, "core": 1}
	if !limitOwnMemory {
		delete(want, "data")
		delete(want, "as")
	}
	out, err := runProbe(t, l, nil, "limits")
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]uint64)
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: %d, want %d", name, got[name], n)
		}
	}
	// A tool has them all, whatever our own binary is.
	ctx := t.Context()
	limits, err := Run(ctx, Command(ctx, l, nil, "cat", "/proc/self/limits", "/proc/self/status"), mostSaid)
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Join(strings.Fields(string(limits)), " ")
	for _, want := range []string{
		"Max data size 1073741824 1073741824 bytes", "Max address space 5368709120 5368709120 bytes", "Max cpu time 2 3 seconds",
		"Max open files 40 40 files", "Max file size 12345 12345 bytes", "Max core file size 1 1 bytes",
		"NoNewPrivs: 1", "Seccomp: 2",
	} {
		if !strings.Contains(fields, want) {
			t.Errorf("no %q in %s", want, limits)
		}
	}
}

func TestNiceHoldsForAllThreads(t *testing.T) {
	t.Parallel()
	for name, cmd := range map[string]*exec.Cmd{
		"tool":  Command(t.Context(), Limits{Nice: 7}, nil, "grep", "", "-h", "/proc/self/stat"),
		"child": Child(t.Context(), Limits{Nice: 7}, nil, "probe", "stat"),
	} {
		out, err := Run(t.Context(), cmd, mostSaid)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			const nice = 19 - 3 // of what follows the name
			_, rest, ok := strings.Cut(line, ") ")
			if !ok { // "done"
				continue
			}
			if fields := strings.Fields(rest); len(fields) < nice+1 || fields[nice] != "7" {
				t.Errorf("%s: a thread with nice other than 7: %s", name, line)
			}
		}
	}
}

func TestEnvironmentHoldsNoSecrets(t *testing.T) {
	t.Setenv("SOHOA_SECRET", "hunter2")
	ctx := t.Context()
	cmd := Command(ctx, Limits{}, nil, "env")
	cmd.Env = append(cmd.Env, "TMPDIR=/somewhere")
	out, err := Run(ctx, cmd, mostSaid)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	slices.Sort(got)
	want := []string{
		"HOME=/nonexistent", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "MALLOC_ARENA_MAX=2", "OMP_THREAD_LIMIT=1",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=/somewhere",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	child, err := runProbe(t, Limits{Memory: 1 << 30}, nil, "environment")
	if err == nil || strings.Contains(child, "hunter2") || !strings.Contains(child, "GOMEMLIMIT=805306368") {
		t.Errorf("%s, %v", child, err)
	}
}

func TestChildHasItsArguments(t *testing.T) {
	t.Parallel()
	out, err := runProbe(t, Limits{}, nil, "arguments", "a b", "")
	want := fmt.Sprintf("%q", []string{os.Args[0], "probe", "arguments", "a b", ""})
	if err == nil || out != want {
		t.Errorf("%s, %v; want %s", out, err, want)
	}
}

func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		return // then all tests run as one
	}
	const nobody = 65534
	probes, victim := attacks(t)
	results := manyProbes(t, probes, func(said string) (string, error) {
		cmd := Child(t.Context(), Limits{Files: 64}, nil, "probe", "many", said)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		cmd.Dir = "/"
		out, err := Run(t.Context(), cmd, mostSaid)
		return string(out), err
	})
	checkAttacks(t, results, victim)
	cmd := Command(t.Context(), Limits{Memory: 512 * mib}, nil, "id", "-u")
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	cmd.Dir = "/"
	if out, err := Run(t.Context(), cmd, mostSaid); err != nil || strings.TrimSpace(string(out)) != strconv.Itoa(nobody) {
		t.Errorf("%s, %v", out, err)
	}
}

func TestDiesWithParent(t *testing.T) {
	t.Parallel()
	// A confined sleep that a process of its own starts, which is then killed.
	parent := exec.CommandContext(t.Context(), os.Args[0], "probe", "parent")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	parent.Wait() //nolint:errcheck,gosec // it was killed
	for range 100 {
		if gone(pid) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d lives on", pid)
}

// gone tells whether a process is no more, or a corpse that nobody collects.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestNamesAreKnown(t *testing.T) {
	t.Parallel()
	// A name that no architecture knows is a slip of the pen and would protect nothing.
	for _, name := range append(forbidden(), writing()...) {
		known := 0
		for _, a := range []*arch.Info{arch.X86_64, arch.AARCH64, arch.I386} {
			known += len(present(a.SyscallNames, name))
		}
		if known == 0 {
			t.Errorf("no architecture knows %s", name)
		}
	}
}
